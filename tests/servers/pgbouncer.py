"""A real PgBouncer in transaction mode before a PostgreSQL, with a pool that is soon full."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ontui.demo.process import Child, demoted_account, free_port, reachable, spawn, wait_ready
from tests.servers import packages
from tests.servers.postgres import Postgres

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


@dataclass(slots=True)
class Pooler:
    """A PgBouncer whose clients all share one session of the server."""

    child: Child
    port: int

    @property
    def dsn(self) -> str:
        """Say how `app`, and everybody else, connects."""
        return f"postgresql://app@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def accepts(self) -> bool:
        """Whether it lets somebody in."""
        try:
            with psycopg.connect(self.dsn, autocommit=True):
                return True
        except psycopg.OperationalError:
            return False


@contextlib.contextmanager
def before(postgres: Postgres, folder: Path, *, more: str = "") -> Iterator[Pooler]:
    """Start one in a folder of its own below ``folder``, with ``more`` settings; whoever comes is the superuser."""
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
    settings = CONFIG.format(server_port=postgres.server.port, user="postgres", password=password, port=port)
    ini.write_text(f"{settings}{more}\n")
    child = spawn([program, ini], cwd=place, log=place / "log", env=env, as_user=account)
    made = Pooler(child, port)
    try:
        wait_ready(made.accepts, child, 10)
        yield made
    finally:
        child.stop()
        shutil.rmtree(place, ignore_errors=True)
