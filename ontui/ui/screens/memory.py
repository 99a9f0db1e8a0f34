"""Longer histories of one indicator, asked of its source when they are first looked at, and rarely again."""

import math
from dataclasses import dataclass, field, replace

from ontui.domain.past import Past
from ontui.domain.quantity import format_duration
from ontui.domain.sample import Point
from ontui.domain.sli import HISTORY_S, Indicator
from ontui.ui.widgets.preview import begins

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
        if span_s <= HISTORY_S and not begins(indicator.history, span_s, now):
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
            joined = past.joined(indicator.history, indicator.sli.gap_s)
            self._drawn = (past, indicator.history, joined)
        return replace(indicator, history=self._drawn[2])

    def gap_s(self, span_s: float) -> float | None:
        """How far apart neighbours in the whole may be: its gaps are points; None where there is but the ring."""
        past = self.pasts.get(span_s)
        return math.inf if past is not None and past.points else None

    def words(self, indicator: Indicator, span_s: float, now: float) -> str:
        """How the past in view is known, and from when on where that is not all of it: `a point each 5m`,
        `no history: connection refused · seen from 13:36`."""
        begun = begins(self.whole(indicator, span_s).history, span_s, now)
        past = self.pasts.get(span_s)
        if past is None:
            how = f"asking {indicator.sli.source} …" if span_s in self.asked_at else ""
        elif past.points:
            how = f"a point each {format_duration(past.step_s)}" if past.step_s else ""
        else:
            how = past.reason or ("" if begun else "no values in this time")
            begun = begun and f"seen {begun}"
        return " · ".join(filter(None, (how, begun)))
