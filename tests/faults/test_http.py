"""Rows 14 to 19: health endpoints that lie, drip, flood, show a bad certificate, or fail once."""

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import status
from tests.servers.certificates import Authority
from tests.servers.fixtures import WebMaker
from tests.servers.web import Reply, Web, json_reply

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  api: {{type: http, url: "{url}", every: 1s, timeout: 900ms{more}}}
slis:
  health:
    title: health
    source: api
    metric: up
    objective: "== 1"
    alerts: [{{name: ApiDown, when: "< 1", severity: SEV-1}}]
  queue: {{title: queue, source: api, json: queue}}
  speed: {{title: speed, source: api, metric: latency}}
"""
LOGIN = Reply(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html; charset=utf-8"})
GOOD = json_reply({"status": "ok", "queue": 7})


def configure(place: ConfigFolder, url: str, more: str = "") -> None:
    """One endpoint, asked every second."""
    place.write(CONFIG.format(url=url, more=more))


def test_14_a_login_page_is_not_an_answer(place: ConfigFolder, watching: Watching, web: Web) -> None:
    configure(place, web.url, ", down_after: 1, expect: {json: {status: ok}}")
    web.reply(LOGIN)
    told = status(place)
    assert told.code == 2
    api = told.source("api")
    assert (api["status"], api["error"]) == ("critical", "answered HTML instead of JSON (a login page?)")
    assert (told.sli("health")["status"], told.sli("health")["value"]) == ("critical", 0)
    queue = told.sli("queue")
    assert (queue["status"], queue["value"], queue["reason"]) == ("unknown", None, api["error"])
    watch = watching(place)
    watch.shows(r"api ▲ down.*answered HTML instead of JSON \(a login page\?\)")
    watch.shows(r"▲ health +down")
    watch.shows(r"\? queue +unknown")


@pytest.mark.parametrize(
    ("drip", "doing"),
    [
        (Reply(body=b"x" * 5000, body_bytes_per_s=100), "reading the body"),
        (Reply(header_bytes_per_s=20), "waiting for the first byte"),
    ],
    ids=["body", "headers"],
)
def test_15_drips_end_at_the_deadline(
    place: ConfigFolder, watching: Watching, web: Web, drip: Reply, doing: str
) -> None:
    configure(place, web.url, ", down_after: 1")
    web.reply(drip)
    told = status(place)
    api = told.source("api")
    assert api["error"] == f"no answer within 0.9 s ({doing})"
    assert 0.9 <= api["latency_s"] < 1.8  # each byte would have been in time; the whole is not
    assert (told.sli("speed")["status"], told.sli("speed")["value"]) == ("unknown", None)
    watch = watching(place)
    watch.shows(rf"api ▲ down.*no answer within 0\.9 s \({doing}\)")
    watch.shows(r"▲ health +down")
    web.reply(GOOD)
    watch.sli("health", within_s=45, status="ok", value=1)  # after backing off
    watch.shows(r"✓ queue +7")


def test_17_bad_certificates_are_named(
    place: ConfigFolder, watching: Watching, open_web: WebMaker, authority: Authority
) -> None:
    servers = {
        "expired": open_web(authority.expired),
        "elsewhere": open_web(authority.wrong_host),
        "good": open_web(authority.good),
        "soon": open_web(authority.issue("soon-to-end", days=9)),
        "stranger": open_web(authority.good),
    }
    entries, slis = [], []
    for name, web in servers.items():
        web.reply(GOOD)
        trust = "" if name == "stranger" else f', ca_file: "{authority.ca_file}"'
        entries.append(f'  {name}: {{type: http, url: "{web.url}", every: 2s, timeout: 1900ms, down_after: 1{trust}}}')
        slis.append(f"  {name}_up: {{title: {name}, source: {name}, metric: up}}")
        slis.append(f"  {name}_days: {{title: {name} for, source: {name}, metric: cert_days}}")
    head = "version: 1\nsystem: {id: shop, name: The Shop, environment: staging, production: false}\n"
    place.write("\n".join([head, "sources:", *entries, "slis:", *slis]) + "\n")
    told = status(place)
    words = {
        "expired": "the certificate has expired",
        "elsewhere": "the certificate is for another host",
        "stranger": "the certificate is signed by an unknown CA",
    }
    for name, text in words.items():
        assert told.source(name)["error"].startswith(text), name
        assert (told.sli(f"{name}_up")["value"], told.sli(f"{name}_up")["status"]) == (0, "warning")
    assert told.sli("good_up")["status"] == "ok"
    assert 89 < told.sli("good_days")["value"] <= 90
    assert 8 < told.sli("soon_days")["value"] <= 9
    assert told.source("soon")["error"] == "the certificate ends in 9 days"
    assert -3 < told.sli("expired_days")["value"] <= -2
    assert told.sli("expired_days")["status"] == "warning"
    watch = watching(place)
    for name, text in words.items():
        watch.shows(rf"{name} ▲ down.*{text}")
        watch.shows(rf"◆ {name} +down")
    watch.shows(r"soon ◆.*the certificate ends in 9 days")
    watch.shows(r"✓ for +90 days")


def test_19_one_failing_check_is_not_an_outage(place: ConfigFolder, watching: Watching, web: Web) -> None:
    configure(place, web.url)  # three in a row make it down
    web.reply(GOOD)
    watch = watching(place)
    watch.sli("health", status="ok", value=1)
    began = len(web.requests)
    web.reply(Reply(500))
    first = watch.sli("health", status="warning", reason="1 of 3 checks failed: answered 500")
    assert first["value"] == 1
    assert watch.json["alerts"] == []
    watch.shows(r"◆ health +up")
    watch.sli("health", within_s=20, value=0, status="critical")
    assert len(web.requests) - began >= 3
    watch.shows(r"ApiDown")
    watch.shows(r"▲ health +down")
    told = status(place)  # a single look has seen one failure: not yet down, and nothing is known to be well
    assert (told.code, told.sli("health")["status"], told.sli("health")["value"]) == (1, "unknown", None)
    assert told.sli("health")["reason"].startswith("1 of 3 checks failed: answered 500")
    web.reply(GOOD)
    watch.sli("health", within_s=45, status="ok", value=1)
    fired = [event for event in watch.events() if event[2] == "alert"]
    assert [event[4] for event in fired] == ["firing", "resolved"], fired
