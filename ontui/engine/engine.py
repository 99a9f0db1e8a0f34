"""Keeps time: polls the sources, folds samples and events into the state, and publishes it."""

import asyncio
import gc
import getpass
import random
import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ontui.config import Config
from ontui.domain.action import Action, Outcome, Plan
from ontui.domain.alert import Alert
from ontui.domain.cut_off import witnesses
from ontui.domain.event import Event, EventKind
from ontui.domain.foreign import ForeignAlert
from ontui.domain.masking import masked
from ontui.domain.notice import Ring, notices
from ontui.domain.past import Past
from ontui.domain.quantity import format_duration
from ontui.domain.sample import Sample
from ontui.domain.sli import Sli
from ontui.domain.state import State
from ontui.domain.text import one_line
from ontui.domain.transitions import transitions
from ontui.engine.clock import SteadyClock
from ontui.engine.execution import Execution
from ontui.engine.loading import Loading
from ontui.engine.lookups import use_lookups
from ontui.engine.pages import Pages
from ontui.engine.repair import Repairs
from ontui.engine.ringer import Ringer
from ontui.engine.rounds import Rounds
from ontui.engine.silences import Silences
from ontui.journal import Journal, JournalError
from ontui.sources.asking import as_command, question
from ontui.sources.poller import KeepsHistory, NoHistory, Poller

if TYPE_CHECKING:  # the Markdown parser is imported when a page is first wanted
    from ontui.runbooks.library import Library
    from ontui.runbooks.place import Place

NEWS_S = 2.0
"""How often the journal is asked for what others did."""
REMEMBERED = 1000
"""Events of the past that are folded at start: acknowledgements and last runs."""

def actor() -> str:
    """Who is at the keyboard, for the record: `alice@bastion-1`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "uid-unknown"
    return one_line(f"{user}@{socket.gethostname()}", 80)


def _collect_again() -> None:
    """Look for garbage again, now that all is imported; what was imported is looked at once, and never again."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()


