"""A desk that holds one picture: screens cannot tell it from the engine."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ontui.domain.action import Action, Asks, Danger, Means, Outcome, Plan, Refused, Run, Targets, Verdict, confirmation
from ontui.domain.alert import Alert
from ontui.domain.event import Event, EventKind
from ontui.domain.foreign import ForeignAlert
from ontui.domain.notice import Notify, Ring
from ontui.domain.past import Past
from ontui.domain.secret import Secrets
from ontui.domain.sli import Sli
from ontui.domain.state import State
from ontui.runbooks.library import Library
from ontui.runbooks.place import Place, RunbookError
from ontui.sources.asking import as_command, question
from tests.ui import freight
from tests.ui.still_silences import StillSilences

PAGES = Path(__file__).parent / "pages"


@dataclass
class Settings:
    """What screens read from a config."""

    keymap: Mapping[str, str] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)
    notify: Notify = field(default_factory=Notify)


@dataclass
class StillExecution:
    """A run that stands where a test puts it."""

    plan: Plan
    run: Run
    lines: deque[str] = field(default_factory=deque)
    line_count: int = 0
    verdict: Verdict | None = None
    watching: bool = False
    stopped: bool = False

    def stop(self) -> None:
        """Remember that it was asked."""
        self.stopped = True


@dataclass
class Still:
    """Everything fixed; what was asked of it is kept."""

    state: State = field(default_factory=freight.watched)
    library: Library | None = field(default_factory=lambda: Library.load(PAGES))
    config: Settings = field(default_factory=Settings)
    read_only: bool = False
    warnings: tuple[str, ...] = ()
    config_changed: bool = False
    findings: tuple[str, ...] = ()
    """What is wrong with the config on disk."""
    on_load: Callable[[], None] = lambda: None
    started_at: float = freight.NOW - 11_520
    at: float = freight.NOW
    silences: StillSilences = field(default_factory=lambda: StillSilences(why_not="no alertmanager is configured"))
    executions: list[StillExecution] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    polled: int = 0
    started: list[tuple[Plan, str]] = field(default_factory=list)
    left: list[Plan] = field(default_factory=list)
    looked_back: list[tuple[str, float]] = field(default_factory=list)
    remembers: Callable[[str, float], Awaitable[Past]] | None = None
    """The sources' own memory."""
    muted_until: float | None = None
    aloud: Callable[[Ring], None] | None = None
    """How the app rings."""
    moved: Plan | None = None
    """What the recheck finds instead of the plan that was shown."""

    @property
    def execution(self) -> StillExecution | None:
        """The latest."""
        return self.executions[-1] if self.executions else None

    def now(self) -> float:
        """Always the same."""
        return self.at

    async def run(self) -> None:
        """Nothing happens."""
        await asyncio.Event().wait()

    async def load_config(self) -> tuple[str, ...]:
        """What a test says is on disk."""
        if not self.findings:
            self.config_changed = False
            self.on_load()
        return self.findings

    def mute(self) -> None:
        """For an hour, or no longer."""
        self.muted_until = None if self.muted_until is not None else self.at + 3600

    def ring_with(self, aloud: Callable[[Ring], None]) -> None:
        """Kept."""
        self.aloud = aloud

    def poll_now(self) -> None:
        """Counted."""
        self.polled += 1

    def acknowledge(self, alert_key: str) -> None:
        """Folded at once."""
        self.state = self.state.after(Event(EventKind.ACKNOWLEDGED, self.at, "bob@bastion-1", alert_key, "taken"))

    def question(self, sli: str) -> str:
        """Of the freight company's source."""
        wanted = self.state.system.slis[sli]
        return question(self.state.system.sources[wanted.source], wanted, self.state.sources[wanted.source].server)

    def as_command(self, sli: str) -> str:
        """Of the freight company's source."""
        wanted = self.state.system.slis[sli]
        return as_command(self.state.system.sources[wanted.source], wanted, self.state.sources[wanted.source].server)

    async def history(self, sli: str, span_s: float) -> Past:
        """What a test says there was."""
        self.looked_back.append((sli, span_s))
        if self.remembers is None:
            return Past(reason=f"{self.state.system.slis[sli].source} keeps no history")
        return await self.remembers(sli, span_s)

    def page_opened(self, ref: str) -> None:
        """Kept."""
        self.opened.append(ref)

    def place_for(self, *, alert: Alert | None, sli: Sli) -> Place | None:
        """What the rules name."""
        for ref in filter(None, (alert.rule.runbook if alert else "", *(r.runbook for r in sli.alerts))):
            if self.library is not None:
                try:
                    return self.library.find(ref)
                except RunbookError:
                    continue
        return None

    def actions_for(self, *, alert: Alert | None, sli: Sli) -> list[Action]:
        """What the rules name."""
        names = alert.rule.actions if alert else tuple(a for r in sli.alerts for a in r.actions)
        return [self.state.system.actions[n] for n in dict.fromkeys(names)]

    def place_of(self, alert: ForeignAlert) -> Place | None:
        """What it names of our pages."""
        try:
            return self.library.find(alert.runbook) if self.library is not None and alert.runbook else None
        except RunbookError:
            return None

    async def plan(
        self, action_id: str, inputs: Mapping[str, str], *, alert: str | None = None, sli: str | None = None
    ) -> Plan:
        """The plan an engine would make of it."""
        if self.read_only:
            raise Refused("read-only: nothing can be run")
        action = self.state.system.actions[action_id]
        subject = self.state.alerts[alert].rule.sli if alert else sli or ""
        return plan_of(self.state, action, inputs, subject, alert or "", self.at)

    async def recheck(self, plan: Plan) -> Plan:
        """The same, or what a test says has changed."""
        return self.moved or plan

    def start(self, plan: Plan, typed: str) -> StillExecution:
        """Begun, and standing there."""
        if plan.asks is Asks.TYPE and typed != plan.type_text:
            raise Refused(f"type {plan.type_text} to run it")
        self.started.append((plan, typed))
        run = Run("r1", plan.action, plan.title, "bob@bastion-1", self.at, timeout_s=plan.timeout_s)
        execution = StillExecution(plan, run)
        self.executions.append(execution)
        return execution

    def cancelled(self, plan: Plan) -> None:
        """Kept."""
        self.left.append(plan)


