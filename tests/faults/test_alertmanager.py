"""Rows 11 to 13: broken rules, an Alertmanager that nobody tells anything any more, silences that are refused."""

import httpx

from ontui.engine.polling import SKIPPED_SHOWN_S
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.watch import Watch, status
from tests.servers.alertmanager import Alertmanager
from tests.servers.exporter import Exporter
from tests.servers.fixtures import RulerMaker
from tests.servers.proxy import ProxyMaker
from tests.servers.web import Reply, Web, json_reply

SYSTEM = "version: 1\nsystem: {id: shop, name: The Shop, environment: staging, production: false}\nsources:\n"
AM = '  am: {{type: alertmanager, url: "{}", every: 1s, timeout: 900ms, silent_after: 3s}}\n'
PROM = '  rules: {{type: prometheus, url: "{}", every: 1s, timeout: 900ms, alerts: true}}\n'
SLIS = "slis:\n  firing: {title: alerts firing, source: am, metric: alerts}\n"
NEED_TELLING = "[{alert: Always, expr: vector(7), labels: {severity: page}}]"
JSON = {"Content-Type": "application/json"}
FRESH_S = 60.0
"""Prometheus finds its targets and its Alertmanager five seconds after its start, on an idle machine."""


def test_11_a_broken_rule_is_named_and_nothing_is_all_clear(
    place: ConfigFolder, watching: Watching, open_ruler: RulerMaker, exporter: Exporter
) -> None:
    exporter.expose("live_temperature 21")
    broken = "up * on(job) {__name__=~\"up|scrape_duration_seconds\"}"
    ruler = open_ruler(f"[{{alert: Leaking, expr: '{broken}'}}, {{alert: Hot, expr: 'live_temperature > 30'}}]")
    slis = "slis:\n  t: {title: temperature, source: rules, query: live_temperature}\n"
    place.write(SYSTEM + PROM.format(ruler.url) + slis)
    watch = watching(place)
    watch.source("rules", within_s=FRESH_S, status="warning", error="BROKEN RULE Leaking: .*duplicate series")
    watch.shows(r"rules ◆.*BROKEN RULE Leaking")
    watch.shows(r"no alerts, but BROKEN RULE Leaking")
    told = status(place)
    assert (told.code, told.json["status"], told.json["alerts"]) == (1, "warning", [])
    assert told.source("rules")["error"].startswith("BROKEN RULE Leaking: ")
    ruler.rule("[{alert: Hot, expr: 'live_temperature > 30'}]")  # mended
    watch.source("rules", within_s=FRESH_S, status="ok", error=None)
    watch.shows(r"✓ no alerts")


def _alert(watch: Watch, name: str) -> dict[str, object]:
    found = [alert for alert in watch.json["alerts"] if alert["name"] == name]
    assert found, watch.json["alerts"]
    return dict(found[0])


def test_12_an_alert_that_nobody_renews_is_not_over_and_an_empty_list_is_not_all_clear(
    place: ConfigFolder, watching: Watching, open_ruler: RulerMaker, alertmanager: Alertmanager
) -> None:
    ruler = open_ruler(NEED_TELLING, alertmanager)
    place.write(SYSTEM + AM.format(alertmanager.url) + SLIS)
    watch = watching(place)
    watch.shows(r"▲ SEV-1 +Always .*from am", within_s=FRESH_S)
    watch.sli("firing", status="ok", value=1)
    alert = _alert(watch, "Always")
    assert (alert["state"], alert["source"], alert["sli"], alert["level"]) == ("firing", "am", None, "critical")
    assert alert["labels"] == {"alertname": "Always", "ruler": "one", "severity": "page"}
    ruler.stop()
    watch.shows(r"◌ SEV-1 +Always .*not renewed for", within_s=20)
    eventually(lambda: not alertmanager.alerts(), 30)  # it forgot: resolved, as far as it knows
    watch.source("am", within_s=20, status="warning", error="no alerts, but source silent: nobody renewed Always for")
    watch.shows(r"◌ SEV-1 +Always .*gone \(nobody renewed it\)")
    watch.sli("firing", status="warning", reason="no alerts, but source silent")
    assert watch.json["status"] != "ok"
    assert _alert(watch, "Always")["state"] == "gone"
    ruler.start()
    watch.shows(r"▲ SEV-1 +Always .*firing", within_s=FRESH_S)
    watch.source("am", within_s=20, status="ok", error=None)


