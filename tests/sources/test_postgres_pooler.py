"""Through a real PgBouncer in transaction mode: no options, no settings that leak to the next client."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from ontui.domain.answer import SqlFailed
from ontui.domain.sample import FaultKind
from ontui.sources.postgres import PostgresPoller
from tests.eventually import eventually, eventually_async
from tests.servers.pgbouncer import Pooler, before
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker
from tests.sources.postgres_poll import polled, poller, sli, values


async def test_a_pooler_without_options_is_used_and_nothing_leaks(pooler: Pooler, postgres15: Postgres) -> None:
    own = sli(sql="select setting::int from pg_settings where name = 'statement_timeout'")
    async with poller(pooler.dsn, sli("connections"), sli("longest_query"), sli("up"), own) as made:
        for _ in range(2):
            sample = await made.poll()
            found = values(sample)
            assert (found["up"], found["connections"]) == (1, 1)
            assert 0 < (found["own"] or 0) <= 5000
        assert sample.server.endswith(f", primary, 127.0.0.1:{postgres15.server.port} as postgres, through a pooler")
        answer = await made.execute("select %(n)s::int", {"n": 5}, timeout_s=3, read_only=False)
        assert answer.rows == (("5",),)
        with pytest.raises(SqlFailed, match="read-only"):
            await made.execute("create table t (a int)", {}, timeout_s=3, read_only=True)
        with pytest.raises(SqlFailed, match="VACUUM cannot run inside a transaction block"):
            await made.execute("vacuum", {}, timeout_s=3, read_only=False)
        with psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None) as app:
            for name in ("statement_timeout", "lock_timeout", "default_transaction_read_only"):
                assert app.execute(f"show {name}".encode()).fetchone() in [("0",), ("off",)]


async def test_a_pooler_that_swallows_our_options_is_recognised_and_nothing_leaks(
    folder: Path, postgres15: Postgres
) -> None:
    with before(postgres15, folder, more="ignore_startup_parameters = options, extra_float_digits") as pooler:
        async with poller(pooler.dsn, sli("connections")) as acting:
            answer = await acting.execute("select 1", {}, timeout_s=3, read_only=False)
            assert answer.total == 1
        async with poller(pooler.dsn, sli("connections"), sli(sql="select 1"), timeout_s=1) as made:
            sample = await made.poll()
            assert sample.server.endswith(", through a pooler")
            assert values(sample) == {"connections": 1, "own": 1}
            with psycopg.connect(pooler.dsn, prepare_threshold=None) as app:
                app.execute("select 1")
                exhausted = await made.poll()
        assert exhausted.fault is not None
        assert exhausted.fault.text.startswith("POOL EXHAUSTED")
        with psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None) as app:
            for name in ("statement_timeout", "lock_timeout", "client_connection_check_interval"):
                assert app.execute(f"show {name}".encode()).fetchone() == ("0",)


async def test_a_failing_statement_does_not_spoil_the_shared_session(pooler: Pooler) -> None:
    async with poller(pooler.dsn, sli(sql="select 1/0"), sli("connections")) as made:
        first, second = await made.poll(), await made.poll()
    for sample in (first, second):
        assert sample.readings["own"].reason == "division by zero (22012)"
        assert sample.readings["connections"].value == 1


async def test_an_exhausted_pool_is_said_so(pooler: Pooler) -> None:
    with psycopg.connect(pooler.dsn, prepare_threshold=None) as holder:
        holder.execute("select 1")
        sample = await polled(pooler.dsn, sli("up"))
        assert sample.fault is not None
        assert sample.fault.kind is FaultKind.SATURATED
        assert sample.fault.text.startswith("POOL EXHAUSTED: query_wait_timeout")
        holder.rollback()
    # It takes a moment to notice that a client has left.
    clients = [eventually(lambda: psycopg.connect(pooler.dsn, prepare_threshold=None)) for _ in range(4)]
    try:
        sample = await polled(pooler.dsn, sli("up"))
    finally:
        for client in clients:
            client.close()
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.SATURATED
    assert sample.fault.text.startswith("POOL EXHAUSTED: no more connections allowed")


async def test_what_runs_through_a_pooler_ends_with_us_and_runs_once(
    pooler: Pooler, postgres15: Postgres, proxy: ProxyMaker
) -> None:
    active = "select count(*) from pg_stat_activity where query like 'select pg_sleep(3%' and state = 'active'"
    way = proxy(("127.0.0.1", pooler.port))
    through = pooler.dsn.replace(f":{pooler.port}/", f":{way.port}/")
    async with poller(through) as made, poller(postgres15.dsn()) as direct:

        async def run(one: PostgresPoller) -> SqlFailed:
            with pytest.raises(SqlFailed) as caught:
                await one.execute("select pg_sleep(30)", {}, timeout_s=60, read_only=False)
            return caught.value

        for _ in range(2):  # what was left behind would refuse the second
            action = asyncio.create_task(run(made))
            await eventually_async(lambda: postgres15.execute(active) == [(1,)])
            assert (await run(direct)).refused
            way.reset()
            assert (await action).lost
            await eventually_async(lambda: postgres15.execute(active) == [(0,)], within_s=3)
            way.heal()
    with psycopg.connect(pooler.dsn, autocommit=True, prepare_threshold=None) as app:
        assert app.execute("show client_connection_check_interval").fetchone() == ("0",)
