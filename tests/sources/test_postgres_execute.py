"""Actions on a database: what they answer, how they fail, and how they end."""

import asyncio
import contextlib
import re
import time

import pytest

from ontui.domain.answer import SqlFailed
from ontui.sources.postgres import PostgresPoller
from tests.eventually import eventually_async
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker
from tests.sources.postgres_poll import poller, sli, values

SLEEPING = "select count(*) from pg_stat_activity where application_name = 'ontui-action' and state = 'active'"


async def failure(made: PostgresPoller, sql: str, *, timeout_s: float = 5.0, **parameters: str | int) -> SqlFailed:
    """How a statement failed."""
    with pytest.raises(SqlFailed) as caught:
        await made.execute(sql, parameters, timeout_s=timeout_s, read_only=False)
    return caught.value


async def test_rows_come_as_the_server_writes_them(any_postgres: Postgres) -> None:
    sql = "select 1 as n, null as none, true as yes, interval '1 day', 'a%' as text, E'\\033[31mred\\nline' as dirty"
    async with poller(any_postgres.dsn("monitor")) as made:
        answer = await made.execute(sql, {}, timeout_s=5, read_only=True)
        many = await made.execute("select n > 0 from generate_series(1, 3000) n", {}, timeout_s=5, read_only=True)
    assert answer.columns == ("n", "none", "yes", "interval", "text", "dirty")
    assert answer.rows == (("1", "", "t", "1 day", "a%", "�[31mred line"),)
    assert (answer.total, answer.status, answer.truthy, answer.notices) == (1, "SELECT 1", 1, ())
    assert (len(many.rows), many.total, many.truthy) == (2000, 3000, 3000)


async def test_parameters_are_bound_and_a_percent_is_a_percent(any_postgres: Postgres) -> None:
    sql = "select %(word)s::text, 7 % %(n)s, 'x' like 'x%', %(word)s::text = $$'; drop table t --$$"
    async with poller(any_postgres.dsn("monitor")) as made:
        answer = await made.execute(sql, {"word": "'; drop table t --", "n": 4}, timeout_s=5, read_only=True)
        assert (await failure(made, "select %(none)s")).text == "query parameter missing: none"
    assert answer.rows == (("'; drop table t --", "3", "t", "t"),)


async def test_an_action_is_one_transaction_and_a_preview_changes_nothing(any_postgres: Postgres) -> None:
    postgres = any_postgres
    with postgres.database() as name:
        async with poller(postgres.dsn("postgres", name)) as made:
            made_table = "create table t (a int); insert into t values (1), (2)"
            answer = await made.execute(made_table, {}, timeout_s=5, read_only=False)
            assert answer.status == "CREATE TABLE; INSERT 0 2"
            answer = await made.execute("update t set a = a + %(n)s", {"n": 10}, timeout_s=5, read_only=False)
            assert (answer.total, answer.status, answer.columns) == (2, "UPDATE 2", ())
            failed = await failure(made, "insert into t values (3); select 1/0")
            assert (failed.text, failed.sqlstate, failed.lost) == ("division by zero (22012)", "22012", False)
            for sql in ("delete from t", "commit; delete from t"):
                with pytest.raises(SqlFailed, match="read-only transaction"):
                    await made.execute(sql, {}, timeout_s=5, read_only=True)
            answer = await made.execute("vacuum (analyze) t", {}, timeout_s=5, read_only=False)
            assert answer.status == "VACUUM"
            answer = await made.execute("do $$begin raise notice 'hm'; end$$", {}, timeout_s=5, read_only=False)
            assert answer.notices == ("NOTICE: hm",)
        assert postgres.execute("select a from t order by a", name) == [(11,), (12,)]


async def test_ending_sessions_counts_what_was_signalled(any_postgres: Postgres) -> None:
    sql = "select pid, pg_terminate_backend(pid) from pg_stat_activity where application_name = 'leak'"
    with any_postgres.session(name="leak"), any_postgres.session(name="leak"):
        async with poller(any_postgres.dsn()) as made:
            answer = await made.execute(sql, {}, timeout_s=5, read_only=False)
    assert (answer.total, answer.truthy, answer.status) == (2, 2, "SELECT 2")


