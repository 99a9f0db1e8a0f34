"""What the server itself keeps of our promises: one run of an action at a time, and an end when we are gone.

Our own lock and our own cancelling die with us; these live as long as the session that does the work.
"""

import hashlib
from contextlib import suppress

import psycopg

from ontui.domain.answer import SqlFailed
from ontui.domain.quantity import format_age
from ontui.sources.postgres_deadline import Connection
from ontui.sources.postgres_faults import ended

_WATCH = "client_connection_check_interval = 1000"
"""Every second the server looks whether its client is still there; 0, its default, looks when the work is done."""
_HOLDER = """
select a.pid, extract(epoch from clock_timestamp() - a.query_start)::float8
from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objsubid = 1
  and l.database = (select oid from pg_database where datname = current_database())
  and l.classid::bigint = {high} and l.objid::bigint = {low}"""


async def end_with_us(connection: Connection, *, own: bool) -> None:
    """Have the server end the work once the connection is gone: for good if it is our own, else in this transaction.

    Before PostgreSQL 14, and on systems whose kernel cannot tell, it does not: there the time limit must do.
    """
    if connection.info.server_version < 140000:
        return
    ask = f"set {_WATCH}" if own else f"savepoint watch; set local {_WATCH}; release savepoint watch"
    try:
        await connection.execute(ask.encode())
    except psycopg.Error as error:
        if connection.closed or ended(error):
            raise
        if not own:
            await connection.execute(b"rollback to savepoint watch")


class Turn:
    """The right to run a statement: an advisory lock of the database, known to all machines and through poolers."""

    def __init__(self, connection: Connection, sql: str) -> None:
        self._connection = connection
        self._key = int.from_bytes(hashlib.sha256(f"ontui\0{sql}".encode()).digest()[:8], "big")

    async def take(self, *, until_commit: bool) -> None:
        """Raise SqlFailed if somebody has it; it ends with the transaction, or with the session."""
        kind = "_xact" if until_commit else ""
        cursor = await self._connection.execute(f"select pg_try_advisory{kind}_lock({self._signed})".encode())
        row = await cursor.fetchone()
        if row is None or row[0] is not True:
            raise SqlFailed(await self._refusal(), refused=True)

    async def give_back(self) -> None:
        """Do not make the next one wait until the server has noticed that our session is over."""
        with suppress(psycopg.Error):
            await self._connection.execute(f"select pg_advisory_unlock({self._signed})".encode())

    @property
    def _signed(self) -> int:
        return self._key - (1 << 64) if self._key >> 63 else self._key

    async def _refusal(self) -> str:
        asked = _HOLDER.format(high=self._key >> 32, low=self._key & 0xFFFFFFFF)
        row = await (await self._connection.execute(asked.encode())).fetchone()
        if row is None:
            return "this statement was still running on the server a moment ago"
        since = "" if row[1] is None else f", for {format_age(row[1])}"
        return f"this statement is still running on the server: pid {row[0]}{since}"
