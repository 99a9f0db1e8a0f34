"""An Alertmanager that stands still: silences are made of what is on the board."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ontui.domain.action import Danger, confirmation
from ontui.domain.silence import (
    Matcher,
    Silence,
    SilenceFailed,
    SilencePlan,
    SilenceRefused,
    SilenceResult,
    check_wish,
)
from ontui.domain.state import State
from tests.ui.freight import NOW


@dataclass
class StillSilences:
    """An Alertmanager that keeps what a test says."""

    state: Callable[[], State] | None = None
    why_not: str = ""
    moved: bool = False
    """Another alert comes between the preview and the confirmation."""
    fails: str = ""
    """What the server says to a silence."""
    ended: bool = False
    """The silence is over before it is ended."""
    done: list[SilencePlan] = field(default_factory=list)

    async def plan(
        self, matchers: Sequence[Matcher], duration_s: float, comment: str, *, source: str = ""
    ) -> SilencePlan:
        """What meets all matchers, none of which is a pattern here."""
        check_wish(tuple(matchers), duration_s, comment)
        return self._made(SilencePlan(source or "alertmanager", "", tuple(matchers), (), duration_s, comment, "bob@b"))

    async def plan_end(self, silence: Silence, source: str) -> SilencePlan:
        """As it is kept."""
        return self._made(SilencePlan(
            source, "", silence.matchers, (), comment=silence.comment, who="bob@b", ends=silence
        ))  # fmt: skip

    async def again(self, plan: SilencePlan) -> SilencePlan:
        """The same, unless something moved."""
        if not self.moved:
            return plan
        self.moved = False
        late = replace(plan.hits[0], labels={"instance": "web99:8080"}, fingerprint="late")
        return replace(plan, hits=(*plan.hits, late))

    async def carry_out(self, plan: SilencePlan, typed: str) -> SilenceResult:
        """Done, or not."""
        if typed != plan.type_text:
            raise SilenceRefused(f"type {plan.type_text} to confirm")
        if self.ended:
            raise SilenceFailed("it had already ended", ended=True)
        if self.fails:
            raise SilenceFailed(self.fails)
        self.done.append(plan)
        kept = plan.ends or Silence("s-2", plan.matchers, NOW, NOW + plan.duration_s, plan.who, plan.comment, "active")
        return SilenceResult(kept, len(plan.hits))

    def _made(self, plan: SilencePlan) -> SilencePlan:
        assert self.state is not None
        system = self.state().system
        asks, text = confirmation(Danger.CHANGE, production=system.production, system=system.id)
        alerts = [m.alert for c in self.state().others for m in c.members]
        hits = [a for a in alerts if all(a.labels.get(m.name) == m.value for m in plan.matchers)]
        return replace(plan, target="http://am.internal:9093", hits=tuple(hits), asks=asks, type_text=text)
