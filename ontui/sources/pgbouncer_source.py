"""A PgBouncer, asked over its admin console and polled into samples."""

from collections.abc import Callable, Sequence

import psycopg
from psycopg.pq.abc import PGresult

from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import PgbouncerSource
from ontui.domain.text import one_line
from ontui.sources.failed import Down, failed_poll
from ontui.sources.found import Flawed
from ontui.sources.pgbouncer_pools import Record, Seen, read_pools, reading, what_is_wrong, whole
from ontui.sources.postgres_connect import Door
from ontui.sources.postgres_link import Link

UNKNOWN_PARAMETER = "42704"
"""How PostgreSQL itself answers SHOW POOLS."""


class PgbouncerPoller:
    """Keeps one connection to the console, which understands SHOW and nothing else: no transaction, no parameter."""

    def __init__(self, source: PgbouncerSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._door = Door(source, pooled=True)
        self._link = Link(self._door)
        self._tells_state = True

    async def poll(self) -> Sample:
        """Look once, with one deadline for all of it."""
        at = self._now()
        try:
            version, latency_s, seen = await self._link.within(self._look(), self.source.timeout_s)
        except Down as down:
            return self._failed(at, self._explained(down.fault))
        server = one_line(f"{version}, {self._door.address}")
        return Sample(
            self.source.id,
            at,
            latency_s,
            {sli.id: reading(sli, seen) for sli in self._slis},
            server=server,
            identity=server,
            findings=tuple(self._door.hide(text) for text in what_is_wrong(seen)),
        )

    async def close(self) -> None:
        """Let go of the connection, also of one that does not answer."""
        self._link.close()

    async def _look(self) -> tuple[str, float, Seen]:
        """Ask; a kept connection that turns out to be dead is replaced once. Who answers, how quickly, and what."""
        new = await self._link.ready()
        at = self._now()
        try:
            version = await self._show("version")
        except psycopg.Error as error:
            if new or not self._link.lost(error):
                raise
            self._link.drop()
            await self._link.ready()
            at = self._now()
            version = await self._show("version")
        latency_s = self._now() - at
        pools, databases, users = [await self._show(what) for what in ("pools", "databases", "users")]
        lists = {str(each.get("list")): each.get("items") for each in await self._show("lists")}
        config = {str(each.get("key")): each.get("value") for each in await self._show("config")}
        seen = Seen(
            at, read_pools(pools, databases, users), tuple(databases), _known(lists, "used_clients"),
            _known(config, "max_client_conn"), await self._state(),
        )  # fmt: skip
        return one_line(next(iter(version[0].values()), "PgBouncer") if version else "PgBouncer", 60), latency_s, seen

    async def _state(self) -> str:
        """What PgBouncer as a whole does instead of serving; empty when it serves, or is too old to tell."""
        if not self._tells_state:
            return ""
        try:
            told = {each.get("key"): each.get("value") for each in await self._show("state")}
        except psycopg.Error as error:
            if self._link.lost(error):
                raise
            self._tells_state = False   # what it does not know, it writes into its log
            return ""
        return next((word for word in ("paused", "suspended") if told.get(word) == "yes"), "")

    async def _show(self, what: str) -> list[Record]:
        connection = self._link.connection
        if connection is None:
            raise psycopg.OperationalError("the connection is closed")
        async with connection.cursor() as cursor:
            try:
                await cursor.execute(f"show {what}".encode())
            except psycopg.Error as error:
                if error.sqlstate != UNKNOWN_PARAMETER:
                    raise
                text = "this is a database and not PgBouncer's console: the dsn must name the database pgbouncer"
                raise Down(Fault(FaultKind.CONFIG, text)) from None
            return _records(cursor.pgresult)

    def _explained(self, fault: Fault) -> Fault:
        """With the line of pgbouncer.ini that would let us in."""
        if "not allowed" not in fault.text:
            return fault
        line = f"add to stats_users in pgbouncer.ini: stats_users = {self._door.user}"
        return Fault(FaultKind.AUTH, f"no permission: {line}")

    def _failed(self, at: float, fault: Fault) -> Sample:
        return failed_poll(self.source, self._slis, at, self._now() - at, fault)


def _records(result: PGresult | None) -> list[Record]:
    """The rows by column, as text: versions differ in their types, and a name need not be UTF-8."""
    if result is None:
        return []
    names = [(result.fname(column) or b"").decode("utf-8", "replace") for column in range(result.nfields)]
    return [
        {name: _text(result.get_value(row, column)) for column, name in enumerate(names)}
        for row in range(result.ntuples)
    ]


def _text(cell: bytes | None) -> str | None:
    return None if cell is None else bytes(cell).decode("utf-8", "replace")


def _known(told: Record, name: str) -> int | None:
    try:
        return whole(told.get(name) or "", name)
    except Flawed:
        return None
