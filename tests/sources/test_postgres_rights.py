"""Missing rights, and the GRANT that gives them: what is said is run, and then the number comes."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ontui.demo.postgres import PostgresServer
from ontui.domain.status import Status
from tests.servers.postgres import Postgres
from tests.sources.postgres_poll import polled, sli, values

ODD = 'on call "1"'
"""A role whose name SQL wants quoted; so does it `user`, which looks as if it did not."""
MANY = "select count(*) from pg_stat_statements"
GRANT = re.compile(r"GRANT .*$")


@contextlib.contextmanager
def role(postgres: Postgres, name: str) -> Iterator[str]:
    """A role without rights, and its DSN; dropped with all it was granted."""
    quoted = '"' + name.replace('"', '""') + '"'
    postgres.execute(f"create role {quoted} login password 'word'")
    try:
        yield postgres.server.dsn(user=name, password="word")
    finally:
        postgres.execute(f"drop owned by {quoted}")
        postgres.execute(f"drop role {quoted}")


@pytest.mark.parametrize("name", [ODD, "user", "Monitor", "überwacher"])
async def test_the_grant_for_sessions_names_the_role_as_sql_wants_it(any_postgres: Postgres, name: str) -> None:
    with role(any_postgres, name) as dsn:
        before = await polled(dsn, sli("connections"))
        (finding,) = before.findings
        assert finding.startswith("no permission: role ")
        assert before.readings["connections"].reason == f"no permission: {_grant(finding)}"
        any_postgres.execute(_grant(finding))
        after = await polled(dsn, sli("connections"))
    assert after.findings == ()
    assert values(after) == {"connections": 1}
    assert after.server.endswith(f"127.0.0.1:{any_postgres.server.port} as {name}")


def _grant(text: str) -> str:
    found = GRANT.search(text)
    assert found, text
    return found.group()


async def test_each_grant_that_an_own_statement_lacks_is_said_until_it_works(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as dbname, role(postgres, ODD) as plain:
        dsn = plain.replace("/postgres?", f"/{dbname}?")
        postgres.execute('create schema "Sales"; create table "Sales"."All orders" as select 1 as n', dbname)
        own = sli(sql='select count(*) from "Sales"."All orders"')
        grants = []
        for _ in range(2):
            sample = await polled(dsn, own)
            reading = sample.readings["own"]
            assert reading.flaw is Status.UNKNOWN
            assert sample.findings == (f"no permission: {_grant(reading.reason)}",)
            grants.append(_grant(reading.reason))
            postgres.execute(grants[-1], dbname)
        assert values(await polled(dsn, own)) == {"own": 1}
        postgres.execute('drop schema "Sales" cascade', dbname)
    quoted = '"on call ""1"""'
    assert grants == [f'GRANT USAGE ON SCHEMA "Sales" TO {quoted}', f'GRANT SELECT ON "Sales"."All orders" TO {quoted}']


async def test_no_grant_is_guessed_where_two_tables_bear_the_name(any_postgres: Postgres) -> None:
    with any_postgres.database() as dbname:
        any_postgres.execute("create schema a; create schema b; create table a.t (); create table b.t ()", dbname)
        any_postgres.execute("grant usage on schema a, b to plain", dbname)
        sample = await polled(any_postgres.dsn("plain", dbname), sli(sql="select count(*) from a.t"))
    assert sample.readings["own"].reason == "permission denied for table t (42501)"
    assert sample.findings == ()


