import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ontui.domain.quantity import (
    SIZES,
    QuantityError,
    format_age,
    format_beside,
    format_duration,
    format_limit,
    format_number,
    format_value,
    parse_duration,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("1h30m", 5400),
        (15, 15),
        ("0.5", 0.5),
        ("1 h", 3600),
    ],
)
def test_a_duration_is_read_in_seconds(text: str | int, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-5s", "nan", "inf", True, "5m5", "٣s", "٣"])
def test_what_is_no_duration_says_so(text: str) -> None:
    with pytest.raises(QuantityError, match="expected a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("300ms", "seconds", 0.3),
        ("2s", "seconds", 2),
        ("0.3", "seconds", 0.3),
        ("5%", "ratio", 0.05),
        ("5 %", "ratio", 0.05),
        ("0.05", "ratio", 0.05),
        ("70%", "percent", 70),
        ("10MiB", "bytes", 10 * 1024**2),
        ("1 GB", "bytes", 1e9),
        ("50/min", "per_minute", 50),
        ("50/d", "per_day", 50),
        ("1_000", "count", 1000),
        ("30 days", "days", 30),
        ("-3", "count", -3),
        ("1e3", "count", 1000),
        ("partial outage", "vendor", 3),
        ("Major Outage", "vendor", 4),
        ("degraded_performance", "vendor", 2),
        ("under_maintenance", "vendor", 1),
        ("operational", "vendor", 0),
        ("2", "vendor", 2),
    ],
)
def test_a_limit_is_read_in_the_unit_of_its_sli(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit"), [("5%", "seconds"), ("300ms", "ratio"), ("many", "count"), ("٣", "count"), ("5/min", "per_day"),
                     ("outage", "vendor"), ("7", "vendor")]
)
def test_a_limit_of_another_unit_is_refused(text: str, unit: str) -> None:
    with pytest.raises(QuantityError):
        parse_quantity(text, unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("1,5s", "seconds"), ("0,5%", "ratio"), ("1,5", "count"), ("1,000", "count"), ("1,000,000", "bytes"),
     ("1,5MiB", "bytes"), ("2,5e3", "count"), ("1,5", "vendor")],
)  # fmt: skip
def test_a_comma_is_never_deleted_from_a_limit(text: str, unit: str) -> None:
    with pytest.raises(QuantityError) as refused:
        parse_quantity(text, unit)
    assert unit == "vendor" or refused.value.hint == "write 1.5, or 1500 without a comma"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.038, "seconds", "38 ms"),
        (1.24, "seconds", "1.24 s"),
        (1.0, "seconds", "1 s"),
        (72, "seconds", "1m12s"),
        (0.0042, "ratio", "0.42 %"),
        (0.31, "ratio", "31 %"),
        (0.999, "ratio", "99.9 %"),
        (0.99999, "ratio", "99.99 %"),
        (1.0, "ratio", "100 %"),
        (0.0, "ratio", "0 %"),
        (94.13, "per_second", "94.1 /s"),
        (12345, "count", "12.3k"),
        (1000, "count", "1000"),
        (3.5e9, "count", "3.5G"),
        (10 * 1024**2, "bytes", "10 MiB"),
        (1.0, "up", "up"),
        (0.0, "up", "down"),
        (12, "days", "12 days"),
        (float("nan"), "seconds", "NaN"),
        (float("inf"), "ratio", "+Inf"),
    ],
)
def test_a_value_is_written_for_people(value: float, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


def test_almost_all_is_never_rounded_up_to_all() -> None:
    assert format_value(0.99996, "ratio") != "100 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (72, "1m12s"), (300, "5m"), (11520, "3h12m"), (187200, "2d04h"), (-1, "0s")],
)
def test_an_age_has_its_two_largest_parts(seconds: float, text: str) -> None:
    assert format_age(seconds) == text


