"""Row 10: a clock here that is wrong, from the start or all of a sudden."""

import re
import time

import pytest

from ontui.engine.clock import SteadyClock
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.test_prometheus import configure, sli
from tests.faults.watch import status
from tests.pty.terminal import Terminal, ontui
from tests.servers.prometheus import Prometheus
from tests.servers.wall import Wall

SLIS = sli("depth", "max(shop_queue_depth)") + sli("warmth", "live_temperature", ', objective: "<= 30"')
_BY = r"clock differs by (2m|1m5\ds): the server is "
SAID = {120.0: _BY + "behind", -120.0: _BY + "ahead"}


@pytest.mark.parametrize("ahead_s", [120.0, -120.0])
def test_10_a_wrong_clock_is_said_and_changes_nothing(
    place: ConfigFolder, prometheus: Prometheus, wall: Wall, ahead_s: float
) -> None:
    configure(place, prometheus.url, SLIS, every="2s", timeout="1900ms")
    eventually(lambda: prometheus.value("live_temperature") == 21.5, within_s=30)
    wall.set(ahead_s)
    place.environ |= wall.environ
    told = status(place)
    metrics = told.source("metrics")
    assert metrics["status"] == "warning"
    assert re.search(SAID[ahead_s], metrics["error"])
    assert told.sli("depth")["value"] == prometheus.value("max(shop_queue_depth)")
    warmth = told.sli("warmth")
    assert (warmth["status"], warmth["value"]) == ("ok", 21.5)
    assert 0 <= warmth["age_s"] < 10
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(SAID[ahead_s], within_s=30)
        terminal.wait(r"✓ warmth +21\.5", within_s=30)


def test_10_no_points_are_invented(place: ConfigFolder, watching: Watching, prometheus: Prometheus) -> None:
    configure(place, prometheus.url, SLIS, every="2s", timeout="1900ms")
    eventually(lambda: prometheus.value("live_temperature") == 21.5, within_s=30)
    watch = watching(place, clock=SteadyClock(wall=lambda: time.time() + 120))
    watch.source("metrics", within_s=20, status="warning", error="the server is behind")
    watch.shows("the server is behind")

    def points() -> list[float]:
        history = watch.engine.state.indicators["warmth"].history
        return [point.at for point in history if point.value is not None]

    eventually(lambda: len(points()) > 5, within_s=20)
    assert max(points()) <= watch.engine.now()  # Prometheus would have drawn a line up to the time we would have said
    first = min(prometheus.query("min_over_time(timestamp(live_temperature)[1h:1s])").values())   # of every target
    assert min(points()) >= first + 120 - 16  # nor is there any before the target was first scraped, but for a step


def test_10_a_clock_that_is_set_makes_nothing_old_or_young(
    place: ConfigFolder, prometheus: Prometheus, wall: Wall
) -> None:
    configure(place, prometheus.url, SLIS, every="2s", timeout="1900ms")
    eventually(lambda: prometheus.value("live_temperature") == 21.5, within_s=30)
    place.environ |= wall.environ
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(r"✓ warmth +21\.5", within_s=30)
        for ahead_s, said in ((120.0, r"clock was set by (2m|1m59s)"), (-120.0, r"clock was set by -(4m|3m59s)")):
            wall.set(ahead_s)
            terminal.wait(said, within_s=30)
            terminal.wait(r"✓ warmth +21\.5", within_s=30)
            assert "◌" not in terminal.text
    told = [event[5] for event in place.events() if event[2] == "clock"]
    assert len(told) == 2
    assert [event for event in place.events() if event[2] == "source" and "down" in event[5]] == []
