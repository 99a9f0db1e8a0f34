"""Running an action's SQL, or its preview, within its time and as one transaction."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import psycopg

from ontui.domain.answer import Answer, SqlFailed
from ontui.domain.text import one_line
from ontui.sources.postgres_deadline import Connection, abandon, cut
from ontui.sources.postgres_faults import ended, words_of
from ontui.sources.postgres_turn import Turn, end_with_us

ROWS_KEPT = 2000
CELL = 200
NOTICES_KEPT = 50
LOCK_TIMEOUT_S = 5.0
"""An action that waits longer for a lock makes everybody queue behind it."""
CANCEL_S = 0.4
_MARGIN_S = 0.5
_BOOLEAN = 16
_PLACEHOLDER = re.compile(r"%\(\w+\)s")
_LITERAL_PERCENT = re.compile(r"%(?!\(\w+\)s)")

Parameter = str | int | float | bool


@dataclass(slots=True)
class Statement:
    """What is to be run, and how."""

    sql: str
    """Only `%(name)s` is special in it: every other % means itself."""
    parameters: Mapping[str, Parameter]
    timeout_s: float
    read_only: bool
    notices: list[str] = field(default_factory=list)
    given_up: bool = False
    """Set when nobody waits any more: then it must not be committed."""

    @property
    def bound(self) -> tuple[bytes, Mapping[str, Parameter] | None]:
        """The text and parameters as psycopg takes them; without placeholders it may be several statements."""
        if not _PLACEHOLDER.search(self.sql):
            return self.sql.encode(), None
        return _LITERAL_PERCENT.sub("%%", self.sql).encode(), self.parameters

    @property
    def begin(self) -> bytes:
        """Opens the transaction with its guards, which end with it."""
        limit_ms = max(1, int(self.timeout_s * 1000))
        lock_ms = max(1, int(min(self.timeout_s, LOCK_TIMEOUT_S) * 1000))
        mode = "read only" if self.read_only else "read write"
        return (
            f"begin {mode}; set local statement_timeout = {limit_ms}; set local lock_timeout = {lock_ms};"
            f" set local idle_in_transaction_session_timeout = {limit_ms + 10_000}"
        ).encode()


async def run(connection: Connection, statement: Statement, *, own: bool) -> Answer:
    """Run it, or raise SqlFailed; `own` says that the connection serves nothing else and keeps its settings."""
    task = asyncio.ensure_future(_perform(connection, statement, own=own))
    remark = _noting(statement)
    connection.add_notice_handler(remark)
    try:
        done, _ = await asyncio.wait({task}, timeout=statement.timeout_s + _MARGIN_S)
        if not done:
            await _stop(connection, task, statement)
    except asyncio.CancelledError:
        await _stop(connection, task, statement)
        raise
    finally:
        connection.remove_notice_handler(remark)
    if done or (task.done() and not task.cancelled() and task.exception() is None):
        return replace(task.result(), notices=tuple(statement.notices))
    failure = task.exception() if task.done() and not task.cancelled() else None
    rolled_back = isinstance(failure, SqlFailed) and not failure.lost
    lost = not statement.read_only and not rolled_back
    raise SqlFailed(f"no answer within {statement.timeout_s:g} s", timed_out=True, lost=lost)


async def _stop(connection: Connection, task: asyncio.Task[Answer], statement: Statement) -> None:
    """Ask the server to cancel, and cut the connection unless that ends it at once."""
    statement.given_up = True
    asking = asyncio.ensure_future(_ask_to_cancel(connection))
    try:
        await asyncio.wait({task}, timeout=CANCEL_S)
    finally:
        asking.cancel()
        if not task.done():
            cut(connection)
    await abandon(task, connection)


async def _ask_to_cancel(connection: Connection) -> None:
    with contextlib.suppress(psycopg.Error, OSError):
        await connection.cancel_safe(timeout=CANCEL_S)


async def _perform(connection: Connection, statement: Statement, *, own: bool) -> Answer:
    sql, parameters = statement.bound
    sent = False
    try:
        if own:
            await end_with_us(connection, own=True)
        await connection.execute(statement.begin)
        if not own:
            await end_with_us(connection, own=False)
        if not statement.read_only:
            await Turn(connection, statement.sql).take(until_commit=True)
        sent = True
        answer = await _ask(connection, sql, parameters)
        if statement.given_up:
            raise SqlFailed("given up before it was committed")
        await connection.execute(b"rollback" if statement.read_only else b"commit")
    except psycopg.Error as error:
        alone = error.sqlstate == "25001" and own and not statement.read_only and not statement.given_up
        if not await _rolled_back(connection, error):
            raise SqlFailed(words_of(error), error.sqlstate or "", lost=sent and not statement.read_only) from None
        if alone:  # VACUUM and its like do not run inside a transaction
            return await _without_transaction(connection, statement)
        raise SqlFailed(words_of(error), error.sqlstate or "", timed_out=_late(error)) from None
    except SqlFailed:
        await connection.execute(b"rollback")
        raise
    return answer


async def _without_transaction(connection: Connection, statement: Statement) -> Answer:
    sql, parameters = statement.bound
    limit_ms = max(1, int(statement.timeout_s * 1000))
    lock_ms = max(1, int(min(statement.timeout_s, LOCK_TIMEOUT_S) * 1000))
    turn = Turn(connection, statement.sql)
    try:
        await connection.execute(f"set statement_timeout = {limit_ms}; set lock_timeout = {lock_ms}".encode())
        await turn.take(until_commit=False)
        try:
            return await _ask(connection, sql, parameters)
        finally:
            await turn.give_back()
    except psycopg.Error as error:
        lost = connection.closed or ended(error)
        raise SqlFailed(words_of(error), error.sqlstate or "", timed_out=_late(error), lost=lost) from None


async def _ask(connection: Connection, sql: bytes, parameters: Mapping[str, Parameter] | None) -> Answer:
    cursor = await connection.execute(sql, parameters)
    statuses: list[str] = []
    answer = Answer((), (), 0, "")
    while True:
        statuses.append(one_line(cursor.statusmessage or "", 60))
        if cursor.description is not None:
            answer = _rows(cursor)
        elif not answer.columns:
            answer = Answer((), (), max(0, cursor.rowcount), "")
        if not cursor.nextset():
            break
    status = "; ".join(word for word in statuses if word)
    return replace(answer, status=one_line(status))


def _rows(cursor: psycopg.AsyncCursor[tuple[object, ...]]) -> Answer:
    """The first rows in the server's own writing; psycopg's Python values would show them differently."""
    result, columns = cursor.pgresult, cursor.description
    if result is None or columns is None:
        return Answer((), (), 0, "")
    rows = tuple(
        tuple(_cell(result.get_value(row, column)) for column in range(result.nfields))
        for row in range(min(result.ntuples, ROWS_KEPT))
    )
    booleans = [n for n, column in enumerate(columns) if column.type_code == _BOOLEAN]
    truthy = 0
    if len(booleans) == 1:
        truthy = sum(result.get_value(row, booleans[0]) == b"t" for row in range(result.ntuples))
    return Answer(tuple(one_line(c.name, 60) for c in columns), rows, result.ntuples, "", truthy=truthy)


def _cell(value: bytes | None) -> str:
    return "" if value is None else one_line(bytes(value[: CELL * 4]).decode("utf-8", "replace"), CELL)


async def _rolled_back(connection: Connection, error: psycopg.Error) -> bool:
    """Whether the session survived; only then it is sure that nothing was done."""
    if connection.closed or ended(error):
        return False
    try:
        await connection.execute(b"rollback")
    except psycopg.Error:
        cut(connection)
        return False
    return True


def _late(error: psycopg.Error) -> bool:
    return error.sqlstate == "57014" and "timeout" in (error.diag.message_primary or "timeout")


def _noting(statement: Statement) -> Callable[[psycopg.errors.Diagnostic], None]:
    def remark(diagnostic: psycopg.errors.Diagnostic) -> None:
        if len(statement.notices) < NOTICES_KEPT:
            statement.notices.append(one_line(f"{diagnostic.severity_nonlocalized}: {diagnostic.message_primary}"))

    return remark
