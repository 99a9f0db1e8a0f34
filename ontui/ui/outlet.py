"""The way out to the terminal: one that nobody reads holds up neither the polls nor our leaving."""

import contextlib
import os
import select
import shutil
import termios
import threading
import time
from queue import SimpleQueue
from typing import Any, TextIO

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from ontui.ui import terminal_input

PATIENCE_S = 0.5
"""How long a terminal may take nothing before it is given up, once we are leaving."""
MOST_WAITING = 16 << 20
"""Bytes that may wait for a terminal, hours of them; beyond that it counts as gone."""
USUAL = (80, 24)
"""Columns and rows of a terminal that reports none, as serial lines and `script` without a terminal do."""
_LOOK_S = 0.1
_GIVE_BACK = b"\x1b[?1000;1002;1003;1006;1015;1016;1004;2004;2048l\x1b[<u\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"
"""Mouse, focus reports, paste marks, sizes in band and keyboard off; wrapping, the first screen and the cursor on."""


class Outlet:
    """Takes any amount at once and writes it in a thread of its own; drops everything once the terminal is gone."""

    def __init__(self, stream: TextIO) -> None:
        self.gone = False
        """It hung up or was given up: nothing is written any more."""
        self._encoding, self._errors = stream.encoding, stream.errors or "strict"
        self._descriptor = _opened_anew(stream.fileno())
        self._flags = _flags(self._descriptor)
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._taken = self._written = 0
        self._leaving = False
        self._thread = threading.Thread(target=self._run, name="outlet", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Never waits."""
        data = text.encode(self._encoding, self._errors)
        self._taken += len(data)
        if self._taken - self._written > MOST_WAITING:
            self.gone = True
        if not self.gone:
            self._queue.put(data)

    def leave(self) -> None:
        """From now on patience is short."""
        self._leaving = True

    def close(self) -> None:
        """Wait until everything is written, or the terminal given up."""
        self.leave()
        self._queue.put(None)
        self._thread.join()

    def give_back(self) -> None:
        """The terminal as it was found, at once, whatever waits to be written: the program ends without its driver."""
        self.gone = True
        with contextlib.suppress(OSError, termios.error):
            if self._flags is not None:
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._flags)
            os.write(self._descriptor, _GIVE_BACK)

    def _run(self) -> None:
        is_open = True
        while is_open:
            parts = [self._queue.get()]
            while not self._queue.empty():
                parts.append(self._queue.get())
            is_open = None not in parts
            self._send(b"".join(part for part in parts if part is not None))

    def _send(self, data: bytes) -> None:
        rest, moved_at = memoryview(data), time.monotonic()
        while rest and not self.gone:
            try:
                count = os.write(self._descriptor, rest)
            except BlockingIOError:
                self._wait()
                if self._leaving and time.monotonic() - moved_at > PATIENCE_S:
                    self.gone = True
            except OSError:
                self.gone = True   # it hung up
            else:
                rest, moved_at = rest[count:], time.monotonic()
                self._written += count

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        poll.poll(_LOOK_S * 1000)


def _opened_anew(descriptor: int) -> int:
    """Not to block is then ours alone, and not of every program that shares the terminal."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:   # a terminal without a name here, as in some containers: it may block
        return os.dup(descriptor)


def _flags(descriptor: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(descriptor)
    except termios.error:
        return None


def _sound(width: int, height: int) -> tuple[int, int]:
    return (width, height) if width > 0 and height > 0 else USUAL


def driver_onto(outlet: Outlet) -> type[LinuxDriver]:
    """Textual's driver, writing there: its own queue is short, and the whole program waits where it is full."""
    terminal_input.install()

    class Driver(LinuxDriver):
        def __init__(
            self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
        ) -> None:
            """One size from the start: Textual's own two guesses for a terminal without one differ, and take turns."""
            super().__init__(app, debug=debug, mouse=mouse, size=size or self._get_terminal_size())

        def _get_terminal_size(self) -> tuple[int, int]:
            return _sound(*shutil.get_terminal_size(USUAL))

        def look_at_size(self) -> None:
            """Tell of a size that got lost on its way through a busy program; in band the terminal repeats it."""
            size = Size(*self._get_terminal_size())
            if self._in_band_window_resize:
                return
            for told in (self._app, self._app.screen):
                if told.size != size:
                    told.post_message(Resize(size, size))
                    return

        def process_message(self, message: Message) -> None:
            if isinstance(message, Resize):   # sizes in band
                size = Size(*_sound(*message.size))
                if size != message.size:
                    message = Resize(size, size)
            super().process_message(message)

        def write(self, data: str) -> None:
            outlet.write(data)

        def close(self) -> None:
            outlet.close()
            super().close()

    return Driver
