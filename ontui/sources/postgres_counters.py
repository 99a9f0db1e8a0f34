"""Cumulative counters made into what happened lately."""

from collections import deque
from dataclasses import dataclass

from ontui.sources.postgres_asks import Counters

LEAST_S = 4.5
"""Backends report what they did about once a second, so a shorter stretch says little."""
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Window:
    """What a database did between two looks at its counters, timed by its own clock."""

    seconds: float
    commits: int
    rollbacks: int
    hits: int
    reads: int
    deadlocks: int

    @property
    def transactions(self) -> int:
        """Finished ones, either way."""
        return self.commits + self.rollbacks

    @property
    def blocks(self) -> int:
        """Blocks asked for."""
        return self.hits + self.reads

    @classmethod
    def between(cls, old: Counters, new: Counters) -> "Window":
        """From two looks at the same counters."""
        return cls(
            new.now_s - old.now_s,
            new.commits - old.commits,
            new.rollbacks - old.rollbacks,
            new.hits - old.hits,
            new.reads - old.reads,
            new.deadlocks - old.deadlocks,
        )


class CounterLog:
    """The last minute of one database's counters; forgotten when they are no longer the same counters."""

    def __init__(self, least_s: float, gap_s: float) -> None:
        self._least_s, self._gap_s = least_s, gap_s
        self._rows: deque[Counters] = deque()
        self.why = "needs two polls"
        """Why there is no window yet."""

    @property
    def alone(self) -> bool:
        """Whether there was only one look so far."""
        return len(self._rows) == 1

    def forget(self, why: str) -> None:
        """Begin again: what comes may not be compared with what was."""
        if self._rows:
            self._rows.clear()
            self.why = why

    def add(self, row: Counters) -> None:
        """Another look."""
        if self._rows and (reason := self._broken(self._rows[-1], row)):
            self.forget(reason)
        self._rows.append(row)
        while len(self._rows) > 2 and self._rows[1].now_s <= row.now_s - MINUTE_S:
            self._rows.popleft()

    def latest(self) -> Window | None:
        """Since the look before; since an earlier one where polls are very close together."""
        new = self._rows[-1]
        old = next((r for r in reversed(self._rows) if new.now_s - r.now_s >= self._least_s), None)
        return None if old is None else Window.between(old, new)

    def minute(self) -> Window | None:
        """The last minute, or what has been seen of it."""
        if self.latest() is None:
            return None
        return Window.between(self._rows[0], self._rows[-1])

    def _broken(self, old: Counters, new: Counters) -> str:
        if new.datid != old.datid:
            return "another database answers"
        shrank = any(
            getattr(new, name) < getattr(old, name) for name in ("commits", "rollbacks", "hits", "reads", "deadlocks")
        )
        if shrank or new.reset_s != old.reset_s:
            return "counters were reset"
        if not 0 < new.now_s - old.now_s <= self._gap_s:
            return "not asked for a while"
        return ""
