"""Rows 24 to 27, and 33 for PostgreSQL: numbers that a server withholds, resets, or has only for a while."""

import contextlib
import re
import threading
import time
from collections.abc import Iterator

import pytest

from ontui.config.metrics import METRICS
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.faults.conftest import Watching
from tests.faults.postgres_setup import WIDE, watched
from tests.faults.watch import Watch, status
from tests.servers.postgres import Postgres

GRANT = "GRANT pg_monitor TO plain"
SESSIONS = ("connections", "connections_used_ratio", "connections_active", "idle_in_transaction", "longest_query")
MANY = "statements: sql: select count(*) from pg_stat_statements"
TPS = "transactions_per_second"


@contextlib.contextmanager
def blocked(postgres: Postgres, dbname: str) -> Iterator[tuple[int, int]]:
    """Somebody holds ACCESS EXCLUSIVE on a table and somebody waits for it: the pids of the two."""
    postgres.execute("create table orders (n int)", dbname)
    with (
        postgres.session(dbname=dbname, autocommit=False, name="migration") as owner,
        postgres.session(dbname=dbname, name="app") as waiter,
    ):
        owner.execute("lock table orders in access exclusive mode")
        waiting = threading.Thread(target=waiter.execute, args=(b"select from orders",))
        waiting.start()
        count = "select count(*) from pg_locks where not granted"
        eventually(lambda: postgres.execute(count) == [(1,)])
        try:
            yield owner.info.backend_pid, waiter.info.backend_pid
        finally:
            owner.rollback()
            waiting.join()


def test_24_every_panel_answers_beside_an_exclusive_lock(
    place: ConfigFolder, watching: Watching, postgres18: Postgres
) -> None:
    ours = (
        "select count(*) from pg_stat_activity a where application_name like 'ontui%' and (wait_event_type = 'Lock'"
        " or exists (select from pg_stat_activity b where a.pid = any(pg_blocking_pids(b.pid))))"
    )
    with postgres18.database() as dbname:
        dsn = postgres18.dsn("monitor", dbname)
        watched(place, dsn, *METRICS["postgres"], every="2s", timeout="1s")  # a poll that took longer would have failed
        with blocked(postgres18, dbname) as (owner, waiter):
            watch = watching(place, size=WIDE)
            for name in METRICS["postgres"]:
                flaw = {"replication_lag": "no_data", "cache_hit_ratio": "no_data|ok", "rollback_ratio": "no_data|ok"}
                watch.sli(name, within_s=20, status=flaw.get(name, "ok|warning"))
            watch.sli("blocked_sessions", value=1)
            watch.source("db", status="ok")
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                assert postgres18.execute(ours) == [(0,)]
            watch.press("slash", *"blocked", "enter", "enter")
            watch.shows(f"pid {waiter} waits for pid {owner}")
            watched(place, dsn, "connections", "blocked_sessions", "n: sql: select count(*) from orders")
            told = status(place)
    assert told.sli("blocked_sessions")["value"] == 1
    assert told.sli("connections")["status"] == "ok"
    assert told.sli("n")["reason"] == "canceling statement due to lock timeout (55P03)"
    assert told.source("db")["status"] == "ok"


def test_25_without_pg_monitor_nothing_is_counted_until_it_is_granted_and_again_when_it_is_revoked(
    place: ConfigFolder, watching: Watching, postgres18: Postgres
) -> None:
    with postgres18.database() as dbname, blocked(postgres18, dbname):
        watched(place, postgres18.dsn("plain", dbname), "up", "blocked_sessions", *SESSIONS)
        told = status(place)
        for name in SESSIONS:
            seen = told.sli(name)
            assert (seen["status"], seen["value"], seen["text"]) == ("unknown", None, "–")
            assert seen["reason"] == f"no permission: {GRANT}"
        lack = "no permission: role plain may not see other sessions"
        assert (told.source("db")["status"], told.source("db")["error"]) == ("warning", f"{lack}: {GRANT}")
        assert (told.sli("up")["value"], told.sli("blocked_sessions")["value"]) == (1, 1)
        watch = watching(place, size=WIDE)
        watch.shows(rf"connections +unknown +no permission: {GRANT}")
        watch.shows(rf"db ◆ .*{lack}: {GRANT}")
        postgres18.execute(GRANT)
        try:
            watch.sli("connections", value=3, status="ok")
            watch.source("db", status="ok", error=None)
        finally:
            postgres18.execute("revoke pg_monitor from plain")
        watch.sli("connections", value=None, status="unknown", reason="no permission")
        watch.shows(rf"connections +unknown +no permission: {GRANT}")


@contextlib.contextmanager
def busy(postgres: Postgres, dbname: str) -> Iterator[None]:
    """Somebody commits less than fifty times a second."""
    over = threading.Event()

    def work() -> None:
        with postgres.session(dbname=dbname, name="app") as app:
            app.execute("create table t as select 1")
            while not over.wait(0.02):
                app.execute("select from t")  # what touches no table, the server does not report for long

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def values_seen(watch: Watch, name: str) -> list[float | None]:
    """All that was drawn of an SLI."""
    return [point.value for point in watch.engine.state.indicators[name].history]


