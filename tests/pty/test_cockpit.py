"""The installed program as a person uses it: on the demo's world, at both sizes, from the first picture to a repair."""

import os
import re
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.config_folder import ConfigFolder, run
from tests.eventually import eventually
from tests.pty.terminal import Terminal, ontui


@pytest.mark.parametrize(("columns", "rows", "number"), [(120, 40, signal.SIGTERM), (80, 24, signal.SIGKILL)])
def test_the_demo_starts_shows_live_data_and_leaves_nothing(columns: int, rows: int, number: signal.Signals) -> None:
    with Terminal(ontui("demo", "--scenario", "calm"), columns=columns, rows=rows) as terminal:
        terminal.wait(r"freight.*PRODUCTION", 30)
        terminal.wait(r"latency p95 +\d+ ms +≤ 300 ms", 10)
        terminal.wait(r"pool used +\d+ % +≤ 70 %", 10)
        terminal.wait("no alerts")
        assert all(len(line) <= columns for line in terminal.text.splitlines())
        family = terminal.tree()
        ports = set().union(*(ports_of(process) for process in family))
        folders = {Path(f) for p in family for f in re.findall(r"/tmp/ontui-[^/ ]+", command_of(p))}
        assert len(family) > 3
        assert len(ports) >= 3
        assert any(folder.is_dir() for folder in folders)
        terminal.signal(number)
        code = terminal.exit_code(8)
        if number == signal.SIGTERM:
            assert code == 128 + number
            assert terminal.restored == []
        eventually(lambda: not any(p.is_running() for p in family))
    eventually(lambda: not any(folder.exists() for folder in folders))
    assert ports & listening(psutil.net_connections("inet")) == set()


def ports_of(process: psutil.Process) -> set[int]:
    """Where it waits; nowhere once it ended, as the programs do that are asked."""
    try:
        return listening(process.net_connections("inet"))
    except psutil.NoSuchProcess:
        return set()


def command_of(process: psutil.Process) -> str:
    """What was called; nothing once it ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def listening(connections: Iterable[Any]) -> set[int]:
    """The ports somebody waits at."""
    return {int(c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN}


def find(terminal: Terminal, words: str) -> None:
    """Show only the indicators of that name, wherever it stands; all keys at once, as a slow line delivers them."""
    terminal.wait("/ filter")
    terminal.press("/", words, "enter")


def test_sql_ends_real_sessions_from_a_small_cockpit(story: Path, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path)}
    with Terminal(ontui("-c", story), columns=80, rows=24, env=env) as terminal:
        terminal.wait(r"▲ SEV-2 PoolExhausted", 40)
        find(terminal, "pool used")
        terminal.wait(r"▲ pool used +\d+ %")
        eventually(lambda: hits_of_first_repair(terminal) >= 10, every_s=0.2)
        confirm_what_moves(terminal, r"ok: \d\d sessions ended")
        terminal.wait(r"pool used \d+ % → \d+ % (in .*|at once)\. Recovered\.", 60)
        terminal.type("escape", "escape", "escape")
        terminal.type("q")
        assert terminal.exit_code() == 0


def hits_of_first_repair(terminal: Terminal) -> int:
    """Ask for it, and step back when that are too few: what was forgotten only just is not idle for long."""
    terminal.type("x")
    terminal.wait("Repairs for")
    terminal.type("enter")
    terminal.wait(r"hits +\d+ now")
    found = re.search(r"hits +(\d+) now", terminal.text)
    hits = int(found[1]) if found else 0
    if hits < 10:
        terminal.type("escape", "escape")
        terminal.wait("▲ pool used")
    return hits


def confirm_what_moves(terminal: Terminal, until: str) -> None:
    """Sessions come while one types; then the new plan is shown, nothing is run, and one types again."""
    for _ in range(8):
        terminal.wait(r"hits +\d+ now")
        terminal.type("freight", "enter")
        terminal.wait(f"{until}|Something moved", 15)
        if "Something moved" not in terminal.text:
            return
    raise AssertionError(f"it moved every time:\n{terminal.text}")


def test_a_page_a_repair_and_its_verdict(story: Path, tmp_path: Path) -> None:
    """The story's own path: the cache is sick, its page is one key away, its repair repairs."""
    env = {"XDG_STATE_HOME": str(tmp_path)}
    with Terminal(ontui("-c", story), env=env) as terminal:
        find(terminal, "hit rate")
        terminal.wait(r"[◆▲] hit rate +\d+ % +≥ 70 %", 40)
        terminal.type("r")
        terminal.wait(r"cache\.md")
        terminal.wait("[◆▲] .*hit rate")
        terminal.type("escape")
        terminal.wait("Cache ─|─ Cache|^ Cache")
        terminal.type("x")
        terminal.wait("Repairs for")
        terminal.type("enter")
        terminal.wait(r"Type +freight +to run it")
        terminal.wait("RUN IN +▐PRODUCTION▌")
        terminal.type("enter")
        assert "Type" in terminal.text, "Enter alone never confirms"
        terminal.type("freight", "enter")
        terminal.wait("accepting connections", 15)
        terminal.wait("ok: exit 0", 15)
        terminal.wait(r"hit rate \d+ % → \d+ % (in .*|at once)\. Recovered\.", 60)
        terminal.type("escape", "escape")
        terminal.wait("READ-WRITE")
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert terminal.restored == []
        told = run("-c", story, "journal", "tail", env=env).out
    for what in ("page opened", "planned", "run started  restart-cache  running", "run ended  restart-cache  ok",
                 "verdict  restart-cache  recovered"):  # fmt: skip
        assert what in told, what


