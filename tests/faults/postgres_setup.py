"""Configs that watch one PostgreSQL, as `db`, and what the tests of its faults do to it."""

import contextlib
import time
from collections.abc import Iterator

import psycopg

from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.servers.postgres import Postgres

HEAD = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  db: {{type: postgres, dsn: "${{SHOP_DSN}}", every: {every}, timeout: {timeout}}}
slis:
"""

WIDE = (190, 40)
"""A terminal in which a whole reason stands beside its SLI."""


def watched(
    place: ConfigFolder, dsn: str, *slis: str, every: str = "1s", timeout: str = "900ms", more: str = ""
) -> None:
    """Write a config: an SLI is a word for a built-in metric, or `name: sql: select …`."""
    place.environ["SHOP_DSN"] = dsn
    place.write(HEAD.format(every=every, timeout=timeout) + "".join(map(_line, slis)) + more)


def _line(sli: str) -> str:
    name, _, rest = sli.partition(": ")
    return f"  {name}: {{source: db, {rest or f'metric: {name}'}}}\n"


@contextlib.contextmanager
def crowd(postgres: Postgres, count: int) -> Iterator[None]:
    """So many sessions of an application."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            # A session that just ended may have its slot still.
            eventually(lambda: stack.enter_context(postgres.session("plain", name="app")))
        yield


def session_pid(postgres: Postgres, application: str = "ontui") -> int:
    """The server's process for our session."""
    asked = f"select pid from pg_stat_activity where application_name = '{application}'"
    ((pid,),) = postgres.execute(asked)
    return int(pid)


def seconds_since(began: float) -> float:
    """By the clock that never steps."""
    return time.monotonic() - began


def let_in(dsn: str) -> bool:
    """Whether a login works."""
    try:
        with psycopg.connect(dsn, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
