"""Reads what a program writes, from its pipes or from its log, and hands it on ten times a second."""

import asyncio
import os
from collections.abc import Callable

from ontui.actions.ended import OnLine
from ontui.actions.output import Output
from ontui.guard.session import until

RELEASE_S = 0.1
"""How often lines are handed on."""
READ_BYTES = 65_536
FLOOD_BYTES = 4 * 1024 * 1024
"""Most bytes read from one stream between two releases; a flooding program waits that long, never for ever."""


class Streams:
    """The output of one program, while it runs."""

    def __init__(self, on_line: OnLine, mask: Callable[[str], str]) -> None:
        self._on_line = on_line
        self._output = Output(mask)
        self._pipes: dict[int, int] = {}
        """Bytes read since the last release, by open pipe."""
        self._log: int | None = None

    @property
    def open(self) -> bool:
        """Somebody still holds a pipe at its other end."""
        return bool(self._pipes)

    def add_pipe(self, pipe: int) -> None:
        """Read this descriptor from now on; it is ours to close."""
        os.set_blocking(pipe, False)
        self._pipes[pipe] = 0
        asyncio.get_running_loop().add_reader(pipe, self._read, pipe)

    def add_log(self, log: int) -> None:
        """Follow this open file from now on; it is ours to close."""
        self._log = log

    async def hand_on(self) -> None:
        """Hand on lines until cancelled."""
        while True:
            await asyncio.sleep(RELEASE_S)
            self._release(final=False)

    async def finish(self, seconds: float) -> None:
        """Read what is left, at most that long: a process that forked away may hold a pipe for ever."""
        await until(lambda: not self.open, seconds)

    def close(self) -> None:
        """Hand on the last lines and let go."""
        self._release(final=True)
        for pipe in list(self._pipes):
            self._close_pipe(pipe)
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _release(self, *, final: bool) -> None:
        if self._log is not None:
            self._follow_log(self._log, final=final)
        for pipe, read in self._pipes.items():
            if read > FLOOD_BYTES:
                asyncio.get_running_loop().add_reader(pipe, self._read, pipe)
            self._pipes[pipe] = 0
        for line in self._output.release(final=final):
            self._on_line(line)

    def _read(self, pipe: int) -> None:
        try:
            data = os.read(pipe, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        if not data:
            self._close_pipe(pipe)
            return
        self._output.feed(pipe, data)
        self._pipes[pipe] += len(data)
        if self._pipes[pipe] > FLOOD_BYTES:
            asyncio.get_running_loop().remove_reader(pipe)

    def _follow_log(self, log: int, *, final: bool) -> None:
        read = 0
        while (final or read < FLOOD_BYTES) and (data := os.read(log, READ_BYTES)):
            self._output.feed(log, data)
            read += len(data)

    def _close_pipe(self, pipe: int) -> None:
        asyncio.get_running_loop().remove_reader(pipe)
        del self._pipes[pipe]
        os.close(pipe)
