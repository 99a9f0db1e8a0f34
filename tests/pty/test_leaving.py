"""However the cockpit ends, the terminal is as it was, nothing still runs, and the right code is returned."""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import psutil
import pytest

from ontui.ui.terminal import LAST_RESORT_S
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.pty.conftest import SECRET, Up
from tests.pty.terminal import Terminal, ontui

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
CRASH = """
import sys
from ontui.ui.screens.dashboard import Dashboard
from ontui.cli import main
def on_key(self, event=None):
    word_in_a_local = "local-" + "secret"
    raise RuntimeError("planted: \\x1b]52;c;Zm9v\\x07 [@click=app.bell] " + {word!r})
Dashboard.action_poll_now = on_key
main()
"""


KEPT_BUSY = """
from ontui.ui.screens.dashboard import Dashboard
from ontui.cli import main
def spin(self):
    while True: pass
Dashboard.action_poll_now = spin
main()
"""


@pytest.mark.parametrize("keys", [["q"], ["ctrl+c"]])
def test_a_key_leaves_with_zero(up: Up, keys: list[str]) -> None:
    terminal = up.terminal
    terminal.press(*keys)
    assert terminal.exit_code() == 0
    assert terminal.restored == []


@pytest.mark.parametrize("keys", ["\x10\x1b[6~", "\x10\x1b[5~\x1b[B\x1b[F", "\x10ab\x7f\x7f\x1b[6~"])
def test_keys_that_come_in_one_packet_as_over_slow_lines_end_nothing(up: Up, keys: str) -> None:
    terminal = up.terminal
    terminal.press(keys)
    terminal.drain(0.5)
    assert terminal.process.poll() is None, terminal.text
    terminal.type("escape")
    terminal.press("ctrl+c")
    assert terminal.exit_code() == 0


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_leaves_with_its_number(up: Up, number: signal.Signals) -> None:
    terminal = up.terminal
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


def test_a_signal_while_a_screen_opens_is_no_crash(up: Up) -> None:
    terminal = up.terminal
    terminal.press(*["?", "escape"] * 10)
    terminal.signal(signal.SIGTERM)
    assert terminal.exit_code() == 128 + signal.SIGTERM
    assert "report" not in terminal.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_ends_it_whatever_keeps_it_busy(place: ConfigFolder, tmp_path: Path, number: signal.Signals) -> None:
    script = tmp_path / "busy.py"
    script.write_text(KEPT_BUSY)
    with Terminal([sys.executable, script, "-c", place.config], env=place.environ) as terminal:
        terminal.wait("QueueLong")
        terminal.press("R")
        time.sleep(0.3)   # the key is on its way, and nothing tells when a loop no longer turns
        terminal.signal(number)
        assert terminal.exit_code(LAST_RESORT_S + 3) == 128 + number
        assert terminal.restored == []


def test_a_dropped_line_leaves(up: Up) -> None:
    terminal = up.terminal
    family = terminal.tree()
    terminal.hang_up()
    assert terminal.exit_code() == 128 + signal.SIGHUP
    assert not any(process.is_running() for process in family)


def test_a_dropped_line_leaves_at_once_while_pictures_are_on_their_way(up: Up) -> None:
    terminal = up.terminal
    terminal.press(*["?", "escape"] * 10)
    began = time.perf_counter()
    terminal.hang_up()
    assert terminal.exit_code() == 128 + signal.SIGHUP
    assert time.perf_counter() - began < 2


def test_a_dropped_line_leaves_where_nobody_is_told_and_burns_nothing(place: ConfigFolder) -> None:
    """It is not the session's terminal, so no SIGHUP comes; the reader of a dead terminal would spin for ever."""
    with Terminal(["setsid", "-w", *ontui("-c", place.config)], env=place.environ) as terminal:
        terminal.wait("QueueLong")
        cockpit = terminal.tree()[1]
        terminal.hang_up()
        assert_ends_at_rest(cockpit)
        assert not running(cockpit)


def assert_ends_at_rest(cockpit: psutil.Process) -> None:
    """It notices within a second or so and leaves; a loop that spins would be busy for all of the time."""
    span_s, began, before, used = 4.0, time.perf_counter(), cpu_s(cockpit), 0.0
    while running(cockpit) and time.perf_counter() - began < span_s:
        used = max(used, cpu_s(cockpit) - before)
        time.sleep(0.01)
    assert used / span_s < 0.5


def running(process: psutil.Process) -> bool:
    """Neither gone nor waiting to be collected."""
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def cpu_s(process: psutil.Process) -> float:
    """What it used so far; nothing once it is gone."""
    try:
        return float(sum(process.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return 0.0


def test_the_end_of_input_leaves_and_burns_nothing(place: ConfigFolder) -> None:
    theirs, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    with Terminal(ontui("-c", place.config), env=place.environ, stdin=ours) as terminal:
        os.close(ours)
        terminal.wait("QueueLong")
        cockpit = terminal.tree()[0]
        os.close(theirs)
        assert_ends_at_rest(cockpit)
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
