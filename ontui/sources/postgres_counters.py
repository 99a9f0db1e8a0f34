"""What a database did lately, out of its cumulative counters."""

from dataclasses import dataclass

from ontui.sources.counters import Log
from ontui.sources.postgres_asks import Counters

LEAST_S = 4.5
"""Backends report what they did about once a second, so a shorter stretch says little."""
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


class CounterLog(Log[Counters, Window]):
    """The last minutes of one database's counters."""

    def __init__(self, least_s: float, gap_s: float) -> None:
        super().__init__(least_s, gap_s, Window.between, _broken)


def _broken(old: Counters, new: Counters) -> str:
    """Why two looks may not be compared."""
    if new.datid != old.datid:
        return "another database answers"
    names = ("commits", "rollbacks", "hits", "reads", "deadlocks")
    shrank = any(getattr(new, name) < getattr(old, name) for name in names)
    return "counters were reset" if shrank or new.reset_s != old.reset_s else ""
