"""Rows 35 and 36: the cockpit itself is stopped for a while, and polls that outlast their interval."""

import re
import signal
import threading
import time

from ontui.engine.clock import SteadyClock
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.pty.terminal import Terminal, ontui
from tests.servers.web import Reply, Request, Web, json_reply

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources: {{api: {{type: http, url: "{url}", every: {every}, timeout: {timeout}}}}}
slis:
  health: {{title: health, group: all, source: api, metric: up, alerts: [{{name: Down, when: "< 1", severity: SEV-1}}]}}
  queue:
    title: queue
    group: all
    source: api
    json: queue
    alerts: [{{name: QueueLong, when: "> 5", for: 8s, severity: SEV-1}}]
"""
GOOD, BAD = json_reply({"queue": 3}), json_reply({"queue": 7})


def configure(place: ConfigFolder, url: str, every: str, timeout: str) -> None:
    """One endpoint."""
    place.write(CONFIG.format(url=url, every=every, timeout=timeout))


def phases(place: ConfigFolder) -> list[str]:
    """What became of the alerts, in order."""
    return [event[4] for event in place.events() if event[2] == "alert"]


def test_35_a_stopped_process_wakes_up_stale_and_calm(place: ConfigFolder, web: Web) -> None:
    configure(place, web.url, "15s", "1s")
    web.reply(BAD)
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(r"◆ queue +7", within_s=20)
        terminal.wait("QueueLong.*pending", within_s=20)
        terminal.signal(signal.SIGSTOP)
        terminal.drain(0.3)
        told = len(terminal.bytes)
        time.sleep(60)  # longer than a number is fresh, and than what the alert waits for
        asleep = clock_of(terminal.text)
        web.reply(Reply(BAD.status, BAD.body, BAD.headers, delay_s=0.8))
        assert len(terminal.bytes) == told
        answered = len(web.requests)
        terminal.signal(signal.SIGCONT)
        terminal.wait(lambda text: clock_of(text) != asleep, within_s=10)
        terminal.wait(r"◌ queue +7", within_s=0.7)  # nobody has answered since
        terminal.wait(r"◌ health", within_s=0.1)
        assert len(web.requests) <= answered + 1
        terminal.wait(r"[◆✓] health +up", within_s=20)
        assert not re.search("QueueLong.*firing", terminal.text)  # what was not seen is not held against it
        web.reply(GOOD)
        terminal.wait(r"✓ queue +3", within_s=20)
    assert set(phases(place)) <= {"pending", "inactive"}, place.events()


def test_35_two_hours_of_suspend(place: ConfigFolder, watching: Watching, web: Web) -> None:
    configure(place, web.url, "5s", "1s")
    web.reply(BAD)
    slept_s = 0.0
    clock = SteadyClock(wall=lambda: time.time() + slept_s, steady=lambda: time.monotonic() + slept_s)
    watch = watching(place, clock=clock)
    watch.sli("queue", within_s=20, value=7)
    web.reply(Reply(delay_s=2))
    slept_s = 7200.0
    for sli in watch.json["slis"]:
        assert (sli["status"], sli["value"], sli["text"]) == ("unknown", None, "?")
        assert sli["age_s"] >= 7195
    watch.shows(r"\? queue +unknown", within_s=5)
    watch.shows(r"\? health +unknown", within_s=5)
    web.reply(BAD)
    watch.press("R")
    watch.sli("queue", within_s=20, value=7)
    watch.shows(r"[◆✓] health +up")
    assert "firing" not in phases(place)
    assert "clock was set" not in watch.text


def test_36_polls_that_outlast_the_interval_are_counted_and_do_not_pile_up(place: ConfigFolder, web: Web) -> None:
    configure(place, web.url, "1s", "900ms")
    asked = threading.Event()

    def slowly(_: Request) -> Reply:
        asked.set()
        return Reply(GOOD.status, GOOD.body, GOOD.headers, delay_s=0.5)

    web.reply(slowly)
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(r"✓ queue +3", within_s=20)
        asked.clear()
        assert asked.wait(10)
        terminal.signal(signal.SIGSTOP)  # while a poll is under way
        time.sleep(3.5)
        before = len(web.requests)
        terminal.signal(signal.SIGCONT)
        began = time.monotonic()
        terminal.wait(r"api ◆.*[23] polls skipped in the last minute", within_s=20)
        eventually(lambda: len(web.requests) >= before + 3, within_s=20)
        assert len(web.requests) - before <= time.monotonic() - began + 2  # one after the other, none made up for
        terminal.wait(r"✓ queue +3", within_s=20)


def test_36_a_server_slower_than_the_interval_is_asked_no_faster(
    place: ConfigFolder, watching: Watching, web: Web
) -> None:
    configure(place, web.url, "1s", "900ms")
    web.reply(Reply(delay_s=2.5))
    watch = watching(place)
    began = time.monotonic()
    watch.source("api", within_s=20, status="critical", error=r"no answer within 0\.9 s")
    eventually(lambda: len(web.requests) >= 5, within_s=30)
    assert len(web.requests) <= time.monotonic() - began + 3
    watch.shows(r"api ▲ down.*no answer within 0\.9 s")


def clock_of(text: str) -> str:
    """The time in the header."""
    found = re.search(r"\d\d:\d\d:\d\dZ", text)
    return found[0] if found else ""
