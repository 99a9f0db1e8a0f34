"""A PostgreSQL with a streaming replica of it, both of which may be stopped, frozen and promoted."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import demoted_account, free_port, spawn, wait_ready
from tests.eventually import eventually

SETTINGS = {
    "wal_level": "replica",
    "max_wal_senders": "5",
    "wal_receiver_status_interval": "1s",
    "wal_receiver_timeout": "20s",
    "synchronous_commit": "local",  # what is committed has been sent on its way
}


@dataclass(slots=True)
class Pair:
    """A primary with one streaming replica; both are the superuser's."""

    primary: PostgresServer
    replica: PostgresServer

    def execute(self, server: PostgresServer, *statements: str) -> None:
        with psycopg.connect(server.dsn(), autocommit=True, application_name="test") as session:
            for statement in statements:
                session.execute(statement.encode())

    def caught_up(self) -> bool:
        with psycopg.connect(self.primary.dsn()) as session:
            row = session.execute(
                "select count(*) from pg_stat_replication where replay_lsn = pg_current_wal_insert_lsn()"
            ).fetchone()
        return row == (1,)


@contextlib.contextmanager
def replicated(place: Path) -> Iterator[Pair]:
    """Start both in a new folder; the replica is a copy of the primary. There is a role `plain` without rights."""
    place.mkdir(mode=0o711)
    with contextlib.ExitStack() as end:
        end.callback(shutil.rmtree, place, ignore_errors=True)
        primary = PostgresServer.start(place, settings=SETTINGS)
        end.callback(primary.stop)
        replica = _copy(primary, place / "postgres")
        end.callback(replica.stop)
        both = Pair(primary, replica)
        both.execute(primary, "create role plain login password 'plain-word'")
        eventually(both.caught_up)
        yield both


def _copy(primary: PostgresServer, place: Path) -> PostgresServer:
    argv = primary.child.process.args
    assert isinstance(argv, list)
    data, account, port = place / "copy", demoted_account(), free_port()
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    program = Path(str(argv[0])).with_name("pg_basebackup")
    backup: list[str | Path] = [program, "-D", data, "-R", "-X", "stream", "-c", "fast", "-d", primary.dsn()]
    copying = spawn(backup, cwd=place, log=place / "copy.log", env=env, as_user=account)
    wait_ready(lambda: copying.process.poll() == 0, copying, 30)
    options = [str(data) if part == str(primary.data) else part for part in map(str, argv)]
    options = [f"port={port}" if part.startswith("port=") else part for part in options]
    child = spawn(
        options, cwd=place, log=place / "copy.log", env=env, as_user=account,
        stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT,
    )  # fmt: skip
    replica = PostgresServer(child, data, port, primary.password)
    wait_ready(replica.accepts, child, 30)
    return replica