def test_12_an_empty_list_is_checked_against_who_should_fill_it(
    place: ConfigFolder, watching: Watching, open_ruler: RulerMaker, alertmanager: Alertmanager
) -> None:
    ruler = open_ruler("[{alert: Never, expr: 'vector(0) > 1'}]", alertmanager)
    place.write(SYSTEM + AM.format(alertmanager.url) + PROM.format(ruler.url) + SLIS)
    watch = watching(place)
    watch.shows(r"✓ no alerts", within_s=30 + SKIPPED_SHOWN_S)
    told = status(place)
    assert (told.code, told.sli("firing")["status"]) == (0, "ok")
    ruler.freeze()
    late = "no alerts, but rules does not answer: no answer within 0.9 s"
    watch.source("am", within_s=30, status="warning", error=late)
    watch.shows(r"no alerts, but rules does not answer")
    watch.sli("firing", status="warning", value=0)
    told = status(place)
    assert told.code == 2  # a source that nobody speaks for is down
    assert told.source("am")["error"] == late
    assert told.sli("firing")["status"] == "warning"


def test_12_what_it_silenced_stays_quiet_while_it_does_not_answer_and_after_its_restart(
    place: ConfigFolder, watching: Watching, open_ruler: RulerMaker, alertmanager: Alertmanager
) -> None:
    alertmanager.silence("known", alertname="Always", ruler="one")   # a label that Prometheus itself does not tell
    ruler = open_ruler(NEED_TELLING, alertmanager)
    eventually(lambda: [a["status"]["state"] for a in alertmanager.alerts()] == ["suppressed"], FRESH_S)
    place.write(SYSTEM + AM.format(alertmanager.url).replace("3s", "1h") + PROM.format(ruler.url) + SLIS)
    watch = watching(place)
    watch.shows(r"– SEV-1 +Always .*silenced until \d\d:\d\dZ", within_s=FRESH_S)
    began = len(_moves(watch))
    alertmanager.freeze()
    watch.shows(r"– SEV-1 +Always .*silenced until \d\d:\d\dZ, as of [4-9]s ago")
    assert _alert(watch, "Always")["state"] == "suppressed"
    ruler.freeze()
    watch.source("rules", within_s=20, status="critical")
    watch.shows(r"– SEV-1 +Always .*silenced until \d\d:\d\dZ, as of \d+s ago")
    ruler.stop()
    ruler.start()
    watch.source("rules", within_s=FRESH_S, status="ok")
    alertmanager.stop()
    alertmanager.start()
    watch.source("am", within_s=20, status="ok", error=None)
    eventually(lambda: [a["status"]["state"] for a in alertmanager.alerts()] == ["suppressed"], FRESH_S)
    watch.shows(r"– SEV-1 +Always .*silenced until \d\d:\d\dZ +from am")
    assert _moves(watch)[began:] == []


def _moves(watch: Watch) -> list[list[str]]:
    return [event for event in watch.events() if event[2] == "alert"]


def test_12_a_dead_mans_switch_is_missed_at_the_first_look(place: ConfigFolder, alertmanager: Alertmanager) -> None:
    place.write(SYSTEM + AM.format(alertmanager.url).replace("}\n", ", watchdog: Alive}\n") + SLIS)
    told = status(place)
    assert told.code == 1
    assert told.source("am")["error"] == "watchdog Alive is missing: alerts may not arrive here"
    alertmanager.tell("Alive")
    told = status(place)
    assert (told.code, told.json["alerts"]) == (0, [])


def _silence(watch: Watch, *, comment: str) -> None:
    """Press what a person presses to see what would be hit."""
    watch.press("s")
    watch.press(*("space" if c == " " else c for c in comment), "enter")


