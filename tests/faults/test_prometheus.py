"""Rows 1 to 5, 14 and 15: Prometheus that hangs, drips, refuses, or answers what is no number."""

import re

import httpx
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import status
from tests.servers.prometheus import Prometheus
from tests.servers.proxy import ProxyMaker
from tests.servers.web import Reply, Web, redirect

HEAD = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources: {{metrics: {{type: prometheus, url: "{url}", every: {every}, timeout: {timeout}}}}}
slis:
"""
LONG = " + ".join(["sum_over_time(sum(shop_room_celsius)[2h:10ms])"] * 30)
"""Takes Prometheus much longer than anybody waits."""
GIVEN_UP = "timeout: query timed out|execution: .*deadline exceeded"
"""What it then says, by where it was."""
MANY = "vector(1) or label_replace(vector(2), 'a', 'b', '', '') or label_replace(vector(3), 'a', 'c', '', '')"


def configure(place: ConfigFolder, url: str, slis: str, *, every: str = "1s", timeout: str = "900ms") -> None:
    """One Prometheus and what is asked of it, each line an SLI."""
    place.write(HEAD.format(url=url, every=every, timeout=timeout) + slis)


def sli(name: str, query: str, more: str = "") -> str:
    """One line of the config."""
    return f"  {name}: {{title: {name}, group: all, source: metrics, query: {query!r}{more}}}\n"


def test_1_a_hanging_server_makes_stale(place: ConfigFolder, watching: Watching, prometheus: Prometheus) -> None:
    configure(place, prometheus.url, sli("one", "vector(41) + 1"), every="5s", timeout="2s")
    watch = watching(place)
    watch.sli("one", within_s=20, status="ok", value=42)
    watch.shows(r"✓ one +42")
    prometheus.freeze()
    stale = watch.sli("one", within_s=30, status="stale")
    assert stale["age_s"] <= 15.5  # three intervals
    assert (stale["value"], stale["text"]) == (None, "42")
    assert re.fullmatch(r"stale \d+s: no answer within 2 s", stale["reason"])
    watch.source("metrics", status="critical", error="no answer within 2 s")
    watch.shows(r"◌ one +42")
    watch.shows(r"metrics ▲ down.*no answer within 2 s")
    assert watch.tones(r"^ *42$") == {"stale"}
    watch.press("question_mark")  # the screen answers meanwhile
    watch.shows("Keys of the dashboard", within_s=2)
    told = status(place)
    assert (told.code, told.sli("one")["value"], told.sli("one")["status"]) == (3, None, "unknown")
    assert told.source("metrics")["error"] == "no answer within 2 s"
    assert told.source("metrics")["latency_s"] < 3
    watch.press("escape")
    prometheus.thaw()
    watch.press("R")
    watch.sli("one", within_s=30, status="ok", value=42)
    watch.shows(r"✓ one +42")


def test_2_refusals_are_told_in_the_servers_words(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus
) -> None:
    slis = sli("good", "vector(1)") + sli("broken", "sum(") + sli("odd", f"vector(1) + on () ({MANY})")
    configure(place, prometheus.url, slis)
    words = {"broken": "bad_data: .*parse error", "odd": "execution: .*(found duplicate series|multiple matches)"}
    told = status(place)
    assert (told.sli("good")["value"], told.sli("good")["status"]) == (1, "ok")
    for name, text in words.items():
        found = told.sli(name)
        assert (found["value"], found["status"]) == (None, "unknown")
        assert re.search(text, found["reason"]), found
    assert told.code == 3
    watch = watching(place)
    watch.sli("good", within_s=20, status="ok")
    for name, text in words.items():
        watch.sli(name, status="unknown", value=None, reason=text)
        watch.shows(rf"\? {name} +unknown")
    refused, answered = counted(prometheus, "400"), counted(prometheus, "200")
    while counted(prometheus, "200") < answered + 8:
        watch.shows("good")
    assert counted(prometheus, "400") - refused <= 3  # it will not get better by asking every second
    prometheus.stop()
    watch.source("metrics", status="critical", error="connection refused")
    watch.shows(r"metrics ▲ down.*connection refused")
    told = status(place)
    assert (told.code, told.source("metrics")["error"]) == (3, "connection refused")
    assert told.sli("good")["value"] is None


def test_2_a_query_that_takes_too_long_is_told_apart(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus
) -> None:
    configure(place, prometheus.url, sli("good", "vector(1)") + sli("long", LONG), every="5s", timeout="3s")
    told = status(place)
    assert (told.sli("good")["value"], told.sli("good")["status"]) == (1, "ok")
    assert (told.sli("long")["value"], told.sli("long")["status"]) == (None, "unknown")
    assert re.search(GIVEN_UP, told.sli("long")["reason"]), told.sli("long")
    watch = watching(place)
    watch.sli("long", within_s=20, status="unknown", value=None, reason=GIVEN_UP)
    watch.shows(r"\? long +unknown")
    watch.shows(r"✓ good +1")


def counted(prometheus: Prometheus, code: str) -> int:
    """How many instant queries it has answered with that status."""
    text = httpx.get(f"{prometheus.url}/metrics").text
    found = re.search(rf'^prometheus_http_requests_total{{code="{code}",handler="/api/v1/query"}} (\d+)', text, re.M)
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    ("query", "standing", "glyph", "word", "reason"),
    [
        ("no_such_series", "no_data", "∅", "no data", "the query has no result"),
        ("vector(0) / 0", "no_data", "∅", "no data", "NaN"),
        ("vector(1) / 0", "no_data", "∅", "no data", r"\+Inf"),
        (MANY, "unknown", "?", "unknown", "expected 1 series, got 3"),
    ],
    ids=["3 empty", "4 NaN", "4 Inf", "5 many"],
)
def test_3_4_5_what_is_no_number_is_none(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus,
    query: str, standing: str, glyph: str, word: str, reason: str,
) -> None:  # fmt: skip
    limits = ', objective: "<= 5", alerts: [{name: Above, when: "> 5", severity: SEV-1}, '
    limits += '{name: Below, when: "<= 5", severity: SEV-1}]'
    configure(place, prometheus.url, sli("thing", query, limits))
    told = status(place)
    thing = told.sli("thing")
    assert (thing["status"], thing["value"], thing["objective_met"]) == (standing, None, None)
    assert re.fullmatch(reason, thing["reason"])
    assert (told.code, told.json["alerts"]) == (3, [])
    watch = watching(place)
    watch.sli("thing", within_s=20, status=standing, value=None, reason=reason)
    watch.shows(rf"{re.escape(glyph)} thing +{word}")
    watch.shows(reason)
    assert watch.json["alerts"] == []
    assert "✓ thing" not in watch.text


def test_14_a_login_page_before_prometheus(place: ConfigFolder, watching: Watching, web: Web) -> None:
    configure(place, web.url, sli("one", "vector(1)"))
    web.reply(Reply(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html; charset=utf-8"}))
    told = status(place)
    assert (told.code, told.sli("one")["status"], told.sli("one")["value"]) == (3, "unknown", None)
    assert told.source("metrics")["error"] == "answered HTML instead of JSON (a login page?)"
    watch = watching(place)
    watch.shows(r"metrics ▲ down.*answered HTML instead of JSON \(a login page\?\)")
    watch.shows(r"\? one +unknown")
    web.reply(redirect("https://login.example/start"))
    watch.source("metrics", within_s=40, error=r"302 Found: redirects to https://login\.example/start")


def test_15_drips_before_prometheus(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus, proxy: ProxyMaker
) -> None:
    between = proxy(prometheus.address)
    configure(place, f"http://127.0.0.1:{between.port}", sli("one", "vector(41) + 1"))
    watch = watching(place)
    watch.sli("one", within_s=20, status="ok", value=42)
    between.throttle(100)
    watch.source("metrics", within_s=20, status="critical", error=r"no answer within 0\.9 s")
    watch.shows(r"metrics ▲ down.*no answer within 0\.9 s")
    told = status(place)
    assert told.source("metrics")["error"] == "no answer within 0.9 s"
    assert told.source("metrics")["latency_s"] < 1.8
