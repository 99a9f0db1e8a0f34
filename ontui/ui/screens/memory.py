"""Longer histories of one indicator, asked of its source when they are first looked at, and rarely again."""

from dataclasses import dataclass, field, replace

from ontui.domain.past import Past
from ontui.domain.quantity import format_duration
from ontui.domain.sample import Point
from ontui.domain.sli import HISTORY_POINTS, HISTORY_S, Indicator
from ontui.ui import format as words

LEAST_S = 60.0
"""A past is not asked for again before."""
OLD_AFTER = 1 / 60
"""A past is asked for again when so much of it is missing at its end."""


@dataclass(slots=True)
class Memory:
    """What was asked, when, and what came."""

    asked_at: dict[float, float] = field(default_factory=dict)
    """By span."""
    pasts: dict[float, Past] = field(default_factory=dict)
    _drawn: tuple[Past, tuple[Point, ...], tuple[Point, ...]] | None = None
    """The last past and ring that were put together, and the whole: the same tuple for the same parts."""

    def is_due(self, indicator: Indicator, span_s: float, now: float) -> bool:
        """Whether the source is to be asked for so long a past now."""
        ring = indicator.history
        full = len(ring) >= HISTORY_POINTS - 1 and ring[0].at > now - span_s
        if span_s <= HISTORY_S and not full:
            return False
        at = self.asked_at.get(span_s)
        return at is None or now - at >= max(LEAST_S, span_s * OLD_AFTER)

    def began(self, span_s: float, at: float) -> None:
        """The source is being asked."""
        self.asked_at[span_s] = at

    def ended(self, span_s: float, past: Past) -> None:
        """It answered; a past that was had stays when asking for it again fails."""
        if past.points or not self.pasts.get(span_s, Past()).points:
            self.pasts[span_s] = past

    def forget(self, span_s: float) -> None:
        """Nobody waited for the answer."""
        if span_s not in self.pasts:
            self.asked_at.pop(span_s, None)

    def whole(self, indicator: Indicator, span_s: float) -> Indicator:
        """The indicator with its history as far back as it is known."""
        past = self.pasts.get(span_s)
        if past is None or not past.points:
            return indicator
        if self._drawn is None or self._drawn[0] is not past or self._drawn[1] is not indicator.history:
            joined = past.with_newer(indicator.history, indicator.sli.gap_s)
            self._drawn = (past, indicator.history, joined)
        return replace(indicator, history=self._drawn[2])

    def words(self, indicator: Indicator, span_s: float) -> str:
        """How the past in view is known: `a point each 5 min`, `no history: connection refused · seen from 13:36`."""
        if span_s not in self.asked_at:
            return ""
        past = self.pasts.get(span_s)
        if past is None:
            return f"asking {indicator.sli.source} …"
        if past.points:
            return f"a point each {format_duration(words.spacing(past.points, 0.0))}"
        seen = next((p.at for p in indicator.history if p.value is not None), None)
        return past.reason + (f" · seen from {words.hour_minute(seen)}" if seen is not None else "")
