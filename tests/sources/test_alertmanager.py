"""A real Alertmanager: its alerts, its silences, and what it says when it says no."""

import asyncio
import json
import time

import pytest

from ontui.domain.foreign import ForeignPhase
from ontui.domain.sample import FaultKind, Sample
from ontui.domain.silence import Matcher, SilenceFailed
from ontui.domain.sli import Sli
from ontui.domain.source import AlertmanagerSource
from ontui.sources.alertmanager import AlertmanagerPoller
from ontui.sources.asking import as_command, question
from tests.eventually import eventually
from tests.servers.alertmanager import Alertmanager
from tests.servers.fixtures import RulerMaker
from tests.servers.web import Reply, Web, json_reply
from tests.sources.test_asking import pasted

METRICS = [Sli(m, m, "am", "am", "count", 1, 2, metric=m) for m in ("up", "alerts", "silenced")]


def poller(url: str, **more: object) -> AlertmanagerPoller:
    source = AlertmanagerSource(id="am", type="alertmanager", interval_s=1, timeout_s=2, url=url, **more)  # type: ignore[arg-type]
    return AlertmanagerPoller(source, METRICS, time.time)


def once(url: str, **more: object) -> Sample:
    async def ask() -> Sample:
        asked = poller(url, **more)
        try:
            return await asked.poll()
        finally:
            await asked.close()

    return asyncio.run(ask())


def values(sample: Sample) -> list[float | None]:
    return [sample.readings[m.id].value for m in METRICS]


def test_its_alerts_and_silences_are_told(alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", job="api", severity="page", summary="too \x1b]52;c;eA==\x07 high")
    alertmanager.tell("Low", job="db")
    alertmanager.silence("being mended", job="db")
    seen = once(alertmanager.url)
    assert (seen.fault, values(seen)) == (None, [1.0, 1.0, 1.0])
    assert seen.server.startswith("Alertmanager 0.")
    high, low = sorted(seen.foreign or (), key=lambda a: a.name)
    assert (high.phase, high.labels, high.severity_word) == (
        ForeignPhase.FIRING, {"alertname": "High", "job": "api", "severity": "page"}, "page",
    )  # fmt: skip
    assert "\x1b" not in high.summary
    assert high.since is not None
    assert abs(high.since - time.time()) < 30
    (silence,) = seen.silences or ()
    assert (low.phase, low.silenced_by, silence.id) == (ForeignPhase.SUPPRESSED, (silence.id,), silence.id)
    assert [m.words for m in silence.matchers] == ['job="db"']
    assert (silence.created_by, silence.comment, silence.state) == ("carol", "being mended", "active")


