"""Row 31: a PgBouncer whose pool is full, and settings that would leak to the application's sessions."""

from pathlib import Path

import psycopg
import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import watched
from tests.faults.watch import status
from tests.servers.pgbouncer import Pooler, before
from tests.servers.postgres import Postgres

ACTION = """actions:
  touch: {source: db, sql: "select set_config('statement_timeout', '777', true)", danger: change}
"""
SETTINGS = (
    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "default_transaction_read_only",
    "client_connection_check_interval", "application_name",
)  # fmt: skip


def settings(app: psycopg.Connection) -> list[object]:
    """What the application finds set."""
    return [app.execute(f"show {name}".encode()).fetchone() for name in SETTINGS]


def test_31_a_full_pool_is_exhausted(place: ConfigFolder, watching: Watching, pooler: Pooler) -> None:
    watched(place, pooler.dsn, "up", "connections", every="4s", timeout="3s")
    watch = watching(place)
    watch.sli("connections", status="ok", value=1)
    assert watch.source("db")["server"].endswith(", through a pooler")
    with psycopg.connect(pooler.dsn, prepare_threshold=None) as app:
        app.execute("select 1")
        watch.source("db", status="critical", error="^POOL EXHAUSTED: query_wait_timeout")
        watch.shows(r"db ▲ down.*POOL EXHAUSTED: query_wait_timeout")
        watch.sli("up", value=0)
        told = status(place)
        assert told.source("db")["error"].startswith("POOL EXHAUSTED: query_wait_timeout")
        assert (told.sli("up")["value"], told.sli("connections")["value"]) == (0, None)
        impatient = status(place, "--timeout", "800ms")  # its own patience is 120 s by default, longer than ours
        assert impatient.source("db")["error"].startswith(
            "POOL EXHAUSTED, or pooler or server silent: no answer within"
        )
        app.rollback()
    watch.sli("connections", status="ok", value=1)
    watch.source("db", status="ok|warning")


@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options, extra_float_digits"])
def test_31_no_setting_leaks_to_the_application(
    place: ConfigFolder, watching: Watching, postgres15: Postgres, folder: Path, more: str
) -> None:
    with (
        before(postgres15, folder, more=more) as pooler,
        psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None, application_name="app") as app,
    ):
        found = settings(app)
        watched(place, pooler.dsn, "up", "connections", "n: sql: select 1", more=ACTION)
        assert status(place).sli("n")["value"] == 1
        watch = watching(place)
        watch.sli("n", status="ok", value=1)
        ended = place.run("action", "run", "touch", "--confirm", "y")
        assert ended.code == 0, ended
        assert "777" in ended.out
        watch.sli("n", status="ok", value=1)
        assert settings(app) == found
