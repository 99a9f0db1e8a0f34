"""One number out of somebody's own SQL, or why it is none."""

import math
from datetime import date, timedelta
from decimal import Decimal

import psycopg

from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.text import one_line
from ontui.sources.postgres_faults import words_of
from ontui.sources.postgres_link import Link, Table
from ontui.sources.table import cell_words, table_reading

WRITE_AGE = ": for its age write unit: seconds and select extract(epoch from now() - (…))"
"""A time is no number: only by the server's clock does it tell an age."""
IN_SECONDS = "write unit: seconds, or make it a number of your own with extract(epoch from (…))"
"""A length of time knows its unit: another would only relabel it."""
NO_ROWS = "expected one number, got an answer without rows: ask with select"
MOST_RECORDS = 5000
"""Rows of an answer that are read."""


async def ask_number(
    link: Link, sql: str, at: float, limit_ms: int, unit: str, many: Sli | None = None
) -> Reading:  # fmt: skip
    """The reading of a statement that should return one number in the unit, or the rows of `many`.

    Its failure is only its own, unless contact broke.
    """
    try:
        table = await link.first_rows(sql, limit_ms, MOST_RECORDS if many else 1)
    except psycopg.Error as error:
        if link.lost(error):
            raise
        # Without a state it is psycopg's own word: it had no rows to give.
        rowless = isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None
        return Reading.unknown(at, NO_ROWS if rowless else words_of(error))
    except (ValueError, OverflowError) as error:  # a value Python has no room for, such as a date before its calendar
        return Reading.unknown(at, one_line(f"expected one number: {error}"))
    if many is not None:
        columns = [name for name, _ in table.columns]
        caveat = f"only the first {MOST_RECORDS} rows were read" if table.more else ""
        made = table_reading(many, columns, table.rows, number, Reading(None, at, caveat=caveat))
        relabelled = made.rows and unit != "seconds" and _measures_time(table, many)
        return Reading.unknown(at, _relabelled(unit)) if relabelled else made
    if not table.rows:
        return Reading.no_data(at, "no rows")
    if len(table.columns) != 1:
        return Reading.unknown(at, f"expected one number, got {len(table.columns)} columns")
    if table.more:
        return Reading.unknown(at, "expected one number, got more than one row")
    value, kind = table.rows[0][0], table.columns[0][1]
    if unit != "seconds" and isinstance(value, timedelta):
        return Reading.unknown(at, _relabelled(unit), raw=one_line(value, 400))
    return _reading(value, at, kind)


def _measures_time(table: Table, many: Sli) -> bool:
    """Whether a value of the rows is a length of time."""
    values = [n for n, (name, _) in enumerate(table.columns) if many.row_value in ("", name)]
    return any(isinstance(row[n], timedelta) for row in table.rows for n in values if table.columns[n][0] != many.rows)


def _relabelled(unit: str) -> str:
    return f"an interval is in seconds, not in {one_line(unit, 40)}: {IN_SECONDS}"


def _reading(value: object, at: float, kind: str) -> Reading:
    if value is None:
        return Reading.no_data(at, "NULL")
    found = number(value)
    if found is None:
        instead = WRITE_AGE if isinstance(value, date) else ""
        reason = f"expected one number, got {one_line(kind, 40)}{instead}"
        return Reading.unknown(at, reason, raw=one_line(cell_words(value), 400))
    if not math.isfinite(found) and (isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())):
        return Reading.unknown(at, f"{one_line(value, 20)} is too large a number", raw=one_line(value, 400))
    if not math.isfinite(found):
        word = "NaN" if math.isnan(found) else f"{found:+}".replace("inf", "Inf")
        return Reading.no_data(at, f"no value ({word})", raw=word)
    return Reading(found, at, raw=one_line(value, 400))


def number(value: object) -> float | None:
    """Seconds for an interval, 1 and 0 for booleans; None for what is no number."""
    if isinstance(value, bool | int | float | Decimal):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return value.total_seconds() if isinstance(value, timedelta) else None
