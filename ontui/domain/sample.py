"""What one source said at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ontui.domain.foreign import ForeignAlert
from ontui.domain.silence import Silence
from ontui.domain.status import Status


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a history; None is a gap and is drawn as one."""

    at: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One of many things that an SLI measures alike: a tenant, a table, a pod."""

    name: str
    """Unique within a reading."""
    value: float | None
    """In the SLI's unit; finite, or None."""
    reason: str = ""
    """Why it has no value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source knows of one SLI: a value, or why there is none."""

    value: float | None
    """In the SLI's unit; finite, or None."""
    at: float
    """When it was asked for, in seconds of the engine's clock: a late answer is already old."""
    flaw: Status | None = None
    """no_data, stale or unknown when the value may not be trusted: it is then shown dimmed and never judged."""
    reason: str = ""
    """Why it is flawed, or has no value: one line for people."""
    caveat: str = ""
    """True but incomplete: `PARTIAL: …`, `1 of 3 checks failed`, `2 of 5 targets down`. Never shown as ok."""
    baseline: float | None = None
    """The baseline at that instant, when it is queried rather than fixed."""
    baseline_at: float | None = None
    """When it was asked for: more rarely than the value."""
    history: tuple[Point, ...] = ()
    """Older points fetched from the source, oldest first; sent once, to fill the charts."""
    raw: str = ""
    """The answer as it came, cleaned and cut."""
    note: str = ""
    """Said beside the value in a detail view: how it is known (phases of a request, counters behind a ratio)."""
    rows: tuple[Row, ...] = ()
    """Worst first, where the SLI has rows; `value` is then that of the first one that has any."""
    data_age_s: float | None = None
    """How old the data behind it was when it was asked for: newest sample, last line; None where nobody can tell."""
    early: bool = False
    """Unknown only because it takes another look to tell: asking went well."""
    check: float | None = None
    """What this one check says, 1 or 0, where `value` is the verdict of several in a row."""

    @classmethod
    def no_data(cls, at: float, reason: str, *, raw: str = "") -> "Reading":
        """The source answered, with nothing."""
        return cls(None, at, Status.NO_DATA, reason, raw=raw)

    @classmethod
    def unknown(cls, at: float, reason: str, *, raw: str = "", early: bool = False) -> "Reading":
        """The source could not say: an error of the query, no permission, or not two polls yet."""
        return cls(None, at, Status.UNKNOWN, reason, raw=raw, early=early)


class FaultKind(StrEnum):
    """Why a poll failed as a whole."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    """By the host itself: nobody listens there."""
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    AUTH = "auth"
    SATURATED = "saturated"
    STARTING = "starting"
    CONFIG = "config"
    PROTOCOL = "protocol"
    LOST = "lost"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed poll, in words for people."""

    kind: FaultKind
    text: str
    """One line, cleaned: `connection refused`, `no answer within 5 s`."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one source said at one instant about every SLI it serves."""

    source: str
    at: float
    """When the poll was sent, in seconds of the engine's clock."""
    latency_s: float = 0.0
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """By SLI id."""
    fault: Fault | None = None
    """Set when the poll failed as a whole; readings then say only what is known all the same: that it is down."""
    server: str = ""
    """Who answered: product, version, role."""
    identity: str = ""
    """Changes when another server answers under the same address; guards plans."""
    findings: tuple[str, ...] = ()
    """Things wrong with the source that are not a fault: missing rights, skewed clocks, saturation."""
    news: tuple[str, ...] = ()
    """What is different since the poll before, said once: another role, a restart; it goes on record."""
    skew_s: float | None = None
    """How far the server's clock is ahead of ours, where it tells its time."""
    next_at: float | None = None
    """When the engine will poll next, in seconds of its clock."""
    foreign: tuple[ForeignAlert, ...] | None = None
    """Alerts of others; None where it says nothing of any, which is not the same as none."""
    silences: tuple[Silence, ...] | None = None
    """Those in force or to come; None where they are not known."""
