"""How one thing has been seen to be bad: for how long, how many times in a row, and whether that was enough."""

from dataclasses import dataclass, replace
from enum import StrEnum

GOOD_TO_RESOLVE = 2
"""Fresh good samples in a row that end what fired."""


class Side(StrEnum):
    """Where a value lies, seen from an alert's limits."""

    BAD = "bad"
    BETWEEN = "between"
    """No longer bad enough to begin, not yet good enough to end."""
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Streak:
    """Of an SLI, or of one row of it."""

    held_s: float = 0.0
    """How long the condition has been seen to hold; gaps do not count."""
    times: int = 0
    """Fresh polls in a row that saw it."""
    fired: bool = False
    """It held for as long, and was seen as often, as the rule asks for."""
    good: int = 0
    """Fresh good samples in a row since it fired."""

    def after(
        self, side: Side, *, credit_s: float, consecutive: bool, hold_s: float, in_a_row: int
    ) -> "Streak | None":
        """With one more judged sample, `credit_s` after the one before; None when it is over."""
        match side:
            case Side.BAD:
                held_s, times = self.held_s + credit_s, (self.times if consecutive else 0) + 1
                return Streak(held_s, times, self.fired or (held_s >= hold_s and times >= in_a_row))
            case Side.BETWEEN if self.fired:
                return replace(self, times=0, good=0)
            case Side.GOOD if self.fired and self.good + 1 < GOOD_TO_RESOLVE:
                return replace(self, times=0, good=self.good + 1)
            case _:
                return None
