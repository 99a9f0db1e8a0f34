"""A terminal to run the installed program in: it keeps the screen, the modes and every byte, and can be cut off."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil
import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b[27u",  # as the keyboard protocol that ontui asks for has it: nothing to guess, nothing to wait for
    "tab": "\t",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "backspace": "\x7f",
    "ctrl+c": "\x03",
    "ctrl+p": "\x10",
    "pagedown": "\x1b[6~",
}
HIDDEN = {"COLUMNS", "LINES", "COLORTERM", "TMUX", "NO_COLOR"}
"""Variables of whoever runs the tests that would change the picture."""
_QUERY = re.compile(rb"\x1b\[\?2026\$p")
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])[\d;]*u")
# What pyte cannot read and would draw as text: kitty keyboard, private queries, titles and the like.
_FOREIGN = re.compile(
    rb"\x1b\[[<>=?][\d;]*[ \$]?[a-zA-Z]|\x1b\[[\d;]*[ \$][a-zA-Z]"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\"
)
_WHOLE = re.compile(rb"\x1b\[[\d;?]*[a-zA-Z].*", re.S)
_SHARED = {"25", "7", "6", "5"}
_LEFT_ON = {"1049": "alternate screen", "2004": "bracketed paste", "1004": "focus reports"} | dict.fromkeys(
    ("1000", "1002", "1003", "1006", "1015"), "mouse"
)


def _for_pyte(data: bytes) -> bytes:
    def keep(match: re.Match[bytes]) -> bytes:
        mode = _MODE.fullmatch(match[0])
        return match[0] if mode and set(mode[1].decode().split(";")) <= _SHARED else b""

    return _FOREIGN.sub(keep, data)


class Terminal:
    """A program on a pty of its own, as after `ssh`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        term: str = "xterm-256color",
        stdin: int | None = None,
    ) -> None:
        """`stdin` is a descriptor to read from instead of the pty."""
        self._master, slave = pty.openpty()
        self._slave = slave
        self.resize(columns, rows)
        self._before = termios.tcgetattr(slave)
        full = {k: v for k, v in os.environ.items() if k not in HIDDEN} | {"TERM": term, "LANG": "C.UTF-8"}
        self.started_at = time.perf_counter()
        self.process = subprocess.Popen(
            [str(c) for c in command],
            stdin=slave if stdin is None else stdin,
            stdout=slave,
            stderr=slave,
            env=full | dict(env or {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
        )
        self.screen = pyte.Screen(columns or 80, rows or 24)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self.bytes = bytearray()
        """Everything the program wrote."""
        self.changed_at = self.started_at
        self.modes: dict[str, bool] = {}
        """Every private mode that was ever set or reset, and how it is now."""
        self._keyboards = 0
        self._pictures = 0
        self._rest = b""
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        while not self._closed:
            try:
                ready, _, _ = select.select([self._master], [], [], 0.05)
                data = os.read(self._master, 65536) if ready else b""
            except (OSError, ValueError):
                return
            if data:
                self._feed(data)

    def _feed(self, data: bytes) -> None:
        with self._lock:
            self.changed_at = time.perf_counter()
            self.bytes += data
            if _QUERY.search(data):
                os.write(self._master, b"\x1b[?2026;2$y")
            if b"\x1b[6n" in data:   # some ask where the cursor is, and wait for ever
                os.write(self._master, b"\x1b[1;1R")
            for match in _MODE.finditer(data):
                for mode in match[1].decode().split(";"):
                    self.modes[mode] = match[2] == b"h"
            self._keyboards += sum(1 if m[1] == b">" else -1 for m in _KEYBOARD.finditer(data))
            whole = self._rest + data
            cut = whole.rfind(b"\x1b")
            whole, self._rest = (whole[:cut], whole[cut:]) if 0 <= len(whole) - cut < 24 and cut >= 0 else (whole, b"")
            if self._rest and _WHOLE.fullmatch(self._rest):
                whole, self._rest = whole + self._rest, b""
            self._stream.feed(_for_pyte(whole))
            self._pictures += 1

    @property
    def text(self) -> str:
        """What is on the screen now."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self.screen.display)

    @contextlib.contextmanager
    def still(self) -> Iterator[pyte.Screen]:
        """The screen, cell by cell, held while one looks."""
        with self._lock:
            yield self.screen

    @property
    def written(self) -> str:
        """Everything the program wrote, as text."""
        with self._lock:
            return self.bytes.decode(errors="replace")

    def wait(self, what: str | Callable[[str], bool], within_s: float = 10.0) -> float:
        """Until a pattern is on the screen (or a condition holds); returns when it was, in seconds since the start."""
        found = what if callable(what) else lambda text: re.search(what, text) is not None
        end = time.perf_counter() + within_s
        looked = -1
        while time.perf_counter() < end:
            over = self.process.poll() is not None
            if over:
                self.drain()
            picture = self._pictures
            if picture != looked and found(self.text):
                return self.changed_at - self.started_at
            looked = picture
            if over:
                raise AssertionError(f"ended with {self.process.returncode} before {what!r}:\n{self.text}")
            time.sleep(0.002)
        raise AssertionError(f"never saw {what!r} within {within_s} s:\n{self.text}")

    def drain(self, quiet_s: float = 0.05) -> None:
        """Until nothing was written for so long."""
        while time.perf_counter() - self.changed_at < quiet_s or (not self._closed and self.unread):
            time.sleep(0.01)

    def press(self, *keys: str) -> None:
        """Names of KEYS, or text, one after the other at once."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode(errors="surrogateescape"))

    def type(self, *keys: str) -> None:
        """The same as a person does: one key, a look at what it did, the next."""
        for key in keys:
            self.drain()
            pressed_at = time.perf_counter()
            self.press(key)
            while self.changed_at < pressed_at and time.perf_counter() - pressed_at < 0.5:
                time.sleep(0.005)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as dragging its corner does."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if hasattr(self, "screen"):
            with self._lock:
                self.screen.resize(rows, columns)

    def signal(self, number: signal.Signals) -> None:
        """To the program alone."""
        os.kill(self.process.pid, number)

    def stall(self) -> None:
        """The line stays, and nobody reads any more."""
        self._closed = True
        self._reader.join(1)

    @property
    def unread(self) -> int:
        """Bytes that wait on a stalled line."""
        return int.from_bytes(fcntl.ioctl(self._master, termios.FIONREAD, bytes(4)), sys.byteorder)

    def hang_up(self) -> None:
        """The line drops: nobody holds the other side any more."""
        self.stall()
        self._let_go()

    def _let_go(self) -> None:
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def exit_code(self, within_s: float = 5.0) -> int:
        """Wait for the end, and for the last it wrote."""
        code = self.process.wait(within_s)
        if not self._closed:
            self.drain()
        return code

    @property
    def restored(self) -> list[str]:
        """What the program left behind in the terminal; empty when it is as it was."""
        left = [word for mode, word in _LEFT_ON.items() if self.modes.get(mode)]
        if self.modes.get("25") is False:
            left.append("cursor hidden")
        if self._keyboards > 0:
            left.append("keyboard protocol")
        now = termios.tcgetattr(self._slave)
        if now[3] != self._before[3] or now[0] != self._before[0]:
            left.append("tty flags")
        return left

    def tree(self) -> list[psutil.Process]:
        """The program and its descendants."""
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """CPU time of the program alone so far."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)

    def close(self) -> None:
        """End the program by force if it still runs, and let go of the pty."""
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(5)
        if self._master >= 0:
            self.hang_up()


def ontui(*arguments: str | Path) -> list[str | Path]:
    """The installed program of this environment."""
    return [Path(sys.executable).with_name("ontui"), *arguments]
