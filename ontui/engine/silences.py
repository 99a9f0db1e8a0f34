"""Keeps time for silences: what one would hit, making it, ending it, and reading back whether that was done."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ontui.domain.action import Danger, confirmation
from ontui.domain.event import Event, EventKind, Scalar
from ontui.domain.foreign import ForeignAlert
from ontui.domain.silence import (
    Hits,
    Matcher,
    Silence,
    SilenceFailed,
    SilencePlan,
    SilenceRefused,
    SilenceResult,
    check_wish,
)
from ontui.journal import JournalError

if TYPE_CHECKING:
    from ontui.engine.engine import Engine

BELIEVE_S = 5.0
"""The longest that a server that said yes is asked until it also does it."""
LOOK_S = 0.25
CLOSE_S = 8.0
"""The longest that leaving waits for what was begun to be on record."""


@runtime_checkable
class Silencer(Protocol):
    """A source in which silences can be made."""

    @property
    def endpoint(self) -> str: ...
    async def hits(self, matchers: Sequence[Matcher]) -> Hits: ...
    async def silence(
        self, matchers: Sequence[Matcher], *, starts_at: float, ends_at: float, who: str, comment: str
    ) -> str: ...
    async def silence_of(self, id_: str) -> Silence: ...
    async def end_silence(self, id_: str) -> None: ...


class Silences:
    """Plans and makes silences for one engine."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._tasks: set[asyncio.Task[SilenceResult]] = set()

    @property
    def why_not(self) -> str:
        """Why nothing can be silenced; empty where it can."""
        if self._engine.read_only:
            return "read-only: nothing can be silenced"
        if not self._sources():
            return "nothing can be silenced: no source of type alertmanager is configured"
        return ""

    async def plan(
        self, matchers: Sequence[Matcher], duration_s: float, comment: str, *, source: str = ""
    ) -> SilencePlan:
        """Exactly what would be silenced, read now; raises SilenceRefused or SilenceFailed."""
        check_wish(tuple(matchers), duration_s, comment)
        return await self._made(SilencePlan(
            self._source(source), "", tuple(matchers), (), duration_s, comment.strip(), self._engine.actor,
        ))  # fmt: skip

    async def plan_end(self, silence: Silence, source: str) -> SilencePlan:
        """Which alerts would be heard again; raises SilenceRefused or SilenceFailed."""
        source, who = self._source(source), self._engine.actor
        return await self._made(
            SilencePlan(source, "", silence.matchers, (), comment=silence.comment, who=who, ends=silence)
        )

    async def again(self, plan: SilencePlan) -> SilencePlan:
        """The plan from what is read again; another digest means that something moved."""
        return await self._made(plan)

    async def carry_out(self, plan: SilencePlan, typed: str) -> SilenceResult:
        """Do it once the right text was typed, and read back that it is done; raises SilenceRefused or SilenceFailed.

        What was begun goes on, and on record, even if nobody waits for it any more.
        """
        if typed != plan.type_text:
            raise SilenceRefused(f"type {plan.type_text} to confirm")
        if self.why_not:
            raise SilenceRefused(self.why_not)
        intent = EventKind.UNSILENCING if plan.ends else EventKind.SILENCING
        try:
            self._engine.record_or_raise(self._event(intent, plan, f"{intent}: {plan.words}"))
        except JournalError as error:
            raise SilenceRefused(f"it cannot be recorded, so it is not done: {error}") from error
        task = asyncio.create_task(self._carried_out(plan), name="silence")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what was begun."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    # ── one at a time ──

    async def _carried_out(self, plan: SilencePlan) -> SilenceResult:
        silencer = self._silencer(plan.source)
        try:
            result = await (self._ended(silencer, plan) if plan.ends else self._silenced(silencer, plan))
        except SilenceFailed as failure:
            self._engine.record(self._event(EventKind.SILENCE_FAILED, plan, str(failure), {"lost": failure.lost}))
            raise
        self._engine.poll_now()
        return result

    async def _silenced(self, silencer: Silencer, plan: SilencePlan) -> SilenceResult:
        """Make it by the server's clock, then believe only what is read back."""
        starts_at = (await silencer.hits(plan.matchers)).server_at
        id_ = await silencer.silence(
            plan.matchers, starts_at=starts_at, ends_at=starts_at + plan.duration_s, who=plan.who, comment=plan.comment
        )
        made = await self._read_back(silencer, id_, "active")
        if frozenset(made.matchers) != frozenset(plan.matchers):
            raise SilenceFailed(f"the server keeps other matchers than it was sent: look at silence {id_}")
        held = [a for a in (await silencer.hits(plan.matchers)).alerts if id_ in a.silenced_by]
        text = f"silenced {count(len(held))} until {datetime.fromtimestamp(made.ends_at, UTC):%H:%MZ}: {plan.words}"
        self._engine.record(self._event(EventKind.SILENCED, plan, text, {"silence": id_, "alerts": len(held)}))
        return SilenceResult(made, len(held))

    async def _ended(self, silencer: Silencer, plan: SilencePlan) -> SilenceResult:
        assert plan.ends is not None  # noqa: S101 — told by the caller
        id_ = plan.ends.id
        await silencer.end_silence(id_)
        over = await self._read_back(silencer, id_, "expired")
        heard = [a for a in (await silencer.hits(plan.matchers)).alerts if not a.silenced_by]
        text = f"ended the silence of {count(len(heard))}: {plan.words}"
        self._engine.record(self._event(EventKind.UNSILENCED, plan, text, {"silence": id_, "alerts": len(heard)}))
        return SilenceResult(over, len(heard))

    async def _read_back(self, silencer: Silencer, id_: str, state: str) -> Silence:
        until = asyncio.get_running_loop().time() + BELIEVE_S
        while True:
            found = await silencer.silence_of(id_)
            if found.state == state:
                return found
            if asyncio.get_running_loop().time() > until:
                raise SilenceFailed(f"the server said yes, but silence {id_} is {found.state}, not {state}")
            await asyncio.sleep(LOOK_S)

    # ── what is planned ──

    async def _made(self, plan: SilencePlan) -> SilencePlan:
        if self.why_not:
            raise SilenceRefused(self.why_not)
        silencer, system = self._silencer(plan.source), self._engine.system
        if plan.ends is not None:
            now = await silencer.silence_of(plan.ends.id)
            if now.state == "expired":
                raise SilenceFailed("it had already ended", ended=True)
            plan = replace(plan, matchers=now.matchers, comment=now.comment, ends=now)
        hits: Sequence[ForeignAlert] = (await silencer.hits(plan.matchers)).alerts
        if plan.ends is not None:
            hits = [alert for alert in hits if plan.ends.id in alert.silenced_by]
        asks, text = confirmation(Danger.CHANGE, production=system.production, system=system.id)
        return replace(
            plan, target=silencer.endpoint, hits=tuple(sorted(hits, key=lambda a: a.key)), asks=asks, type_text=text
        )

    def _sources(self) -> list[str]:
        return [s.id for s in self._engine.config.sources.values() if s.type == "alertmanager"]

    def _source(self, wanted: str) -> str:
        """The one the alert came from, else the first."""
        if self.why_not:
            raise SilenceRefused(self.why_not)
        sources = self._sources()
        return wanted if wanted in sources else sources[0]

    def _silencer(self, source: str) -> Silencer:
        poller: object = self._engine.pollers.get(source)
        if not isinstance(poller, Silencer):
            raise SilenceFailed(f"source {source} is not connected")
        return poller

    def _event(self, kind: EventKind, plan: SilencePlan, text: str, more: dict[str, Scalar] | None = None) -> Event:
        data: dict[str, Scalar] = {
            "digest": plan.digest, "matchers": plan.words, "hits": len(plan.hits), "duration_s": plan.duration_s,
            "comment": plan.comment, "target": plan.target, "silence": plan.ends.id if plan.ends else "",
        }  # fmt: skip
        return Event(kind, self._engine.now(), plan.who, plan.source, text, data | (more or {}))


def count(alerts: int) -> str:
    """`1 alert`, `37 alerts`."""
    return f"{alerts} alert{'' if alerts == 1 else 's'}"