async def test_a_time_limit_ends_it_on_the_server(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor")) as made:
        began = time.monotonic()
        failed = await failure(made, "select pg_sleep(30)", timeout_s=0.5)
        assert time.monotonic() - began < 0.9
        assert (failed.timed_out, failed.lost, failed.sqlstate) == (True, False, "57014")
        assert failed.text == "canceling statement due to statement timeout (57014)"
    assert any_postgres.execute(SLEEPING) == [(0,)]


async def test_several_statements_share_the_limit(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor")) as made:
        began = time.monotonic()
        failed = await failure(made, "select pg_sleep(0.8);" * 9, timeout_s=1)
        assert time.monotonic() - began < 2
    assert (failed.text, failed.timed_out, failed.lost) == ("no answer within 1 s", True, False)


async def test_a_cancelled_action_ends_on_the_server_and_polls_go_on(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor"), sli("connections_active")) as made:
        action = asyncio.create_task(made.execute("select pg_sleep(30)", {}, timeout_s=60, read_only=False))
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(1,)])
        assert values(await made.poll()) == {"connections_active": 1}
        began = time.monotonic()
        action.cancel()
        with pytest.raises(asyncio.CancelledError):
            await action
        assert time.monotonic() - began < 0.5
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(0,)], within_s=1)


@pytest.mark.parametrize("how", ["cancel", "limit"])
async def test_an_action_in_a_black_hole_is_let_go(postgres15: Postgres, proxy: ProxyMaker, how: str) -> None:
    way = proxy(postgres15.address)
    async with poller(postgres15.dsn("postgres", via=way)) as made:
        limit_s = 60 if how == "cancel" else 0.5
        action = asyncio.create_task(made.execute("select pg_sleep(1)", {}, timeout_s=limit_s, read_only=False))
        await eventually_async(lambda: postgres15.execute(SLEEPING) == [(1,)])
        way.black_hole()
        began = time.monotonic()
        if how == "cancel":
            action.cancel()
            with pytest.raises(asyncio.CancelledError):
                await action
        else:
            with pytest.raises(SqlFailed, match="no answer") as caught:
                await action
            assert (caught.value.lost, caught.value.timed_out) == (True, True)
        assert time.monotonic() - began < 1.5


async def test_a_statement_is_not_begun_while_it_still_runs(any_postgres: Postgres) -> None:
    async with poller(any_postgres.dsn("monitor")) as made, poller(any_postgres.dsn("monitor")) as other:
        action = asyncio.create_task(made.execute("select pg_sleep(%(s)s)", {"s": 30}, timeout_s=60, read_only=False))
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(1,)])
        failed = await failure(other, "select pg_sleep(%(s)s)", s=0)
        assert failed.refused
        assert re.fullmatch(r"this statement is still running on the server: pid \d+, for \d+s", failed.text)
        assert (await other.execute("select 1", {}, timeout_s=5, read_only=False)).total == 1
        answer = await other.execute("select pg_sleep(%(s)s)", {"s": 0}, timeout_s=5, read_only=True)
        assert answer.total == 1
        action.cancel()
        with pytest.raises(asyncio.CancelledError):
            await action
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(0,)])
        for _ in range(3):  # free again at once
            assert (await other.execute("select pg_sleep(%(s)s)", {"s": 0}, timeout_s=5, read_only=False)).total == 1


async def test_a_statement_that_wants_no_transaction_is_not_begun_twice(any_postgres: Postgres) -> None:
    postgres, sql = any_postgres, "create index concurrently if not exists i on t (a)"
    building = "select count(*) from pg_stat_activity where query like 'create index c%' and state = 'active'"
    with postgres.database() as name:
        postgres.execute("create table t (a int)", name)
        dsn = postgres.dsn("postgres", name)
        async with poller(dsn) as made, poller(dsn) as other:
            with postgres.session(dbname=name, autocommit=False) as writer:
                writer.execute("insert into t values (1)")
                action = asyncio.create_task(made.execute(sql, {}, timeout_s=60, read_only=False))
                await eventually_async(lambda: postgres.execute(building) == [(1,)])
                failed = await failure(other, sql)
                assert failed.refused
                writer.commit()
            assert (await action).status == "CREATE INDEX"
            for _ in range(3):
                assert (await other.execute(sql, {}, timeout_s=5, read_only=False)).status == "CREATE INDEX"


