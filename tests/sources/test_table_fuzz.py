"""Tables that nobody checked: whatever is in them, a reading comes out, and never a value that is none."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.rows import MOST_ROWS
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.sources.postgres_number import number
from ontui.sources.table import NAME_CHARS, cell_words, plain_number, records_reading, table_reading

SLI = Sli("s", "s", "", "d", "count", 10.0, 2.0, rows="name")
CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=200), st.binary(max_size=50),
    st.decimals(allow_nan=False) | st.just(Decimal("NaN")), st.timedeltas(), st.lists(st.integers(), max_size=3),
)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def sound(reading: Reading) -> None:
    """What must hold of any reading."""
    assert (reading.value is None) == (reading.flaw is not None)
    assert reading.value is None or math.isfinite(reading.value)
    assert reading.flaw in (None, Status.NO_DATA, Status.UNKNOWN)
    assert reading.flaw is None or reading.reason
    assert len(reading.rows) <= MOST_ROWS
    names = [row.name for row in reading.rows]
    assert len(set(names)) == len(names)
    for row in reading.rows:
        assert (row.value is None) == bool(row.reason)
        assert row.value is None or math.isfinite(row.value)
        assert row.name.isprintable()
        assert 0 < len(row.name) <= NAME_CHARS
    if reading.rows and reading.value is not None:
        assert reading.value == reading.rows[0].value


@given(st.lists(st.tuples(CELLS, CELLS), max_size=20))
def test_any_cells_of_sql(records: list[tuple[object, object]]) -> None:
    sound(table_reading(SLI, ["name", "value"], records, number, Reading(None, 1.0)))


@given(st.lists(st.text(max_size=10), max_size=5), st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=3))
def test_any_columns(columns: list[str], records: list[list[object]]) -> None:
    sound(table_reading(SLI, columns, [r[: len(columns)] for r in records], number, Reading(None, 1.0)))


@given(JSON)
def test_any_json(found: object) -> None:
    sound(records_reading(SLI, found, plain_number, Reading(None, 1.0)))


@given(st.lists(st.dictionaries(st.sampled_from(["name", "value", "more"]), JSON, max_size=3), max_size=8))
def test_any_list_of_objects(found: list[dict[str, object]]) -> None:
    sound(records_reading(SLI, found, plain_number, Reading(None, 1.0)))


def test_the_kinds_of_number_that_postgresql_sends() -> None:
    told = [number(cell) for cell in (True, 3, Decimal("2.5"), timedelta(minutes=1), "7", None, b"1")]
    assert told == [1.0, 3.0, 2.5, 60.0, None, None, None]


def test_nothing_is_shown_as_python_writes_it() -> None:
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    cells = [at, at.date(), bytearray(b"ab"), b"ab", [at, None, True], {"a": at}, "it's", Decimal("1.50")]
    assert [cell_words(cell) for cell in cells] == [
        "2026-11-21 08:00:00+00:00", "2026-11-21", "2 bytes", "2 bytes", "[2026-11-21 08:00:00+00:00, NULL, true]",
        "{a: 2026-11-21 08:00:00+00:00}", "it's", "1.50",
    ]  # fmt: skip
    table: list[list[object]] = [["a", at], [b"ab", 5], ["c", "x"]]
    told = table_reading(SLI, ["name", "value"], table, number, Reading(None, 0.0))
    assert [(row.name, row.reason) for row in told.rows] == [
        ("2 bytes", ""), ("a", "expected a number, got 2026-11-21 08:00:00+00:00"), ("c", "expected a number, got 'x'"),
    ]  # fmt: skip


def test_rows_that_cannot_be_read_are_not_absent() -> None:
    begun = Reading(None, 1.0)
    seen = records_reading(SLI, {"a": "many", "b": None}, plain_number, begun)
    assert (seen.flaw, seen.reason) == (Status.UNKNOWN, "expected a number, got 'many'")
    seen = records_reading(SLI, {"a": 10**400}, plain_number, begun)
    assert (seen.flaw, seen.reason) == (Status.UNKNOWN, "expected a number, got one that is too large")
    seen = records_reading(SLI, {"a": None, "b": math.nan}, plain_number, begun)
    assert (seen.flaw, seen.reason) == (Status.NO_DATA, "NULL")
    assert records_reading(SLI, {"a": "many", "b": 3}, plain_number, begun).value == 3
