"""The life of an alert: inactive → pending → firing → resolved, with Prometheus' semantics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ontui.domain.condition import Condition, Kind
from ontui.domain.flapping import SETTLED_S, Flaps
from ontui.domain.sample import Point, Reading
from ontui.domain.severity import Level, Severity
from ontui.domain.streak import Side, Streak

RESOLVED_SHOWN_S = 900.0
"""How long a resolved alert stays on the board, as in Prometheus."""
WHOLE = ""
"""Stands for the SLI itself where a streak is not that of a row."""


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
    clear: Condition | None = None
    """What must hold for it to resolve; None: that its condition does not."""
    in_a_row: int = 1
    """How many fresh polls in a row must see the condition hold."""

    @property
    def key(self) -> str:
        """Unique within a system."""
        return f"{self.sli}/{self.name}"

    def window_s(self, interval_s: float) -> float:
        """How far back it looks: nowhere, but for a course, what `for` or `in_a_row` span, at least four polls."""
        if self.condition.kind not in (Kind.RISING, Kind.FALLING):
            return 0.0
        return max(self.hold_s, max(4, self.in_a_row) * interval_s)

    def side(self, reading: Reading, baseline: float | None, recent: Sequence[Point] = ()) -> Side | None:
        """On which side of its limits a reading lies; None when that cannot be told."""
        holds = self.condition.holds(reading, baseline, recent)
        if holds is None or holds:
            return Side.BAD if holds else None
        if self.clear is None or self.clear.holds(reading, baseline, recent):
            return Side.GOOD
        return Side.BETWEEN


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
    times: int = 0
    """How many fresh polls in a row have seen it hold."""
    holds: bool = True
    """Whether the condition held when it was last judged: what fires may already be better."""
    seen_at: float | None = None
    """The last sample that could be judged."""
    frozen_at: float | None = None
    """Since when it cannot be judged: no fresh data. It neither clears nor advances."""
    value: float | None = None
    """The value last judged: in the unit of the SLI, of `older than` the age of its data in seconds."""
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    """What is bad, or fired and is not yet good again: rows by name, worst first, or the WHOLE."""
    flaps: Flaps = field(default_factory=Flaps)
    acknowledged: Acknowledgement | None = None

    @property
    def active(self) -> bool:
        """Pending or firing: what stands on the board."""
        return self.phase in (Phase.PENDING, Phase.FIRING)

    @property
    def pages(self) -> bool:
        """Firing with a severity that wakes people, and not well just now."""
        return self.phase is Phase.FIRING and self.well_since is None and self.rule.severity.level is Level.CRITICAL

    @property
    def about_data(self) -> bool:
        """Firing because data is missing or old, and judged just now: it is no less sure for that."""
        return self.phase is Phase.FIRING and self.rule.condition.about_data and self.frozen_at is None

    @property
    def flapping(self) -> bool:
        """It changes between firing and resolved so often that it counts as firing."""
        return self.flaps.since is not None

    @property
    def well_since(self) -> float | None:
        """Since when it would be resolved, had it not changed so often; None while it is bad, or not flapping."""
        is_well = self.flapping and not any(streak.fired for streak in self.streaks.values())
        return max(self.flaps.changes, default=self.flaps.since) if is_well else None

    @property
    def settles_at(self) -> float | None:
        """When a flapping alert is settled if it stays as it is and is seen to."""
        return self.seen_at + SETTLED_S - self.flaps.quiet_s if self.flapping and self.seen_at is not None else None

    @property
    def rows(self) -> Mapping[str, float]:
        """Of an SLI with rows: for how long the condition has been seen to hold, by row; worst first."""
        return {name: streak.held_s for name, streak in self.streaks.items() if name != WHOLE}

    def after(
        self, reading: Reading, baseline: float | None, recent: Sequence[Point], gap_s: float, *, watched: bool = True
    ) -> "Alert":
        """The alert after one reading; samples further apart than `gap_s` are not consecutive.

        Of what was not watched, but is known from the source's own past, changes are not counted as flapping.
        """
        if self.rule.in_a_row > 1 and reading.check is not None:   # it counts the checks itself
            reading = replace(reading, value=reading.check, flaw=None)
        sides = self._sides(reading, baseline, recent)
        if all(side is None for side in sides.values()):
            return self.frozen(reading.at)
        step_s = reading.at - self.seen_at if self.seen_at is not None else 0.0
        is_near = 0 <= step_s <= gap_s
        credit_s = step_s if is_near and self.frozen_at is None else 0.0
        streaks = self._streaks(sides, credit_s, consecutive=is_near)
        shown = [row.value for row in reading.rows if row.name in streaks and row.value is not None]
        # What is so at the first look has not changed.
        before = self.streaks if self.seen_at is not None else streaks
        fires, fired = (any(streak.fired for streak in some.values()) for some in (streaks, before))
        flaps = self.flaps
        if watched:
            flaps = flaps.after(fires=fires, fired=fired, at=reading.at, credit_s=credit_s)
        phase = self._phase(streaks, reading.at, fires=fires or flaps.since is not None)
        moved, is_over = phase is not self.phase, phase is Phase.INACTIVE
        return replace(
            self,
            phase=phase,
            since=(None if is_over else reading.at) if moved else self.since,
            acknowledged=None if moved and (is_over or phase is Phase.FIRING) else self.acknowledged,
            streaks=streaks,
            held_s=max((s.held_s for s in streaks.values()), default=0.0),
            times=max((s.times for s in streaks.values()), default=0),
            holds=Side.BAD in sides.values(),
            seen_at=reading.at,
            frozen_at=None,
            value=self._judged(reading, shown),
            flaps=flaps,
        )

    def _judged(self, reading: Reading, shown: Sequence[float]) -> float | None:
        """What was held against the limit."""
        if self.rule.condition.kind is Kind.OLDER:
            return reading.data_age_s
        return shown[0] if shown else reading.value

    def _sides(self, reading: Reading, baseline: float | None, recent: Sequence[Point]) -> dict[str, Side | None]:
        """Each row counts for itself: two rows that are bad by turns are not one that stays bad."""
        if not (reading.rows and self.rule.condition.by_row):
            return {WHOLE: self.rule.side(reading, baseline, recent)}
        if reading.flaw is not None:
            return {WHOLE: None}
        return {row.name: self.rule.side(Reading(row.value, reading.at), baseline) for row in reading.rows}

    def _streaks(self, sides: Mapping[str, Side | None], credit_s: float, *, consecutive: bool) -> dict[str, Streak]:
        """What is bad now; a row that is gone is good, one that cannot be judged stays as it was."""
        streaks: dict[str, Streak] = {}
        for name in dict.fromkeys([*sides, *self.streaks]):
            known, side = self.streaks.get(name), sides.get(name, Side.GOOD)
            streak = known if side is None else (known or Streak()).after(
                side, credit_s=credit_s if known else 0.0, consecutive=consecutive,
                hold_s=self.rule.hold_s, in_a_row=self.rule.in_a_row,
            )  # fmt: skip
            if streak is not None:
                streaks[name] = streak
        return streaks

    def _phase(self, streaks: Mapping[str, Streak], at: float, *, fires: bool) -> Phase:
        """The phase that the streaks ask for; while it is flapping it fires."""
        if fires:
            return Phase.FIRING
        if self.phase is Phase.FIRING:
            return Phase.RESOLVED
        if streaks:
            return Phase.PENDING
        if self.phase is Phase.RESOLVED and self.since is not None and at - self.since <= RESOLVED_SHOWN_S:
            return Phase.RESOLVED
        return Phase.INACTIVE

    def frozen(self, at: float) -> "Alert":
        """The alert after a failed poll or an answer that cannot be judged: it stands still."""
        return replace(self, frozen_at=at) if self.active and self.frozen_at is None else self
