"""SQL carried out on a source's database, told like a program's output."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from ontui.actions.ended import Ended, OnLine
from ontui.domain.action import Danger, Outcome, Plan
from ontui.domain.answer import Answer, SqlFailed
from ontui.domain.text import one_line

ROWS_SHOWN = 200
CELL_LIMIT = 60
SLACK_S = 3.0
"""How much longer than the server's own limit we wait for it to say so."""
_SIGNALLED = {
    "pg_terminate_backend": ("session", "ended"),
    "pg_cancel_backend": ("statement", "cancelled"),
}
"""What it means that a row is true, by the function asked for."""


class Execute(Protocol):
    """How a source carries out SQL; it bounds itself, and when cancelled it cancels on the server."""

    def __call__(
        self, sql: str, parameters: Mapping[str, str | int | float | bool], *, timeout_s: float, read_only: bool
    ) -> Awaitable[Answer]: ...


async def run_sql(plan: Plan, execute: Execute, on_line: OnLine, *, mask: Callable[[str], str] = str) -> Ended:
    """Carry out a plan of SQL, `read` in a read-only transaction; to stop it, cancel it."""
    read_only = plan.danger is Danger.READ
    try:
        async with asyncio.timeout(plan.timeout_s + SLACK_S):
            answer = await execute(plan.sql, dict(plan.parameters), timeout_s=plan.timeout_s, read_only=read_only)
    except TimeoutError:
        return Ended(
            Outcome.TIMED_OUT, f"no answer within {plan.timeout_s:g} s: it may or may not have been carried out"
        )
    except SqlFailed as error:
        state = f" ({error.sqlstate})" if error.sqlstate and error.sqlstate not in error.text else ""
        return Ended(_outcome(error), mask(one_line(error.text, 300)) + state)
    for line in (*answer.notices, *_table(answer)):
        on_line(mask(line))
    return Ended(Outcome.OK, _sum(plan.sql, answer))


def _outcome(error: SqlFailed) -> Outcome:
    if error.refused:
        return Outcome.REFUSED
    return Outcome.TIMED_OUT if error.timed_out else Outcome.LOST if error.lost else Outcome.FAILED


def _sum(sql: str, answer: Answer) -> str:
    """`11 sessions ended, 3 had already gone`, else the number of rows, else the server's own word."""
    for function, (noun, done) in _SIGNALLED.items():
        if function in sql.lower() and answer.columns:
            if not answer.total:
                return f"{_many(0, noun)} {done}: already gone, nothing was signalled"
            gone = answer.total - answer.truthy
            return f"{_many(answer.truthy, noun)} {done}" + (f", {gone} had already gone" if gone else "")
    if answer.columns:
        return _many(answer.total, "row")
    return one_line(answer.status, 80) or "done"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _table(answer: Answer) -> list[str]:
    """The answer as aligned columns under their names."""
    if not answer.columns:
        return [one_line(answer.status, 80)] if answer.status else []
    shown = [tuple(one_line(c, CELL_LIMIT) for c in row) for row in (answer.columns, *answer.rows[:ROWS_SHOWN])]
    widths = [max(len(row[n]) for row in shown) for n in range(len(answer.columns))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in shown]
    left = answer.total - (len(shown) - 1)
    return [*lines, f"… {left} more rows"] if left > 0 else lines
