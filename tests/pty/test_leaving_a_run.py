"""However the cockpit ends, what it runs ends with it or is let go as configured, and the journal says which."""

import itertools
import os
import signal
import time
from collections import deque

import psutil
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.pty.conftest import Up
from tests.pty.terminal import Terminal, ontui

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def sleepers() -> list[int]:
    """What the slow repair started."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] in (["sleep", "63"], ["sleep", "64"])]


def begin_slow_run(terminal: Terminal) -> None:
    """Start the repair that does not end by itself."""
    terminal.type("x")
    terminal.wait("Repairs for")
    terminal.type("enter")
    terminal.wait("begun")
    eventually(lambda: len(sleepers()) == 2)


def fill(terminal: Terminal) -> None:
    """Stop reading, and have it draw until nothing more fits into the line."""
    terminal.stall()
    sizes = itertools.cycle(((101, 39), (120, 40)))
    unread: deque[int] = deque(maxlen=4)

    def full() -> bool:
        terminal.resize(*next(sizes))
        unread.append(terminal.unread)
        return len(unread) == 4 and len(set(unread)) == 1 and unread[0] > 2000

    eventually(full, every_s=0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_leaves_although_nobody_reads_the_terminal(up: Up, number: signal.Signals) -> None:
    """As when the network between is gone, and no one is told."""
    terminal = up.terminal
    begin_slow_run(terminal)
    fill(terminal)
    began = time.perf_counter()
    terminal.signal(number)
    assert terminal.exit_code() == 128 + number
    assert time.perf_counter() - began < 3
    assert sleepers() == []
    assert up.place.results("slow")[-1] == ("run ended", "killed")


def test_quitting_while_a_repair_runs_asks(up: Up) -> None:
    terminal = up.terminal
    begin_slow_run(terminal)
    terminal.press("ctrl+c")
    terminal.wait("Take long")
    assert terminal.process.poll() is None
    assert len(sleepers()) == 2


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_ends_what_runs_and_the_journal_says_killed(up: Up, number: signal.Signals) -> None:
    terminal = up.terminal
    begin_slow_run(terminal)
    terminal.signal(number)
    assert terminal.exit_code(10) == 128 + number
    assert terminal.restored == []
    assert sleepers() == []
    assert up.place.results("slow")[-1] == ("run ended", "killed")


def test_a_dropped_line_ends_what_runs(up: Up) -> None:
    terminal = up.terminal
    begin_slow_run(terminal)
    terminal.press(*["escape", "enter"] * 10)
    terminal.hang_up()
    assert terminal.exit_code(10) == 128 + signal.SIGHUP
    assert sleepers() == []
    assert up.place.results("slow")[-1] == ("run ended", "killed")


def test_a_detached_run_goes_on_and_the_journal_says_how_it_ended(place: ConfigFolder) -> None:
    place.write(place.config.read_text().replace("timeout: 1m}", "timeout: 1m, on_disconnect: detach}"))
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait("QueueLong")
        begin_slow_run(terminal)
        terminal.hang_up()
        assert terminal.exit_code(10) == 128 + signal.SIGHUP
    left = sleepers()
    told = place.results("slow")
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    assert len(left) == 2
    assert told[-1] == ("run detached", "running")
    eventually(lambda: place.results("slow")[-1] == ("run ended", "failed"))


def test_killed_itself_its_run_ends_too_and_the_next_start_records_that_it_is_lost(up: Up) -> None:
    terminal = up.terminal
    begin_slow_run(terminal)
    family = terminal.tree()
    terminal.signal(signal.SIGKILL)
    terminal.exit_code()
    eventually(lambda: not any(process.is_running() for process in family))
    with Terminal(ontui("-c", up.place.config), env=up.place.environ) as again:
        again.wait("QueueLong")
        again.press("q")
        again.exit_code()
    assert up.place.results("slow")[-1] == ("run ended", "lost")
