"""Lines per minute over a sliding minute, from counts of stretches of time."""

from collections import deque
from dataclasses import dataclass, replace

MINUTE_S = 60.0
ENOUGH = 0.95
"""Of a minute: polls are never quite on time, and a rate must not change because of that."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was counted between two looks."""

    seconds: float
    count: int
    missed: str
    """Why there may have been more."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Over the last minute, or over the last stretch where that is longer."""

    per_minute: float | None
    """None until a minute was seen: a burst of one second is not sixty times as many."""
    count: int
    seconds: float
    missed: str


class Window:
    """The stretches that make the last minute."""

    def __init__(self) -> None:
        self._stretches: deque[Stretch] = deque()

    def add(self, seconds: float, count: int, missed: str = "") -> None:
        """What was counted since the stretch before."""
        self._stretches.append(Stretch(max(0.0, seconds), count, missed))
        covered_s = sum(s.seconds for s in self._stretches)
        while covered_s - self._stretches[0].seconds >= ENOUGH * MINUTE_S:
            covered_s -= self._stretches.popleft().seconds
        oldest = self._stretches[0]
        if not oldest.count and not oldest.missed and covered_s > MINUTE_S:   # of nothing a part is nothing too
            part_s = oldest.seconds - (covered_s - MINUTE_S)
            if part_s > 0:
                self._stretches[0] = replace(oldest, seconds=part_s)

    def clear(self) -> None:
        """There was a time of which nothing is known."""
        self._stretches.clear()

    def rate(self) -> Rate:
        """What is known now; the stretches are whole, so that no count is ever a guess."""
        seconds, count = sum(s.seconds for s in self._stretches), sum(s.count for s in self._stretches)
        missed = "; ".join(dict.fromkeys(s.missed for s in self._stretches if s.missed))
        per_minute = count * MINUTE_S / seconds if seconds >= ENOUGH * MINUTE_S else None
        return Rate(per_minute, count, seconds, missed)
