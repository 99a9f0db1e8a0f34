"""A table of somebody's own making → the rows of an SLI."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ontui.domain.quantity import format_number
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import name_of, one_line
from ontui.sources.json_text import too_large

NAME_CHARS = 120
EXPECTED = "expected a number, got"


def table_reading(
    sli: Sli, columns: Sequence[str], records: Sequence[Sequence[object]],
    number: Callable[[object], float | None], reading: Reading,
) -> Reading:  # fmt: skip
    """The rows of a table: `sli.rows` names one column, the value is in `sli.row_value` or in the only other one.

    `number` makes a number of a cell, or None of what is none.
    """
    if not records:
        return reading_of(sli, (), replace(reading, reason="no rows"))
    if sli.rows not in columns:
        return _unknown(reading, f"expected a column {sli.rows!r}, got {_listed(columns)}")
    others = [c for c in columns if c != sli.rows]
    if sli.row_value and sli.row_value not in columns:
        return _unknown(reading, f"expected a column {sli.row_value!r}, got {_listed(columns)}")
    if not sli.row_value and len(others) != 1:
        return _unknown(reading, f"expected one column beside {sli.rows!r}, got {_listed(others)}: name one in 'value'")
    name_at, value_at = columns.index(sli.rows), columns.index(sli.row_value or others[0])
    rows = [_row(r[name_at], r[value_at], number) for r in records]
    made = reading_of(sli, rows, reading)
    broken = next((row.reason for row in rows if row.reason.startswith(EXPECTED)), "")
    # What cannot be read is not the same as nothing.
    return replace(made, flaw=Status.UNKNOWN, reason=broken) if broken and made.flaw is Status.NO_DATA else made


def records_reading(
    sli: Sli, found: object, number: Callable[[object], float | None], reading: Reading
) -> Reading:  # fmt: skip
    """The rows of parsed JSON: a list of objects is a table, and an object of numbers has a row for each."""
    if isinstance(found, dict) and not any(isinstance(cell, dict | list) for cell in found.values()):
        return table_reading(replace(sli, row_value=""), [sli.rows, "value"], list(found.items()), number, reading)
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        return _unknown(reading, "expected a list of objects, or one object of numbers, for the rows")
    columns = list(dict.fromkeys(str(key) for record in found for key in record)) or [sli.rows, "value"]
    table = [[record.get(column) for column in columns] for record in found]
    return table_reading(sli, columns, table, number, reading)


def plain_number(cell: object) -> float | None:
    """A JSON number or truth as a float; None for anything else."""
    if not isinstance(cell, int | float):
        return None
    try:
        return float(cell)
    except OverflowError:
        return math.inf


def cell_words(cell: object) -> str:
    """Any value of an answer as a person would write it."""
    match cell:
        case None:
            return "NULL"
        case bool():
            return str(cell).lower()
        case bytes() | bytearray() | memoryview():
            return f"{len(cell)} bytes"
        case list() | tuple():
            return f"[{', '.join(map(cell_words, cell))}]"
        case dict():
            return f"{{{', '.join(f'{cell_words(key)}: {cell_words(value)}' for key, value in cell.items())}}}"
        case _:
            return str(cell)


def _row(name: object, cell: object, number: Callable[[object], float | None]) -> Row:
    called = name_of("(none)" if name is None else cell_words(name), NAME_CHARS) or "(empty)"
    if cell is None:
        return Row(called, None, "NULL")
    if too_large(cell):
        return Row(called, None, f"{EXPECTED} one that is too large")
    value = number(cell)
    if value is None:
        got = repr(cell) if isinstance(cell, str) else cell_words(cell)
        return Row(called, None, one_line(f"{EXPECTED} {got}", NAME_CHARS))
    return Row(called, value) if math.isfinite(value) else Row(called, None, format_number(value))


def _unknown(reading: Reading, reason: str) -> Reading:
    return Reading.unknown(reading.at, one_line(reason, 300), raw=reading.raw)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(one_line(c, 40)) for c in columns[:12]) or "no columns"
