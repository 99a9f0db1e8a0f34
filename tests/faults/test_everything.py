"""Row 38: every source fails at once, which says more of the network here than of them."""

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.watch import Watch, status
from tests.servers.fixtures import WebMaker
from tests.servers.prometheus import Prometheus
from tests.servers.proxy import FaultProxy, ProxyMaker
from tests.servers.web import json_reply

MANY = 6
TIMING = "every: 1s, timeout: 900ms"
HEAD = "version: 1\nsystem: {id: shop, name: The Shop, environment: staging, production: false}\nsources:\n"


@pytest.fixture
def network(place: ConfigFolder, open_web: WebMaker, prometheus: Prometheus, proxy: ProxyMaker) -> list[FaultProxy]:
    """Six endpoints and a Prometheus, each behind a proxy; an alarm for each endpoint that is down."""
    between, text, slis = [], HEAD, "slis:\n"
    for n in range(MANY):
        web = open_web()
        web.reply(json_reply({"status": "ok"}))
        between.append(proxy(web.address, f"127.0.0.{n + 2}"))
        url = "http://{}:{}".format(*between[-1].address)
        text += f'  api{n}: {{type: http, url: "{url}", {TIMING}, down_after: 1}}\n'
        alarm = f'alerts: [{{name: Api{n}Down, when: "< 1", severity: SEV-1}}]'
        slis += f"  api{n}_up: {{title: api {n}, group: all, source: api{n}, metric: up, {alarm}}}\n"
    between.append(proxy(prometheus.address, "127.0.0.9"))
    text += f'  metrics: {{type: prometheus, url: "http://127.0.0.9:{between[-1].port}", {TIMING}}}\n'
    slis += "  metrics_up: {title: metrics, group: all, source: metrics, metric: up, "
    slis += 'alerts: [{name: MetricsDown, when: "< 1", severity: SEV-1}]}\n'
    place.write(text + slis)
    return between


@pytest.mark.parametrize("fault", ["black_hole", "reset"])
def test_38_all_at_once_is_one_banner(
    place: ConfigFolder, watching: Watching, network: list[FaultProxy], fault: str
) -> None:
    watch = watching(place)
    for id_ in ("metrics_up", *(f"api{n}_up" for n in range(MANY))):
        watch.sli(id_, within_s=20, status="ok", value=1)
    for each in network:
        getattr(each, fault)()
    eventually(lambda: all(s["status"] == "critical" for s in watch.json["sources"]), within_s=20)
    watch.shows(r"▲ all 7 sources on the network fail at once.*: local network\?")
    assert watch.json["cut_off"].startswith("all 7 sources on the network fail at once")
    for n in range(MANY):
        watch.sli(f"api{n}_up", status="unknown|stale", value=None)
    assert "down" not in [word for line in watch.text.splitlines() for word in line.split() if "api" in line]
    assert watch.json["alerts"] == []
    told = status(place)
    assert (told.code, told.json["alerts"]) == (3, [])
    assert told.json["cut_off"].startswith("all 7 sources on the network fail at once")
    assert {s["status"] for s in told.json["slis"]} == {"unknown"}
    heal(watch, network)
    assert [event for event in watch.events() if event[2] == "alert"] == []


def test_38_one_that_answers_makes_the_others_down(
    place: ConfigFolder, watching: Watching, network: list[FaultProxy]
) -> None:
    watch = watching(place)
    for id_ in ("metrics_up", *(f"api{n}_up" for n in range(MANY))):
        watch.sli(id_, within_s=20, status="ok", value=1)
    for each in network[1:]:
        each.reset()
    told = status(place)
    assert (told.code, told.json["cut_off"]) == (2, None)
    assert sorted(a["name"] for a in told.json["alerts"]) == [*(f"Api{n}Down" for n in range(1, MANY)), "MetricsDown"]
    for n in range(1, MANY):
        watch.sli(f"api{n}_up", within_s=20, status="critical", value=0)
    watch.shows(r"▲ api 5 +down")
    assert watch.json["cut_off"] is None
    watch.shows(r"✓ api 0 +up")


def test_38_one_that_was_asked_first_is_heard_in_the_same_look(place: ConfigFolder, network: list[FaultProxy]) -> None:
    place.write(place.config.read_text() + "  api0_latency: {source: api0, metric: latency}\n")   # so it is asked alone
    for each in network[1:]:
        each.black_hole()
    told = status(place)
    assert (told.code, told.json["cut_off"]) == (2, None)
    assert sorted(a["name"] for a in told.json["alerts"]) == [*(f"Api{n}Down" for n in range(1, MANY)), "MetricsDown"]


def test_38_a_source_that_is_rarely_asked_is_asked_then(
    place: ConfigFolder, watching: Watching, network: list[FaultProxy], open_web: WebMaker, proxy: ProxyMaker
) -> None:
    rare = open_web()
    rare.reply(json_reply({"status": "ok"}))
    between = proxy(rare.address, "127.0.0.10")
    entry = f'  rare: {{type: http, url: "http://127.0.0.10:{between.port}", every: 1h, timeout: 900ms}}\n'
    place.write(place.config.read_text().replace("  metrics: ", entry + "  metrics: "))
    watch = watching(place)
    watch.sli("metrics_up", within_s=20, status="ok", value=1)
    eventually(lambda: watch.engine.now() - asked_at(watch, "rare") > 6, within_s=30)
    for each in (*network, between):
        each.reset()
    watch.shows(r"▲ all 8 sources on the network fail at once.*: local network\?", within_s=20)
    assert watch.json["alerts"] == []


def asked_at(watch: Watch, source: str) -> float:
    """When a source was last asked."""
    return watch.engine.state.sources[source].tried_at or watch.engine.now()


def heal(watch: Watch, network: list[FaultProxy]) -> None:
    """Let the network be well again, and see that it is."""
    for each in network:
        each.heal()
    watch.press("R")
    for n in range(MANY):
        watch.sli(f"api{n}_up", within_s=45, status="ok", value=1)
    watch.shows(r"✓ api 0 +up")
    assert "local network" not in watch.text
    assert watch.json["cut_off"] is None
