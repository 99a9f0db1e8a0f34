"""Replication lag as the primary, the replica and a server without either tell it."""

import asyncio

import psutil
import pytest

from ontui.demo.postgres import PostgresServer
from ontui.domain.sample import Reading, Sample
from ontui.domain.status import Status
from ontui.sources.postgres import PostgresPoller
from tests.eventually import eventually, eventually_async
from tests.servers.pair import Pair
from tests.sources.postgres_poll import polled, poller, sli


async def lag(server: PostgresServer, **other: str) -> tuple[Sample, Reading]:
    """One poll of the lag."""
    dsn = server.dsn()
    for old, new in other.items():
        dsn = dsn.replace(f"{old}:{server.password}", new)
    sample = await polled(dsn, sli("replication_lag", unit="seconds"))
    assert sample.fault is None
    return sample, sample.readings["replication_lag"]


async def test_nobody_replicates(any_postgres: "object") -> None:
    dsn: str = any_postgres.dsn("plain")  # type: ignore[attr-defined]
    sample = await polled(dsn, sli("replication_lag"))
    reading = sample.readings["replication_lag"]
    assert (reading.flaw, reading.reason) == (Status.NO_DATA, "no replica is connected")


async def test_both_agree_that_nothing_is_missing(pair: Pair) -> None:
    primary, seen = await lag(pair.primary)
    assert (seen.value, seen.caveat) == (0, "")
    assert ", primary, 127.0.0.1:" in primary.server
    replica, seen = await lag(pair.replica)
    assert seen.value == 0
    assert ", replica, 127.0.0.1:" in replica.server
    assert replica.identity != primary.identity
    assert replica.identity.split("@")[0] == primary.identity.split("@")[0]


async def test_without_rights_nothing_is_claimed(pair: Pair) -> None:
    for server in (pair.primary, pair.replica):
        sample, seen = await lag(server, postgres="plain:plain-word")
        assert (seen.value, seen.reason) == (None, "no permission: GRANT pg_monitor TO plain")
        assert sample.findings[0].startswith("no permission")


async def test_paused_replay_lags_and_says_so(pair: Pair) -> None:
    pair.execute(pair.replica, "select pg_wal_replay_pause()")
    try:
        pair.execute(pair.primary, "create table paused as select generate_series(1, 1000)")
        await asyncio.sleep(1.5)
        sample, seen = await lag(pair.replica)
        assert (seen.value or 0) > 1
        assert seen.caveat == "PAUSED: replay is paused"
        assert sample.findings == ("PAUSED: replay is paused on this replica",)
        _, seen = await lag(pair.primary)
        assert (seen.value or 0) > 0.5
    finally:
        pair.execute(pair.replica, "select pg_wal_replay_resume()")
    eventually(pair.caught_up)


async def test_a_frozen_replica_lags_more_and_more(pair: Pair) -> None:
    frozen = psutil.Process(pair.replica.child.pid)
    family = [frozen, *frozen.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        pair.execute(pair.primary, "create table frozen as select generate_series(1, 1000)")
        await asyncio.sleep(2)
        _, first = await lag(pair.primary)
        await asyncio.sleep(1)
        _, second = await lag(pair.primary)
    finally:
        for process in family:
            process.resume()
    assert (first.value or 0) > 1.5
    assert (second.value or 0) == pytest.approx((first.value or 0) + 1, abs=0.5)
    eventually(pair.caught_up)


async def test_a_replica_without_its_primary_is_disconnected_and_a_promotion_is_told(pair: Pair) -> None:
    async with poller(pair.replica.dsn(), sli("replication_lag"), sli("up")) as made:
        assert (await made.poll()).readings["replication_lag"].value == 0
        pair.primary.stop()

        async def disconnected() -> Sample | None:
            sample = await made.poll()
            return sample if "DISCONNECTED" in sample.readings["replication_lag"].reason else None

        sample = await eventually_async(disconnected)
        assert sample is not None
        assert sample.readings["replication_lag"].value is None
        assert sample.findings == ("DISCONNECTED: this replica receives from no primary",)
        before = made.endpoint
        pair.execute(pair.replica, "select pg_promote()")
        sample = await made.poll()
    assert sample.findings == ("role changed: was replica, is primary now",)
    assert before.replace("replica", "primary") == made.endpoint
    assert isinstance(made, PostgresPoller)
