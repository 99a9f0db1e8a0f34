"""Rows 6 to 9: a Prometheus that answers at once, from data that is partial, old or dead."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ontui.demo.process import free_port
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.test_prometheus import configure, sli
from tests.faults.watch import status
from tests.servers import packages
from tests.servers.exporter import Exporter
from tests.servers.prometheus import Prometheus

REMOTE = """\
global: {{scrape_interval: 1h}}
remote_read: [{{url: "http://127.0.0.1:{port}/read", read_recent: true, remote_timeout: 500ms}}]
"""
"""Half of what it knows is elsewhere, where nobody answers."""


@pytest.fixture
def partial(folder: Path, prometheus: Prometheus) -> Iterator[Prometheus]:
    """A second Prometheus, which cannot reach its remote storage: it answers, and adds a warning."""
    home = folder / "partial"
    home.mkdir()
    (home / "prometheus.yml").write_text(REMOTE.format(port=free_port()))
    server = Prometheus(packages.find(packages.PROMETHEUS), home, free_port(), prometheus.history_end)
    server.start()
    yield server
    server.stop()


def scraped(prometheus: Prometheus) -> Callable[[], bool]:
    """Whether the live target was scraped well just now."""
    return lambda: prometheus.value('timestamp(up{job="live"}) > time() - 3 and up{job="live"} == 1') is not None


def test_6_a_partial_answer_says_so(place: ConfigFolder, watching: Watching, partial: Prometheus) -> None:
    partial.push({"__name__": "orders", "job": "shop"}, [(time.time(), 42.0)])
    configure(place, partial.url, sli("orders", "sum(orders)", ', objective: "<= 50"'))
    told = status(place)
    orders = told.sli("orders")
    assert (told.code, orders["status"], orders["value"]) == (1, "warning", 42)
    assert orders["reason"].startswith("PARTIAL: remote_read")
    watch = watching(place)
    watch.sli("orders", within_s=20, status="warning", reason="PARTIAL: remote_read")
    watch.shows(r"◆ orders +42")
    watch.shows("PARTIAL: remote_read")
    assert "✓ orders" not in watch.text


def test_7_an_old_gauge_is_not_fresh(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus, exporter: Exporter
) -> None:
    eventually(scraped(prometheus), within_s=30)
    configure(place, prometheus.url, sli("level", "stamped_level") + sli("whole", "sum(stamped_level) * 2"))
    place.write(place.config.read_text().replace("timeout: 900ms", "timeout: 900ms, stale_after: 3s"))
    exporter.expose(f"stamped_level 7 {int(time.time() * 1000)}")  # an exporter that goes on telling the same moment
    watch = watching(place)
    watch.sli("level", within_s=20, value=7)
    for id_, value in (("level", "7"), ("whole", "14")):
        stale = watch.sli(id_, within_s=20, status="stale", reason=r"^data is [3-9]s old$")
        assert (stale["value"], stale["text"]) == (None, value)
        watch.shows(rf"◌ {id_} +{value}")
    assert prometheus.value("stamped_level") == 7  # which Prometheus still gives, as ever
    exporter.fail()
    watch.sli("level", within_s=20, status="stale", value=None, reason="^target down$")
    watch.shows("target down")
    told = status(place)
    assert told.code == 3
    for id_ in ("level", "whole"):
        assert (told.sli(id_)["status"], told.sli(id_)["value"]) == ("stale", None)


def test_8_a_rate_over_a_dead_target_is_no_falling_traffic(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus, exporter: Exporter
) -> None:
    query, began = "sum(rate(falling_requests_total[6s]))", time.time()

    def flows() -> bool:
        exporter.expose(f"falling_requests_total {100 * (time.time() - began):.0f}")
        return (prometheus.value(query) or 0) > 90

    limit = ', alerts: [{name: TrafficDrop, when: "< 70", for: 2s, severity: SEV-1}]'
    configure(place, prometheus.url, sli("traffic", query, limit) + sli("state", 'up{job="live"}'))
    eventually(flows, within_s=60)
    watch = watching(place)
    eventually(lambda: flows() and watch.sli("traffic", within_s=0, status="ok"), within_s=60)
    exporter.fail()
    stale = watch.sli("traffic", within_s=20, status="stale", reason="^target down$")
    assert stale["value"] is None
    eventually(lambda: (prometheus.value(query) or 0) < 30, within_s=30)  # the number decays, as if traffic did
    watch.sli("traffic", status="stale|no_data", value=None, reason="target down$")
    watch.shows(r"[◌∅] traffic")
    watch.shows("target down")
    watch.sli("state", value=0, status="ok")  # it is about the dead target, and fresh
    told = status(place)
    assert told.sli("traffic")["status"] in ("stale", "no_data")  # the latter once its window is empty
    assert told.sli("traffic")["value"] is None
    assert told.sli("traffic")["reason"].endswith("target down")
    assert watch.json["alerts"] == []
    assert [event for event in watch.events() if event[2] == "alert"] == []


def test_9_a_restart_does_not_freshen_a_dead_target(
    place: ConfigFolder, watching: Watching, prometheus: Prometheus, exporter: Exporter
) -> None:
    eventually(scraped(prometheus), within_s=30)
    configure(place, prometheus.url, sli("warmth", "live_temperature", ', objective: "<= 30"'))
    watch = watching(place)
    watch.sli("warmth", within_s=20, status="ok", value=21.5)
    prometheus.stop()
    watch.source("metrics", within_s=20, error="connection refused")
    exporter.fail()
    prometheus.start()
    eventually(lambda: prometheus.value('up{job="live"}') == 0, within_s=30)
    assert prometheus.value("live_temperature") == 21.5  # Prometheus itself goes on giving the old number
    watch.press("R")
    watch.sli("warmth", within_s=40, status="stale", value=None, text=r"21\.5", reason="^target down$")
    watch.shows(r"◌ warmth +21\.5")
    assert "✓ warmth" not in watch.text
    told = status(place)
    assert (told.code, told.sli("warmth")["status"], told.sli("warmth")["value"]) == (3, "stale", None)
