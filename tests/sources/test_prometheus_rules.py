"""Prometheus' own rules: what fires, what is broken, what is not evaluated, and what ended only with its data."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ontui.domain.foreign import ForeignPhase
from ontui.domain.sample import Sample
from ontui.domain.source import PrometheusSource
from ontui.sources.prometheus import PrometheusPoller
from tests.eventually import eventually
from tests.servers.exporter import Exporter
from tests.servers.fixtures import RulerMaker
from tests.servers.victoria import Victoria
from tests.servers.web import Reply, Web, json_reply

HOT = """[
  {alert: Hot, expr: "live_temperature > 30", labels: {severity: page}, annotations: {summary: "{{ $value }} degrees"}},
  {alert: Soon, expr: "vector(3)", for: 1h},
  {alert: Broken, expr: 'up * on(job) {__name__=~"up|scrape_duration_seconds"}'},
  {alert: Alive, expr: "vector(1)"},
]"""


class Looking:
    """One poller, polled again and again with plain calls."""

    def __init__(self, url: str, **more: object) -> None:
        source = PrometheusSource(
            id="prom", type="prometheus", interval_s=1, timeout_s=5, url=url, alerts=True, **more  # type: ignore[arg-type]
        )
        self._loop = asyncio.new_event_loop()
        self._poller = PrometheusPoller(source, [], time.time)

    def sample(self) -> Sample:
        return self._loop.run_until_complete(self._poller.poll())

    def phases(self) -> dict[str, ForeignPhase]:
        return {a.name: a.phase for a in self.sample().foreign or ()}

    def close(self) -> None:
        self._loop.run_until_complete(self._poller.close())
        self._loop.close()


@contextmanager
def looking(url: str, **more: object) -> Iterator[Looking]:
    poller = Looking(url, **more)
    try:
        yield poller
    finally:
        poller.close()


def test_alerts_broken_rules_and_data_that_ends(exporter: Exporter, open_ruler: RulerMaker) -> None:
    exporter.expose("live_temperature 41.5")
    ruler = open_ruler(HOT)
    with looking(ruler.url, watchdog="Alive") as poller:
        eventually(lambda: poller.phases().get("Hot") is ForeignPhase.FIRING, 45)
        seen = poller.sample()
        alerts = {a.name: a for a in seen.foreign or ()}
        assert set(alerts) == {"Hot", "Soon"}  # the watchdog is watched, not listed
        hot, soon = alerts["Hot"], alerts["Soon"]
        assert (hot.value, hot.severity_word, hot.summary, hot.labels["job"]) == (41.5, "page", "41.5 degrees", "live")
        assert (soon.phase, soon.hold_s) == (ForeignPhase.PENDING, 3600.0)
        assert hot.since is not None
        assert abs(hot.since - time.time()) < 60
        (broken, *_) = seen.findings
        assert broken.startswith("BROKEN RULE Broken: ")
        assert "duplicate series" in broken or "many-to-many" in broken
        exporter.fail()
        eventually(lambda: poller.phases().get("Hot") is ForeignPhase.GONE, 30)
        gone = {a.name: a for a in poller.sample().foreign or ()}["Hot"]
        assert gone.why_gone == "no data: its target is down"
        exporter.expose("live_temperature 20")
        eventually(lambda: "Hot" not in poller.phases(), 30)  # now it is over


def test_a_series_that_is_no_longer_told_is_no_recovery_either(exporter: Exporter, open_ruler: RulerMaker) -> None:
    exporter.expose('live_temperature{room="a"} 41\nlive_temperature{room="b"} 20')
    ruler = open_ruler("[{alert: Hot, expr: 'live_temperature > 30'}]")
    with looking(ruler.url) as poller:
        eventually(lambda: poller.phases().get("Hot") is ForeignPhase.FIRING, 45)
        exporter.expose('live_temperature{room="a"} 21\nlive_temperature{room="b"} 20')
        eventually(lambda: "Hot" not in poller.phases(), 30)


def test_a_watchdog_that_does_not_fire_is_missed(open_ruler: RulerMaker) -> None:
    ruler = open_ruler("[{alert: Alive, expr: 'vector(0) > 1'}]")
    with looking(ruler.url, watchdog="Alive") as poller:
        assert poller.sample().findings == ("watchdog Alive does not fire: alerts may not be evaluated",)


def test_victoriametrics_tells_of_no_alerts_and_does_not_say_that_there_are_none(victoria: Victoria) -> None:
    with looking(victoria.url) as poller:
        seen = poller.sample()
        assert seen.fault is None
        assert seen.foreign is None
        assert seen.findings[0].startswith("the server evaluates no rules")


def _instant(web: Web) -> None:
    vector = {"resultType": "scalar", "result": [time.time(), "1"]}
    web.reply(json_reply({"status": "success", "data": vector}), at="/api/v1/query")


def test_rules_that_are_not_evaluated_make_their_alerts_doubtful(web: Web) -> None:
    _instant(web)
    alert = {"labels": {"alertname": "Old"}, "annotations": {}, "state": "firing", "activeAt": "2026-11-21T08:00:00Z"}
    rule = {"type": "alerting", "name": "Old", "query": "x", "health": "ok", "alerts": [alert],
            "lastEvaluation": "2026-11-21T08:00:00.123456789Z"}  # fmt: skip
    group = {"name": "slow", "interval": 60, "rules": [rule]}
    web.reply(json_reply({"status": "success", "data": {"groups": [group]}}), at="/api/v1/rules")
    with looking(web.url) as poller:
        seen = poller.sample()
        assert seen.findings[0] == "rules of group slow are not evaluated since 08:00:00Z"
        assert [a.silent for a in seen.foreign or ()] == [True]


def test_rules_that_hang_hold_up_the_values_for_a_part_of_the_deadline(web: Web) -> None:
    _instant(web)
    web.reply(Reply(delay_s=30), at="/api/v1/rules")
    web.reply(Reply(delay_s=30), at="/api/v1/alerts")
    with looking(web.url) as poller:
        seen = poller.sample()
        assert seen.fault is None
        assert seen.latency_s < 4.5
        assert (seen.foreign, seen.findings) == (None, ("its alerts cannot be read: no answer in time",))


def test_where_rules_are_refused_the_alerts_are_asked_for(web: Web) -> None:
    _instant(web)
    web.reply(Reply(403, b"not you", {"Content-Type": "text/plain"}), at="/api/v1/rules")
    alert = {"labels": {"alertname": "High"}, "annotations": {}, "state": "firing", "activeAt": None, "value": "1e+01"}
    web.reply(json_reply({"status": "success", "data": {"alerts": [alert]}}), at="/api/v1/alerts")
    with looking(web.url) as poller:
        seen = poller.sample()
        assert [(a.name, a.value) for a in seen.foreign or ()] == [("High", 10.0)]
        assert seen.findings[0].startswith("rules cannot be read, so a broken one would not be noticed: 403")
        web.reply(Reply(500, b"", {}), at="/api/v1/alerts")
        blind = poller.sample()
        assert blind.foreign is None
        assert blind.findings[0].startswith("its alerts cannot be read: 500")
