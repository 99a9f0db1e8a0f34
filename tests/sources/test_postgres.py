"""Every number of a poll, compared with what a superuser is told on another connection."""

import asyncio
import contextlib
import re
import resource
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from ontui.config.metrics import METRICS
from ontui.domain.status import Status
from ontui.sources.postgres_asks import NEEDS
from tests.eventually import eventually, eventually_async
from tests.servers.postgres import Postgres, Session
from tests.sources.postgres_poll import asked, polled, poller, sli, values

SESSIONS = [
    "connections", "connections_used_ratio", "connections_active", "connections_idle", "idle_in_transaction",
    "longest_query", "longest_transaction", "slow_statements",
]  # fmt: skip
AGE = ": for its age write unit: seconds and select extract(epoch from now() - (…))"
PG_AUTHID = "permission denied for table pg_authid (42501): GRANT SELECT ON pg_catalog.pg_authid TO plain"
NEEDS_TWO = ["cache_hit_ratio", "transactions_per_second", "rollback_ratio", "deadlocks_per_minute"]


def number(session: Session, statement: str) -> float:
    """One number from the superuser."""
    row = session.execute(statement.encode()).fetchone()
    assert row is not None
    return float(row[0])


@pytest.fixture
def superuser(any_postgres: Postgres) -> Iterator[Session]:
    with any_postgres.session(name="superuser") as session:
        yield session


def test_the_metrics_are_those_of_the_config() -> None:
    assert set(NEEDS) == set(METRICS["postgres"])


async def test_sessions_are_counted_as_a_superuser_counts_them(any_postgres: Postgres, superuser: Session) -> None:
    postgres = any_postgres
    with (
        postgres.session(), postgres.session(), postgres.session("plain"),
        postgres.session(autocommit=False, name="leaky") as leaky, psycopg.connect(postgres.dsn("plain")) as sleeper,
    ):  # fmt: skip
        leaky.execute("select 1")
        sleeping = asyncio.create_task(asyncio.to_thread(sleeper.execute, "select pg_sleep(4)"))
        running = "select count(*) from pg_stat_activity where query like 'select pg_sleep(4)%' and state = 'active'"
        await eventually_async(lambda: number(superuser, running) == 1)
        await asyncio.sleep(1.2)
        async with poller(postgres.dsn("monitor"), *map(sli, SESSIONS)) as made:
            sample = await made.poll()
            clients = number(superuser, "select count(*) from pg_stat_activity where backend_type = 'client backend'")
        found = values(sample)
        sleeper.cancel()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await sleeping
    assert found["connections"] == clients == 7
    assert found["connections_used_ratio"] == pytest.approx(7 / 37)
    assert found["connections_active"] == 1
    assert found["connections_idle"] == 4
    assert found["idle_in_transaction"] == 1
    assert found["slow_statements"] == 1
    assert found["longest_query"] == pytest.approx(1.3, abs=0.3)
    assert (found["longest_transaction"] or 0) >= (found["longest_query"] or 0)
    assert sample.readings["longest_transaction"].note.endswith("leaky")
    assert sample.findings == ()
    version = number(superuser, "select current_setting('server_version_num')")
    words = f"PostgreSQL {version // 10000:g}.{version % 10000:g}, primary, 127.0.0.1:{postgres.server.port} as monitor"
    assert sample.server == words


async def test_a_percent_is_a_ratio_times_a_hundred(any_postgres: Postgres) -> None:
    sample = await polled(any_postgres.dsn("monitor"), sli("connections_used_ratio", unit="percent"))
    assert sample.readings["connections_used_ratio"].value == pytest.approx(100 / 37)


async def test_an_idle_server_is_calm(any_postgres: Postgres) -> None:
    sample = await polled(any_postgres.dsn("monitor"), *map(sli, SESSIONS), sli("up"), sli("blocked_sessions"))
    found = values(sample)
    assert found["up"] == 1
    zero = ("connections_active", "longest_query", "slow_statements", "blocked_sessions", "idle_in_transaction")
    assert [found[name] for name in zero] == [0, 0, 0, 0, 0]