def plan_of(state: State, action: Action, inputs: Mapping[str, str], sli: str, alert: str, now: float) -> Plan:
    """A plan with everything on it that a confirmation shows."""
    system = state.system
    asks, text = confirmation(action.danger, production=system.production, system=system.id)
    sql = action.means is Means.SQL
    targets = None
    if action.danger is Danger.DESTROY:
        rows = tuple((str(4100 + n), "ops", name) for n, name in enumerate(["reports"] * 9 + ["web"] * 4 + ["cron"]))
        targets = Targets(14, "reports 9 · web 4 · cron 1", ("pid", "usename", "application_name"), rows, "d1")
    because: tuple[str, ...] = ()
    if sli:
        standing = state.standing(sli, now)
        because = (f"{system.slis[sli].title} {standing.text}, 3 s ago",)
    if alert:
        because = (*because, f"{state.alerts[alert].rule.name} {state.alerts[alert].phase}")
    argv = tuple(a.format(**inputs) if inputs else a for a in action.argv)
    return Plan(
        action.id, action.title, action.danger, action.means, system.id, system.environment, system.production,
        argv=argv, sql=action.sql, source=action.source,
        target="db1.internal:5432/freight as ops · primary, PostgreSQL 16.4" if sql else "this machine (bastion-1)",
        identity="one", targets=targets, because=because, timeout_s=action.timeout_s, verify=action.verify,
        asks=asks, type_text=text,
    )  # fmt: skip


def ended(execution: StillExecution, outcome: Outcome, detail: str, after_s: float) -> None:
    """Let a run end."""
    at = execution.run.started_at + after_s
    execution.run = replace(execution.run, outcome=outcome, ended_at=at, detail=detail)