def test_a_wrong_word_runs_nothing(place: ConfigFolder) -> None:
    place.write(place.config.read_text().replace("danger: read, timeout: 1m", "danger: change, timeout: 1m"))
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait("QueueLong")
        terminal.type("x")
        terminal.wait("Repairs for")
        terminal.type("enter")
        terminal.wait("Type +shop +to run it")
        terminal.type("shoo", "enter")
        terminal.drain(0.5)
        assert "begun" not in terminal.text
        terminal.type("escape")
        terminal.wait("Repairs for|QueueLong")
    assert ("run started", "running") not in place.results("slow")


def test_read_only_is_said_and_offers_nothing_that_changes(place: ConfigFolder) -> None:
    place.write(place.config.read_text().replace("danger: read, timeout: 1m", "danger: destroy, timeout: 1m"))
    with Terminal(ontui("-c", place.config, "--read-only"), env=place.environ) as terminal:
        terminal.wait("READ-ONLY")
        terminal.wait("QueueLong")
        terminal.type("x")
        terminal.wait("Repairs for")
        terminal.wait("read-only: it may change something")
        terminal.type("enter")
        terminal.drain(0.5)
        assert "Type" not in terminal.text
    assert place.results("slow") == []


def test_another_size_while_it_runs(place: ConfigFolder) -> None:
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait("QueueLong")
        for columns, rows in ((80, 24), (50, 12), (20, 5), (200, 60), (120, 40)):
            terminal.resize(columns, rows)
            os.kill(terminal.process.pid, 28)
            terminal.drain(0.3)
            assert terminal.process.poll() is None
        terminal.wait("QueueLong")
        terminal.type("q")
        assert terminal.exit_code() == 0


def test_what_is_pasted_answers_nothing_and_quits_nothing(story: Path, tmp_path: Path) -> None:
    with Terminal(ontui("-c", story), columns=80, rows=24, env={"XDG_STATE_HOME": str(tmp_path)}) as terminal:
        find(terminal, "pool used")
        terminal.wait("/pool used")
        for text in ("\x1bOPxq", "\x1b[Ay", "caf\udce9", "a\x1b[201~q"):
            terminal.press(f"\x1b[200~{text}\x1b[201~")
        terminal.type("\x1bq", "\udcff", "/")
        terminal.press("\x1b[200~ \x1b[Azz\x1b[201~")
        terminal.wait(re.escape("“ [Azz”"))   # the whole of it, where the words were
        terminal.type("escape", "escape", "q")
        assert terminal.exit_code() == 0
