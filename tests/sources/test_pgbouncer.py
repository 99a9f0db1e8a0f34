"""What is told of a real PgBouncer, beside what its own console says."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from ontui.config.metrics import METRICS
from ontui.domain.sample import FaultKind, Row, Sample
from ontui.domain.secret import Secret
from ontui.domain.sli import Sli
from ontui.domain.source import PgbouncerSource
from ontui.domain.status import Status
from ontui.sources.pgbouncer_pools import Record, Seen, read_pools, reading, what_is_wrong
from ontui.sources.pgbouncer_source import PgbouncerPoller
from tests.eventually import eventually_async
from tests.servers.pgbouncer import Pooler
from tests.servers.postgres import Postgres
from tests.servers.proxy import ProxyMaker

DEADLINE_S = 2.0


def sli(metric: str, rows: str = "", unit: str = "") -> Sli:
    """An SLI named after its metric and what its rows are."""
    name = f"{metric}:{rows}" if rows else metric
    return Sli(name, name, "", "pool", unit or METRICS["pgbouncer"][metric].unit, 10, 5, metric=metric, rows=rows)


BY_ROWS = [
    sli("clients_waiting", "pool"), sli("longest_wait", "database"), sli("pool_used_ratio", "pool"),
    sli("pool_used_ratio", "user", "percent"),
]  # fmt: skip
ALL = [*map(sli, METRICS["pgbouncer"]), *BY_ROWS]


@contextlib.asynccontextmanager
async def poller(dsn: str, *slis: Sli, timeout_s: float = 5.0) -> AsyncIterator[PgbouncerPoller]:
    """A poller of these SLIs, or of all, closed at the end."""
    source = PgbouncerSource(id="pool", type="pgbouncer", interval_s=10, timeout_s=timeout_s, dsn=Secret(dsn))
    made = PgbouncerPoller(source, slis or ALL, time.time)
    try:
        yield made
    finally:
        await made.close()


async def polled(dsn: str, *slis: Sli) -> Sample:
    """One poll by a poller of its own."""
    async with poller(dsn, *slis) as made:
        return await made.poll()


def values(sample: Sample) -> dict[str, float | None]:
    """The values of a good sample by SLI."""
    assert sample.fault is None, sample.fault
    return {name: reading.value for name, reading in sample.readings.items()}


def rows(sample: Sample, name: str) -> dict[str, float | None]:
    """The rows of a reading by name, worst first."""
    return {row.name: row.value for row in sample.readings[name].rows}


@contextlib.contextmanager
def busy(pooler: Pooler, database: str, user: str, count: int) -> Iterator[None]:
    """Clients in the middle of a transaction: each has a server connection for itself."""
    with contextlib.ExitStack() as end:
        for _ in range(count):
            client = end.enter_context(psycopg.connect(pooler.way(database, user), prepare_threshold=None))
            end.callback(client.rollback)
            client.execute("select 1")
        yield


async def test_a_quiet_pgbouncer(watched_pooler: Pooler) -> None:
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made:
        sample = await made.poll()
        assert sample.server == f"PgBouncer 1.18.0, 127.0.0.1:{watched_pooler.port}/pgbouncer as monitor"
        assert sample.findings == ()
        found = values(sample)
        assert (found["up"], found["clients_active"], found["clients_waiting"], found["longest_wait"]) == (1, 0, 0, 0)
        for name in ("pool_used_ratio", "pool_used_ratio:pool"):
            ratio = sample.readings[name]
            assert (ratio.flaw, ratio.reason) == (Status.NO_DATA, "no pool is in use")
        waiting = sample.readings["clients_waiting:pool"]
        assert (waiting.value, waiting.note, waiting.rows) == (0, "no pool is in use", ())


async def test_a_full_pool(watched_pooler: Pooler) -> None:
    """Two of two connections in use, three clients that wait, beside a pool with room."""
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made, contextlib.AsyncExitStack() as end:
        end.enter_context(busy(watched_pooler, "audit", "monitor", 1))
        with busy(watched_pooler, "shop", "app", 2):
            clients = [
                await end.enter_async_context(
                    await psycopg.AsyncConnection.connect(
                        watched_pooler.way("shop"), autocommit=True, prepare_threshold=None
                    )
                )
                for _ in range(3)
            ]
            waiting = [asyncio.create_task(client.execute("select 1")) for client in clients]
            await eventually_async(lambda: _shop(watched_pooler)["cl_waiting"] == 3)
            await eventually_async(lambda: _shop(watched_pooler)["maxwait"] >= 1)
            before, sample, after = _shop(watched_pooler), await made.poll(), _shop(watched_pooler)
        await asyncio.gather(*waiting)
        assert after["cl_waiting"] == before["cl_waiting"] == 3
        found = values(sample)
        assert (found["clients_waiting"], found["clients_active"], found["servers_active"]) == (3, 3, 3)
        assert found["pool_used_ratio"] == 1
        assert sample.readings["pool_used_ratio"].note == "shop/postgres: 2 of 2"
        least, most = (look["maxwait"] + look["maxwait_us"] / 1e6 for look in (before, after))
        assert found["longest_wait"] is not None
        assert least <= found["longest_wait"] <= most
        assert rows(sample, "clients_waiting:pool") == {"shop/postgres": 3, "audit/monitor": 0}
        assert rows(sample, "longest_wait:database") == {"shop": found["longest_wait"], "audit": 0}
        assert rows(sample, "pool_used_ratio:pool") == {"shop/postgres": 1, "audit/monitor": pytest.approx(1 / 3)}
        assert rows(sample, "pool_used_ratio:user") == {"postgres": 100, "monitor": pytest.approx(100 / 3)}
        assert sample.readings["clients_waiting:pool"].rows[0].name == "shop/postgres"   # the worst
        (finding,) = sample.findings
        assert finding.startswith("POOL EXHAUSTED: shop/postgres uses 2 of 2, 3 wait, the longest for ")
        for client in clients:
            await client.close()
        calm = await made.poll()
        assert (values(calm)["clients_waiting"], values(calm)["longest_wait"], calm.findings) == (0, 0, ())


def _shop(pooler: Pooler) -> dict[str, int]:
    (record,) = [record for record in pooler.console("show pools") if record["database"] == "shop"]
    return {name: value for name, value in record.items() if isinstance(value, int)}


async def test_idle_connections_are_not_used_ones(watched_pooler: Pooler) -> None:
    with busy(watched_pooler, "shop", "app", 2):
        pass
    await eventually_async(lambda: _shop(watched_pooler)["sv_used"] == 2)   # their name for long idle
    found = values(await polled(watched_pooler.way("pgbouncer", "monitor")))
    assert (found["pool_used_ratio"], found["servers_idle"], found["servers_active"]) == (0, 2, 0)


async def test_two_users_of_a_database_are_two_pools(watched_pooler: Pooler) -> None:
    with busy(watched_pooler, "audit", "plain", 3), busy(watched_pooler, "audit", "monitor", 1):
        sample = await polled(
            watched_pooler.way("pgbouncer", "monitor"), sli("servers_active", "database"),
            sli("pool_used_ratio", "database"), sli("servers_active", "user"), sli("servers_active", "client"),
        )  # fmt: skip
    assert rows(sample, "servers_active:database") == {"audit": 4}
    assert rows(sample, "pool_used_ratio:database") == {"audit": 1}
    assert rows(sample, "servers_active:user") == {"plain": 3, "monitor": 1}
    assert sample.readings["servers_active:client"].flaw is Status.UNKNOWN


async def test_paused_and_disabled_databases_are_findings(watched_pooler: Pooler) -> None:
    watched_pooler.console("pause shop")
    watched_pooler.console("disable audit")
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made:
        findings = (await made.poll()).findings
        assert findings == ("PAUSED: clients wait in shop", "DISABLED: clients are refused in audit")
        watched_pooler.console("resume shop")
        watched_pooler.console("enable audit")
        assert (await made.poll()).findings == ()


async def test_clients_that_wait_without_need_are_a_finding(watched_pooler: Pooler) -> None:
    """All of PgBouncer is paused, of which its list of databases says nothing."""
    with busy(watched_pooler, "shop", "app", 1):
        pass
    watched_pooler.console("pause")
    client = await psycopg.AsyncConnection.connect(watched_pooler.way("shop"), autocommit=True, prepare_threshold=None)
    waiting = asyncio.create_task(client.execute("select 1"))
    await eventually_async(lambda: _shop(watched_pooler)["maxwait"] >= 2)
    sample = await polled(watched_pooler.way("pgbouncer", "monitor"))
    watched_pooler.console("resume")
    await waiting
    await client.close()
    (finding,) = sample.findings
    assert finding.startswith("1 of shop/postgres wait for ")
    assert finding.endswith(" although its pool is not full: PgBouncer is paused, or the server lets nobody in")


async def test_full_of_clients(watched_pooler: Pooler) -> None:
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made, contextlib.AsyncExitStack() as end:
        await made.poll()
        for _ in range(11):
            end.enter_context(psycopg.connect(watched_pooler.way("shop"), autocommit=True))
        assert (await made.poll()).findings == ("TOO MANY CLIENTS: 12 of 12 (max_client_conn), new ones are refused",)
        late = await polled(watched_pooler.way("shop"))
        assert late.fault is not None
        assert late.fault.kind is FaultKind.SATURATED
        assert late.fault.text.startswith("POOL EXHAUSTED: no more connections allowed")
        assert late.readings["up"].value == 0


@pytest.mark.parametrize(
    ("database", "user", "kind", "text"),
    [
        ("pgbouncer", "app", FaultKind.AUTH,
         "no permission: add to stats_users in pgbouncer.ini: stats_users = app"),
        ("pgbouncer", "stranger", FaultKind.AUTH, "authentication failed"),
        ("shop", "app", FaultKind.CONFIG,
         "this is a database and not PgBouncer's console: the dsn must name the database pgbouncer"),
        ("nowhere", "app", FaultKind.CONFIG, "no such database"),
    ],
)  # fmt: skip
async def test_wrong_ways_in(watched_pooler: Pooler, database: str, user: str, kind: FaultKind, text: str) -> None:
    sample = await polled(watched_pooler.way(database, user))
    assert sample.fault is not None
    assert (sample.fault.kind, text in sample.fault.text) == (kind, True), sample.fault
    assert sample.readings == {}


async def test_postgresql_itself_is_no_pgbouncer(postgres: Postgres) -> None:
    sample = await polled(postgres.dsn("monitor"))
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.CONFIG


@pytest.mark.parametrize("fault", ["hole", "frozen", "cut"])
async def test_silence_costs_one_deadline_and_ends(watched_pooler: Pooler, proxy: ProxyMaker, fault: str) -> None:
    way = proxy(("127.0.0.1", watched_pooler.port))
    dsn = watched_pooler.way("pgbouncer", "monitor").replace(f":{watched_pooler.port}/", f":{way.port}/")
    async with poller(dsn, timeout_s=DEADLINE_S) as made:
        assert values(await made.poll())["up"] == 1
        if fault == "cut":
            way.reset()
            way.heal()
            assert values(await made.poll())["up"] == 1   # connected again within the poll
            return
        if fault == "frozen":
            watched_pooler.freeze()
        else:
            way.black_hole()
        for _ in range(2):
            began = time.monotonic()
            sample = await made.poll()
            assert time.monotonic() - began < DEADLINE_S + 0.6
            assert sample.fault is not None
            assert sample.fault.kind is FaultKind.TIMEOUT
            assert {name: r.value for name, r in sample.readings.items()} == {"up": 0}
        watched_pooler.thaw()
        way.heal()
        assert values(await made.poll())["up"] == 1


async def test_one_session_is_kept(watched_pooler: Pooler) -> None:
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made:
        for _ in range(3):
            await made.poll()
        named = [c for c in watched_pooler.console("show clients") if c.get("application_name") == "ontui"]
        assert len(named) == 1


async def test_what_it_does_not_know_is_asked_once(watched_pooler: Pooler) -> None:
    """SHOW STATE is newer than 1.18, which writes into its log that it does not know it."""
    async with poller(watched_pooler.way("pgbouncer", "monitor")) as made:
        logged = []
        for _ in range(3):
            await made.poll()
            logged.append(watched_pooler.child.log.read_text().lower().count("show state"))
    assert logged[0] > 0
    assert len(set(logged)) == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"cl_waiting": "many"}, "cl_waiting is 'many', not a number"),
        ({}, "SHOW POOLS has no cl_waiting"),
        ({"cl_waiting": None}, "SHOW POOLS has no cl_waiting"),
        ({"cl_waiting": "9" * 5000}, f"cl_waiting is '{'9' * 39}…', not a number"),
        ({"cl_waiting": "-3"}, "cl_waiting is '-3', not a number"),
    ],
)
def test_columns_that_are_missing_are_named(record: dict[str, str | None], reason: str) -> None:
    pools = read_pools([{"database": "shop", "user": "app", **record}], [], [])
    seen = Seen(1000.0, pools, (), None, None)
    told = reading(sli("clients_waiting"), seen)
    assert (told.value, told.flaw, told.reason) == (None, Status.UNKNOWN, reason)
    by_pool = reading(sli("clients_waiting", "pool"), seen)
    assert (by_pool.value, by_pool.rows) == (None, (Row("shop/app", None, reason),))
    assert reading(sli("up"), seen).value == 1


@pytest.mark.parametrize(
    ("users", "sizes"),
    [
        ([("app", None), ("job", None)], [4, 4]),
        ([("app", ""), ("job", "       10")], [4, 10]),
        ([("app", "       10"), ("job", "       10")], [10, None]),   # the second may have none of its own
        ([("app", "       10"), ("job", "       12")], [10, 12]),
    ],
)
def test_the_pool_size_of_a_user_goes_before_that_of_the_database(
    users: list[tuple[str, str | None]], sizes: list[int | None]
) -> None:
    """As 1.24 and later tell it."""
    told: list[Record] = [{"name": name, "pool_size": size} for name, size in users]
    zero = dict.fromkeys(("sv_active", "sv_tested", "sv_login", "cl_waiting", "maxwait"), "0")
    records = [{"database": "shop", "user": name, **zero} for name, _ in users]
    pools = read_pools(records, [{"name": "shop", "pool_size": "4"}], told)
    assert [pool.size for pool in pools] == sizes
    found = reading(sli("pool_used_ratio", "pool"), Seen(1000.0, pools, (), None, None))
    assert {row.reason for row in found.rows} <= {"", "PgBouncer does not tell the pool_size of shop/job"}


def test_a_pgbouncer_that_is_paused_and_tells_it() -> None:
    idle = dict.fromkeys(("sv_active", "sv_tested", "sv_login"), "0")
    waiting: Record = {"database": "shop", "user": "app", "cl_waiting": "2", "maxwait": "9", **idle}
    seen = Seen(1000.0, read_pools([waiting], [{"name": "shop", "pool_size": "4"}], []), (), 3, 100, "paused")
    assert what_is_wrong(seen) == ["PAUSED: clients wait in every database"]