async def test_deltas_want_two_polls_and_agree_with_the_counters(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as name, postgres.session(dbname=name) as app:
        app.execute("create table numbers as select generate_series(1, 50000) n")
        async with poller(postgres.dsn("monitor", name), *map(sli, NEEDS_TWO), one_shot=False) as made:
            first = await made.poll()
            assert {(r.reason, r.early) for r in first.readings.values()} == {("collecting: needs two polls", True)}
            assert {r.flaw for r in first.readings.values()} == {Status.UNKNOWN}
            began = time.monotonic()
            for n in range(100):
                app.execute("begin; select count(*) from numbers")
                app.execute("rollback" if n % 4 == 0 else "commit")
            await asyncio.sleep(max(0.0, 5 - (time.monotonic() - began)))
            app.execute("select 1")
            await asyncio.sleep(1.1)
            app.execute("select 1")
            sample = await made.poll()
            seconds = time.monotonic() - began
    found = values(sample)
    assert found["transactions_per_second"] == pytest.approx(102 / seconds, rel=0.25)
    assert found["rollback_ratio"] == pytest.approx(0.25, abs=0.04)
    assert found["cache_hit_ratio"] == pytest.approx(1, abs=0.02)
    assert found["deadlocks_per_minute"] == 0


async def test_one_shot_has_the_deltas_at_once(any_postgres: Postgres) -> None:
    began = time.monotonic()
    sample = await polled(any_postgres.dsn("monitor"), *map(sli, NEEDS_TWO), one_shot=True)
    assert time.monotonic() - began < 3
    found = values(sample)
    assert found["transactions_per_second"] is not None
    assert found["deadlocks_per_minute"] == 0
    for name, noun in (("cache_hit_ratio", "blocks"), ("rollback_ratio", "transactions")):
        reading = sample.readings[name]
        assert (reading.value, reading.flaw) == (None, Status.NO_DATA)
        assert re.fullmatch(rf"idle: \d+ {noun} in 2\.\d\d s", reading.reason)


@contextlib.contextmanager
def busy(postgres: Postgres, name: str, *, every_s: float, statement: str) -> Iterator[None]:
    """Somebody works there, in small transactions at a steady pace."""
    over = threading.Event()

    def work() -> None:
        with postgres.session(dbname=name) as app:
            while not over.wait(every_s):
                app.execute(statement.encode())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


async def test_one_shot_looks_longer_until_there_is_enough_to_say(any_postgres: Postgres) -> None:
    postgres, ratios = any_postgres, [sli("cache_hit_ratio"), sli("rollback_ratio")]
    with postgres.database() as name:
        postgres.execute("create table t as select generate_series(1, 2000) n", name)
        with busy(postgres, name, every_s=0.03, statement="select count(*) from t"):
            for _ in range(3):
                found = values(await polled(postgres.dsn("monitor", name), *ratios, one_shot=True))
                assert found == {"cache_hit_ratio": pytest.approx(1, abs=0.02), "rollback_ratio": 0}
        with busy(postgres, name, every_s=0.2, statement="select 1"):
            await asyncio.sleep(1.5)
            sample = await polled(postgres.dsn("monitor", name), *ratios, one_shot=True)
            short = await polled(postgres.dsn("monitor", name), *ratios, one_shot=True, timeout_s=1.8)
    for reading, noun in zip(sample.readings.values(), ("blocks", "transactions"), strict=True):
        assert (reading.value, reading.flaw) == (None, Status.NO_DATA)
        assert re.fullmatch(rf"too few {noun} yet: \d+ in 2\.\d\d s", reading.reason)
    assert short.fault is None


async def test_a_quiet_interval_goes_on_from_the_last_counters(any_postgres: Postgres) -> None:
    postgres, ratios = any_postgres, [sli("cache_hit_ratio"), sli("rollback_ratio")]
    own = sli(sql="select 1")  # what we ask ourselves is neither life nor a rollback
    with postgres.database() as name, postgres.session(dbname=name) as app:
        postgres.execute("create table t as select generate_series(1, 2000) n", name)
        async with poller(postgres.dsn("monitor", name), *ratios, own, one_shot=True) as made:

            async def enough() -> bool:
                for _ in range(6):
                    app.execute("select count(*) from t")
                return None not in values(await made.poll()).values()

            assert (await made.poll()).readings["rollback_ratio"].flaw is Status.NO_DATA
            assert not await enough()
            await eventually_async(enough, every_s=0.6)
            for _ in range(4):
                await asyncio.sleep(0.6)
                sample = await made.poll()
                assert values(sample)["cache_hit_ratio"] is not None
                assert values(sample)["rollback_ratio"] == 0


async def test_a_deadlock_is_counted_once(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as name:
        postgres.execute("create table t as select 1 as n union select 2", name)
        async with poller(postgres.dsn("monitor", name), sli("deadlocks_per_minute"), one_shot=True) as made:
            assert values(await made.poll()) == {"deadlocks_per_minute": 0}
            with postgres.session(dbname=name) as one, postgres.session(dbname=name) as other:
                for session, n in ((one, 1), (other, 2)):
                    session.execute("set deadlock_timeout = '50ms'; begin")
                    session.execute("update t set n = n where n = %s", [n])
                turns = [
                    asyncio.to_thread(session.execute, "update t set n = n where n = %s", [n])
                    for session, n in ((one, 2), (other, 1))
                ]
                ends = await asyncio.gather(*turns, return_exceptions=True)
            assert sum(isinstance(end, psycopg.errors.DeadlockDetected) for end in ends) == 1

            async def counted() -> bool:
                return values(await made.poll()) == {"deadlocks_per_minute": 1}

            await eventually_async(counted, every_s=0.2)


async def test_counters_that_were_reset_are_not_compared(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as name:
        async with poller(postgres.dsn("monitor", name), sli("transactions_per_second"), one_shot=True) as made:
            assert values(await made.poll())["transactions_per_second"] is not None
            postgres.execute("select pg_stat_reset()", name)
            await asyncio.sleep(0.6)

            async def noticed() -> bool:
                reading = (await made.poll()).readings["transactions_per_second"]
                assert reading.value is None or reading.value >= 0
                return made._looker._counters.why == "counters were reset"

            await eventually_async(noticed, within_s=5)


async def test_a_blocked_session_is_counted_for_every_role(any_postgres: Postgres) -> None:
    postgres = any_postgres
    metrics = [sli("blocked_sessions"), sli("longest_lock_wait")]
    with postgres.database() as name:
        postgres.execute("create table t (a int)", name)
        with postgres.session(dbname=name, autocommit=False) as owner, postgres.session(dbname=name) as waiter:
            owner.execute("lock table t in access exclusive mode")
            waiting = asyncio.create_task(asyncio.to_thread(waiter.execute, "select * from t"))
            count = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            await eventually_async(lambda: postgres.execute(count) == [(1,)])
            await asyncio.sleep(0.5)
            samples = [await polled(postgres.dsn(role, name), *metrics) for role in ("monitor", "plain")]
            pids = (waiter.info.backend_pid, owner.info.backend_pid)
            owner.rollback()
            await waiting
    for sample in samples:
        assert values(sample)["blocked_sessions"] == 1
        assert values(sample)["longest_lock_wait"] == pytest.approx(0.6, abs=0.4)
        assert sample.readings["blocked_sessions"].note == f"pid {pids[0]} waits for pid {pids[1]}"


async def test_no_question_waits_behind_an_exclusive_lock(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as name:
        postgres.execute("create table t (a int)", name)
        with postgres.session(dbname=name, autocommit=False) as owner:
            owner.execute("lock table t in access exclusive mode")
            own = sli(sql="select count(*) from t")
            async with poller(postgres.dsn("postgres", name), *map(sli, NEEDS), own) as made:
                began = time.monotonic()
                sample = await made.poll()
                took_s = time.monotonic() - began
            owner.rollback()
    assert took_s < 0.9
    assert sample.readings["own"].reason == "canceling statement due to lock timeout (55P03)"
    failed = {name for name, reading in sample.readings.items() if reading.flaw is Status.UNKNOWN}
    assert failed == {"own", *NEEDS_TWO}
    assert values(sample)["blocked_sessions"] == 0


async def test_without_pg_monitor_no_number_is_wrong(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.session(), postgres.session():
        sample = await polled(postgres.dsn("plain"), *map(sli, SESSIONS), sli("up"), sli("xid_age"))
    readings = sample.readings
    assert readings["up"].value == 1
    for name in SESSIONS:
        assert (readings[name].value, readings[name].flaw) == (None, Status.UNKNOWN)
        assert readings[name].reason == "no permission: GRANT pg_monitor TO plain"
    assert sample.findings[0].endswith("GRANT pg_monitor TO plain")


async def test_parallel_workers_are_no_connections(any_postgres: Postgres) -> None:
    postgres = any_postgres
    workers = "select count(*) from pg_stat_activity where backend_type = 'parallel worker'"
    metrics = [sli("connections"), sli("connections_used_ratio")]
    with postgres.database() as name, postgres.session(dbname=name) as app:
        table = "create table t with (fillfactor = 10, parallel_workers = 2) as select generate_series(1, 1000) n"
        app.execute(table.encode())  # many pages, so that everybody has some
        for cheap in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            app.execute(f"set {cheap} = 0".encode())
        counting = asyncio.create_task(asyncio.to_thread(app.execute, "select from t where pg_sleep(1) is null"))
        await eventually_async(lambda: postgres.execute(workers) == [(2,)])
        told = values(await polled(postgres.dsn("monitor"), *metrics))
        untold = await polled(postgres.dsn("plain"), *metrics)
        assert postgres.execute(workers) == [(2,)]
        app.cancel()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await counting
    assert told == {"connections": 2, "connections_used_ratio": pytest.approx(2 / 37)}
    assert {r.reason for r in untold.readings.values()} == {"no permission: GRANT pg_monitor TO plain"}


async def test_sizes_are_measured_once_a_minute(any_postgres: Postgres) -> None:
    postgres = any_postgres
    size = postgres.execute("select pg_database_size('postgres')")[0][0]
    age = postgres.execute("select max(age(datfrozenxid)) from pg_database")[0][0]
    async with poller(postgres.dsn("monitor"), sli("database_size"), sli("xid_age")) as made:
        first, second = await made.poll(), await made.poll()
    assert values(first)["database_size"] == pytest.approx(size, rel=0.01)
    assert values(first)["xid_age"] == pytest.approx(age, abs=5)
    assert values(second)["database_size"] == values(first)["database_size"]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("select 41 + 1", 42),
        ("select 5::numeric / 2", 2.5),
        ("select 0.5::float4", 0.5),
        ("select true", 1),
        ("select count(*) filter (where 'a' like '%b%') from pg_class -- 100 %", 0),
        ("table pg_temp.none_such", None),
    ],
)
async def test_own_sql_gives_one_number(postgres15: Postgres, sql: str, value: float | None) -> None:
    reading = await asked(postgres15.dsn("plain"), sql)
    assert reading.value == value
    assert (reading.flaw is None) == (value is not None)


async def test_what_is_too_large_for_us_is_not_called_infinite(postgres15: Postgres) -> None:
    large = await asked(postgres15.dsn("plain"), "select 10::numeric ^ 400")
    assert (large.flaw, large.reason) == (Status.UNKNOWN, "1000000000000000000… is too large a number")
    endless = await asked(postgres15.dsn("plain"), "select 'infinity'::numeric")
    assert (endless.flaw, endless.reason) == (Status.NO_DATA, "no value (+Inf)")


async def test_an_interval_is_in_seconds_and_never_relabelled(any_postgres: Postgres) -> None:
    span = "interval '2 minutes 3 seconds'"
    rows = f"select 'web' as queue, 4 as waiting, {span} as oldest"
    asked_in = {unit: replace(sli(sql=f"select {span}", unit=unit), id=unit) for unit in ("seconds", "ms", "count")}
    usual = replace(sli(sql="select 1", unit="ms", baseline=f"select {span}"), id="usual")
    oldest = {unit: replace(sli(sql=rows, unit=unit), id=f"rows-{unit}", rows="queue", row_value="oldest")
              for unit in ("seconds", "minutes")}  # fmt: skip
    waiting = replace(oldest["minutes"], id="waiting", unit="jobs", row_value="waiting")
    sample = await polled(any_postgres.dsn("plain"), *asked_in.values(), *oldest.values(), usual, waiting)
    assert values(sample) == {
        "seconds": 123, "ms": None, "count": None, "usual": 1, "rows-seconds": 123, "rows-minutes": None, "waiting": 4
    }  # fmt: skip
    why = "an interval is in seconds, not in {}: write unit: seconds, or make it a number of your own with extract("
    for name, unit in (("ms", "ms"), ("count", "count"), ("rows-minutes", "minutes")):
        assert sample.readings[name].flaw is Status.UNKNOWN
        assert sample.readings[name].reason.startswith(why.format(unit))
    assert sample.readings["usual"].baseline is None
    assert sample.readings["usual"].caveat.startswith(f"no baseline: {why.format('ms')}")


@pytest.mark.parametrize(
    ("sql", "flaw", "reason"),
    [
        ("select null::int", Status.NO_DATA, "NULL"),
        ("select 1 where false", Status.NO_DATA, "no rows"),
        ("select 'NaN'::float8", Status.NO_DATA, "no value (NaN)"),
        ("select '-infinity'::float8", Status.NO_DATA, "no value (-Inf)"),
        ("select generate_series(1, 3)", Status.UNKNOWN, "expected one number, got more than one row"),
        ("select n, n from generate_series(1, 3) n", Status.UNKNOWN, "expected one number, got 2 columns"),
        ("select 1, 2", Status.UNKNOWN, "expected one number, got 2 columns"),
        ("select timestamptz '2026-11-21 08:00Z'", Status.UNKNOWN, f"expected one number, got timestamptz{AGE}"),
        ("select date '2026-11-21'", Status.UNKNOWN, f"expected one number, got date{AGE}"),
        ("select '\\x00'::bytea", Status.UNKNOWN, "expected one number, got bytea"),
        ("select 'forty-two'::text", Status.UNKNOWN, "expected one number, got text"),
        ("select date 'infinity'", Status.UNKNOWN, "date too large (after year 10K)"),
        ("select", Status.UNKNOWN, "expected one number, got 0 columns"),
        ("selct 1", Status.UNKNOWN, 'syntax error at or near "selct" (42601)'),
        ("select 1; select 2", Status.UNKNOWN, "cannot insert multiple commands into a prepared statement (42601)"),
        ("create table bad (a int)", Status.UNKNOWN, "cannot execute CREATE TABLE in a read-only transaction (25006)"),
        ("select * from pg_authid", Status.UNKNOWN, PG_AUTHID),
        ("select 1/0", Status.UNKNOWN, "division by zero (22012)"),
        ("", Status.UNKNOWN, "no built-in metric ''"),
    ],
)
async def test_own_sql_that_is_no_number_says_why(postgres15: Postgres, sql: str, flaw: Status, reason: str) -> None:
    reading = await asked(postgres15.dsn("plain"), sql)
    assert (reading.value, reading.flaw, reading.reason) == (None, flaw, reason)


@pytest.mark.parametrize("copy", ["copy (select 1) to stdout", "copy t from stdin", "-- x\ncopy t to stdout"])
async def test_a_copy_takes_no_other_number_along(any_postgres: Postgres, copy: str) -> None:
    bad = replace(sli(sql=copy), id="bad")
    good = [replace(sli(sql=f"select {n}"), id=f"good{n}") for n in range(3)]
    with any_postgres.database() as name:
        any_postgres.execute("create table t as select 1 as n; grant select on t to public", name)
        async with poller(any_postgres.dsn("monitor", name), bad, *good, sli("up"), sli("xid_age")) as made:
            for _ in range(3):
                sample = await made.poll()
                age = sample.readings["xid_age"].value
                assert values(sample) == {"bad": None, "good0": 0, "good1": 1, "good2": 2, "up": 1, "xid_age": age}
                assert age is not None
                assert sample.findings == sample.news == ()
            mine = "select count(*) from pg_stat_activity where application_name = 'ontui'"
            assert await eventually_async(lambda: any_postgres.execute(mine) == [(1,)])
    why = "expected one number, got an answer without rows: ask with select"
    why = "permission denied for table t (42501)" if "stdin" in copy else why
    assert (sample.readings["bad"].flaw, sample.readings["bad"].reason) == (Status.UNKNOWN, why)


async def test_a_flood_of_rows_is_neither_kept_nor_waited_for(any_postgres: Postgres) -> None:
    flood = replace(sli(sql="select generate_series(1, 20000000), repeat('x', 1000)"), id="flood")
    async with poller(any_postgres.dsn("monitor"), flood, sli("up"), timeout_s=4.0) as made:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        first, second = await made.poll(), await made.poll()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    assert first.readings["flood"].reason == "expected one number, got 2 columns"
    assert values(first)["up"] == values(second)["up"] == 1


async def test_slow_own_sql_fails_alone_and_the_quick_comes_first_next_time(any_postgres: Postgres) -> None:
    slow = replace(sli(sql="select 1 from pg_sleep(30)"), id="slow")
    quick = replace(sli(sql="select 7", baseline="select 70"), id="quick")
    async with poller(any_postgres.dsn("monitor"), slow, quick, sli("up"), timeout_s=1.0) as made:
        began = time.monotonic()
        first = await made.poll()
        assert time.monotonic() - began < 1.2
        second = await made.poll()
    assert first.readings["slow"].reason == "canceling statement due to statement timeout (57014)"
    assert values(second) == {"slow": None, "quick": 7, "up": 1}
    assert second.readings["quick"].baseline == 70


async def test_many_polls_leave_one_recognisable_session(any_postgres: Postgres) -> None:
    postgres = any_postgres
    async with poller(postgres.dsn("monitor"), *map(sli, NEEDS), sli(sql="select 1")) as made:
        for _ in range(15):
            await made.poll()
        mine = postgres.execute("select pid from pg_stat_activity where application_name = 'ontui'")
        what = ", ".join((await made.poll()).server.split(", ")[:2])
        assert made.endpoint == f"127.0.0.1:{postgres.server.port}/postgres as monitor, {what}"
    assert len(mine) == 1
    gone = "select count(*) from pg_stat_activity where application_name = 'ontui'"
    assert eventually(lambda: postgres.execute(gone) == [(0,)])


async def test_a_kept_session_is_guarded(any_postgres: Postgres) -> None:
    dsn = any_postgres.dsn("monitor") + "&options=-c%20work_mem%3D5MB"
    guards = {
        "statement_timeout": "4500", "lock_timeout": "300", "idle_in_transaction_session_timeout": "10000",
        "work_mem": "5120",
    }  # fmt: skip
    async with poller(dsn) as made:
        await made.poll()
        connection = made._link.connection
        assert connection is not None
        cursor = await connection.execute(
            "select name, setting from pg_settings where name = any(%s)", [[*guards, "default_transaction_read_only"]]
        )
        assert dict(await cursor.fetchall()) == guards | {"default_transaction_read_only": "on"}


async def test_a_skewed_clock_is_told(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor")) as made:
        made._looker._now = lambda: time.time() - 120
        sample = await made.poll()
    assert sample.findings == ("the server's clock is 2m ahead of this machine's",)


async def test_a_slow_statement_does_not_silence_those_after_it(postgres15: Postgres) -> None:
    sleeps = {"slow": "select 9 from pg_sleep(1)", "never": "select 1 from pg_sleep(30)"}
    statements = {"a": "select 1", **sleeps, "z": "select 2"}
    slis = [replace(sli(sql=sql), id=name) for name, sql in statements.items()]
    sample = await polled(postgres15.dsn(), *slis, timeout_s=4.0)
    told = {name: (r.value, r.reason) for name, r in sample.readings.items()}
    assert (told["a"][0], told["slow"][0], told["z"][0]) == (1, 9, 2), told
    assert told["never"][0] is None
    assert "timeout" in told["never"][1]
    assert sample.fault is None
