"""A log that grows, is rotated and vanishes under a cockpit: what is seen of it."""

import time

import psutil

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.watch import Watch, status

CONFIG = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
sources:
  web: {type: log, path: ./web.log, every: 2s, timeout: 1800ms}
slis:
  failed: {title: failed, source: web, match: '"status":5\\d\\d', objective: "<= 3/min"}
  lines: {title: lines, source: web, metric: lines_per_minute}
  written: {title: written, source: web, metric: last_line_age}
"""


def line(code: int, age_s: float = 0.0) -> str:
    """A line as servers in JavaScript write it."""
    return f'{{"level":30,"time":{(time.time() - age_s) * 1000:.0f},"status":{code},"msg":"GET /orders"}}\n'


def add(place: ConfigFolder, text: str) -> None:
    with (place.folder / "web.log").open("a") as log:
        log.write(text)


def readers(place: ConfigFolder) -> list[str]:
    lines = (" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))
    return [words for words in lines if "log_look" in words and str(place.folder) in words]


def test_a_log_that_is_rotated_and_vanishes(place: ConfigFolder) -> None:
    place.write(CONFIG)
    add(place, "".join(line(200, age) for age in range(1000, 200, -50)) + line(503, 40) + line(200, 20) + line(503, 3))
    told = status(place)
    assert (told.sli("failed")["value"], told.sli("lines")["value"]) == (2, 3)
    assert told.source("web")["server"] == str((place.folder / "web.log").resolve())
    with Watch(place) as watch:
        watch.shows(r"✓ failed +2 /min")
        add(place, line(500) * 4)
        (place.folder / "web.log").rename(place.folder / "web.log.1")
        add(place, line(502) + line(200))
        seen = watch.sli("failed", text=r"^[567](\.\d+)? /min")   # seven in a minute and the seconds since
        assert seen["status"] == "warning"
        watch.shows(r"◆ failed +[567]")
        (place.folder / "web.log").unlink()
        watch.source("web", error="^./web.log: there is no such file$")
        watch.shows(r"web .*there is no such file")
        add(place, line(200))
        watch.source("web", error=None, within_s=30)
    eventually(lambda: not readers(place))
