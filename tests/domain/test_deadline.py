"""Until when something was promised: tables of (raised at, expected deadline), by the clock on the wall."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from ontui.domain.deadline import BusinessHours, parse_within
from ontui.domain.quantity import QuantityError

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
USUAL = BusinessHours(zone=BERLIN)
SUNDAYS = BusinessHours(frozenset({6, 0, 1, 2, 3}), time(8, 30), time(16), ZoneInfo("Asia/Jerusalem"))


@pytest.mark.parametrize(
    ("within", "raised", "due"),
    [
        ("15m", "2026-11-21 14:36", "2026-11-21 14:51"),
        ("24h", "2026-11-20 18:00", "2026-11-21 18:00"),
        # 2026-11-20 is a Friday
        ("1 business day", "2026-11-18 11:00", "2026-11-19 11:00"),
        ("next business day", "2026-11-18 11:00", "2026-11-19 11:00"),
        ("1 business day", "2026-11-20 16:00", "2026-11-23 16:00"),
        ("1 business day", "2026-11-20 18:00", "2026-11-23 17:00"),
        ("1 business day", "2026-11-20 17:00", "2026-11-23 17:00"),
        ("1 business day", "2026-11-20 23:59", "2026-11-23 17:00"),
        ("1 business day", "2026-11-21 03:00", "2026-11-23 17:00"),
        ("1 business day", "2026-11-22 23:30", "2026-11-23 17:00"),
        ("1 business day", "2026-11-23 08:59", "2026-11-23 17:00"),
        ("1 business day", "2026-11-23 09:00", "2026-11-23 17:00"),
        ("1 business day", "2026-11-23 09:01", "2026-11-24 09:01"),
        ("2 business days", "2026-11-20 16:00", "2026-11-24 16:00"),
        ("2 business days", "2026-11-20 18:00", "2026-11-24 17:00"),
        ("5 business days", "2026-11-20 16:00", "2026-11-27 16:00"),
        ("10 business days", "2026-11-21 12:00", "2026-12-04 17:00"),
        ("0 business days", "2026-11-21 12:00", "2026-11-23 09:00"),
        ("0 business days", "2026-11-20 12:00", "2026-11-20 12:00"),
        # a holiday is a day like any other: they are not known
        ("1 business day", "2026-12-24 12:00", "2026-12-25 12:00"),
        # the clocks go back in the night of 2026-10-25 and forward in that of 2026-03-29
        ("1 business day", "2026-10-23 16:00", "2026-10-26 16:00"),
        ("1 business day", "2026-10-24 12:00", "2026-10-26 17:00"),
        ("1 business day", "2026-03-27 10:30", "2026-03-30 10:30"),
        ("1 business day", "2026-03-28 02:30", "2026-03-30 17:00"),
    ],
)
def test_days_of_work_by_the_clock_on_the_wall(within: str, raised: str, due: str) -> None:
    assert _said(parse_within(within).after(_at(raised, BERLIN), USUAL), BERLIN) == due


def test_a_length_of_time_is_true_time_where_the_clocks_change() -> None:
    raised = _at("2026-10-24 20:00", BERLIN)
    assert parse_within("24h").after(raised, USUAL) == raised + 86_400
    assert _said(raised + 86_400, BERLIN) == "2026-10-25 19:00"
    over_the_weekend = parse_within("1 business day").after(_at("2026-10-23 16:00", BERLIN), USUAL)
    assert over_the_weekend - _at("2026-10-23 16:00", BERLIN) == 73 * 3600


@pytest.mark.parametrize(
    ("raised", "due"),
    [
        ("2026-11-19 15:00", "2026-11-22 15:00"),   # Thursday, the last day of that week
        ("2026-11-19 16:30", "2026-11-22 16:00"),
        ("2026-11-20 12:00", "2026-11-22 16:00"),
        ("2026-11-22 08:00", "2026-11-22 16:00"),
    ],
)  # fmt: skip
def test_other_weeks_than_ours(raised: str, due: str) -> None:
    zone = ZoneInfo("Asia/Jerusalem")
    assert _said(parse_within("1 business day").after(_at(raised, zone), SUNDAYS), zone) == due


def test_a_day_that_never_was_and_hours_that_do_not_exist() -> None:
    # Samoa skipped Friday, 2011-12-30: its calendar is a day short, and nothing breaks
    hours = BusinessHours(zone=APIA)
    due = parse_within("1 business day").after(_at("2011-12-29 12:00", APIA), hours)
    assert due > _at("2011-12-29 12:00", APIA)
    at_night = BusinessHours(frozenset(range(7)), time(1), time(4), NEW_YORK)
    gone = parse_within("1 business day").after(_at("2026-03-07 02:30", NEW_YORK), at_night)   # 02:30 is skipped
    assert _said(gone, NEW_YORK) == "2026-03-08 03:30"
    twice = parse_within("1 business day").after(_at("2026-10-31 01:30", NEW_YORK), at_night)  # 01:30 comes twice
    assert twice - _at("2026-10-31 01:30", NEW_YORK) == 86_400


@pytest.mark.parametrize(
    "text", ["", "soon", "business day", "1.5 business days", "-1 business day", "one business day"]
)
def test_what_is_no_length_of_time_says_so(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_within(text)


def _at(text: str, zone: ZoneInfo) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def _said(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"
