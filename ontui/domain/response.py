"""The clocks of a severity: until when somebody must have taken an alert, and until when work on it must have begun."""

from dataclasses import dataclass
from enum import StrEnum

from ontui.domain.alert import Acknowledgement, Alert, Phase
from ontui.domain.crowd import Other
from ontui.domain.deadline import BusinessHours, parse_within
from ontui.domain.foreign import ForeignPhase


class Duty(StrEnum):
    """What is promised."""

    RESPOND = "respond"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise about an alert, and when it is broken."""

    duty: Duty
    due_at: float


def due_at(alert: Alert | Other, duty: Duty, hours: BusinessHours) -> float | None:
    """When a duty is due for a firing alert, counted from when it began to fire; None where nothing is promised."""
    if isinstance(alert, Alert):
        severity, since = alert.rule.severity, alert.since
        fires = alert.phase is Phase.FIRING and alert.well_since is None
    else:
        severity, since = alert.severity, alert.alert.since
        fires = alert.alert.phase is ForeignPhase.FIRING
    promised = severity.respond_within if duty is Duty.RESPOND else severity.acknowledge_within
    return parse_within(promised).after(since, hours) if promised and fires and since is not None else None


def pressing(
    alert: Alert | Other, taken: Acknowledgement | None, hours: BusinessHours, now: float
) -> Clock | None:  # fmt: skip
    """The clock that matters now, until somebody takes the alert: a broken promise to respond, else the first one due.

    Nobody tells ontui when work begins: who has taken an alert responds to it.
    """
    if taken is not None:
        return None
    clocks = [Clock(duty, due) for duty in Duty if (due := due_at(alert, duty, hours)) is not None]
    broken = [clock for clock in clocks if clock.duty is Duty.RESPOND and clock.due_at <= now]
    return min(broken or clocks, key=lambda clock: clock.due_at, default=None)
