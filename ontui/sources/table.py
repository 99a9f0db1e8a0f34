"""A table of somebody's own making → the rows of an SLI."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ontui.domain.quantity import format_number
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.text import one_line

NAME_CHARS = 120


def table_reading(
    sli: Sli, columns: Sequence[str], records: Sequence[Sequence[object]],
    number: Callable[[object], float | None], reading: Reading,
) -> Reading:  # fmt: skip
    """The rows of a table: `sli.rows` names one column, the value is in `sli.row_value` or in the only other one.

    `number` makes a number of a cell, or None of what is none.
    """
    if sli.rows not in columns:
        return _unknown(reading, f"expected a column {sli.rows!r}, got {_listed(columns)}")
    others = [c for c in columns if c != sli.rows]
    if sli.row_value and sli.row_value not in columns:
        return _unknown(reading, f"expected a column {sli.row_value!r}, got {_listed(columns)}")
    if not sli.row_value and len(others) != 1:
        return _unknown(reading, f"expected one column beside {sli.rows!r}, got {_listed(others)}: name one in 'value'")
    name_at, value_at = columns.index(sli.rows), columns.index(sli.row_value or others[0])
    nothing = reading if records else replace(reading, reason="no rows")
    return reading_of(sli, [_row(r[name_at], r[value_at], number) for r in records], nothing)


def _row(name: object, cell: object, number: Callable[[object], float | None]) -> Row:
    called = one_line("(none)" if name is None else name, NAME_CHARS) or "(empty)"
    if cell is None:
        return Row(called, None, "NULL")
    value = number(cell)
    if value is None:
        return Row(called, None, one_line(f"expected a number, got {cell!r}", NAME_CHARS))
    return Row(called, value) if math.isfinite(value) else Row(called, None, format_number(value))


def _unknown(reading: Reading, reason: str) -> Reading:
    return Reading.unknown(reading.at, one_line(reason, 300), raw=reading.raw)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(one_line(c, 40)) for c in columns[:12]) or "no columns"
