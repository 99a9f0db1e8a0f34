"""Many things measured alike: the worst first, each alarmed for itself, nothing left out in silence."""

from dataclasses import replace

import pytest

from ontui.domain.alert import Alert, AlertRule, Phase
from ontui.domain.condition import parse_condition
from ontui.domain.rows import MOST_ROWS, reading_of
from ontui.domain.sample import Reading, Row
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Indicator, Sli
from ontui.domain.status import Status

PAGE, NOTE = Severity("SEV-1", Level.CRITICAL, 0), Severity("SEV-3", Level.WARNING, 1)


def sli_with(objective: str = "", *alerts: tuple[str, Severity], unit: str = "count") -> Sli:
    return Sli(
        id="s", title="s", group="g", source="m", unit=unit, interval_s=10, timeout_s=2, rows="tenant",
        objective=parse_condition(objective, unit) if objective else None,
        alerts=tuple(AlertRule(f"A{n}", "s", parse_condition(w, unit), 0.0, s) for n, (w, s) in enumerate(alerts)),
    )  # fmt: skip


def rows(**values: float | None) -> list[Row]:
    return [Row(name, value, "" if value is not None else "NaN") for name, value in values.items()]


@pytest.mark.parametrize(
    ("sli", "order"),
    [
        (sli_with(), ["c", "b", "a"]),
        (sli_with("<= 2"), ["c", "b", "a"]),
        (sli_with(">= 2"), ["a", "b", "c"]),
        (sli_with("", ("< 5", PAGE)), ["a", "b", "c"]),
        (sli_with("", ("== 2", PAGE)), ["b", "a", "c"]),
        (sli_with("", ("!= 2", PAGE)), ["c", "a", "b"]),
        (sli_with("", ("> 100", NOTE), ("< 1.5", PAGE)), ["a", "c", "b"]),
        (sli_with("== 2"), ["c", "a", "b"]),
    ],
)
def test_the_worst_row_comes_first(sli: Sli, order: list[str]) -> None:
    reading = reading_of(sli, rows(b=2, a=1, c=4), Reading(None, 100.0))
    assert [row.name for row in reading.rows] == order
    assert reading.value == {"a": 1, "b": 2, "c": 4}[order[0]]
    assert reading.flaw is None


def test_rows_without_a_value_are_said_and_never_make_it_well() -> None:
    reading = reading_of(sli_with("<= 10"), rows(a=None, b=3, c=None), Reading(None, 100.0))
    assert reading.value == 3
    assert reading.caveat == "2 of 3 rows have no value"
    assert [row.name for row in reading.rows] == ["b", "a", "c"]


def test_no_row_with_a_value_is_no_data() -> None:
    reading = reading_of(sli_with("<= 10"), rows(a=None), Reading(None, 100.0))
    assert (reading.value, reading.flaw, reading.reason) == (None, Status.NO_DATA, "NaN")


def test_no_rows_are_no_data_unless_the_config_says_what_they_mean() -> None:
    assert reading_of(sli_with(), [], Reading(None, 100.0)).flaw is Status.NO_DATA
    meant = replace(sli_with(), empty=0.0)
    found = reading_of(meant, [], Reading(None, 100.0))
    assert (found.value, found.flaw) == (0, None)


def test_two_rows_of_one_name_are_an_error_and_not_one_of_them() -> None:
    reading = reading_of(sli_with(), [Row("a", 1), Row("a", 2)], Reading(None, 100.0))
    assert reading.flaw is Status.UNKNOWN
    assert "two rows are called 'a'" in reading.reason


def test_the_worst_thousand_are_kept_and_that_is_said() -> None:
    many = [Row(f"r{n:05}", float(n)) for n in range(MOST_ROWS + 5)]
    reading = reading_of(sli_with(), many, Reading(None, 100.0))
    assert (len(reading.rows), reading.value) == (MOST_ROWS, MOST_ROWS + 4)
    assert reading.caveat == f"only the worst {MOST_ROWS} of {MOST_ROWS + 5} rows are kept"


def test_rows_that_are_bad_by_turns_never_fire_and_one_that_stays_bad_does() -> None:
    sli = sli_with("", ("> 10", PAGE))
    rule = replace(sli.alerts[0], hold_s=30.0)
    by_turns = alone = Alert(rule)
    for step in range(10):
        at = 100.0 + 10 * step
        bad = "a" if step % 2 else "b"
        turn = reading_of(sli, rows(**{"a": 1, "b": 1, bad: 20}), Reading(None, at))
        by_turns = by_turns.after(turn, None, (), 25.0)
        alone = alone.after(reading_of(sli, rows(a=1, b=20 + step), Reading(None, at)), None, (), 25.0)
        assert by_turns.phase is Phase.PENDING
        assert alone.phase is (Phase.FIRING if step >= 3 else Phase.PENDING)
    assert list(alone.rows) == ["b"]
    assert alone.value == 29


def test_a_firing_alert_resolves_once_no_row_is_bad_and_forgets_them() -> None:
    sli = sli_with("", ("> 10", PAGE))
    alert = Alert(sli.alerts[0])
    for n, value in enumerate((20.0, 5.0, 5.0)):
        alert = alert.after(reading_of(sli, rows(a=value), Reading(None, 100.0 + 10 * n)), None, (), 25.0)
    assert alert.phase is Phase.RESOLVED
    assert alert.rows == {}


def test_an_sli_says_which_row_is_to_blame() -> None:
    sli = sli_with("<= 2")
    seen = Indicator(sli).after(reading_of(sli, rows(a=1, b=7), Reading(None, 100.0)))
    standing = seen.standing([], 101.0)
    assert (standing.status, standing.reason) == (Status.WARNING, "objective ≤ 2 missed: b")
    well = Indicator(sli).after(reading_of(sli, rows(a=1, b=2), Reading(None, 100.0)))
    assert (well.standing([], 101.0).status, well.standing([], 101.0).reason) == (Status.OK, "")
