"""Row 31 from PgBouncer's own console: which pool is full, and who waits in it."""

import contextlib
import threading
from collections.abc import Iterator

import psycopg

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import status
from tests.servers.pgbouncer import Pooler

CONFIG = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
sources:
  pool: {type: pgbouncer, dsn: "${SHOP_POOL}", every: 1s, timeout: 900ms}
slis:
  waiting:
    {source: pool, metric: clients_waiting, rows: pool, alerts: [{name: PoolFull, when: "> 0", severity: SEV-2}]}
  wait: {source: pool, metric: longest_wait, rows: database}
  used: {source: pool, metric: pool_used_ratio, rows: pool}
"""


@contextlib.contextmanager
def held(pooler: Pooler, database: str, user: str, count: int) -> Iterator[None]:
    """Clients in the middle of a transaction."""
    with contextlib.ExitStack() as end:
        for _ in range(count):
            client = end.enter_context(psycopg.connect(pooler.way(database, user), prepare_threshold=None))
            end.callback(client.rollback)
            client.execute("select 1")
        yield


def test_31_a_full_pool_is_named_with_those_who_wait(
    place: ConfigFolder, watching: Watching, watched_pooler: Pooler
) -> None:
    place.environ["SHOP_POOL"] = watched_pooler.way("pgbouncer", "monitor")
    place.write(CONFIG)
    watch = watching(place)
    assert watch.sli("waiting", status="ok", value=0)["rows"] == []
    waiter = psycopg.connect(watched_pooler.way("shop"), autocommit=True, prepare_threshold=None)
    waiting = threading.Thread(target=waiter.execute, args=("select 1",))
    with held(watched_pooler, "audit", "monitor", 1), held(watched_pooler, "shop", "app", 2):
        waiting.start()
        found = watch.sli("waiting", status="critical", value=1, reason="PoolFull firing: shop/postgres")
        assert [(row["name"], row["value"]) for row in found["rows"]] == [("shop/postgres", 1), ("audit/monitor", 0)]
        words = "POOL EXHAUSTED: shop/postgres uses 2 of 2, 1 wait, the longest for "
        watch.source("pool", status="warning", error=words)
        watch.shows("pool ◆ .*POOL EXHAUSTED: shop/postgres uses 2 of 2")
        watch.sli("wait", status="warning", reason="missed: shop$")
        told = status(place)
        assert told.code == 2
        assert told.source("pool")["error"].startswith(words)
        used = {row["name"]: row["text"] for row in told.sli("used")["rows"]}
        assert used == {"shop/postgres": "100 %", "audit/monitor": "33 %"}
    waiting.join()
    waiter.close()
    watch.sli("waiting", status="ok", value=0)
    watch.source("pool", status="ok", error=None)


def test_31_a_paused_database_is_named(place: ConfigFolder, watching: Watching, watched_pooler: Pooler) -> None:
    place.environ["SHOP_POOL"] = watched_pooler.way("pgbouncer", "monitor")
    place.write(CONFIG)
    watch = watching(place)
    watch.source("pool", status="ok")
    watched_pooler.console("pause shop")
    watch.shows("pool ◆ .*PAUSED: clients wait in shop")
    assert status(place).source("pool")["error"] == "PAUSED: clients wait in shop"
    watched_pooler.console("resume shop")
    watch.source("pool", status="ok", error=None)
