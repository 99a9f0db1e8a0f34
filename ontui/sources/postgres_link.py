"""The one connection that is kept to a server, and what may be asked over it."""

import contextlib
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from ontui.domain.sample import Fault, FaultKind
from ontui.sources.failed import Down
from ontui.sources.postgres_connect import LOCK_TIMEOUT_MS, Door
from ontui.sources.postgres_deadline import Connection, Late, cut, within
from ontui.sources.postgres_faults import ended
from ontui.sources.postgres_turn import end_with_us

T = TypeVar("T")

APPLICATION = "ontui"


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer."""

    columns: tuple[tuple[str, str], ...]
    """Names and types; empty when there are no rows."""
    rows: list[tuple[Any, ...]]
    more: bool
    """There are more rows than these."""


class Link:
    """Opened when it is first needed, and opened again after it broke."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._connection: Connection | None = None
        self._closed = False
        self._giving_up = False
        """The work under way is being ended: it must not connect again."""
        self.transactions = 0
        """How many we have made: the server counts them among everybody's."""

    @property
    def connection(self) -> Connection | None:
        """The kept connection, if there is one that works."""
        kept = self._connection
        return None if kept is None or kept.closed else kept

    async def ready(self) -> bool:
        """Be connected; true when the connection is a new one. Raises Down."""
        if self.connection is not None:
            return False
        self.drop()
        if not (self._closed or self._giving_up):
            self._connection = await self._door.open(APPLICATION, read_only=True)
            await self._door.recognise(self._connection)
            if not self._door.pooled:
                await end_with_us(self._connection, own=True)
        if self._closed or self._giving_up:
            self.drop()
            raise Down(Fault(FaultKind.LOST, "closed by us"))
        return True

    async def within(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Await work that uses this link; raises Down for everything that is the server's or the network's doing."""
        word, self._giving_up = "answer", False

        def reach() -> Connection | None:
            nonlocal word
            self._giving_up = True
            word = "answer" if self._connection else "connection"
            return self.connection

        try:
            return await within(work, timeout_s, reach)
        except Late:
            self.drop()
            why = "POOL EXHAUSTED, or pooler or server silent: " if self._door.pooled and word == "answer" else ""
            raise Down(Fault(FaultKind.TIMEOUT, f"{why}no {word} within {timeout_s:g} s")) from None
        except psycopg.Error as error:
            if self.lost(error):
                self.drop()
            raise Down(self._door.fault(error)) from None

    def lost(self, error: psycopg.Error) -> bool:
        """Whether this error means that the connection is of no more use."""
        return self.connection is None or ended(error)

    async def rows(self, kind: type[T], sql: str) -> list[T]:
        """The rows of one of our own questions; through a pooler its guards last only as long as itself."""
        connection = self._connected()
        self.transactions += 1
        async with connection.cursor(row_factory=class_row(kind)) as cursor:
            if not self._door.pooled:
                await cursor.execute(sql.encode())
                return await cursor.fetchall()
            try:
                await cursor.execute(f"{self.begin(self._door.guard_ms)}; {sql}; commit".encode())
                while cursor.description is None and cursor.nextset():
                    pass
                return await cursor.fetchall()
            except psycopg.Error as error:
                await self.roll_back(error)
                raise

    async def one(self, kind: type[T], sql: str) -> T:
        """The only row of one of our own questions."""
        rows = await self.rows(kind, sql)
        if not rows:
            raise psycopg.DataError("the server answered without a row")
        return rows[0]

    async def first_rows(self, sql: str, limit_ms: int, most: int) -> Table:
        """The first rows of somebody's own statement, alone, read only, and bounded in time by the server as well.

        Rows beyond `most` are neither read nor kept: nobody knows how many there are.
        """
        connection = self._connected()
        self.transactions += 1
        try:
            await connection.execute(f"{self.begin(limit_ms)}; savepoint asked".encode())
            if self._door.pooled:
                await end_with_us(connection, own=False)
            cursor, more = connection.cursor(), False
            rows: list[tuple[Any, ...]] = []
            # Row by row it is the extended protocol, which refuses a second statement.
            answer = cast("AsyncGenerator[tuple[Any, ...]]", cursor.stream(sql.encode(), binary=True))
            async with contextlib.aclosing(answer):
                async for row in answer:
                    if len(rows) == most:
                        more = True
                        break
                    rows.append(row)
            columns = tuple((c.name, c.type_display) for c in cursor.description or ())
            # Undone all the same, but the server counts it as a commit: we do not spoil what we measure.
            await connection.execute(b"rollback to savepoint asked; commit")
        except psycopg.Error as error:
            await self.roll_back(error)
            raise
        return Table(columns, rows, more)

    @staticmethod
    def begin(limit_ms: int) -> str:
        """Opens a transaction with guards that end with it."""
        return (
            f"begin read only; set local statement_timeout = {limit_ms};"
            f" set local lock_timeout = {min(limit_ms, LOCK_TIMEOUT_MS)}"
        )

    async def roll_back(self, error: psycopg.Error) -> None:
        """Leave the transaction that an error has spoilt, if the session survived it; raises Down.

        A connection that is left in the middle of an answer, such as that of a COPY, answers nothing else any more: it
        is replaced at once, so that the question that spoilt it fails alone.
        """
        if self.lost(error):
            return
        if not self._stuck:
            with contextlib.suppress(psycopg.Error):
                await self._connected().execute(b"rollback")
        if self._stuck:
            self.drop()
            await self.ready()

    @property
    def _stuck(self) -> bool:
        """Whether the kept connection still awaits something, although nobody asks."""
        return self._connected().info.transaction_status in (TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN)

    def close(self) -> None:
        """Drop the connection and open no other."""
        self._closed = True
        self.drop()

    def drop(self) -> None:
        """Forget the connection; whoever still waits on it is woken, and only then is it closed."""
        connection, self._connection = self._connection, None
        if connection is None or connection.closed:
            return
        if connection.lock.locked():
            cut(connection)
        else:
            connection.pgconn.finish()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise psycopg.OperationalError("the connection is closed")
        return self._connection
