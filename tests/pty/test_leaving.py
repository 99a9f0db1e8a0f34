"""However the cockpit ends, the terminal is as it was, nothing still runs, and the right code is returned."""

import fcntl
import itertools
import os
import pty
import signal
import struct
import sys
import termios
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.pty.conftest import SECRET
from tests.pty.terminal import Terminal, ontui

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
CRASH = """
import sys
from ontui.ui.screens.dashboard import Dashboard
from ontui.cli import main
armed = []
def on_key(self, event=None):
    word_in_a_local = "local-" + "secret"
    raise RuntimeError("planted: \\x1b]52;c;Zm9v\\x07 [@click=app.bell] " + {word!r})
Dashboard.action_poll_now = on_key
main()
"""


@contextmanager
def cockpit(place: ConfigFolder, *arguments: str) -> Iterator[Terminal]:
    """Up and with data."""
    with Terminal(ontui("-c", place.config, *arguments), env=place.environ) as terminal:
        terminal.wait("QueueLong")
        yield terminal


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


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c"]])
def test_a_key_leaves_with_zero(place: ConfigFolder, keys: list[str]) -> None:
    with cockpit(place) as terminal:
        terminal.press(*keys)
        assert terminal.exit_code() == 0
        assert terminal.restored == []


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_leaves_with_its_number(place: ConfigFolder, number: signal.Signals) -> None:
    with cockpit(place) as terminal:
        family = terminal.tree()
        began = time.perf_counter()
        terminal.signal(number)
        assert terminal.exit_code() == 128 + number
        assert time.perf_counter() - began < 2
        assert terminal.restored == []
        assert not any(p.is_running() for p in family)


def test_a_signal_before_the_first_picture_leaves_too(place: ConfigFolder) -> None:
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        eventually(lambda: b"\x1b[?1049h" in terminal.bytes, every_s=0.001)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert terminal.restored == []


def test_a_signal_while_a_screen_opens_is_no_crash(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        terminal.press(*["?", "escape"] * 10)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert "report" not in terminal.text


def test_a_dropped_line_leaves(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        used = terminal.cpu_s()
        process = terminal.tree()[0]
        terminal.hang_up()
        assert terminal.exit_code() == 128 + signal.SIGHUP
        assert not process.is_running()
        assert used < 60


def test_a_dropped_line_leaves_at_once_while_pictures_are_on_their_way(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        terminal.press(*["?", "escape"] * 10)
        began = time.perf_counter()
        terminal.hang_up()
        assert terminal.exit_code() == 128 + signal.SIGHUP
        assert time.perf_counter() - began < 2


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
def test_a_signal_leaves_although_nobody_reads_the_terminal(place: ConfigFolder, number: signal.Signals) -> None:
    """As when the network between is gone, and no one is told."""
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        fill(terminal)
        began = time.perf_counter()
        terminal.signal(number)
        assert terminal.exit_code() == 128 + number
        assert time.perf_counter() - began < 3
        assert sleepers() == []
    assert place.results("slow")[-1] == ("run ended", "killed")


def test_a_dropped_line_leaves_where_nobody_is_told(place: ConfigFolder) -> None:
    """Some log-ins begin with SIGHUP ignored, and the reader of a dead terminal would spin for ever."""
    deaf = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *ontui("-c", place.config)]
    with Terminal(deaf, env=place.environ) as terminal:
        terminal.wait("QueueLong")
        began = time.perf_counter()
        terminal.hang_up()
        terminal.exit_code()
        assert time.perf_counter() - began < 4


def test_the_end_of_input_leaves_and_burns_nothing(place: ConfigFolder) -> None:
    theirs, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    with Terminal(ontui("-c", place.config), env=place.environ, stdin=ours) as terminal:
        os.close(ours)
        terminal.wait("QueueLong")
        used = terminal.cpu_s()
        os.close(theirs)
        eventually(lambda: terminal.process.poll() is not None or terminal.cpu_s() - used > 2.5)
        assert terminal.exit_code() == 128 + signal.SIGHUP
        assert terminal.restored in ([], ["tty flags"]), "the flags of that terminal were not ours to set"


def test_a_crash_is_told_without_secrets_or_locals(place: ConfigFolder, tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH.format(word=SECRET))
    with Terminal([sys.executable, script, "-c", place.config], env=place.environ) as terminal:
        terminal.wait("QueueLong")
        terminal.press("R")
        assert terminal.exit_code() == 1
        assert terminal.restored == []
        told = terminal.written.rpartition("\x1b[?1049l")[2]
        assert "RuntimeError: planted" in told
        assert "please report" in told
        assert SECRET not in terminal.written
        assert "local-secret" not in terminal.written
        assert b"\x1b]52" not in terminal.bytes
        assert "[@click=app.bell]" in told


def test_quitting_while_a_repair_runs_asks(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        terminal.press("ctrl+c")
        terminal.wait("Take long")
        assert terminal.process.poll() is None
        assert len(sleepers()) == 2


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_ends_what_runs_and_the_journal_says_killed(place: ConfigFolder, number: signal.Signals) -> None:
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        terminal.signal(number)
        assert terminal.exit_code(10) == 128 + number
        assert terminal.restored == []
        assert sleepers() == []
    assert place.results("slow")[-1] == ("run ended", "killed")


def test_a_dropped_line_ends_what_runs(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        terminal.hang_up()
        assert terminal.exit_code(10) == 128 + signal.SIGHUP
        assert sleepers() == []
    assert place.results("slow")[-1] == ("run ended", "killed")


def test_a_detached_run_goes_on_and_the_journal_says_that_nobody_saw_its_end(place: ConfigFolder) -> None:
    place.write(place.config.read_text().replace("timeout: 1m}", "timeout: 1m, on_disconnect: detach}"))
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        terminal.hang_up()
        assert terminal.exit_code(10) == 128 + signal.SIGHUP
    left = sleepers()
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    assert len(left) == 2
    assert place.results("slow")[-1] == ("run ended", "lost")


def test_killed_itself_its_run_ends_too_and_is_lost(place: ConfigFolder) -> None:
    with cockpit(place) as terminal:
        begin_slow_run(terminal)
        terminal.signal(signal.SIGKILL)
        terminal.exit_code()
        eventually(lambda: sleepers() == [])
    with cockpit(place) as terminal:
        terminal.press("q")
        terminal.exit_code()
    assert place.results("slow")[-1] == ("run ended", "lost")


def test_a_slow_look_up_of_a_name_does_not_hold_up_leaving(place: ConfigFolder, tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import socket, time\nfrom ontui.cli import main\nreal = socket.getaddrinfo\n"
        "def slow(host, *a, **k):\n    if host == 'sleepy.example': time.sleep(30)\n    return real(host, *a, **k)\n"
        "socket.getaddrinfo = slow\nmain()\n"
    )
    place.write(
        place.config.read_text().replace(
            "slis:", '  far: {type: http, url: "http://sleepy.example/", every: 5s, timeout: 2s}\nslis:'
        )
    )
    with Terminal([sys.executable, script, "-c", place.config], env=place.environ) as terminal:
        terminal.wait("QueueLong")
        terminal.wait("no answer|timeout|within")
        began = time.perf_counter()
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert time.perf_counter() - began < 2
        assert terminal.restored == []
