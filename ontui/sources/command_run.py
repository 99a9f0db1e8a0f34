"""One run of a program that is looked into: bounded in time and output, and nothing of it left behind."""

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind
from ontui.domain.source import CommandSource
from ontui.domain.text import one_line, without_escapes
from ontui.guard import Guard
from ontui.guard.over import Over, read_over

KEPT_BYTES = 1024 * 1024
"""Of the output; the rest is read and let go, so that the program can go on."""
ENDLESS_BYTES = 256 * 1024 * 1024
"""A program that prints more is ended."""
LAST_BYTES = 8192
"""Of what it says on standard error."""
GRACE_S = 1.0
"""Between TERM and KILL."""
ANSWER_S = 5.0
"""How long beyond the grace its guard may take to end it."""
DRAIN_S = 0.3
"""How long the output is read after the end, where something still holds it."""
PIPE_BYTES = 1024 * 1024
READ_BYTES = 256 * 1024


class Failed(Exception):
    """It did not run to its end."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(kind, one_line(text, 300))


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that came to its end."""

    code: int
    """Exit code, or a signal as a negative number."""
    duration_s: float
    output: bytes
    whole: bool
    """Whether `output` is all it printed."""
    complaint: str
    """The last line on standard error that is not empty."""
    behind: int
    """Processes it left behind, which were ended."""
    stuck: str
    """Processes that could not be ended."""

    @property
    def end(self) -> str:
        """`exit 3`, `ended by SIGKILL`."""
        if self.code >= 0:
            return f"exit {self.code}"
        try:
            return f"ended by {signal.Signals(-self.code).name}"
        except ValueError:
            return f"ended by signal {-self.code}"


class _Stream:
    """What comes from one end of the program."""

    def __init__(self, pipe: int, kept: int, *, last: bool) -> None:
        """Read a pipe from now on; it is ours to close. `last`: the end of it is kept, not the beginning."""
        self.data = bytearray()
        self.count = 0
        self.ended, self.endless = asyncio.Event(), asyncio.Event()
        self._pipe, self._kept, self._last = pipe, kept, last
        os.set_blocking(pipe, False)
        with contextlib.suppress(OSError, AttributeError):   # a larger pipe: fewer turns of the loop
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        asyncio.get_running_loop().add_reader(pipe, self._read)

    def _read(self) -> None:
        try:
            piece = os.read(self._pipe, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        self.count += len(piece)
        if not piece or self.count > ENDLESS_BYTES:
            (self.endless if piece else self.ended).set()
            self.close()
        elif self._last:
            self.data += piece
            del self.data[: -self._kept]
        elif len(self.data) < self._kept:
            self.data += piece[: self._kept - len(self.data)]

    def close(self) -> None:
        """Read no more."""
        if self._pipe >= 0:
            asyncio.get_running_loop().remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = -1


class Runner:
    """Runs the program of a source again and again, never twice at a time."""

    def __init__(self, source: CommandSource, environment: Mapping[str, str]) -> None:
        self._source, self._environment = source, environment
        self._ending: asyncio.Task[None] | None = None
        """The end of a run that was given up."""

    async def run(self, program: str, within_s: float) -> Ran:
        """Run it once; raises Failed, at the latest when time is up, and ends the program after that."""
        if self._ending is not None and (await asyncio.wait({self._ending}, timeout=within_s))[1]:
            raise Failed(FaultKind.TIMEOUT, "the run before this one has not ended yet, though it was killed")
        try:
            guard = Guard(
                self._source.argv, self._environment, program=program, cwd=self._source.cwd, limit_s=within_s,
                grace_s=GRACE_S,
            )  # fmt: skip
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise Failed(FaultKind.SATURATED, f"cannot start: {getattr(error, 'strerror', '') or error}") from None
        out, err = guard.take_pipes()
        streams = _Stream(out, KEPT_BYTES, last=False), _Stream(err, LAST_BYTES, last=True)
        over = None
        try:
            over, duration_s = await self._watched(guard, streams, within_s)
        finally:
            if over is None:
                self._give_up(guard)
            else:
                guard.dismiss()
            for stream in streams:
                stream.close()
        if over.why != "exited" or over.code is None:
            raise _overdue(self._source.timeout_s)
        output = streams[0]
        return Ran(
            over.code, duration_s, bytes(output.data), output.count == len(output.data),
            _last_line(bytes(streams[1].data)), over.behind, over.stuck.replace(",", ", "),
        )  # fmt: skip

    async def close(self) -> None:
        """Leave what is still ending to its guard, which sees to it without us."""
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.wait({self._ending})

    async def _watched(self, guard: Guard, streams: tuple[_Stream, _Stream], within_s: float) -> tuple[Over, float]:
        """The end of it, and how long it ran."""
        hearing = asyncio.create_task(_heard(guard))
        flooded = [asyncio.create_task(stream.endless.wait()) for stream in streams]
        tasks: tuple[asyncio.Task[Any], ...] = (hearing, *flooded)
        try:
            await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            if any(task.done() for task in flooded):
                size = ENDLESS_BYTES // 1024 // 1024
                raise Failed(FaultKind.PROTOCOL, f"it printed more than {size} MiB, and was ended")
            if not hearing.done():
                raise _overdue(self._source.timeout_s)
            ends = [asyncio.create_task(stream.ended.wait()) for stream in streams]
            tasks += tuple(ends)
            await asyncio.wait(ends, timeout=DRAIN_S)
            return hearing.result()
        finally:
            for task in tasks:
                if not task.cancel() and not task.cancelled():
                    task.exception()   # seen: it is no news when something else ended the run first

    def _give_up(self, guard: Guard) -> None:
        """End the run behind our back: the next one waits for that."""
        guard.end()
        self._ending = asyncio.create_task(self._see_off(guard))

    async def _see_off(self, guard: Guard) -> None:
        gone = False
        try:
            async with asyncio.timeout(GRACE_S + ANSWER_S):
                while await guard.hear():
                    pass
            gone = True
        except TimeoutError:
            pass
        finally:
            if gone:
                guard.dismiss()
            else:
                guard.leave_to_it()


async def _heard(guard: Guard) -> tuple[Over, float]:
    """What the guard says of the end, and how long after the start that was."""
    try:
        pid = await guard.started()
    except OSError as error:
        why = ": ".join(filter(None, (error.strerror, error.filename)))
        raise Failed(FaultKind.CONFIG, f"cannot start: {why}") from None
    if pid is None:
        raise Failed(FaultKind.LOST, "cannot start: its guard did not begin")
    began = time.monotonic()
    over = read_over(await guard.hear())
    if over is None:
        raise Failed(FaultKind.LOST, "its guard was ended from outside; the program was killed")
    return over, time.monotonic() - began


def _overdue(limit_s: float) -> Failed:
    return Failed(FaultKind.TIMEOUT, f"it did not end within {format_duration(limit_s)}, and was ended")


def _last_line(data: bytes) -> str:
    text = without_escapes(data.decode("utf-8", "replace"))
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    return one_line(lines[-1]) if lines else ""
