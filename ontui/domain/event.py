"""What was done, decided or noticed: the journal's lines, and the second door into the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Scalar = str | int | float | bool | None


class EventKind(StrEnum):
    """The closed set of events."""

    STARTED = "started"
    ENDED = "ended"
    ALERT = "alert"
    SOURCE = "source"
    CHANGED = "changed"
    ACKNOWLEDGED = "acknowledged"
    PAGE_OPENED = "page opened"
    PLANNED = "planned"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RUN_STARTED = "run started"
    RUN_DETACHED = "run detached"
    RUN_ENDED = "run ended"
    VERDICT = "verdict"
    CLOCK = "clock"
    CONFIG_LOADED = "config loaded"
    SILENCING = "silencing"
    SILENCED = "silenced"
    UNSILENCING = "ending silence"
    UNSILENCED = "silence ended"
    SILENCE_FAILED = "silence failed"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record."""

    kind: EventKind
    at: float
    """Seconds since the epoch, UTC."""
    who: str
    """`alice@bastion-1`, or `ontui` for what the program noticed."""
    subject: str
    """The key of what it is about: an alert's key, a source's or action's id, a page."""
    text: str
    """One line for people."""
    data: Mapping[str, Scalar] = field(default_factory=dict)
    """What folding needs, by kind."""
    seq: int = 0
    """Position in the journal; 0 until it is written."""
