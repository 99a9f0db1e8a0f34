"""How bad an alert is, in the system's own names."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a firing alert makes of its SLI: a page, or a note."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Severity:
    """One rung of a system's severity ladder."""

    name: str
    level: Level
    rank: int
    """Position in the ladder, 0 the worst."""
    respond_within: str = ""
    """As configured, for people: `15m`, `1 business day`."""
    acknowledge_within: str = ""
    update_every: str = ""
