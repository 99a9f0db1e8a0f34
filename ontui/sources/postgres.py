"""Looks at a PostgreSQL server over one kept connection, and carries out actions on another."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import psycopg

from ontui.domain.answer import Answer, SqlFailed
from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import PostgresSource
from ontui.domain.text import one_line
from ontui.sources.failed import Down, failed_poll
from ontui.sources.postgres_connect import Door
from ontui.sources.postgres_deadline import Connection, Late, within
from ontui.sources.postgres_execute import Parameter, Statement, run
from ontui.sources.postgres_findings import remarks, troubles
from ontui.sources.postgres_link import Link
from ontui.sources.postgres_look import Look, Looker
from ontui.sources.postgres_server import Server

ACTION = "ontui-action"
NEWS_S = 300.0
"""How long a restart or a change of role is told."""
CLOSE_S = 0.5


class PostgresPoller:
    """Polls one server; `execute` is for actions and their previews."""

    def __init__(
        self, source: PostgresSource, slis: Sequence[Sli], now: Callable[[], float], *, one_shot: bool = False
    ) -> None:
        self.source = source
        self._slis, self._now = slis, now
        self._door = Door(source)
        self._link = Link(self._door)
        self._looker = Looker(source, slis, self._link, now, one_shot=one_shot)
        self._turn = asyncio.Lock()
        self._known: Server | None = None
        self._identity = ""
        self._news: list[tuple[float, str]] = []

    @property
    def endpoint(self) -> str:
        """`db.internal:5432/orders as monitor, primary, PostgreSQL 16.4`; the last two once it was asked."""
        return f"{self._door.address}, {_what(self._known)}{self._by}" if self._known else self._door.address

    async def poll(self) -> Sample:
        """Look once. While an action needs the only connection, nothing is asked and nothing is claimed."""
        at = self._now()
        if self._turn.locked():
            return Sample(self.source.id, at, findings=("not asked: an action is using the only connection",))
        async with self._turn:
            try:
                look = await self._link.within(self._looker.look(), self.source.timeout_s)
            except Down as down:
                return self._failed(at, down.fault)
        news = self._changed(look)
        findings = [*troubles(look), *self._told(look.seen.at), *remarks(look, self._slis)]
        return Sample(
            self.source.id,
            at,
            look.latency_s,
            look.readings,
            server=one_line(f"{_what(look.server)}, {look.server.place}{self._by}"),
            identity=self._identity,
            findings=tuple(self._door.hide(one_line(text)) for text in findings),
            news=tuple(self._door.hide(one_line(text)) for text in news),
            skew_s=look.skew_s,
        )

    async def close(self) -> None:
        """Let go of the connection, also of one that does not answer."""
        self._link.close()
        self._looker.close()
        if self._turn.locked():
            try:
                async with asyncio.timeout(CLOSE_S), self._turn:
                    self._link.close()
            except TimeoutError:
                return

    async def execute(
        self, sql: str, parameters: Mapping[str, Parameter], *, timeout_s: float, read_only: bool
    ) -> Answer:
        """Run SQL as one transaction, undone when read_only; raises SqlFailed. Cancelled, it ends on the server too."""
        statement = Statement(sql, parameters, timeout_s, read_only)
        try:
            connection = await self._opened(statement)
        except Down as down:
            if down.fault.kind is not FaultKind.SATURATED or self._link.connection is None:
                raise SqlFailed(down.fault.text) from None
            return await self._on_the_kept_one(statement, down.fault)
        try:
            return await self._run(connection, statement, own=True)
        finally:
            if not connection.closed and not connection.lock.locked():
                connection.pgconn.finish()

    async def _opened(self, statement: Statement) -> Connection:
        limit_ms = int(statement.timeout_s * 1000)
        opening = self._door.open(ACTION, read_only=statement.read_only, statement_ms=limit_ms)
        try:
            return await within(opening, self.source.timeout_s, lambda: None)
        except Late:
            raise Down(Fault(FaultKind.TIMEOUT, f"no connection within {self.source.timeout_s:g} s")) from None

    async def _on_the_kept_one(self, statement: Statement, fault: Fault) -> Answer:
        """A full server lets nobody in any more: what we hold already must do."""
        async with self._turn:
            connection = self._link.connection
            if connection is None:
                raise SqlFailed(fault.text)
            statement.notices.append(f"{fault.text}: used the connection that was already open")
            return await self._run(connection, statement, own=False)

    async def _run(self, connection: Connection, statement: Statement, *, own: bool) -> Answer:
        try:
            await within(self._door.recognise(connection), self.source.timeout_s, lambda: connection)
            if self._identity and not statement.read_only:
                await within(self._same_server(connection), self.source.timeout_s, lambda: connection)
            return await run(connection, statement, own=own and not self._door.pooled)
        except Late:
            raise SqlFailed(f"no answer within {self.source.timeout_s:g} s", timed_out=True) from None
        except psycopg.Error as error:
            raise SqlFailed(self._door.fault(error).text, error.sqlstate or "") from None
        except SqlFailed as failed:
            text = self._door.hide(failed.text)
            raise failed.saying(text) from None

    async def _same_server(self, connection: Connection) -> None:
        """Process ids mean nothing on another server, and a new connection may reach another one."""
        cursor = await connection.execute(b"select extract(epoch from pg_postmaster_start_time())::float8")
        row = await cursor.fetchone()
        if row is None or self._known is None or row[0] != self._known.started_s:
            raise SqlFailed("another server answers than the one this was planned for: plan again")

    @property
    def _by(self) -> str:
        return ", through a pooler" if self._door.pooled else ""

    def _failed(self, at: float, fault: Fault) -> Sample:
        return failed_poll(self.source, self._slis, at, self._now() - at, fault)

    def _changed(self, look: Look) -> list[str]:
        """What is new since the last poll: another role, another server, a restart, a lost session."""
        old, new, at = self._known, look.server, look.seen.at
        news = []
        if old is not None and old.replica != new.replica:
            was, now = ("replica", "primary") if old.replica else ("primary", "replica")
            news.append(f"role changed: was {was}, is {now} now")
        identity = f"{look.system or self._door.address}@{new.started_s:.6f}"
        if old is not None and old.started_s != new.started_s:
            moved = old.place != new.place or (look.system and not self._identity.startswith(look.system))
            another = f"another server answers now: {new.place}, was {old.place}"
            news.append(another if moved else "the server was restarted")
        elif look.reconnected:
            news.append(f"our session was ended, reconnected: {look.reconnected}")
        self._known, self._identity = new, identity
        self._news += [(at, text) for text in news]
        return news

    def _told(self, at: float) -> list[str]:
        """The news of the last minutes, with their age."""
        self._news = [(t, text) for t, text in self._news if at - t < NEWS_S]
        return [f"{text} ({format_duration(round(at - t))} ago)" if at - t >= 1 else text for t, text in self._news]


def _what(server: Server) -> str:
    version = one_line(server.version.split(" ")[0], 20)
    return f"PostgreSQL {version}, {'replica' if server.replica else 'primary'}"
