"""Row 37: a bug in a poller, which no server can be asked for: one is planted."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.servers.fixtures import WebMaker
from tests.servers.web import json_reply

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  first: {{type: http, url: "{first}", every: 5s, timeout: 500ms}}
  second: {{type: http, url: "{second}", every: 1s, timeout: 900ms}}
slis:
  queue:
    title: queue
    group: all
    source: first
    json: queue
    alerts: [{{name: Long, when: "> 1", severity: SEV-1}}]
  other: {{title: other, group: all, source: second, json: queue}}
"""
PLANTED = """
from ontui.sources.http import HttpPoller
good = HttpPoller.poll
async def poll(self):
    if self.source.id == "first":
        {}["no such key \\x1b]52;c;Zm9v\\x07"]
    return await good(self)
HttpPoller.poll = poll
from ontui.cli import main
main()
"""
SAID = r"ontui failed to ask: KeyError: 'no such key"


def configure(place: ConfigFolder, open_web: WebMaker) -> None:
    """Two endpoints, both well."""
    first, second = open_web(), open_web()
    for web in (first, second):
        web.reply(json_reply({"queue": 1}))
    place.write(CONFIG.format(first=first.url, second=second.url))


def test_37_a_bug_makes_its_own_panels_stale(place: ConfigFolder, watching: Watching, open_web: WebMaker) -> None:
    configure(place, open_web)
    watch = watching(place)
    watch.sli("queue", within_s=20, status="ok", value=1)

    async def broken() -> None:
        raise KeyError("no such key \x1b]52;c;Zm9v\x07")

    watch.engine.pollers["first"].poll = broken  # type: ignore[method-assign, assignment]
    watch.source("first", within_s=20, status="critical", error=SAID)
    watch.shows(rf"first ▲ down.*{SAID}")
    stale = watch.sli("queue", within_s=40, status="stale", value=None, reason=SAID)
    assert stale["text"] == "1"
    watch.shows(r"◌ queue +1")
    assert watch.tones(r"^ *1$") >= {"stale"}
    watch.sli("other", status="ok", value=1)
    watch.shows(r"✓ other +1")
    assert watch.json["alerts"] == []
    assert "\x1b" not in watch.text


def test_37_in_the_status(place: ConfigFolder, open_web: WebMaker, tmp_path: Path) -> None:
    configure(place, open_web)
    script = tmp_path / "planted.py"
    script.write_text(PLANTED)
    command = [sys.executable, str(script), "status", "--json", "-c", str(place.config)]
    env = os.environ | place.environ
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    slis, sources = ({each["id"]: each for each in told[kind]} for kind in ("slis", "sources"))
    assert (slis["queue"]["status"], slis["queue"]["value"]) == ("unknown", None)
    assert (slis["other"]["status"], slis["other"]["value"]) == ("ok", 1)
    assert sources["first"]["error"].startswith("ontui failed to ask: KeyError: 'no such key")
    assert "\x1b" not in done.stdout
