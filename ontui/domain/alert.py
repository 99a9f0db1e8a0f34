"""The life of an alert: inactive → pending → firing → resolved, with Prometheus' semantics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ontui.domain.condition import Condition
from ontui.domain.sample import Point, Reading
from ontui.domain.severity import Level, Severity

GOOD_TO_RESOLVE = 2
"""Fresh good samples in a row that end a firing alert."""
RESOLVED_SHOWN_S = 900.0
"""How long a resolved alert stays on the board, as in Prometheus."""


class Phase(StrEnum):
    """Where an alert is in its life."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When an SLI raises an alert, how bad that is, and what helps."""

    name: str
    sli: str
    condition: Condition
    hold_s: float
    """How long the condition must hold over consecutive fresh samples (`for:`)."""
    severity: Severity
    runbook: str = ""
    """`page.md#section`, or empty: then it is looked for by name."""
    actions: tuple[str, ...] = ()
    """Ids of the actions that may help, best first."""

    @property
    def key(self) -> str:
        """Unique within a system."""
        return f"{self.sli}/{self.name}"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who took an alert, and when."""

    who: str
    at: float


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule's alert as it stands."""

    rule: AlertRule
    phase: Phase = Phase.INACTIVE
    since: float | None = None
    """When this phase began; for pending and firing, seconds of the engine's clock."""
    held_s: float = 0.0
    """How long the condition has been seen to hold; gaps do not count."""
    good: int = 0
    """Fresh good samples in a row while firing."""
    seen_at: float | None = None
    """The last sample that could be judged."""
    frozen_at: float | None = None
    """Since when it cannot be judged: no fresh data. It neither clears nor advances."""
    value: float | None = None
    """The value last judged."""
    rows: Mapping[str, float] = field(default_factory=dict)
    """Of an SLI with rows: for how long the condition has been seen to hold, by row; worst first."""
    acknowledged: Acknowledgement | None = None

    @property
    def active(self) -> bool:
        """Pending or firing: what stands on the board."""
        return self.phase in (Phase.PENDING, Phase.FIRING)

    @property
    def pages(self) -> bool:
        """Firing with a severity that wakes people."""
        return self.phase is Phase.FIRING and self.rule.severity.level is Level.CRITICAL

    def after(self, reading: Reading, baseline: float | None, recent: Sequence[Point], gap_s: float) -> "Alert":
        """The alert after one reading; samples further apart than `gap_s` are not consecutive."""
        holds = self.rule.condition.holds(reading, baseline, recent)
        if holds is None:
            return self.frozen(reading.at)
        step_s = reading.at - self.seen_at if self.seen_at is not None else 0.0
        consecutive = self.frozen_at is None and 0 <= step_s <= gap_s
        credit_s = step_s if consecutive else 0.0
        seen = replace(self, seen_at=reading.at, frozen_at=None, value=reading.value)
        if reading.rows and self.rule.condition.by_row:
            return seen._after_rows(reading, baseline, credit_s)
        held_s = self.held_s + credit_s if self.phase is Phase.PENDING else 0.0
        return seen._worse(reading.at, held_s) if holds else seen._better(reading.at)

    def _after_rows(self, reading: Reading, baseline: float | None, credit_s: float) -> "Alert":
        """Each row counts for itself: two rows that are bad by turns are not one that stays bad."""
        worst: float | None = None
        held: dict[str, float] = {}
        for row in reading.rows:
            if self.rule.condition.holds(Reading(row.value, reading.at), baseline):
                worst = row.value if worst is None else worst
                held[row.name] = self.rows[row.name] + credit_s if row.name in self.rows else 0.0
        if not held:
            return replace(self, rows={})._better(reading.at)
        return replace(self, rows=held, value=worst)._worse(reading.at, max(held.values()))

    def frozen(self, at: float) -> "Alert":
        """The alert after a failed poll or an answer that cannot be judged: it stands still."""
        return replace(self, frozen_at=at) if self.active and self.frozen_at is None else self

    def _worse(self, at: float, held_s: float) -> "Alert":
        if self.phase is Phase.FIRING:
            return replace(self, good=0)
        pending = self.phase is Phase.PENDING
        if held_s >= self.rule.hold_s:
            return replace(self, phase=Phase.FIRING, since=at, held_s=held_s, good=0, acknowledged=None)
        return replace(self, phase=Phase.PENDING, since=self.since if pending else at, held_s=held_s, good=0)

    def _better(self, at: float) -> "Alert":
        match self.phase:
            case Phase.PENDING:
                return replace(self, phase=Phase.INACTIVE, since=None, held_s=0.0)
            case Phase.FIRING if self.good + 1 >= GOOD_TO_RESOLVE:
                return replace(self, phase=Phase.RESOLVED, since=at, held_s=0.0, good=0)
            case Phase.FIRING:
                return replace(self, good=self.good + 1)
            case Phase.RESOLVED if self.since is not None and at - self.since > RESOLVED_SHOWN_S:
                return replace(self, phase=Phase.INACTIVE, since=None, acknowledged=None)
            case _:
                return self
