"""A program run under supervision: bounded in time and output, and never left behind."""

import asyncio
import contextlib
import math
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from ontui.actions.ended import Ended, OnLine
from ontui.actions.fill import child_environment
from ontui.actions.guard import Guard
from ontui.actions.session import KILL_S, end_session, members, until
from ontui.actions.streams import Streams
from ontui.domain.action import OnDisconnect, Outcome, Plan
from ontui.domain.text import one_line

DRAIN_S = 0.3
"""How long the streams are read after the program ended, where something still holds them."""
GRACE_S = 5.0
"""Time between TERM and KILL."""


class ProcessRun:
    """One plan of argv or shell, carried out in a session of its own.

    A guard stands by: should we die in any way, it ends the session, or for `detach` lets it run until its time limit.
    A program that makes a session of its own, as daemons do, leaves this supervision.
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
        """Leave it running without us where the plan allows that, else stop it; `run` then returns LOST."""
        self._leaving = self._detachable
        self._asked.set()

    async def run(self) -> Ended:
        """Carry it out; returns when no process of the run is left. To be started in the main thread."""
        try:
            guard = self._make_guard()
        except OSError as error:
            return Ended(Outcome.FAILED, f"cannot start: {one_line(error.strerror or error)}")
        try:
            process = self._start(guard)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            guard.dismiss()
            self._streams.close()
            return Ended(Outcome.FAILED, f"cannot start: {_why(error)}")
        self.pid = process.pid
        handing_on = asyncio.create_task(self._streams.hand_on())
        try:
            return await self._supervise(process)
        finally:
            handing_on.cancel()
            self._streams.close()
            if self._leaving or process.returncode is None:
                guard.leave_to_it()
                process.returncode = process.returncode or 0  # Popen would wait for it, or complain that nobody did
            else:
                guard.dismiss()

    def _make_guard(self) -> Guard:
        return Guard(
            child_environment((), self._environ),
            lasts_s=self._plan.timeout_s if self._detachable else 0,
            grace_s=self._grace_s,
            keep_fds=self._keep_fds,
        )

    def _start(self, guard: Guard) -> subprocess.Popen[bytes]:
        plan, to_guard = self._plan, guard.fileno()

        def report() -> None:  # in the child, once it has its session and before its program begins
            os.write(to_guard, b"%d\n" % os.getpid())

        with self._open_log() as log:
            process = subprocess.Popen(
                plan.argv,
                executable=plan.program or None,
                cwd=plan.cwd or None,
                env=child_environment(plan.env, self._environ),
                stdin=subprocess.DEVNULL,
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
                start_new_session=True,
                preexec_fn=report,
            )
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self._streams.add_pipe(os.dup(stream.fileno()))
                stream.close()
        return process

    def _open_log(self) -> contextlib.AbstractContextManager[IO[bytes] | None]:
        if self._log is None:
            return contextlib.nullcontext()
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW
        log = os.fdopen(os.open(self._log, flags, 0o600), "wb")
        self._streams.add_log(os.open(self._log, os.O_RDONLY | os.O_NOFOLLOW))
        return log

    async def _supervise(self, process: subprocess.Popen[bytes]) -> Ended:
        why = await self._ends(process)
        if why is Outcome.KILLED and self._leaving:
            return Ended(Outcome.LOST, f"left running as process {process.pid}; output in {self._log}")
        self._leaving = False
        if why is None:
            await self._streams.finish(DRAIN_S)
        behind = [p for p in members(process.pid) if p != process.pid]
        if why is not None or behind:
            await end_session(process.pid, self._grace_s)
            await self._streams.finish(DRAIN_S)
        stuck = [p for p in members(process.pid) if p != process.pid]
        code = await _code(process)
        if self._log is not None:
            self._log.unlink(missing_ok=True)
        return self._ended(why, code, 0 if why else len(behind), stuck)

    async def _ends(self, process: subprocess.Popen[bytes]) -> Outcome | None:
        """Wait for the end of the program: None, or why it has to be brought about."""
        gone = asyncio.create_task(_gone(process))
        asked = asyncio.create_task(self._asked.wait())
        try:
            first = asyncio.FIRST_COMPLETED
            done, _ = await asyncio.wait({gone, asked}, timeout=self._plan.timeout_s, return_when=first)
        finally:
            asked.cancel()
            gone.cancel()
        if gone in done:
            return None
        return Outcome.KILLED if asked in done else Outcome.TIMED_OUT

    def _ended(self, why: Outcome | None, code: int | None, behind: int, stuck: list[int]) -> Ended:
        if code is None or stuck:
            left = f"; could not end process {', '.join(map(str, stuck)) or self.pid}"
        else:
            left = f"; ended {behind} it left behind" if behind else ""
        if why is Outcome.TIMED_OUT:
            return Ended(why, f"after {self._plan.timeout_s:g} s{left}")
        if why is Outcome.KILLED:
            return Ended(why, f"stopped{left}")
        if code is not None and code < 0:
            return Ended(Outcome.SIGNALLED, f"signal {-code}{left}")
        return Ended(Outcome.FAILED if code else Outcome.OK, f"exit {code}{left}")


def _why(error: Exception) -> str:
    """What the system said, and of which file: a missing interpreter reads like a missing program."""
    if isinstance(error, OSError) and error.strerror:
        return one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    return one_line(error)


async def _gone(process: subprocess.Popen[bytes]) -> None:
    """Return when the program has ended, leaving it unreaped where that is possible: its number stays its own."""
    loop = asyncio.get_running_loop()
    try:
        ended = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        await until(lambda: process.poll() is not None, math.inf)
        return
    seen = asyncio.Event()
    loop.add_reader(ended, seen.set)
    try:
        await seen.wait()
    finally:
        loop.remove_reader(ended)
        os.close(ended)


async def _code(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code; None where even KILL did not end it."""
    await until(lambda: process.poll() is not None, KILL_S)
    return process.returncode
