"""A real PgBouncer in transaction mode before a PostgreSQL, with a pool that is soon full."""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.rows import dict_row

from ontui.demo.process import Child, demoted_account, free_port, reachable, spawn, wait_ready
from tests.servers import packages
from tests.servers.postgres import PASSWORDS, Postgres

CONFIG = """
[databases]
postgres = host=127.0.0.1 port={server_port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
query_wait_timeout = 1
max_client_conn = 4
"""
WATCHED = """
[databases]
shop = host=127.0.0.1 port={server_port} user={user} password={password} dbname=postgres pool_size=2
audit = host=127.0.0.1 port={server_port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 3
server_check_delay = 0
max_client_conn = 12
admin_users = boss
stats_users = monitor
"""
"""Two databases: all users of `shop` share a pool of 2; of `audit` each has a pool of 3 as himself."""
USERS = ("app", "postgres", "monitor", "plain", "boss")


@dataclass(slots=True)
class Pooler:
    """A PgBouncer before a server, for one test."""

    child: Child
    port: int

    @property
    def dsn(self) -> str:
        """Say how `app`, and everybody else, connects."""
        return self.way()

    def way(self, database: str = "postgres", user: str = "app") -> str:
        """Say how a user connects to a database, which may be the console `pgbouncer`."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def accepts(self) -> bool:
        """Whether it listens."""
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def freeze(self) -> None:
        """Stop it as a hanging machine would."""
        psutil.Process(self.child.pid).suspend()

    def thaw(self) -> None:
        """Let it go on; harmless when it is not frozen."""
        psutil.Process(self.child.pid).resume()

    def console(self, command: str) -> list[dict[str, Any]]:
        """What an administrator is told."""
        with psycopg.connect(self.way("pgbouncer", "boss"), autocommit=True, row_factory=dict_row) as boss:
            cursor = boss.execute(command.encode())
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def before(postgres: Postgres, folder: Path, config: str = CONFIG, *, more: str = "") -> Iterator[Pooler]:
    """Start one in a folder of its own below ``folder``, with ``more`` settings.

    Unless ``config`` says otherwise, whoever comes is the superuser.
    """
    found, account, port = packages.find(packages.PGBOUNCER), demoted_account(), free_port()
    place = folder / "pgbouncer"
    place.mkdir(mode=0o711)
    program, env = found.folder / "pgbouncer", {"PATH": os.defpath, **found.environment()}
    if found.home is not None and not reachable(program, account):
        shutil.copytree(found.home, place / "program", symlinks=True)
        program = place / "program" / program.relative_to(found.home)
        env["LD_LIBRARY_PATH"] = str(place / "program" / "libraries")
    password = postgres.server.password
    ini = place / "pgbouncer.ini"
    (place / "users.txt").write_text("".join(f'"{user}" "{PASSWORDS.get(user, password)}"\n' for user in USERS))
    to = {"server_port": postgres.server.port, "user": "postgres", "password": password, "port": port}
    ini.write_text(f"{config.format(**to, folder=place)}{more}\n")
    child = spawn([program, ini], cwd=place, log=place / "log", env=env, as_user=account)
    made = Pooler(child, port)
    try:
        wait_ready(made.accepts, child, 10)
        yield made
    finally:
        made.thaw()
        child.stop()
        shutil.rmtree(place, ignore_errors=True)