def test_13_a_silence_is_made_and_ended_and_only_what_is_kept_is_claimed(
    place: ConfigFolder, watching: Watching, alertmanager: Alertmanager
) -> None:
    alertmanager.tell_all([{"alertname": "High", "job": job} for job in ("a", "b")])
    place.write(SYSTEM + AM.format(alertmanager.url).replace("3s", "1h") + SLIS)
    watch = watching(place)
    watch.shows(r"High .*from am", within_s=20)
    _silence(watch, comment="deploy")
    watch.shows(r"hits +1 alert now")
    watch.shows(r"Silence them\?")
    assert alertmanager.silences() == []
    watch.press("enter")
    watch.shows(r"press y to do it")
    watch.press("y")
    watch.shows(r"✓ silenced 1 alert until \d\d:\d\dZ")
    (kept,) = alertmanager.silences()
    assert kept["comment"] == "deploy"
    assert {m["name"]: m["value"] for m in kept["matchers"]} == {"alertname": "High", "job": "a"}
    watch.press("escape")
    watch.shows(r"silenced until \d\d:\d\dZ")
    kinds = [event[2] for event in watch.events()]
    assert kinds.index("silencing") < kinds.index("silenced")
    watch.press("end", "home", "down")
    watch.press("s")
    watch.shows(r"END A SILENCE")
    alertmanager.end_silence(kept["id"])  # somebody was quicker
    watch.press("y")
    watch.shows(r"◆ it had already ended")
    assert "✓" not in watch.text


def test_13_what_the_server_answers_to_a_silence_is_shown_and_nothing_is_claimed(
    place: ConfigFolder, watching: Watching, web: Web
) -> None:
    alert = {
        "labels": {"alertname": "High"}, "annotations": {}, "fingerprint": "1", "status": {"state": "active"},
        "startsAt": "2026-11-21T08:00:00Z", "updatedAt": "2099-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    web.reply(json_reply([alert]), at="/api/v2/alerts")
    web.reply(json_reply({"versionInfo": {"version": "0.27.0"}}), at="/api/v2/status")
    place.write(SYSTEM + AM.format(web.url) + SLIS)
    watch = watching(place)
    for reply, words in (
        (Reply(400, b'"start time must be before end time"', JSON), "start time must be before end time"),
        (Reply(500, b'"no space left on device"', JSON), "no space left on device"),
        (Reply(422, b'{"code": 612, "message": "matchers in body is required"}', JSON), "matchers in body is required"),
        (Reply(delay_s=5), "no answer within 0.9 s: it may or may not have been done"),
    ):  # fmt: skip
        web.reply(json_reply([]), at="/api/v2/silences")
        watch.shows(r"High .*from am", within_s=20)
        _silence(watch, comment="why")
        watch.shows(r"hits +1 alert now")
        web.reply(reply, at="/api/v2/silences")
        watch.press("y")
        watch.shows(rf"▲ .*{words}", within_s=20)
        assert "✓" not in watch.text
        watch.press("escape")
    failed = [event for event in watch.events() if event[2] == "silence failed"]
    assert len(failed) == 4
    assert not any(event[2] == "silenced" for event in watch.events())


def test_13_a_server_that_dies_between_question_and_answer_leaves_nothing_claimed(
    place: ConfigFolder, watching: Watching, alertmanager: Alertmanager, proxy: ProxyMaker
) -> None:
    alertmanager.tell("High")
    line = proxy(alertmanager.address)
    patient = AM.replace("every: 1s, timeout: 900ms, silent_after: 3s", "every: 6s, timeout: 5s, silent_after: 1h")
    place.write(SYSTEM + patient.format(f"http://127.0.0.1:{line.port}") + SLIS)
    watch = watching(place)
    watch.shows(r"High .*from am", within_s=20)
    _silence(watch, comment="why")
    watch.shows(r"hits +1 alert now")
    line.refuse()
    line.reset()
    watch.press("y")
    watch.shows(r"▲ (nothing was done: )?connection (refused|reset|closed)", within_s=20)
    assert httpx.get(f"{alertmanager.url}/api/v2/silences", timeout=5).json() == []
