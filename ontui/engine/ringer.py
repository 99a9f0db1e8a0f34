"""Keeps time: tells aloud, once, what begins to fire and what is over; silent while muted and in quiet hours."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from ontui.config import Config
from ontui.domain.notice import Notice, Ring, ring_of
from ontui.domain.text import one_line
from ontui.guard.session import end_session

BURST_S = 1.0
"""What moves within so long a time is told as one."""
MUTED_S = 3600.0
"""How long it stays silent once muted: nobody forgets to switch it on again."""
GRACE_S = 0.5
"""Time between TERM and KILL for a command that takes too long."""


class Ringer:
    """Collects notices; the way to the terminal is given by who has one."""

    def __init__(self, config: Callable[[], Config], now: Callable[[], float], warn: Callable[[str], None]) -> None:
        """`config` is asked anew each time: it may have been loaded again."""
        self._config, self._now, self._warn = config, now, warn
        self.aloud: Callable[[Ring], None] | None = None
        """Rings at the terminal; None where there is none."""
        self.muted_until: float | None = None
        self._for_terminal: asyncio.Queue[Notice] = asyncio.Queue()
        self._for_command: asyncio.Queue[Notice] = asyncio.Queue()

    def mute(self) -> None:
        """Be silent for an hour, or no longer."""
        self.muted_until = None if self.muted else self._now() + MUTED_S

    @property
    def muted(self) -> bool:
        """Somebody wanted silence, and the hour is not over."""
        return self.muted_until is not None and self._now() < self.muted_until

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell them soon; what is silenced now is not told later."""
        quiet = self._config().notify.quiet
        if self.muted or (quiet is not None and quiet.holds(self._now())):
            return
        for notice in notices:
            self._for_terminal.put_nowait(notice)
            self._for_command.put_nowait(notice)

    async def run(self) -> None:
        """Until cancelled; a slow command holds up no bell."""
        self._doubt()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ring(), name="bell")
            tasks.create_task(self._run_commands(), name="notify")

    async def _ring(self) -> None:
        while True:
            ring = await self._next(self._for_terminal)
            if self.aloud is not None:
                self.aloud(ring)

    async def _run_commands(self) -> None:
        """One at a time: what moves meanwhile is told by the next."""
        while True:
            ring = await self._next(self._for_command)
            config = self._config()
            self._doubt()
            if config.notify.command and config.trusted:
                argv = [config.secrets.mask(part) for part in ring.fill(config.notify.command)]
                await self._run_one(argv, config.notify.timeout_s)

    def _doubt(self) -> None:
        """Say that a command is not run, and why."""
        config = self._config()
        if config.notify.command and not config.trusted:
            self._warn(f"notify.command is not run: {config.distrust}")

    async def _next(self, queue: asyncio.Queue[Notice]) -> Ring:
        burst = [await queue.get()]
        await asyncio.sleep(BURST_S)
        while not queue.empty():
            burst.append(queue.get_nowait())
        return ring_of(burst, self._config().system)

    async def _run_one(self, argv: Sequence[str], timeout_s: float) -> None:
        """In a session of its own, which ends with it, and at once with us."""
        grace_s = 0.0
        nothing = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._warn(one_line(f"notify.command cannot be started: {why}"))
            return
        try:
            async with asyncio.timeout(timeout_s):
                code = await process.wait()
            grace_s = GRACE_S
        except TimeoutError:
            grace_s = GRACE_S
            self._warn(f"notify.command did not end within {timeout_s:g} s")
        else:
            if code:
                self._warn(f"notify.command ended with {f'exit {code}' if code > 0 else f'signal {-code}'}")
        finally:
            with contextlib.suppress(ProcessLookupError):
                await asyncio.shield(end_session(process.pid, grace_s))
