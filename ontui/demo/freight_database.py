"""The real work and the real leak: the sessions Infamous Freight holds in the embedded PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

APP_ROLE = "freight_app"
DATABASE = "freight"
SCHEMA = Path(__file__).parent / "freight" / "schema.sql"
WEB_SESSIONS_A_REPLICA = 4
MOST_WEB_SESSIONS = 18
REPORT_SESSIONS = 3
LEAK_EVERY_S = 1.2
LEAK_UNTIL = 0.94
"""Share of the unreserved slots; the rest is left for those who come to repair."""
REST_AFTER_REPAIR_S = 180.0
SLOW_QUERY_S = 2.5
SLOW_FROM = (6, 12)
"""With so many sessions forgotten, one more heavy report runs."""

MEASURE = """
select count(*), current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0),
       array_agg(pid) filter (where usename = %s)
from pg_stat_activity where backend_type = 'client backend'
"""
WEB_QUERIES = (
    "select status, count(*) from shipments group by status",
    "select s.id, s.position_km, c.name from shipments s join customers c on c.id = s.customer_id where s.id = {id}",
    "update shipments set position_km = (position_km + 7) % 900, updated_at = now() where id = {id}",
    "insert into payments (shipment_id, cents, result) values ({id}, 1900 + {id}, 'ok')",
)
REPORT_QUERY = "select date_trunc('minute', created_at), sum(cents) from payments group by 1 order by 1 desc limit 30"
SLOW_QUERY = "select customer_id, count(*) from shipments, (select pg_sleep({seconds})) as waiting group by 1"


async def prepare(superuser_dsn: str, admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """Make the roles, the database and its tables in a new server."""
    async with await psycopg.AsyncConnection.connect(superuser_dsn, autocommit=True) as session:
        if session.info.server_version >= 160000:
            await session.execute("set scram_iterations = 1")  # the passwords are random; stretching only costs time
        for role, password in passwords.items():
            made = sql.SQL("create role {} login password {}").format(sql.Identifier(role), sql.Literal(password))
            await session.execute(made)
        # A new server has an empty database to spare; renaming it takes a tenth of the time of making another.
        await session.execute(sql.SQL("alter database postgres rename to {}").format(sql.Identifier(DATABASE)))
    async with await psycopg.AsyncConnection.connect(admin_dsn, autocommit=True) as session:
        await session.execute(SCHEMA.read_bytes())


Say = Callable[[str, str, str], None]
"""Where a log line goes: level, component, text."""


@dataclass(slots=True)
class FreightDatabase:
    """Keeps the sessions; supervise() once a second tells how full the pool is and carries the leak on."""

    admin_dsn: str
    app_dsn: str
    chance: random.Random
    pace: float
    say: Say
    sessions: int = 14
    """Client sessions in the server, whoever's, as last measured."""
    capacity: int = 35
    """Slots that are not reserved."""
    answering: bool = False
    web_wanted: int = 2 * WEB_SESSIONS_A_REPLICA
    _admin: psycopg.AsyncConnection | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _leaked: dict[int, psycopg.AsyncConnection] = field(default_factory=dict)
    _owed: float = 0.0
    _rest_until: float = 0.0

    async def open(self) -> None:
        """Open the usual sessions; the schema must be there."""
        self._tasks = [asyncio.create_task(self._work("reports", 4.0, (REPORT_QUERY,))) for _ in range(REPORT_SESSIONS)]
        self._fit_web()
        for _ in range(50):  # the first look at the pool should find it as it usually is
            await self.supervise(leaking=False, elapsed_s=0.0)
            if self.sessions > REPORT_SESSIONS + self.web_wanted:
                break
            await asyncio.sleep(0.02)

    async def supervise(self, *, leaking: bool, elapsed_s: float) -> None:
        """Measure, notice sessions ended by somebody else, and leak on unless that rests."""
        try:
            if self._admin is None or self._admin.closed:
                self._admin = await self._connect("cron", self.admin_dsn)
            row = await (await self._admin.execute(MEASURE, (APP_ROLE,))).fetchone()
        except psycopg.Error as error:
            self.answering = False
            self.say("ERROR", "cron", f"P1001: can't reach database server ({type(error).__name__})")
            return
        self.answering = True
        if row is None:
            return
        self.sessions, self.capacity = row[0], row[1]
        await self._notice_ended(set(row[2] or ()))
        self._rest_until = max(0.0, self._rest_until - elapsed_s * self.pace)
        if not leaking or self._rest_until:
            return
        self._owed += elapsed_s * self.pace / LEAK_EVERY_S
        while self._owed >= 1 and self.used < LEAK_UNTIL:
            self._owed -= 1
            await self._leak_one()
        self._owed = min(self._owed, 1.0)

    @property
    def used(self) -> float:
        """The share of the unreserved slots that is taken."""
        return self.sessions / self.capacity

    @property
    def resting(self) -> bool:
        """Whether the leak rests because somebody ended its sessions."""
        return self._rest_until > 0

    @property
    def leaked(self) -> int:
        """Sessions the reports opened and forgot."""
        return len(self._leaked)

    def scale(self, replicas: int) -> None:
        """Each instance of the API brings sessions of its own, as far as there is room."""
        self.web_wanted = min(MOST_WEB_SESSIONS, replicas * WEB_SESSIONS_A_REPLICA)
        self._fit_web()

    async def close(self) -> None:
        """End every session."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in (*self._leaked.values(), *([self._admin] if self._admin else [])):
            await session.close()

    def _fit_web(self) -> None:
        web = [task for task in self._tasks if task.get_name().startswith("web")]
        for task in web[self.web_wanted :]:
            task.cancel()
            self._tasks.remove(task)
        for index in range(len(web), self.web_wanted):
            self._tasks.append(asyncio.create_task(self._work("web", 2.5, WEB_QUERIES), name=f"web-{index}"))

    async def _work(self, component: str, every_s: float, queries: tuple[str, ...]) -> None:
        """One session of a component, for ever: opened again when it is ended."""
        while True:
            try:
                async with await self._connect(component) as session:
                    while True:
                        text = self.chance.choice(queries).format(id=self.chance.randint(1, 2400))
                        await session.execute(text.encode())
                        await asyncio.sleep(every_s * self.chance.uniform(0.6, 1.4))
            except psycopg.Error as error:
                self.say("WARN", component, f"session lost ({type(error).__name__}), opening another")
                await asyncio.sleep(1.0)

    async def _slow_work(self) -> None:
        """The heavy report whose time-outs leave sessions behind; runs as long as the leak does."""
        async with await self._connect("reports") as session:
            while self._leaked:
                await session.execute(SLOW_QUERY.format(seconds=SLOW_QUERY_S).encode())
                await asyncio.sleep(self.chance.uniform(0.2, 0.8))

    async def _connect(self, component: str, dsn: str | None = None) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            dsn or self.app_dsn, autocommit=True, application_name=component, connect_timeout=3, prepare_threshold=None
        )

    async def _leak_one(self) -> None:
        try:
            session = await self._connect("reports")
            await session.execute("select count(*) from shipments where status = 'in_transit'")
        except psycopg.Error as error:
            self.say("ERROR", "reports", f"P2024: timed out fetching a connection ({type(error).__name__})")
            return
        self._leaked[session.info.backend_pid] = session
        self.sessions += 1
        self.say("WARN", "reports", f"report timed out; its session {session.info.backend_pid} stays open")
        if len(self._leaked) in SLOW_FROM:
            task = asyncio.create_task(self._slow_work())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._tasks.append(task)

    async def _notice_ended(self, living: set[int]) -> None:
        """When an operator ends sessions of ours, drop the whole pool of the reports and rest."""
        ended = [pid for pid in self._leaked if pid not in living]
        if not ended:
            return
        self.say("INFO", "reports", f"{len(ended)} sessions ended by administrator command; pool of the reports reset")
        for session in self._leaked.values():
            await session.close()
        self._leaked.clear()
        self._owed, self._rest_until = 0.0, REST_AFTER_REPAIR_S
