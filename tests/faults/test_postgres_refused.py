"""Row 25, at the door: a role that may not log in has no view, which is not an outage of the server."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import WIDE, watched
from tests.faults.watch import status
from tests.servers.postgres import Postgres

HBA = "hba"


@contextlib.contextmanager
def shut(postgres: Postgres, how: str) -> Iterator[None]:
    """Keep `plain` out of the database `door`."""
    hba = postgres.server.data / "pg_hba.conf"
    before = hba.read_text()
    postgres.execute("create database door")
    try:
        if how == HBA:
            hba.write_text(f"host door plain 127.0.0.1/32 reject\n{before}")
            postgres.execute("select pg_reload_conf()")
        else:
            postgres.execute(how)
        yield
    finally:
        hba.write_text(before)
        postgres.execute("select pg_reload_conf()")
        postgres.execute("drop database door with (force)")
        postgres.execute("alter role plain login")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("alter role plain nologin", 'role "plain" is not permitted to log in'),
        (
            "revoke connect on database door from public",
            'permission denied for database "door": GRANT CONNECT ON DATABASE "door" TO "plain"',
        ),
        ("alter database door allow_connections false", 'database "door" is not currently accepting connections'),
        (HBA, 'pg_hba.conf rejects connection for host "127.0.0.1", user "plain", database "door", no encryption'),
    ],
)
def test_25_a_role_that_is_kept_out_is_no_outage(
    place: ConfigFolder, watching: Watching, postgres15: Postgres, how: str, words: str
) -> None:
    with shut(postgres15, how):
        watched(place, postgres15.dsn("plain", "door"), "up", "connections")
        told = status(place)
        assert (told.source("db")["status"], told.source("db")["error"]) == ("critical", words)
        for name in ("up", "connections"):
            assert (told.sli(name)["status"], told.sli(name)["value"], told.sli(name)["reason"]) == (
                "unknown", None, words,
            )  # fmt: skip
        watch = watching(place, size=WIDE)
        watch.shows(rf"db ▲ down.*{words.partition('(')[0]}")
        watch.sli("up", status="unknown", value=None)
        assert told.code == 3
