"""A program run under supervision: bounded in time and output, and never left behind."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from ontui.actions.ended import Ended, OnLine
from ontui.actions.fill import child_environment
from ontui.actions.report import as_ended, end_file
from ontui.actions.streams import Streams
from ontui.domain.action import OnDisconnect, Outcome, Plan
from ontui.domain.text import one_line
from ontui.guard import Guard
from ontui.guard.over import read_over
from ontui.guard.session import end_session

DRAIN_S = 0.3
"""How long the streams are read after the program ended, where something still holds them."""
GRACE_S = 5.0
"""Time between TERM and KILL."""
ANSWER_S = 10.0
"""How long beyond its time limit, or beyond our word, and the grace, a guard may be silent."""


class ProcessRun:
    """One plan of argv or shell, carried out in a session of its own.

    A guard starts it and stands by: at its end, and should we die in any way, it ends every process that came of it;
    for `detach` it lets it run without us, until its time limit.
    """

    def __init__(
        self,
        plan: Plan,
        on_line: OnLine,
        environ: Mapping[str, str],
        *,
        mask: Callable[[str], str] = str,
        log: Path | None = None,
        keep_fds: Sequence[int] = (),
        grace_s: float = GRACE_S,
    ) -> None:
        """Prepare it; nothing starts yet.

        `log` takes the output of a plan that may be detached, unmasked, and is removed when it ends under our eyes.
        `keep_fds` stay open in the guard, so that a lock lives as long as what it protects.
        """
        self.pid: int | None = None
        """The program's process, which is also its session."""
        self._plan, self._environ = plan, environ
        self._keep_fds, self._grace_s = tuple(keep_fds), grace_s
        self._detachable = plan.on_disconnect is OnDisconnect.DETACH and log is not None
        self._log = log if self._detachable else None
        self._streams = Streams(on_line, mask)
        self._asked = asyncio.Event()
        self._leaving = False

    def stop(self) -> None:
        """End it: TERM to every process of the run, grace, KILL; `run` then returns KILLED."""
        self._asked.set()

    def detach(self) -> None:
        """Leave it running without us where the plan allows that, else stop it; `run` then returns RUNNING."""
        self._leaving = self._detachable
        self._asked.set()

    async def run(self) -> Ended:
        """Carry it out; returns when no process of the run is left, or when it goes on without us."""
        try:
            guard = self._start()
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._streams.close()
            return Ended(Outcome.FAILED, f"cannot start: {_why(error)}")
        handing_on = asyncio.create_task(self._streams.hand_on())
        ended = None
        try:
            ended = await self._supervise(guard)
            return ended
        finally:
            handing_on.cancel()
            self._streams.close()
            if ended is None or ended.outcome is Outcome.RUNNING:
                guard.leave_to_it()
            else:
                guard.dismiss()
                self._forget_log()

    def _start(self) -> Guard:
        with self._open_log() as log:
            guard = Guard(
                self._plan.argv,
                child_environment(self._plan.env, self._environ),
                program=self._plan.program,
                cwd=self._plan.cwd,
                limit_s=self._plan.timeout_s,
                grace_s=self._grace_s,
                log=log,
                end_file=end_file(self._log) if self._log else None,
                keep_fds=self._keep_fds,
            )
        for pipe in guard.take_pipes():
            self._streams.add_pipe(pipe)
        return guard

    def _open_log(self) -> contextlib.AbstractContextManager[IO[bytes] | None]:
        if self._log is None:
            return contextlib.nullcontext()
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW
        log = os.fdopen(os.open(self._log, flags, 0o600), "wb")
        self._streams.add_log(os.open(self._log, os.O_RDONLY | os.O_NOFOLLOW))
        return log

    def _forget_log(self) -> None:
        if self._log is not None:
            self._log.unlink(missing_ok=True)
            end_file(self._log).unlink(missing_ok=True)

    async def _supervise(self, guard: Guard) -> Ended:
        try:
            self.pid = await guard.started()
        except OSError as error:
            return Ended(Outcome.FAILED, f"cannot start: {_why(error)}")
        if self.pid is None:
            return Ended(Outcome.FAILED, "cannot start: its guard did not begin")
        words = await self._last_words(guard)
        if words is None:
            return Ended(Outcome.RUNNING, f"left running as process {self.pid}; output in {self._log}")
        over = read_over(words)
        if over is None:
            await end_session(self.pid, self._grace_s)
        await self._streams.finish(DRAIN_S)
        if over is None:
            return Ended(Outcome.LOST, "its guard was ended from outside; what made a session of its own may go on")
        return as_ended(over, self._plan.timeout_s)

    async def _last_words(self, guard: Guard) -> list[str] | None:
        """What the guard says at the end: nothing when it is gone or mute; None when the run is left to it."""
        hearing = asyncio.create_task(guard.hear())
        asked = asyncio.create_task(self._asked.wait())
        patience_s = self._grace_s + ANSWER_S
        try:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait({hearing, asked}, timeout=self._plan.timeout_s + patience_s, return_when=first)
            if not hearing.done() and self._leaving:
                return None
            if not hearing.done():
                guard.end()
                await asyncio.wait({hearing}, timeout=patience_s)
            return hearing.result() if hearing.done() else []
        finally:
            asked.cancel()
            hearing.cancel()


def _why(error: Exception) -> str:
    """What the system said, and of which file: a missing interpreter reads like a missing program."""
    if isinstance(error, OSError) and error.strerror:
        return one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    return one_line(error)
