"""Whether others still get in, told beside the polls and by a clock of the test's own."""

import asyncio
import os
import signal
from pathlib import Path

import psycopg

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import demoted_account, spawn
from ontui.sources.postgres_deadline import Connection
from ontui.sources.postgres_login import EVERY_S, Logins
from tests.eventually import eventually, eventually_async
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker

HANG = "NEW LOGINS HANG: no answer to one within 300 ms; our session still works"
REFUSED = "NEW LOGINS ARE REFUSED; our session still works"


class Watcher:
    """Asks as polls do, each `EVERY_S` after the one before."""

    def __init__(self, connection: Connection) -> None:
        self.at, self.connection = 0.0, connection
        self.logins = Logins(lambda: self.at, 0.3)

    async def look(self) -> str:
        """What is told once the question is answered that is asked now."""
        self.at += EVERY_S
        self.logins.told(self.connection)
        asking = self.logins._asking
        assert asking is not None
        await asyncio.wait({asking}, timeout=5)
        self.at += 1
        return self.logins.told(self.connection)


async def test_what_becomes_of_new_logins_is_told_while_our_session_works(
    any_postgres: Postgres, proxy: ProxyMaker
) -> None:
    way = proxy(any_postgres.address)
    connection = await psycopg.AsyncConnection.connect(any_postgres.dsn("plain", via=way), autocommit=True)
    watcher = Watcher(connection)
    try:
        assert await watcher.look() == ""
        way.black_hole()
        assert await watcher.look() == HANG
        way.heal()
        assert await watcher.look() == ""
        way.refuse()
        assert await watcher.look() == REFUSED
        assert await (await connection.execute("select 1")).fetchone() == (1,)
        watcher.logins.forget()
        assert watcher.logins.told(connection) == ""
    finally:
        watcher.logins.forget()
        await connection.close()


async def test_a_server_is_not_asked_more_often_and_none_is_left_in_it(any_postgres: Postgres) -> None:
    connection = await psycopg.AsyncConnection.connect(any_postgres.dsn("plain"), autocommit=True)
    watcher = Watcher(connection)
    assert await watcher.look() == ""
    watcher.at += EVERY_S - 2
    assert watcher.logins.told(connection) == ""
    assert watcher.logins._asking is None
    before = (any_postgres.server.data.parent / "postgres.log").read_text()
    assert await watcher.look() == ""
    await connection.close()
    clients = "select count(*) from pg_stat_activity where client_port is not null and pid <> pg_backend_pid()"
    await eventually_async(lambda: any_postgres.execute(clients) == [(0,)])
    assert (any_postgres.server.data.parent / "postgres.log").read_text() == before


async def test_unix_sockets_are_asked_too(own_server: PostgresServer, folder: Path) -> None:
    own_server.stop()
    where = str(own_server.data.parent)
    argv = own_server.child.process.args
    assert isinstance(argv, list)
    own_server.child = spawn(
        [f"unix_socket_directories={where}" if str(part).startswith("unix_socket") else part for part in argv],
        cwd=folder, log=own_server.child.log, env={"PATH": os.defpath, "TZ": "UTC"},
        as_user=demoted_account(), stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT,
    )  # fmt: skip
    eventually(own_server.accepts)
    connection = await psycopg.AsyncConnection.connect(
        host=where, port=own_server.port, user="postgres", password=own_server.password, autocommit=True
    )
    watcher = Watcher(connection)
    assert await watcher.look() == ""
    os.kill(own_server.child.pid, signal.SIGSTOP)
    try:
        assert await watcher.look() == HANG
    finally:
        os.kill(own_server.child.pid, signal.SIGCONT)
    assert await watcher.look() == ""
    watcher.logins.forget()
    await connection.close()
