"""Row 18: a name server that hangs must not make innocent sources wait."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from ontui.demo.process import free_port
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults import silent_names
from tests.pty.terminal import Terminal, ontui

KINDS = {
    **{f"lost{n}": 'type: http, url: "http://{}.example/", down_after: 1' for n in range(4)},
    **{f"prom{n}": 'type: prometheus, url: "http://{}.example/"' for n in range(2)},
    **{f"base{n}": 'type: postgres, dsn: "host={}.example user=x"' for n in range(2)},
}
"""Each source and what it is, but for its host, which bears its name."""
SCRIPT = Path(silent_names.__file__)


def configure(place: ConfigFolder) -> int:
    """Eight servers of three kinds whose names nobody answers for, and a healthy one; returns the port of that."""
    port = free_port()
    sources = [f"  {name}: {{{kind.format(name)}, every: 1s, timeout: 900ms}}" for name, kind in KINDS.items()]
    sources.append(f'  near: {{type: http, url: "http://localhost:{port}/", every: 1s, timeout: 900ms}}')
    slis = [f"  {name}_up: {{title: {name}, group: all, source: {name}, metric: up}}" for name in names()]
    head = "version: 1\nsystem: {id: shop, name: The Shop, environment: staging, production: false}"
    place.write("\n".join([head, "sources:", *sources, "slis:", *slis]) + "\n")
    return port


def names() -> list[str]:
    """All sources."""
    return [*KINDS, "near"]


def within(port: int, log: Path, *arguments: str | Path) -> list[str]:
    """The installed program in a world whose name server is deaf."""
    argv = [*silent_names.UNSHARE, sys.executable, SCRIPT, port, log, *ontui(*arguments)]
    return [str(part) for part in argv]


def test_18_a_deaf_name_server_delays_nobody_else(place: ConfigFolder, tmp_path: Path) -> None:
    port, log = configure(place), tmp_path / "asked"
    argv, env = within(port, log, "status", "--json", "-c", place.config), os.environ | place.environ
    began = time.monotonic()
    ended = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    took_s = time.monotonic() - began
    assert ended.stdout, ended
    told = json.loads(ended.stdout)
    assert took_s < 10  # one look-up alone would take thirty
    slis = {each["id"]: each for each in told["slis"]}
    sources = {each["id"]: each for each in told["sources"]}
    assert (slis["near_up"]["status"], slis["near_up"]["value"]) == ("ok", 1)
    for name, kind in KINDS.items():
        assert sources[name]["status"] == "critical"
        assert sources[name]["error"].startswith(("no answer within 0.9 s", "no connection within 0.9 s")), kind


def test_18_on_the_dashboard(place: ConfigFolder, tmp_path: Path) -> None:
    port, log = configure(place), tmp_path / "asked"
    with Terminal(within(port, log, "-c", place.config), env=place.environ) as terminal:
        terminal.wait(r"lost0 ▲ down.*looking up the name", within_s=30)
        terminal.wait(r"and [45] more, [34] of them not well", within_s=30)  # nothing is left out in silence
        assert log.exists()  # the last of the config was asked as early as the first
        terminal.wait(r"✓ near +up")
        already = len(log.read_text().split())
        eventually(lambda: len(log.read_text().split()) >= already + 12, within_s=60)
        assert "✓ near" in terminal.text
    instants = [float(line) for line in log.read_text().split()]
    gaps = [after - before for before, after in itertools.pairwise(instants)]
    assert max(gaps) < 4, gaps  # asked every second; behind one look-up it would have been thirty
