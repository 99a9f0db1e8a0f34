"""Until when something was promised: lengths of time, and days of work in a place on earth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from ontui.domain.quantity import QuantityError, parse_duration
from ontui.domain.text import one_line

_BUSINESS_DAYS = re.compile(r"(\d{1,3}|next)\s+business\s+days?", re.I)
_LOOK_AHEAD = 7
"""Days within which there is one of work, in every week."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a place is at work; public holidays are not known."""

    days: frozenset[int] = frozenset(range(5))
    """0 is Monday; never empty."""
    begins: time = time(9)
    """By the place's own clock."""
    ends: time = time(17)
    """Later on the same day."""
    zone: tzinfo = UTC

    def after(self, at: float, days: int) -> float:
        """The instant so many days of work later, at the same time by the clock on the wall.

        What happens outside of hours counts as happening when work next begins, and a whole day of work from there is
        over when work ends: on Friday at 16:00 one day is until Monday 16:00, on Friday at 18:00 until Monday 17:00.
        """
        local = datetime.fromtimestamp(at, self.zone)
        day, clock = local.date(), local.time()
        if self._is_work(day) and self.begins < clock < self.ends:
            return self._instant(self._later(day, days), clock)
        first = day if self._is_work(day) and clock <= self.begins else self._later(day, 1)
        return self._instant(self._later(first, days - 1), self.ends) if days else self._instant(first, self.begins)

    def _is_work(self, day: date) -> bool:
        return day.weekday() in self.days

    def _later(self, day: date, days: int) -> date:
        for _ in range(days):
            day = next(d for d in self._following(day) if self._is_work(d))
        return day

    def _following(self, day: date) -> Iterator[date]:
        return (day + timedelta(days=n) for n in range(1, _LOOK_AHEAD + 1))

    def _instant(self, day: date, clock: time) -> float:
        return datetime.combine(day, clock.replace(tzinfo=None, fold=0), self.zone).timestamp()


@dataclass(frozen=True, slots=True)
class Within:
    """A promised length of time: seconds, or days of work."""

    seconds: float = 0.0
    business_days: int | None = None

    def after(self, at: float, hours: BusinessHours) -> float:
        """When it is over, had it begun at `at`."""
        return at + self.seconds if self.business_days is None else hours.after(at, self.business_days)


@lru_cache(64)
def parse_within(text: str) -> Within:
    """Read `15m`, `1 business day`, `2 business days` or `next business day`; else QuantityError."""
    stripped = text.strip()
    if match := _BUSINESS_DAYS.fullmatch(stripped):
        return Within(business_days=1 if match[1].lower() == "next" else int(match[1]))
    try:
        return Within(parse_duration(stripped))
    except (QuantityError, OverflowError):
        raise QuantityError(f"expected a duration or '1 business day', found {one_line(text, 60)!r}") from None
