"""Until when somebody must take an alert, in words and tones."""

from dataclasses import replace

import pytest

from ontui.domain.alert import WHOLE, Acknowledgement, Alert, Phase
from ontui.domain.deadline import BusinessHours
from ontui.domain.flapping import Flaps
from ontui.domain.severity import Level, Severity
from ontui.domain.streak import Streak
from ontui.ui import format as words
from ontui.ui.promise import owner, promised
from tests.domain.build import rule

P0 = Severity("P0", Level.CRITICAL, 0, "15m", "5m", "30m")
SEV1 = Severity("SEV-1", Level.CRITICAL, 0, "5m")
P3 = Severity("P3", Level.WARNING, 3, "1 business day")
NONE = Severity("NONE", Level.WARNING, 4)
HOURS = BusinessHours()
FLAPS = Flaps((970.0, 980.0, 990.0, 1000.0, 1010.0), 1010.0, quiet_s=100.0)


def firing(severity: Severity) -> Alert:
    return Alert(rule("> 1s", severity=severity), Phase.FIRING, 1000.0)


@pytest.mark.parametrize(
    ("severity", "now", "text", "tone"),
    [
        (SEV1, 1000, "respond in 5m", "quiet"), (SEV1, 1108, "respond in 3m12s", "quiet"),
        (SEV1, 1241, "respond in 59s", "warning"), (SEV1, 1300, "respond overdue 0s", "critical"),
        (SEV1, 1420, "respond overdue 2m", "critical"), (SEV1, 1000 + 4000, "respond overdue 1h01m", "critical"),
        (P0, 1010, "acknowledge in 4m50s", "quiet"), (P0, 1360, "acknowledge overdue 1m", "critical"),
        (P0, 1960, "respond overdue 1m", "critical"),
        (P3, 1000, "respond in 16h43m", "quiet"), (P3, 1000 + 20 * 3600, "respond overdue 3h16m", "warning"),
        (NONE, 1000, "not acknowledged", "quiet"),
    ],
)  # fmt: skip
def test_the_clock_that_runs(severity: Severity, now: float, text: str, tone: str) -> None:
    assert owner(firing(severity), HOURS, now) == (text, tone)


def test_who_has_taken_it_stops_the_clock() -> None:
    taken = replace(firing(P0), acknowledged=Acknowledgement("alice@host", 1030))
    assert owner(taken, HOURS, 5000) == ("alice, 1h06m ago", "quiet")
    assert owner(replace(firing(P0), phase=Phase.PENDING), HOURS, 1000) == ("", "quiet")


def test_while_it_is_flapping_and_well_nobody_has_to_respond() -> None:
    assert owner(replace(firing(P0), flaps=FLAPS, seen_at=1110.0), HOURS, 5000) == ("", "quiet")


def test_what_is_promised_is_said_as_configured() -> None:
    assert promised(firing(P0)) == "acknowledge within 5m · respond within 15m · update every 30m"
    assert promised(firing(NONE)) == ""


@pytest.mark.parametrize(
    ("alert", "life"),
    [
        (replace(firing(P0), flaps=FLAPS, streaks={WHOLE: Streak(fired=True)}), "firing (flapping) 2m"),
        (replace(firing(P0), flaps=FLAPS, seen_at=1110.0), "flapping, well since 1m50s, settles 00:26Z"),
        (replace(firing(P0), flaps=FLAPS, seen_at=1110.0, frozen_at=1115.0), "flapping, no data for 10s"),
        (Alert(rule("> 1s", in_a_row=3), Phase.PENDING, 1000.0, times=2), "pending 2 of 3 in a row"),
        (Alert(rule("> 1s", 60, in_a_row=3), Phase.PENDING, 1000.0, 40.0, 5), "pending 0:40 of 1:00, 3 of 3 in a row"),
        (Alert(rule("> 1s", 60), Phase.PENDING, 1000.0, 40.0, 5), "pending 0:40 of 1:00"),
    ],
)
def test_where_an_alert_is_in_its_life(alert: Alert, life: str) -> None:
    assert words.life(alert, 1120) == life


@pytest.mark.parametrize(
    ("asked", "terms"),
    [
        (rule("> 90%", 300, unit="ratio", clear="< 80%"), "> 90 % for 5m, until < 80 %"),
        (rule("failing", in_a_row=3, unit="up"), "failing, 3 in a row"),
        (rule("> 90%", unit="ratio"), "> 90 %"),
    ],
)
def test_when_an_alert_fires_and_when_that_is_over(asked: object, terms: str) -> None:
    assert words.terms(asked, "ratio") == terms  # type: ignore[arg-type]