def test_26_33_the_first_sample_collects_and_a_reset_costs_one_interval(
    place: ConfigFolder, watching: Watching, postgres15: Postgres
) -> None:
    with postgres15.database() as dbname, busy(postgres15, dbname):
        watched(place, postgres15.dsn("monitor", dbname), TPS, "connections", every="5s", timeout="2s")
        watch = watching(place, size=WIDE)
        watch.shows(r"transactions +unknown +collecting: needs two polls")
        assert 10 < watch.sli(TPS, within_s=20, status="ok")["value"] < 60
        postgres15.execute("select pg_stat_reset()", dbname)
        watch.sli(TPS, within_s=20, status="unknown", value=None, reason="collecting: counters were reset")
        watch.shows(r"transactions +unknown +collecting: counters were reset")
        assert watch.sli("connections")["status"] == "ok"
        assert 10 < watch.sli(TPS, within_s=20, status="ok")["value"] < 60
        seen = values_seen(watch, TPS)
    assert seen[0] is None
    after = seen[next(n for n, value in enumerate(seen) if value is not None) :]
    assert after.count(None) == 1
    assert all(10 < value < 60 for value in after if value is not None)


def test_26_a_reset_while_status_looks_is_no_number(place: ConfigFolder, postgres18: Postgres) -> None:
    over = threading.Event()

    def reset() -> None:
        with postgres18.session(dbname=dbname) as session:
            while not over.wait(0.05):
                session.execute("select pg_stat_reset()")

    with postgres18.database() as dbname:
        watched(place, postgres18.dsn("monitor", dbname), TPS, "connections", every="10s", timeout="5s")
        resetting = threading.Thread(target=reset)
        resetting.start()
        try:
            told = status(place)
        finally:
            over.set()
            resetting.join()
        assert (told.sli(TPS)["status"], told.sli(TPS)["value"]) == ("unknown", None)
        assert told.sli(TPS)["reason"] == "collecting: counters were reset"
        assert told.sli("connections")["status"] == "ok"
        assert 0 <= status(place).sli(TPS)["value"] < 60


def test_27_how_to_enable_pg_stat_statements_is_said_until_it_can_be_read(
    place: ConfigFolder, watching: Watching, postgres15: Postgres
) -> None:
    create = "pg_stat_statements is not installed in this database: CREATE EXTENSION pg_stat_statements"
    grant = "GRANT USAGE ON SCHEMA metrics TO monitor"
    with postgres15.database() as dbname:
        dsn = postgres15.dsn("monitor", dbname)
        watched(place, dsn, MANY, "slow_statements", "connections", every="2s", timeout="1s")
        told = status(place)
        missing = f'relation "pg_stat_statements" does not exist (42P01): {create}'
        assert (told.sli("statements")["status"], told.sli("statements")["value"]) == ("unknown", None)
        assert told.sli("statements")["reason"] == missing
        assert told.sli("connections")["status"] == told.sli("slow_statements")["status"] == "ok"
        watch = watching(place, size=WIDE)
        watch.sli("statements", status="unknown", reason=re.escape(create))
        watch.shows(r"statements +unknown +relation \"pg_stat_statements\" does not exist")
        watch.press("slash", *"slow", "enter", "enter")
        watch.shows("for those that have ended: pg_stat_statements is not installed")
        postgres15.execute("create schema metrics", dbname)
        postgres15.execute("create extension pg_stat_statements schema metrics", dbname)
        watch.sli("statements", status="unknown", reason=f"may not be read: {grant}")
        watch.source("db", status="warning", error=f"no permission: {grant}")
        assert status(place).source("db")["error"] == f"no permission: {grant}"
        postgres15.execute(grant, dbname)
        advice = "it is in the schema metrics here: write metrics.pg_stat_statements"
        watch.sli("statements", status="unknown", reason=advice)
        watch.source("db", status="ok", error=None)
        postgres15.execute(f"alter role monitor in database {dbname} set search_path = public, metrics")
        assert status(place).sli("statements")["value"] > 0


@pytest.mark.parametrize(
    ("sql", "advice"),
    [
        ("select max(total_time) from pg_stat_statements", "it is called total_exec_time since PostgreSQL 13"),
        ("select max(mean_time) from pg_stat_statements", "it is called mean_exec_time since PostgreSQL 13"),
    ],
)
def test_27_the_names_of_postgresql_12(place: ConfigFolder, any_postgres: Postgres, sql: str, advice: str) -> None:
    watched(place, any_postgres.dsn("monitor"), f"slowest: sql: {sql}", "connections")
    told = status(place)
    assert (told.sli("slowest")["status"], told.sli("slowest")["value"]) == ("unknown", None)
    assert told.sli("slowest")["reason"].endswith(f"(42703): {advice}")
    assert told.sli("connections")["status"] == "ok"
