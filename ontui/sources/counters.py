"""Cumulative counters made into what happened lately: the looks that are remembered, and the stretches between them."""

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

MINUTE_S = 60.0
FAR_S = 300.0
"""How far back a quiet server is looked at to have enough for a ratio."""


class Counted(Protocol):
    """What the counters said at one instant."""

    @property
    def now_s(self) -> float:
        """When they were read, by one clock for all looks."""


class Between(Protocol):
    """What happened between two looks."""

    @property
    def seconds(self) -> float:
        """How far apart they are."""


Row = TypeVar("Row", bound=Counted)
Stretch = TypeVar("Stretch", bound=Between)


class Log(Generic[Row, Stretch]):
    """The last minutes of some counters; forgotten when they are no longer the same counters."""

    def __init__(
        self, least_s: float, gap_s: float, between: Callable[[Row, Row], Stretch], broken: Callable[[Row, Row], str]
    ) -> None:
        self._least_s, self._gap_s, self._between, self._broken = least_s, gap_s, between, broken
        self._rows: deque[Row] = deque()
        self.why = "needs two polls"
        """Why there is no stretch yet."""

    @property
    def alone(self) -> bool:
        """Whether there was only one look so far."""
        return len(self._rows) == 1

    def forget(self, why: str) -> None:
        """Begin again: what comes may not be compared with what was."""
        if self._rows:
            self._rows.clear()
            self.why = why

    def add(self, row: Row) -> None:
        """Another look."""
        if self._rows:
            old = self._rows[-1]
            late = "" if 0 < row.now_s - old.now_s <= self._gap_s else "not asked for a while"
            if reason := self._broken(old, row) or late:
                self.forget(reason)
        self._rows.append(row)
        while len(self._rows) > 2 and self._rows[1].now_s <= row.now_s - FAR_S:
            self._rows.popleft()

    def latest(self) -> Stretch | None:
        """Since the look before; since an earlier one where polls are very close together."""
        return self.enough(lambda _: True)

    def enough(self, says: Callable[[Stretch], bool]) -> Stretch | None:
        """The shortest stretch up to now that says enough."""
        new = self._rows[-1]
        apart = (self._between(r, new) for r in reversed(self._rows) if new.now_s - r.now_s >= self._least_s)
        return next(filter(says, apart), None)

    def minute(self) -> Stretch | None:
        """The last minute, or what has been seen of it."""
        return self.enough(lambda stretch: stretch.seconds >= MINUTE_S) or self.whole()

    def whole(self) -> Stretch | None:
        """All that is remembered."""
        return None if self.latest() is None else self._between(self._rows[0], self._rows[-1])