async def test_pg_stat_statements_in_a_schema_of_its_own(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as dbname:
        postgres.execute("create schema metrics; create extension pg_stat_statements schema metrics", dbname)
        dsn = postgres.dsn("plain", dbname)
        denied = await polled(dsn, sli(sql=MANY), sli("xid_age"))
        grant = "GRANT USAGE ON SCHEMA metrics TO plain"
        assert denied.readings["own"].reason.endswith(f"(42P01): pg_stat_statements may not be read: {grant}")
        assert denied.findings == (f"no permission: {grant}",)
        assert denied.readings["xid_age"].flaw is None
        postgres.execute(grant, dbname)
        hidden = await polled(dsn, sli(sql=MANY))
        assert hidden.findings == ()
        advice = "it is in the schema metrics here: write metrics.pg_stat_statements"
        assert hidden.readings["own"].reason.endswith(f"(42P01): {advice}")
        shown = await polled(dsn, sli(sql=MANY.replace("pg_stat", "metrics.pg_stat", 1)))
        assert (values(shown)["own"] or 0) > 0


async def test_pg_stat_statements_that_is_not_there(any_postgres: Postgres) -> None:
    create = "pg_stat_statements is not installed in this database: CREATE EXTENSION pg_stat_statements"
    with any_postgres.database() as dbname:
        sample = await polled(any_postgres.dsn("monitor", dbname), sli(sql=MANY), sli("slow_statements"))
    assert sample.readings["own"].reason == f'relation "pg_stat_statements" does not exist (42P01): {create}'
    assert sample.readings["slow_statements"].note == f"running for more than 1 s; for those that have ended: {create}"
    assert (values(sample)["slow_statements"], sample.findings) == (0, ())


@pytest.mark.parametrize(
    ("column", "advice"),
    [
        ("total_time", "it is called total_exec_time since PostgreSQL 13"),
        ("s.mean_time", "it is called mean_exec_time since PostgreSQL 13"),
        ("no_such", ""),
    ],
)
async def test_columns_of_pg_stat_statements_by_their_old_names(
    any_postgres: Postgres, column: str, advice: str
) -> None:
    sample = await polled(any_postgres.dsn("monitor"), sli(sql=f"select max({column}) from pg_stat_statements s"))
    reason = sample.readings["own"].reason
    assert re.fullmatch(r"column .* does not exist \(42703\)(: )?" + re.escape(advice), reason)


@pytest.fixture
def reserving(folder: Path) -> Iterator[PostgresServer]:
    """PostgreSQL 18 that keeps two slots back, and has loaded no statistics extension."""
    place = folder / "pg-reserving"
    place.mkdir(mode=0o711, exist_ok=True)
    settings = {"reserved_connections": "2", "shared_preload_libraries": ""}
    server = PostgresServer.start(place, max_connections=10, settings=settings)
    try:
        yield server
    finally:
        server.stop()


async def test_slots_kept_back_and_a_library_that_was_not_loaded(reserving: PostgresServer) -> None:
    with psycopg.connect(reserving.dsn(), autocommit=True) as superuser:
        superuser.execute("create extension pg_stat_statements")
        superuser.execute("create role monitor login password 'word' in role pg_monitor")
        dsn = reserving.dsn(user="monitor", password="word")
        sample = await polled(dsn, sli("connections_used_ratio"), sli(sql=MANY))
        grant = "GRANT pg_use_reserved_connections TO monitor"
        lack = "on a full server role monitor is refused with everybody else"
        assert sample.findings == (f"no permission: {lack}: {grant}",)
        reason = "add pg_stat_statements to shared_preload_libraries and restart the server"
        assert sample.readings["own"].reason.endswith(f"(55000): {reason}")
        superuser.execute(grant.encode())
        superuser.execute("create role app login password 'word'")
        with contextlib.ExitStack() as crowd:
            app = reserving.dsn(user="app", password="word")
            for _ in range(4):
                crowd.enter_context(psycopg.connect(app))
            with pytest.raises(psycopg.OperationalError, match="remaining connection slots are reserved"):
                psycopg.connect(app)
            late = await polled(dsn, sli("connections_used_ratio"))
        assert values(late) == {"connections_used_ratio": pytest.approx(6 / 5)}
        assert [f.split(":")[0] for f in late.findings] == ["TOO MANY CLIENTS"]


async def test_a_role_that_does_not_inherit_is_told_so(any_postgres: Postgres) -> None:
    with role(any_postgres, "loner") as dsn:
        any_postgres.execute("alter role loner noinherit")
        any_postgres.execute("grant pg_monitor to loner")
        (finding,) = (await polled(dsn, sli("connections"))).findings
        new = any_postgres.major >= 16
        cure = "GRANT pg_monitor TO loner WITH INHERIT TRUE" if new else "ALTER ROLE loner INHERIT"
        assert finding == f"no permission: role loner may not see other sessions: {cure}"
        any_postgres.execute(cure)
        sample = await polled(dsn, sli("connections"))
    assert values(sample) == {"connections": 1}
    assert sample.findings == ()


async def test_the_grant_for_a_function_names_its_arguments(any_postgres: Postgres) -> None:
    with any_postgres.database() as dbname:
        any_postgres.execute("create function backlog(a int, b text) returns int return 7", dbname)
        any_postgres.execute("revoke execute on function backlog from public", dbname)
        dsn, own = any_postgres.dsn("plain", dbname), sli(sql="select backlog(1, 'x')")
        grant = "GRANT EXECUTE ON FUNCTION public.backlog(a integer, b text) TO plain"
        assert _grant((await polled(dsn, own)).readings["own"].reason) == grant
        any_postgres.execute(grant, dbname)
        assert values(await polled(dsn, own)) == {"own": 7}
