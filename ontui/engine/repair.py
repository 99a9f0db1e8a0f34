"""Keeps time for repairs: plan, check again, run, watch, and the record of each."""

import asyncio
import contextlib
import contextvars
import os
import socket
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ontui.actions import (
    Ended,
    Lock,
    as_ended,
    check_confirmation,
    check_program,
    end_file,
    left_end,
    plan_action,
    preview,
    preview_query,
)
from ontui.config.trust import why_replaceable
from ontui.domain.action import Action, Means, Outcome, Plan, Refused, Run, Targets
from ontui.domain.answer import SqlFailed
from ontui.domain.event import Event, EventKind, Scalar
from ontui.domain.quantity import format_age
from ontui.domain.status import Status
from ontui.engine.execution import Execution, SqlServer, log_of
from ontui.journal import JournalError

if TYPE_CHECKING:
    from ontui.engine.engine import Engine

KEPT = 20
"""Ended runs whose output is kept for this session."""
PREVIEW_S = 5.0
"""The longest that counting the targets may take."""


class Repairs:
    """Plans and executions of one engine."""

    def __init__(self, engine: "Engine") -> None:
        self._engine, self._folder = engine, engine.folder
        self._asked: dict[str, tuple[Mapping[str, str], str | None, str | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.executions: list[Execution] = []

    def rests_on(self, action: Action) -> set[str]:
        """The sources that a plan of it is made from; nobody else is waited for before it runs."""
        watched = self._engine.system.slis.get(action.verify.sli) if action.verify else None
        return {*filter(None, (action.source, watched.source if watched else ""))}

    async def plan(self, action_id: str, inputs: Mapping[str, str], *, alert: str | None, sli: str | None) -> Plan:
        """What exactly would run, from facts read now; raises Refused."""
        plan = await self._made(action_id, inputs, alert, sli)
        self._asked[plan.digest] = (dict(inputs), alert, sli)
        data = {"digest": plan.digest, "outcome": str(Outcome.PLANNED)}
        self._engine.record(
            Event(EventKind.PLANNED, self._engine.now(), self._engine.actor, plan.action, plan.title, data)
        )
        return plan

    async def recheck(self, plan: Plan) -> Plan:
        """The plan from facts read again; another digest means that they moved. Raises Refused, on record."""
        try:
            inputs, alert, sli = self._request(plan)
            again = await self._made(plan.action, inputs, alert, sli)
        except Refused as refusal:
            self.refused(plan, str(refusal))
            raise
        self._asked[again.digest] = (inputs, alert, sli)
        return again

    def forget_plans(self) -> None:
        """Under another config nothing runs that was planned under the one before."""
        self._asked.clear()

    async def until_unused(self, poller: object) -> None:
        """Wait until no run is under way over it."""
        for execution in [e for e in self.executions if e.server is poller]:
            await execution.ended.wait()

    def _request(self, plan: Plan) -> tuple[Mapping[str, str], str | None, str | None]:
        """What a plan was made from; raises Refused for one that is not ours."""
        if plan.digest not in self._asked:
            raise Refused("this plan was not made here, or before the config was loaded anew: open the repair again")
        return self._asked[plan.digest]

    def refused(self, plan: Plan, why: str) -> None:
        """A plan that will not be run; for the record."""
        engine, data = self._engine, {"digest": plan.digest, "outcome": str(Outcome.REFUSED)}
        engine.record(Event(EventKind.REFUSED, engine.now(), engine.actor, plan.action, why, data))

    async def _made(self, action_id: str, inputs: Mapping[str, str], alert: str | None, sli: str | None) -> Plan:
        engine = self._engine
        action = engine.system.actions.get(action_id)
        if action is None:
            raise Refused(f"no action is named {action_id!r}")
        distrust = engine.config.distrust or engine.loading.why_changed()
        server = self._server(action)
        because, basis, stale = self._facts(action, alert, sli)
        targets = await self._targets(action, inputs, server) if server and not distrust else None
        return plan_action(
            action,
            inputs,
            system=engine.system,
            target=server.endpoint if server else f"this machine ({socket.gethostname()})",
            environ=os.environ,
            identity=engine.state.sources[action.source].identity if server else "",
            targets=targets,
            because=because,
            basis=basis,
            stale_basis=stale,
            read_only=engine.read_only,
            distrust=distrust,
            unsafe=why_replaceable,
        )

    def _server(self, action: Action) -> SqlServer | None:
        if action.means is not Means.SQL:
            return None
        poller: object = self._engine.pollers.get(action.source)
        if not isinstance(poller, SqlServer):
            raise Refused(f"source {action.source} is not connected")
        return poller

    async def _targets(self, action: Action, inputs: Mapping[str, str], server: SqlServer) -> Targets | None:
        if not action.preview_sql:
            return None
        sql, parameters = preview_query(action, inputs)
        try:
            answer = await server.execute(sql, parameters, timeout_s=PREVIEW_S, read_only=True)
        except SqlFailed as error:
            raise Refused(f"what it would hit cannot be counted: {error}") from error
        return preview(answer.columns, answer.rows, self._engine.config.secrets.mask, total=answer.total)

    def _facts(
        self, action: Action, alert_key: str | None, sli: str | None
    ) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
        """What speaks for it: lines for people, keys that must hold at confirmation, and whether it is stale."""
        state, now = self._engine.state, self._engine.now()
        alert = state.alerts.get(alert_key) if alert_key else None
        watched = alert.rule.sli if alert else sli or (action.verify.sli if action.verify else None)
        if watched is None or watched not in state.indicators:
            return (), (), False
        standing = state.standing(watched, now)
        age = f", {format_age(standing.age_s)} ago" if standing.age_s is not None else ""
        reason = f" ({standing.reason})" if standing.reason else ""
        lines, basis = [f"{state.system.slis[watched].title} {standing.text}{age}{reason}"], []
        if alert is not None:
            since = f" for {format_age(now - alert.since)}" if alert.since is not None else ""
            lines.insert(0, f"{alert.rule.name} {alert.phase}{since}")
            basis.append(f"{alert.rule.key} {alert.phase}")
        return tuple(lines), tuple(basis), standing.status in (Status.STALE, Status.UNKNOWN, Status.NO_DATA)

    def start(self, plan: Plan, typed: str) -> Execution:
        """Check the confirmation, take the lock, write the intent, run. Raises Refused, and that is on record too."""
        engine = self._engine
        try:
            check_confirmation(plan, typed)
            if reason := engine.config.distrust or engine.loading.why_changed():
                raise Refused(f"nothing may be run: {reason}")
            self._request(plan)
            check_program(plan)
            lock = Lock.acquire(self._folder / "locks", plan, who=engine.actor, now=engine.now())
        except Refused as refusal:
            self.refused(plan, str(refusal))
            raise
        run = Run(uuid.uuid4().hex[:12], plan.action, plan.title, engine.actor, engine.now(), timeout_s=plan.timeout_s)
        try:
            engine.record_or_raise(self._intent(plan, run))
        except JournalError as error:
            lock.release()
            raise Refused(f"it cannot be recorded, so it is not run: {error}") from error
        execution = Execution(plan, run, engine, self._server(engine.system.actions[plan.action]), lock)
        ended = [e for e in self.executions if e.run.outcome is not Outcome.RUNNING and not e.watching]
        for old in ended[: max(0, len(ended) - KEPT + 1)]:
            self.executions.remove(old)
        self.executions.append(execution)
        # In a context of its own: a run is remembered, and the screen it was started from must not be.
        task = asyncio.create_task(execution.carry_out(), name=f"run {plan.action}", context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return execution

    def _intent(self, plan: Plan, run: Run) -> Event:
        data: dict[str, Scalar] = {
            "run": run.id,
            "title": plan.title,
            "digest": plan.digest,
            "means": str(plan.means),
            "runs": plan.sql or "\x00".join(plan.argv).replace("\x00", " "),
            "target": plan.target,
            "timeout_s": plan.timeout_s,
            "hits": plan.targets.count if plan.targets else None,
            "host": socket.gethostname(),
            "outcome": str(Outcome.RUNNING),
        }
        return Event(EventKind.RUN_STARTED, run.started_at, run.who, plan.action, plan.title, data)

    async def close(self) -> None:
        """End what runs as its action says, and wait until it is over and on record."""
        for execution in self.executions:
            execution.leave()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    def settle_lost_runs(self) -> None:
        """Runs that were under way when ontui died here: ended as their guard saw it, else lost, for nobody did."""
        engine = self._engine
        for run in list(engine.state.runs.values()):
            if run.outcome is not Outcome.RUNNING or not run.who.endswith(f"@{socket.gethostname()}"):
                continue
            if not Lock.held(self._folder / "locks", engine.system.id, run.action):
                self._settle(run)

    def _gone_on(self, run: Run) -> str:
        action = self._engine.system.actions.get(run.action)
        sql = action is not None and action.means is Means.SQL
        return ": its statement may have gone on, or have been carried out" if sql else ""

    def _settle(self, run: Run) -> None:
        engine, log = self._engine, log_of(self._folder, run.id)
        over = left_end(log) if run.id.isalnum() else None
        at, where = engine.now(), ""
        ended = Ended(Outcome.LOST, "ontui ended before the run did" + self._gone_on(run))
        if over is not None:
            ended, where = as_ended(over, run.timeout_s), f"; output in {log}"
            at = min(max(over.at, run.started_at), at)
        data = {"run": run.id, "outcome": str(ended.outcome), "detail": ended.detail}
        text = f"{run.title}: {ended.outcome}: {ended.detail}{where}"
        engine.record(Event(EventKind.RUN_ENDED, at, "ontui", run.action, text, data))
        if over is not None:
            with contextlib.suppress(OSError):
                end_file(log).unlink()


CLOSE_S = 8.0
"""The longest that leaving waits for a run to be ended: TERM, its grace, KILL."""