def test_small_numbers_keep_their_digits() -> None:
    assert (format_number(0.00042), format_number(0), format_duration(0.0004)) == ("4.2e-04", "0", "0.4 ms")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.3, "seconds", "300 ms"),
        (1.25, "seconds", "1.25 s"),
        (12.5, "seconds", "12.5 s"),
        (61.5, "seconds", "61.5 s"),
        (90.0, "seconds", "1m30s"),
        (3661.0, "seconds", "3661 s"),
        (0.905, "ratio", "90.5 %"),
        (0.9, "ratio", "90 %"),
        (0.0001, "ratio", "0.01 %"),
        (99.95, "percent", "99.95 %"),
        (12345.0, "count", "12345"),
        (1e6, "count", "1000000"),
        (1e12, "count", "1e12"),
        (1.5e9, "per_second", "1.5e9 /s"),
        (123456789.0, "count", "123456789"),
        (1.5, "per_second", "1.5 /s"),
        (10 * 1024**2, "bytes", "10 MiB"),
        (10.5 * 1024**3, "bytes", "10.5 GiB"),
        (1000.0, "bytes", "1000 B"),
        (1.0, "up", "up"),
        (3.0, "jobs", "3 jobs"),
        (0.0, "count", "0"),
    ],
)
def test_a_limit_keeps_every_digit(value: float, unit: str, text: str) -> None:
    assert format_limit(value, unit) == text


@pytest.mark.parametrize(
    ("value", "limit", "unit", "text"),
    [
        (0.0102, 0.01, "ratio", "1.02 %"),
        (0.9003, 0.9, "ratio", "90.03 %"),
        (0.9, 0.9, "ratio", "90 %"),
        (0.75, 0.9, "ratio", "75 %"),
        (0.30004, 0.3, "seconds", "300.04 ms"),
        (60.3, 60.0, "seconds", "60.3 s"),
        (12345.0, 12300.0, "count", "12.3k"),
        (100.4, 100.0, "count", "100.4"),
        (1.0004e12, 1e12, "count", "1.0004e12"),
        (1024**3 + 2e5, 1024.0**3, "bytes", "1.0002 GiB"),
    ],
)
def test_a_value_is_never_rounded_onto_a_limit(value: float, limit: float, unit: str, text: str) -> None:
    assert format_beside(value, (limit,), unit) == text
    assert (text == format_limit(limit, unit)) == (value == limit)


@pytest.mark.parametrize("unit", ["seconds", "ratio", "percent", "count", "per_second", "bytes"])
def test_the_greatest_number_is_no_wider_than_a_column(unit: str) -> None:
    for power in range(4, 30):
        assert len(format_value(-1.4288980212345 * 10**power, unit)) <= 14


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (999554, "per_second", "1M /s"),
        (-999554, "count", "-1M"),
        (999_999, "count", "1M"),
        (999_400, "count", "999k"),
        (999.6e6, "count", "1G"),
        (999.6e12, "count", "1000T"),
        (999.6, "count", "1000"),
        (9999.6, "count", "10000"),
        (0.9996, "seconds", "1 s"),
        (0.0009996, "seconds", "1 ms"),
        (9999.6, "ratio", "999960 %"),
        (999.6, "bytes", "1000 B"),
        (1023.9, "bytes", "1 KiB"),
        (1024 * 999.9, "bytes", "1000 KiB"),
        (1024**2 - 1, "bytes", "1 MiB"),
    ],
)
def test_what_is_rounded_up_takes_the_next_suffix(value: float, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


AMOUNTS = st.floats(0.001, 1e15, exclude_max=True) | st.builds(
    lambda power, part: 10.0**power * part, st.integers(0, 14), st.floats(0.99, 1.01)
)


@given(AMOUNTS, st.sampled_from(["count", "per_second", "bytes"]), st.sampled_from([1, -1]))
@example(999_554.0, "per_second", 1)
def test_what_is_written_of_a_number_says_it_nearly(value: float, unit: str, sign: int) -> None:
    text = format_value(sign * value, unit)
    said = re.fullmatch(r"(-?[0-9.]+)([kMGT]?)(?: /s)?|(-?[0-9.]+) (\w+)", text)
    assert said, text
    folded = float(said[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[said[2]] if said[1] else 0.0
    assert (folded or float(said[3]) * SIZES[said[4]]) == pytest.approx(sign * value, rel=0.005)


@given(AMOUNTS, st.sampled_from(["count", "per_minute", "bytes", "seconds", "ratio", "percent", "days"]))
def test_no_number_is_written_as_a_power_where_it_has_a_suffix(value: float, unit: str) -> None:
    shown = value * 100 if unit == "ratio" else value
    assert shown >= 1e15 or "e+" not in format_value(value, unit)
