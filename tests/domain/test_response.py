"""Which promise about an alert matters, and until when."""

from dataclasses import replace

import pytest

from ontui.domain.alert import Acknowledgement, Alert, Phase
from ontui.domain.crowd import Other
from ontui.domain.deadline import BusinessHours
from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.response import Duty, due_at, pressing
from ontui.domain.severity import Level, Severity
from tests.domain.build import rule

P0 = Severity("P0", Level.CRITICAL, 0, respond_within="15m", acknowledge_within="5m")
SEV1 = Severity("SEV-1", Level.CRITICAL, 0, respond_within="5m", acknowledge_within="5m")
P3 = Severity("P3", Level.WARNING, 3, respond_within="next business day")
BARE = Severity("BARE", Level.WARNING, 4)
HOURS = BusinessHours()


def firing(severity: Severity, since: float = 1000.0) -> Alert:
    return Alert(rule("> 1s", severity=severity), Phase.FIRING, since)


@pytest.mark.parametrize(
    ("severity", "now", "duty", "left_s"),
    [
        (P0, 1000, Duty.ACKNOWLEDGE, 300), (P0, 1290, Duty.ACKNOWLEDGE, 10), (P0, 1420, Duty.ACKNOWLEDGE, -120),
        (P0, 1899, Duty.ACKNOWLEDGE, -599), (P0, 1900, Duty.RESPOND, 0), (P0, 2000, Duty.RESPOND, -100),
        (SEV1, 1000, Duty.RESPOND, 300), (SEV1, 1301, Duty.RESPOND, -1),
    ],
)  # fmt: skip
def test_the_promise_that_matters(severity: Severity, now: float, duty: Duty, left_s: float) -> None:
    clock = pressing(firing(severity), None, HOURS, now)
    assert clock is not None
    assert (clock.duty, clock.due_at - now) == (duty, left_s)


def test_who_has_taken_it_answers_it() -> None:
    taken = replace(firing(P0), acknowledged=Acknowledgement("alice", 1100))
    assert pressing(taken, taken.acknowledged, HOURS, 1200) is None
    assert due_at(taken, Duty.RESPOND, HOURS) == 1900


@pytest.mark.parametrize("phase", [Phase.INACTIVE, Phase.PENDING, Phase.RESOLVED])
def test_only_what_fires_has_clocks(phase: Phase) -> None:
    alert = replace(firing(P0), phase=phase)
    assert pressing(alert, None, HOURS, 1000) is None
    assert due_at(alert, Duty.RESPOND, HOURS) is None


@pytest.mark.parametrize("phase", list(ForeignPhase))
def test_alerts_of_others_have_the_clocks_of_their_severity(phase: ForeignPhase) -> None:
    other = Other(ForeignAlert("am", "Down", {}, phase, since=1000.0), P0)
    assert due_at(other, Duty.RESPOND, HOURS) == (1900 if phase is ForeignPhase.FIRING else None)
    clock = pressing(other, None, HOURS, 1000)
    assert (clock.duty if clock else None) == (Duty.ACKNOWLEDGE if phase is ForeignPhase.FIRING else None)
    assert pressing(other, Acknowledgement("alice", 1100), HOURS, 1000) is None


def test_where_nothing_is_promised_nothing_runs() -> None:
    assert pressing(firing(BARE), None, HOURS, 1000) is None


def test_a_day_of_work_is_a_promise_too() -> None:
    friday_evening = 1795197600.0   # 2026-11-20 18:00 UTC
    clock = pressing(firing(P3, friday_evening), None, HOURS, friday_evening)
    assert clock is not None
    assert clock.due_at == friday_evening + 3 * 86_400 - 3600
