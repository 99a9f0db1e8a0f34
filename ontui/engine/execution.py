"""One run of a plan: its output, its end, and the watch over the SLI it was meant to mend."""

import asyncio
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ontui.actions import Ended, Lock, ProcessRun, Watch, run_sql
from ontui.domain.action import Means, OnDisconnect, Outcome, Plan, Run, Verdict
from ontui.domain.answer import Answer
from ontui.domain.event import Event, EventKind, Scalar
from ontui.domain.sli import Standing

if TYPE_CHECKING:
    from ontui.engine.engine import Engine

LINES_KEPT = 5000
"""Lines of output held for the screen."""
LOOK_S = 0.5
"""How often the watch looks at the SLI."""


def log_of(folder: Path, run_id: str) -> Path:
    """Where a run that may be detached writes."""
    return folder / "runs" / f"{run_id}.log"


@runtime_checkable
class SqlServer(Protocol):
    """A source that can also carry out SQL."""

    @property
    def endpoint(self) -> str:
        """Server, database and role, without secrets."""

    async def execute(
        self, sql: str, parameters: Mapping[str, str | int | float | bool], *, timeout_s: float, read_only: bool
    ) -> Answer:
        """Carry it out on a connection that does not hold up the polls."""


class Execution:
    """What a screen shows of a run, while it goes on and after."""

    def __init__(self, plan: Plan, run: Run, engine: "Engine", server: SqlServer | None, lock: Lock) -> None:
        self.plan, self.run = plan, run
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.line_count = 0
        self.verdict: Verdict | None = None
        self.watching = False
        self.ended = asyncio.Event()
        """Set when the command has ended; the watch may go on."""
        self._engine, self._lock = engine, lock
        self.server = server
        """Over which SQL runs."""
        self._folder = engine.folder
        self._process: ProcessRun | None = None
        self._sql: asyncio.Task[Ended] | None = None
        self._stopped = asyncio.Event()
        self._leaving = False
        self._over = asyncio.Event()
        self._before = self._standing()

    @property
    def running(self) -> bool:
        """The command has not ended yet."""
        return self.run.outcome is Outcome.RUNNING

    def stop(self) -> None:
        """End the command: TERM to its whole group, then KILL; SQL is cancelled on the server."""
        self._stopped.set()
        if self._process:
            self._process.stop()
        if self._sql:
            self._sql.cancel()

    def leave(self) -> None:
        """The screen goes away: detach where the action says so, else stop; a watch ends, and says so."""
        self._leaving = True
        if self.running and self._process and self.plan.on_disconnect is OnDisconnect.DETACH:
            self._process.detach()
        elif self.running:
            self.stop()

    async def wait(self) -> None:
        """Until the run is over and the watch, if there is one, has its verdict."""
        await self._over.wait()

    def _print(self, line: str) -> None:
        self.lines.append(self._engine.config.secrets.mask(line))
        self.line_count += 1

    async def carry_out(self) -> None:
        """Run it, put its end on record, then watch whether it helped."""
        try:
            await self._to_its_end()
        finally:
            self._lock.release()
            self.ended.set()
        await self._watch()

    async def _to_its_end(self) -> None:
        engine, plan = self._engine, self.plan
        ended = await (self._run_sql() if plan.means is Means.SQL else self._run_process())
        outcome, detail = ended.outcome, engine.config.secrets.mask(ended.detail)
        data = {"run": self.run.id, "outcome": str(outcome), "detail": detail, "digest": plan.digest}
        if outcome is Outcome.RUNNING:  # it goes on without us; the next start records its end
            self.run = replace(self.run, detail=detail)
            text = f"{plan.title}: {detail}"
            engine.record(Event(EventKind.RUN_DETACHED, engine.now(), self.run.who, plan.action, text, data))
            return
        self.run = replace(self.run, outcome=outcome, detail=detail, ended_at=engine.now())
        text = f"{plan.title}: {outcome}" + (f": {detail}" if detail else "")
        engine.record(Event(EventKind.RUN_ENDED, engine.now(), self.run.who, plan.action, text, data))
        self.watching = plan.verify is not None and outcome in (Outcome.OK, Outcome.FAILED) and not self._leaving
        engine.poll_now()

    async def _run_process(self) -> Ended:
        log = log_of(self._folder, self.run.id)
        mask = self._engine.config.secrets.mask
        lock = [self._lock.fileno()]
        self._process = ProcessRun(self.plan, self._print, os.environ, mask=mask, log=log, keep_fds=lock)
        if self._stopped.is_set():
            self._process.stop()
        return await self._process.run()

    async def _run_sql(self) -> Ended:
        assert self.server is not None  # noqa: S101 — a SQL plan has a server, or it was refused
        if self._stopped.is_set():
            return Ended(Outcome.CANCELLED, "stopped before it began")
        mask = self._engine.config.secrets.mask
        self._sql = asyncio.create_task(run_sql(self.plan, self.server.execute, self._print, mask=mask))
        try:
            return await self._sql
        except asyncio.CancelledError:
            if not self._stopped.is_set():
                raise
            return Ended(Outcome.KILLED, "cancelled on the server")

    async def _watch(self) -> None:
        """Look at the SLI until it is clear whether the repair helped; then put the verdict on record."""
        verify, engine = self.plan.verify, self._engine
        if self.watching and verify is not None and self.run.ended_at is not None:
            watch = Watch(self.run.id, verify, self._before, ended_at=self.run.ended_at)
            while self.verdict is None:
                if not self._leaving:
                    await asyncio.sleep(LOOK_S)
                state, now = engine.state, engine.now()
                if verify.sli not in state.indicators:
                    self.verdict = watch.given_up(state, now, "another config was loaded, which does not know it")
                else:
                    self.verdict = watch.after(state, now)
                if self._leaving and self.verdict is None:
                    self.verdict = watch.given_up(state, now, "ontui was left before it was known")
            self._record(self.verdict)
        self.watching = False
        self._over.set()

    def _record(self, verdict: Verdict) -> None:
        engine = self._engine
        data: dict[str, Scalar] = {
            "run": verdict.run,
            "sli": verdict.sli,
            "effect": str(verdict.effect),
            "before": verdict.before,
            "after": verdict.after,
            "took_s": verdict.took_s,
            "reason": verdict.reason,
        }
        sli = engine.system.slis.get(verdict.sli)
        text = verdict.words(sli.title if sli else verdict.sli)
        engine.record(Event(EventKind.VERDICT, engine.now(), self.run.who, self.plan.action, text, data))

    def _standing(self) -> Standing | None:
        verify = self.plan.verify
        return self._engine.state.standing(verify.sli, self._engine.now()) if verify else None
