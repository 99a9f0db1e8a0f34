"""The clocks of a severity: until when somebody must have taken an alert, and until when work on it must have begun."""

from dataclasses import dataclass
from enum import StrEnum

from ontui.domain.alert import Alert, Phase
from ontui.domain.deadline import BusinessHours, parse_within


class Duty(StrEnum):
    """What is promised."""

    RESPOND = "respond"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise about an alert, and when it is broken."""

    duty: Duty
    due_at: float


def due_at(alert: Alert, duty: Duty, hours: BusinessHours) -> float | None:
    """When a duty is due for a firing alert, counted from when it began to fire; None where nothing is promised."""
    severity = alert.rule.severity
    promised = severity.respond_within if duty is Duty.RESPOND else severity.acknowledge_within
    if not promised or alert.phase is not Phase.FIRING or alert.well_since is not None or alert.since is None:
        return None
    return parse_within(promised).after(alert.since, hours)


def pressing(alert: Alert, hours: BusinessHours, now: float) -> Clock | None:
    """The clock that matters now, until somebody takes the alert: a broken promise to respond, else the first one due.

    Nobody tells ontui when work begins: who has taken an alert responds to it.
    """
    if alert.acknowledged is not None:
        return None
    clocks = [Clock(duty, due) for duty in Duty if (due := due_at(alert, duty, hours)) is not None]
    broken = [clock for clock in clocks if clock.duty is Duty.RESPOND and clock.due_at <= now]
    return min(broken or clocks, key=lambda clock: clock.due_at, default=None)
