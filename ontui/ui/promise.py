"""Who has an alert, or until when somebody must, in words with the tone they are said in."""

from ontui.domain.alert import Alert
from ontui.domain.crowd import Crowd
from ontui.domain.deadline import BusinessHours
from ontui.domain.quantity import format_age
from ontui.domain.response import Clock, pressing
from ontui.domain.severity import Level, Severity
from ontui.domain.state import State
from ontui.ui import format as words
from ontui.ui import others

LAST_PART = 0.2
"""What is left of a promise when it becomes urgent."""
COARSE_S = 600.0
"""A deadline further away is said in whole minutes, which move more rarely."""


def owner(alert: Alert, hours: BusinessHours, now: float, *, brief: bool = False) -> tuple[str, str]:
    """`alice, 3m ago`, `respond in 3m12s`, `respond overdue 2m` or `not acknowledged`, and a tone.

    Brief: `alice`, `3m12s left`, `overdue 2m`.
    """
    clock = pressing(alert, alert.acknowledged, hours, now)
    if clock is None or alert.since is None:
        who = words.taken(alert, now)
        return who.partition(",")[0] if brief else who, "quiet"
    return _said(clock, alert.since, alert.rule.severity, now, brief=brief)


def others_owner(state: State, crowd: Crowd, now: float, *, brief: bool = False) -> tuple[str, str]:
    """The same of alerts of others: of many, for the one that has waited longest."""
    first = next((m for m in crowd.members if state.taken(m.alert) is None), None)
    clock = pressing(first, None, state.system.hours, now) if first is not None else None
    if first is None or clock is None or first.alert.since is None:
        who = others.taken_words(state, crowd, now)
        return who.partition(",")[0] if brief else who, "quiet"
    return _said(clock, first.alert.since, first.severity, now, brief=brief)


def _said(clock: Clock, since: float, severity: Severity, now: float, *, brief: bool) -> tuple[str, str]:
    left_s = clock.due_at - now
    loud = "critical" if severity.level is Level.CRITICAL else "warning"
    if left_s <= 0:
        overdue = f"overdue {format_age(_coarse(-left_s))}"
        return overdue if brief else f"{clock.duty} {overdue}", loud
    left = format_age(_coarse(left_s))
    urgent = left_s <= LAST_PART * (clock.due_at - since)
    return f"{left} left" if brief else f"{clock.duty} in {left}", "warning" if urgent else "quiet"


def promised(alert: Alert) -> str:
    """What the severity promises, as configured: `acknowledge within 5m · respond within 15m · update every 30m`."""
    severity = alert.rule.severity
    parts = (
        ("acknowledge within", severity.acknowledge_within),
        ("respond within", severity.respond_within),
        ("update every", severity.update_every),
    )
    return " · ".join(f"{what} {span}" for what, span in parts if span)


def _coarse(seconds: float) -> float:
    return seconds // 60 * 60 if seconds > COARSE_S else seconds