class Engine:
    """The program without a screen; `state` is replaced whenever something was seen or done."""

    def __init__(
        self,
        config: Config,
        *,
        pages: Callable[[Config], "Library | None"] = lambda _: None,
        read: Callable[[], Config] | None = None,
        journal: Journal | None = None,
        read_only: bool = False,
        one_shot: bool = False,
        folder: Path,
        clock: SteadyClock | None = None,
        seed: int | None = None,
    ) -> None:
        """`folder` holds locks and the logs of detached runs; without a journal nothing can be run.

        `pages` reads the runbooks; it is called when they are first wanted, at the latest after the first answers.
        `read` reads the config again, for when it changed on disk.
        """
        self.journal, self.folder = journal, folder
        self.clock = clock or SteadyClock()
        self.now = self.clock.now
        self.actor = actor()
        self.started_at = self.now()
        self.warnings: tuple[str, ...] = ()
        self.repairs = Repairs(self)
        self.silences = Silences(self)
        self.loading = Loading(self, read)
        self.ringer = Ringer(lambda: self.config, self.now, self._warn)
        self._read_pages, self._told_read_only, self._one_shot = pages, read_only, one_shot
        chance = random.Random(seed)  # noqa: S311 — jitter, not a secret
        self.rounds = Rounds(self.now, self.fold, self.repairs.until_unused, chance, one_shot=one_shot)
        self._seq = 0
        self.configure(config)
        self.state = State.empty(self.system)
        if journal is not None:
            self._remember(journal)

    def configure(self, config: Config) -> None:
        """Watch what this config says from now on; repairs that were planned by another one are forgotten."""
        self.config = config
        self.read_only = self._told_read_only or config.system.read_only
        self.system = replace(config.system, read_only=self.read_only)
        self.pages = Pages(lambda: self._read_pages(config), self.system.pages, self._warn)
        self.repairs.forget_plans()
        self.rounds.want(config.sources.values(), self.system.slis.values())

    @property
    def pollers(self) -> Mapping[str, Poller]:
        """By source."""
        return self.rounds.pollers

    # ── time ──

    async def run(self) -> None:
        """Poll until cancelled; then end what runs and close the sources, promptly."""
        use_lookups()
        self.record(Event(EventKind.STARTED, self.now(), self.actor, self.system.id, f"watching {self.system.name}"))
        try:
            await self.keep_polling()
        finally:
            await self.close()
            self.record(Event(EventKind.ENDED, self.now(), self.actor, self.system.id, f"left {self.system.name}"))

    async def once(self) -> None:
        """Ask every source one time and fold what comes."""
        async with self.polled_once():
            pass

    @asynccontextmanager
    async def polled_once(self, only: Collection[str] | None = None) -> AsyncIterator[None]:
        """Ask every source, or only these, one time, then keep the connections for as long as the block lasts."""
        use_lookups()
        try:
            await self.rounds.once(only)
            yield
        finally:
            await self.close()

    async def keep_polling(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_up(), name="journal")
            tasks.create_task(self.loading.keep_looking(), name="config")
            tasks.create_task(self.ringer.run(), name="ringer")
            await self.rounds.begin(tasks)
            self.pages.open()
            _collect_again()

    async def close(self) -> None:
        """End executions as their actions say, and close the sources."""
        await self.repairs.close()
        await self.silences.close()
        await self.rounds.close()

    def poll_now(self) -> None:
        """Ask every source at once."""
        self.rounds.ask_now(self.state.sources)

    def fold(self, sample: Sample) -> None:
        """A sample's way into the state; what it changed goes on record, unless one looks but once."""
        before, sample = self.state, masked(sample, self.config.secrets.mask)
        self.state = before.after(sample)
        if self._one_shot:
            return
        if health := before.sources.get(sample.source):
            self.rounds.ask_now(witnesses(health, self.state.sources, sample, self.now()))
        self.ringer.tell(notices(before, self.state, sample, self.config.notify.level))
        for event in transitions(before, self.state, sample.at):
            self.record(event)
        for text in sample.news:
            self.record(Event(EventKind.CHANGED, sample.at, "ontui", sample.source, f"{sample.source}: {text}"))

    # ── the record ──

    def record(self, event: Event) -> None:
        """Append to the journal, then fold; without a journal, only fold. A failing journal is said, not hidden."""
        if self.journal is None:
            self.state = self.state.after(event)
            return
        try:
            self.record_or_raise(event)
        except JournalError as error:
            self._warn(f"the journal cannot be written: {error}")
            self.state = self.state.after(event)

    def record_or_raise(self, event: Event) -> None:
        """Append and fold, or raise JournalError: for what must not happen unrecorded."""
        if self.journal is None:
            raise JournalError("there is no journal")
        self.journal.append(event, system=self.system.id)
        self._catch_up()

    def _catch_up(self) -> None:
        """Fold what was written since, by us or by others, in the order of the journal."""
        if self.journal is None:
            return
        for event in self.journal.after(self._seq, system=self.system.id):
            self._seq = event.seq
            self.state = self.state.after(event)

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(NEWS_S)
            if step := self.clock.step():
                text = f"this machine's clock was set by {format_duration(step)}"
                self._warn(text)
                self.record(Event(EventKind.CLOCK, self.now(), "ontui", self.system.id, text))
            try:
                self._catch_up()
            except JournalError as error:
                self._warn(f"the journal cannot be read: {error}")

    def _remember(self, journal: Journal) -> None:
        try:
            past = journal.tail(REMEMBERED, system=self.system.id)
        except JournalError as error:
            self._warn(f"the journal cannot be read: {error}")
            return
        for event in past:
            self._seq = event.seq
            self.state = self.state.after(event)
        self.repairs.settle_lost_runs()

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings = (*self.warnings[-4:], text)

    # ── told aloud ──

    @property
    def muted_until(self) -> float | None:
        """Until when it is silent because somebody wanted it so."""
        return self.ringer.muted_until if self.ringer.muted else None

    def mute(self) -> None:
        """Be silent for an hour, or no longer."""
        self.ringer.mute()

    def ring_with(self, aloud: Callable[[Ring], None]) -> None:
        """How to ring at the terminal."""
        self.ringer.aloud = aloud

    # ── what screens may ask ──

    def acknowledge(self, alert_key: str) -> None:
        """Take an alert, ours or one of others."""
        alert = self.state.alerts.get(alert_key)
        text = f"{alert.rule.name if alert else alert_key} acknowledged"
        self.record(Event(EventKind.ACKNOWLEDGED, self.now(), self.actor, alert_key, text))

    def question(self, sli: str) -> str:
        """What the source of an SLI is asked for it, exactly; it may hold secrets."""
        wanted = self.system.slis[sli]
        return question(self.config.sources[wanted.source], wanted, self.state.sources[wanted.source].server)

    def as_command(self, sli: str) -> str:
        """A command line that asks the same; empty where there is none."""
        wanted = self.system.slis[sli]
        return as_command(self.config.sources[wanted.source], wanted, self.state.sources[wanted.source].server)

    async def history(self, sli: str, span_s: float) -> Past:
        """The past of an SLI from its source, which may take seconds; why there is none where it has none."""
        wanted = self.system.slis[sli]
        poller: object = self.pollers.get(wanted.source)
        if poller is None:
            return Past(reason="not connected yet")
        if not isinstance(poller, KeepsHistory):
            return Past(reason=f"{wanted.source} keeps no history")
        try:
            return Past(await poller.history(wanted, span_s))
        except NoHistory as reason:
            return Past(reason=f"no history: {reason}")

    def page_opened(self, ref: str) -> None:
        """For the timeline: which page was read when."""
        self.record(Event(EventKind.PAGE_OPENED, self.now(), self.actor, ref, f"opened {ref}"))

    def place_for(self, *, alert: Alert | None, sli: Sli) -> "Place | None":
        """The page and section for an alert or SLI; None while nothing has been read."""
        return self.pages.place_for(alert=alert, sli=sli)

    def place_of(self, alert: ForeignAlert) -> "Place | None":
        """The page and section for an alert of others."""
        return self.pages.place_of(alert)

    @property
    def library(self) -> "Library | None":
        """The runbook pages, read when first asked for; None where the config names none."""
        return self.pages.library

    def actions_for(self, *, alert: Alert | None, sli: Sli) -> list[Action]:
        """The actions of an alert first, then those of its SLI, then those that verify against it."""
        wanted = [*(alert.rule.actions if alert else ()), *sli.actions]
        if alert is None:
            wanted += [a for r in sli.alerts for a in r.actions]
        wanted += [a.id for a in self.system.actions.values() if a.verify and a.verify.sli == sli.id]
        return [self.system.actions[name] for name in dict.fromkeys(wanted) if name in self.system.actions]

    async def plan(
        self, action_id: str, inputs: Mapping[str, str], *, alert: str | None = None, sli: str | None = None
    ) -> Plan:
        """What exactly would run; raises Refused."""
        return await self.repairs.plan(action_id, inputs, alert=alert, sli=sli)

    async def recheck(self, plan: Plan) -> Plan:
        """The plan made again from facts read again: the same digest when nothing moved; raises Refused."""
        return await self.repairs.recheck(plan)

    def start(self, plan: Plan, typed: str) -> Execution:
        """Carry a plan out once the right text was typed; raises Refused."""
        return self.repairs.start(plan, typed)

    def cancelled(self, plan: Plan) -> None:
        """The person left the confirmation; for the record."""
        data = {"digest": plan.digest, "outcome": str(Outcome.CANCELLED)}
        self.record(Event(EventKind.CANCELLED, self.now(), self.actor, plan.action, f"{plan.title}: not run", data))

    @property
    def execution(self) -> Execution | None:
        """The latest run of this session."""
        return self.repairs.executions[-1] if self.repairs.executions else None

    @property
    def executions(self) -> list[Execution]:
        """The runs of this session, oldest first."""
        return self.repairs.executions

    @property
    def config_changed(self) -> bool:
        """The config on disk is not the one that is in force."""
        return self.loading.changed

    async def load_config(self) -> tuple[str, ...]:
        """Put the config on disk in force; all that is wrong with it when it is not."""
        return await self.loading.load()