@pytest.mark.parametrize("sql", ["select pg_sleep(30)", "commit; select pg_sleep(30)"])
async def test_the_server_ends_what_nobody_waits_for(any_postgres: Postgres, proxy: ProxyMaker, sql: str) -> None:
    way = proxy(any_postgres.address)
    async with poller(any_postgres.dsn("monitor", via=way)) as made:
        action = asyncio.create_task(failure(made, sql, timeout_s=60))
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(1,)])
        way.reset()
        assert (await action).lost
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(0,)], within_s=3)


async def test_an_action_whose_session_is_ended_is_lost(any_postgres: Postgres) -> None:
    end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ontui-action'"
    async with poller(any_postgres.dsn()) as made:
        action = asyncio.create_task(failure(made, "select pg_sleep(30)"))
        await eventually_async(lambda: any_postgres.execute(SLEEPING) == [(1,)])
        any_postgres.execute(end)
        failed = await action
    assert failed.text == "terminating connection due to administrator command (57P01)"
    assert failed.lost


async def test_a_full_server_is_acted_on_over_the_kept_connection(any_postgres: Postgres) -> None:
    postgres = any_postgres
    end = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'leak' and pid <> pg_backend_pid() limit %(n)s"
    )
    async with poller(postgres.dsn(), sli("connections")) as made:
        await made.poll()
        with contextlib.ExitStack() as crowd:
            for _ in range(39):
                crowd.enter_context(postgres.session(name="leak"))
            assert (await made.poll()).findings[0].startswith("TOO MANY CLIENTS: 40 of 37")
            holding = asyncio.create_task(made.execute("select pg_sleep(0.5)", {}, timeout_s=5, read_only=False))
            busy = await eventually_async(lambda: _busy(made))
            assert busy.startswith("not asked")
            await holding
            kept = made._link.connection
            cancelled = asyncio.create_task(made.execute("select pg_sleep(30)", {}, timeout_s=60, read_only=False))
            await eventually_async(lambda: _busy(made))
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            assert (await made.poll()).fault is None
            assert made._link.connection is kept
            answer = await made.execute(end, {"n": 5}, timeout_s=5, read_only=False)
            assert answer.total == answer.truthy
            assert answer.notices == (
                "TOO MANY CLIENTS: server refuses new connections (53300): used the connection that was already open",
            )
    async with poller(postgres.dsn()) as late:
        with contextlib.ExitStack() as crowd:
            for _ in range(40):
                crowd.enter_context(postgres.session(name="leak"))
            failed = await failure(late, "select 1")
            assert failed.text == "TOO MANY CLIENTS: server refuses new connections (53300)"


async def _busy(made: PostgresPoller) -> str:
    findings = (await made.poll()).findings
    return next((f for f in findings if f.startswith("not asked")), "")


async def test_another_server_than_the_planned_one_is_not_touched(postgres15: Postgres, postgres18: Postgres) -> None:
    async with poller(postgres15.dsn(), sli("up")) as made:
        await made.poll()
        async with poller(postgres18.dsn()) as other:
            made._door = other._door
            failed = await failure(made, "select 1")
            assert failed.text == "another server answers than the one this was planned for: plan again"
            answer = await made.execute("select 1", {}, timeout_s=5, read_only=True)
            assert answer.total == 1


async def test_what_cannot_be_reached_fails_in_words(postgres15: Postgres) -> None:
    async with poller(postgres15.dsn("plain").replace("plain-word", "wrong-word")) as made:
        failed = await failure(made, "select 1")
    assert failed.text == 'password authentication failed for user "plain"'
