"""Cumulative counters made into what happened lately."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ontui.sources.postgres_asks import Counters

LEAST_S = 4.5
"""Backends report what they did about once a second, so a shorter stretch says little."""
MINUTE_S = 60.0
FAR_S = 300.0
"""How far back a quiet database is looked at to have enough for a ratio."""
IDLE_PER_S = 0.1
"""Fewer transactions than this, beside our own, are no life: vacuum and an exporter come by everywhere."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a database did between two looks at its counters, timed by its own clock."""

    seconds: float
    commits: int
    rollbacks: int
    hits: int
    reads: int
    deadlocks: int
    ours: int = 0

    @property
    def others(self) -> int:
        """Transactions that were not ours; about, because ours may be reported a second late."""
        return max(0, self.transactions - self.ours)

    @property
    def idle(self) -> bool:
        """Nobody worked there but us."""
        return self.others < max(1.0, self.seconds * IDLE_PER_S)

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
            new.ours - old.ours,
        )


class CounterLog:
    """The last minutes of one database's counters; forgotten when they are no longer the same counters."""

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
        while len(self._rows) > 2 and self._rows[1].now_s <= row.now_s - FAR_S:
            self._rows.popleft()

    def latest(self) -> Window | None:
        """Since the look before; since an earlier one where polls are very close together."""
        return self.enough(lambda _: True)

    def enough(self, says: Callable[[Window], bool]) -> Window | None:
        """The shortest stretch up to now that says enough."""
        new = self._rows[-1]
        stretches = (Window.between(r, new) for r in reversed(self._rows) if new.now_s - r.now_s >= self._least_s)
        return next(filter(says, stretches), None)

    def minute(self) -> Window | None:
        """The last minute, or what has been seen of it."""
        return self.enough(lambda window: window.seconds >= MINUTE_S) or self.whole()

    def whole(self) -> Window | None:
        """All that is remembered."""
        return None if self.latest() is None else Window.between(self._rows[0], self._rows[-1])

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
