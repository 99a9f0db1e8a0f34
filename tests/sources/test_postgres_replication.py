"""Replication lag as the primary, the replica and a server without either tell it."""

import asyncio
from dataclasses import replace

import psutil
import pytest

from ontui.demo.postgres import PostgresServer
from ontui.domain.sample import Reading, Sample
from ontui.domain.status import Status
from ontui.sources.postgres import PostgresPoller
from ontui.sources.postgres_asks import Ask, Follower, Replay
from ontui.sources.postgres_counters import CounterLog
from ontui.sources.postgres_metrics import reading
from ontui.sources.postgres_seen import Followers, Seen
from ontui.sources.postgres_server import Server
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


@pytest.mark.parametrize(
    ("heard_s", "timeout_s", "known"),
    [
        (28, 60, True),
        (34, 60, True),
        (36, 60, False),
        (14, 20, True),
        (16, 20, False),
        (34, 0, True),
        (66, 7200, False),
    ],
)
def test_a_primary_is_silent_when_the_replica_has_asked_in_vain(heard_s: float, timeout_s: float, known: bool) -> None:
    """Idle, the two speak when half of the receiver's timeout is over: 28 s apart were measured on 18.6."""
    server = Server(0.0, 0.0, True, "18.6", 180006, "monitor", "monitor", None, None, True, True, True)
    replay = Replay("streaming", heard_s, False, 0.0, 900.0, timeout_s)
    seen = Seen(0.0, server, CounterLog(1, 1), answers={Ask.REPLICATION: replay})
    found = reading(sli("replication_lag"), seen)
    assert (found.value, found.flaw) == ((0, None) if known else (None, Status.UNKNOWN))
    followers = Followers((Follower("copy", "streaming", 0.0, 0.001, heard_s, timeout_s),), 0)
    there = replace(seen, server=replace(server, replica=False), answers={Ask.REPLICATION: followers})
    assert reading(sli("replication_lag"), there).value == (0 if known else heard_s)


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
