import pytest

from ontui.domain.condition import Kind, parse_condition
from ontui.domain.quantity import QuantityError
from ontui.domain.sample import Reading
from ontui.domain.status import Status
from tests.domain.build import points


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("> 800ms", "seconds", "> 800 ms"),
        ("<= 300ms", "seconds", "≤ 300 ms"),
        ("≥ 98%", "ratio", "≥ 98 %"),
        ("< 50% of baseline", "per_second", "< 50 % of baseline"),
        ("rising", "count", "rising"),
        ("== 1", "up", "up"),
        ("< 1", "up", "down"),
        ("!= 1", "up", "down"),
        ("> 0", "up", "up"),
        ("== 1", "present", "present"),
        ("< 1", "present", "missing or too short"),
        ("== 0", "present", "missing"),
        (">= 0.5", "present", "too short or present"),
        ("< 0", "up", "< down"),
        ("<= 0", "vendor", "operational"),
        (">= 3", "vendor", "≥ partial outage"),
        ("absent", "count", "absent"),
        ("older than 10m", "count", "older than 10m"),
        ("older  than 1h30m", "seconds", "older than 1h30m"),
    ],
)
def test_a_condition_is_read_and_said_again(text: str, unit: str, words: str) -> None:
    assert parse_condition(text, unit).words(unit) == words


@pytest.mark.parametrize(
    "text", ["", "800ms", "=> 3", "> ", "falling down", "> 50% of nothing", "older than", "older than tea"]
)
def test_what_is_no_condition_says_so(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_condition(text, "seconds")


@pytest.mark.parametrize(
    ("text", "value", "baseline", "recent", "holds"),
    [
        ("> 800ms", 0.81, None, (), True),
        ("> 800ms", 0.80, None, (), False),
        ("< 50% of baseline", 49.0, 100.0, (), True),
        ("< 50% of baseline", 49.0, None, (), None),
        ("failing", 0.0, None, (), False),
        ("rising", 5.0, None, points(1, 2, 5), True),
        ("rising", 5.0, None, points(5, 5), False),
        ("rising", 4.0, None, points(1, 5), False),
        ("rising", 4.0, None, (), None),
        ("falling", 4.0, None, points(1, 5), True),
        ("rising", 5.0, None, points(9, 3, 4), True),
        ("rising", 4.0, None, points(3, 4, 4, 4), True),
        ("rising", 4.0, None, points(4, 4, 4, 4), False),
        ("rising", 4.0, None, points(1, 2, 3, 5), False),
        ("rising", 5.0, None, points(3, None, None, 4), True),
        ("rising", 5.0, None, points(6, None, None), False),
        ("rising", 5.0, None, points(None, None), None),
        ("falling", 4.0, None, points(4, 4), False),
        ("falling", 1.0, None, points(9, 3, 3), True),
        ("absent", 4.0, None, (), False),
    ],
)
def test_it_holds_or_not(text: str, value: float, baseline: float | None, recent: tuple, holds: bool | None) -> None:  # type: ignore[type-arg]
    assert parse_condition(text, "seconds").holds(Reading(value, 0.0), baseline, recent) is holds


@pytest.mark.parametrize("flaw", [Status.NO_DATA, Status.STALE, Status.UNKNOWN])
def test_a_flawed_value_is_never_judged(flaw: Status) -> None:
    assert parse_condition("> 1", "count").holds(Reading(5.0, 0.0, flaw), None) is None


def test_absent_is_about_an_empty_answer_not_about_a_failure() -> None:
    absent = parse_condition("absent", "count")
    assert absent.kind is Kind.ABSENT
    assert absent.holds(Reading.no_data(0.0, "empty"), None) is True
    assert absent.holds(Reading.unknown(0.0, "no permission"), None) is None


@pytest.mark.parametrize(
    ("unit", "reading", "holds"),
    [
        ("up", Reading(0.0, 0.0), True), ("up", Reading(1.0, 0.0), False), ("up", Reading.unknown(0.0, "?"), None),
        ("present", Reading(0.5, 0.0), True), ("present", Reading(1.0, 0.0), False),
        ("count", Reading(0.0, 0.0), False), ("count", Reading.unknown(0.0, "no permission"), True),
        ("count", Reading.no_data(0.0, "empty"), False), ("count", Reading(1.0, 0.0, Status.STALE), False),
        ("count", Reading(None, 0.0, Status.UNKNOWN, "collecting", early=True), None),
    ],
)  # fmt: skip
def test_failing_is_being_down_or_being_impossible_to_read(unit: str, reading: Reading, holds: bool | None) -> None:
    failing = parse_condition("failing", unit)
    assert failing.holds(reading, None) is holds
    assert failing.words(unit) == "failing"


def test_what_is_down_may_be_judged_by_a_limit_on_the_other_side() -> None:
    failing = parse_condition("failing", "up")
    assert failing.excludes(parse_condition("== 1", "up")) is True
    assert failing.excludes(parse_condition("< 1", "up")) is False


@pytest.mark.parametrize(
    ("age_s", "flaw", "holds"),
    [
        (599.0, None, False), (600.0, None, False), (601.0, None, True), (601.0, Status.STALE, True),
        (None, None, None), (None, Status.NO_DATA, None), (700.0, Status.NO_DATA, True),
    ],
)  # fmt: skip
def test_age_is_judged_whatever_the_value(age_s: float | None, flaw: Status | None, holds: bool | None) -> None:
    older = parse_condition("older than 10m", "count")
    assert older.holds(Reading(5.0, 0.0, flaw, data_age_s=age_s), None) is holds


@pytest.mark.parametrize(
    ("when", "clear", "excludes"),
    [
        ("> 90%", "< 80%", True), ("> 90%", "<= 90%", True), ("> 90%", "< 95%", False), ("> 90%", "> 80%", False),
        (">= 90%", "<= 90%", False), (">= 90%", "< 90%", True), ("< 40%", ">= 60%", True), ("< 40%", "<= 30%", False),
        ("== 0", "> 0", True), ("== 0", ">= 0", False), ("!= 1", "== 1", True), ("!= 1", "> 1", False),
        ("failing", "== 1", None), ("> 90%", "failing", None),
        ("< 50% of baseline", "> 80% of baseline", True), ("< 50% of baseline", "> 40% of baseline", False),
        ("< 50% of baseline", "> 80%", None), ("absent", "> 1", None), ("older than 10m", "< 1", None),
        ("rising", "< 10", True), ("rising", "> 10", False), ("rising", "falling", True), ("rising", "rising", False),
        ("falling", ">= 10", True), ("> 90%", "falling", None), ("> 90%", "absent", None),
    ],
)  # fmt: skip
def test_what_ends_an_alarm_lies_on_the_good_side_of_what_begins_it(
    when: str, clear: str, excludes: bool | None
) -> None:
    assert parse_condition(when, "ratio").excludes(parse_condition(clear, "ratio")) is excludes