def test_other_alerts_are_left_out_and_a_bad_filter_is_named(alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", team="freight")
    alertmanager.tell("High", team="other")
    seen = once(alertmanager.url, filter=('team="freight"',))
    assert [a.labels["team"] for a in seen.foreign or ()] == ["freight"]
    bad = once(alertmanager.url, filter=("team",))
    assert bad.fault is not None
    assert (bad.fault.kind, bad.foreign) == (FaultKind.CONFIG, None)
    assert "bad matcher format" in bad.fault.text


def test_a_watchdog_is_watched_and_not_listed(alertmanager: Alertmanager) -> None:
    assert once(alertmanager.url, watchdog="Alive").findings == (
        "watchdog Alive is missing: alerts may not arrive here",
    )
    alertmanager.tell("Alive")
    seen = once(alertmanager.url, watchdog="Alive", filter=('team="freight"',))
    assert (seen.findings, seen.foreign) == ((), ())


async def test_what_nobody_renews_is_said_and_stays_when_it_is_dropped(alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", for_s=3)
    asked = poller(alertmanager.url, silent_after_s=1.0)
    assert (await asked.poll()).findings == ()
    await asyncio.sleep(1.5)
    silent = await asked.poll()
    assert silent.findings[0].startswith("source silent: nobody renewed High for ")
    assert [a.silent for a in silent.foreign or ()] == [True]
    await asyncio.to_thread(eventually, lambda: _empty(alertmanager), 20)
    dropped = await asked.poll()
    assert [(a.name, a.phase) for a in dropped.foreign or ()] == [("High", ForeignPhase.GONE)]
    assert dropped.readings["alerts"].value == 0
    alertmanager.tell("Other")
    again = await asked.poll()
    assert [(a.name, a.phase) for a in again.foreign or ()] == [("Other", ForeignPhase.FIRING)]
    await asked.close()


async def test_silencing_is_made_read_back_and_ended(alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", job="a")
    alertmanager.tell("High", job="b")
    asked = poller(alertmanager.url)
    matchers = [Matcher("alertname", "High"), Matcher("job", "a|c", is_regex=True)]
    hits = await asked.hits(matchers)
    assert [a.labels["job"] for a in hits.alerts] == ["a"]
    assert abs(hits.server_at - time.time()) < 30
    made = await asked.silence(
        matchers, starts_at=hits.server_at, ends_at=hits.server_at + 600, who="alice", comment="why"
    )
    kept = await asked.silence_of(made)
    assert (kept.state, kept.matchers, kept.created_by) == ("active", tuple(matchers), "alice")
    assert (await asked.hits(matchers)).alerts[0].silenced_by == (made,)
    await asked.end_silence(made)
    assert (await asked.silence_of(made)).state == "expired"
    for gone in (made, "6b1d2d9e-0000-4000-8000-000000000000"):
        with pytest.raises(SilenceFailed) as again:
            await asked.end_silence(gone)
        assert again.value.ended
    await asked.close()


async def test_its_refusals_are_told_in_its_own_words(alertmanager: Alertmanager) -> None:
    asked = poller(alertmanager.url)
    now = time.time()
    with pytest.raises(SilenceFailed, match="at least one matcher must not match the empty string"):
        await asked.silence([Matcher("a", "")], starts_at=now, ends_at=now + 60, who="alice", comment="why")
    with pytest.raises(SilenceFailed, match="end time"):
        await asked.silence([Matcher("a", "b")], starts_at=now, ends_at=now - 60, who="alice", comment="why")
    with pytest.raises(SilenceFailed, match="uuid"):
        await asked.end_silence("no-id")
    await asked.close()


async def test_a_hanging_server_leaves_it_open_whether_a_silence_was_made(web: Web) -> None:
    web.reply(Reply(delay_s=10))
    asked = poller(web.url)
    with pytest.raises(SilenceFailed, match="may or may not have been done") as failed:
        await asked.silence([Matcher("a", "b")], starts_at=1, ends_at=2, who="alice", comment="why")
    assert failed.value.lost
    await asked.close()


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), FaultKind.PROTOCOL, "HTML instead of JSON"),
        (json_reply({"alerts": []}), FaultKind.PROTOCOL, "not a list of alerts"),
        (Reply(200, b"[{", {"Content-Type": "application/json"}), FaultKind.PROTOCOL, "not valid JSON"),
        (Reply(503, b"", {}), FaultKind.STARTING, "503"),
        (Reply(401, b"", {}), FaultKind.AUTH, "401"),
        (Reply(302, b"", {"Location": "/login"}), FaultKind.PROTOCOL, "a login page?"),
    ],
    ids=["html", "shape", "cut", "503", "401", "redirect"],
)
def test_what_is_no_answer_is_named(web: Web, reply: Reply, kind: FaultKind, words: str) -> None:
    web.reply(reply)
    seen = once(web.url)
    assert seen.fault is not None
    assert (seen.fault.kind, seen.foreign, seen.readings["up"].value) == (kind, None, 0.0)
    assert words in seen.fault.text


def test_a_settling_cluster_and_unreadable_silences_are_findings(web: Web) -> None:
    web.reply(json_reply([{"labels": {}}]), at="/api/v2/alerts")
    web.reply(json_reply({"no": "list"}), at="/api/v2/silences")
    about = {"cluster": {"status": "settling"}, "versionInfo": {"version": "0.27.0"}}
    web.reply(json_reply(about), at="/api/v2/status")
    seen = once(web.url)
    assert seen.fault is None
    assert seen.silences is None
    assert seen.findings == (
        "the cluster is settling: alerts and silences may be missing",
        "silences cannot be read: the answer is not a list of silences",
        "1 alerts could not be read",
    )


def test_both_tell_of_one_alert(alertmanager: Alertmanager, open_ruler: RulerMaker) -> None:
    open_ruler("[{alert: Always, expr: vector(7), labels: {severity: page}}]", alertmanager)
    eventually(alertmanager.alerts, 45)
    seen = once(alertmanager.url)
    assert [a.labels for a in seen.foreign or ()] == [{"alertname": "Always", "ruler": "one", "severity": "page"}]
    assert seen.findings == ()


def _empty(alertmanager: Alertmanager) -> bool:
    return not alertmanager.alerts()


def test_curl_brings_the_same_alerts(alertmanager: Alertmanager) -> None:
    alertmanager.tell("High", team="freight & co")
    alertmanager.tell("High", team="other")
    source = AlertmanagerSource(
        id="am", type="alertmanager", interval_s=1, timeout_s=2, url=alertmanager.url, address=alertmanager.url,
        filter=('team="freight & co"',),
    )  # fmt: skip
    answer = json.loads(pasted(as_command(source, METRICS[1])))
    assert [alert["labels"]["team"] for alert in answer] == ["freight & co"]
    assert question(source, METRICS[1]) == f'GET {alertmanager.url}/api/v2/alerts\nfilter=team="freight & co"'
