"""Every metric of a real Redis, beside what redis-cli says."""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ontui.config.metrics import METRICS
from ontui.demo.process import spawn
from ontui.domain.sample import Sample
from ontui.domain.status import Status
from ontui.sources.redis_source import RedisPoller
from tests.eventually import eventually_async
from tests.servers.redis_server import Redis, RedisMaker
from tests.sources import redis_poll
from tests.sources.redis_poll import polled, poller, sli, source

COUNTED = {
    "evictions_per_minute": ("evicted_keys", 60), "expired_per_minute": ("expired_keys", 60),
    "rejected_per_minute": ("rejected_connections", 60), "commands_per_second": ("total_commands_processed", 1),
}  # fmt: skip
Told = tuple[float, dict[str, str], float]
"""When redis-cli began to ask, what it was told, and when it had the answer."""


def values(sample: Sample) -> dict[str, float | None]:
    """The values of a good sample by SLI."""
    assert sample.fault is None, sample.fault
    return {name: reading.value for name, reading in sample.readings.items()}


@pytest.fixture
def loaded(open_redis: RedisMaker) -> Iterator[Redis]:
    """A server whose memory is full, and clients that read, write, let expire and come in vain, without end."""
    redis = open_redis("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random", "--maxclients", "10")
    loads = [
        ("-c", "2", "set", "key:__rand_int__", "x" * 300),
        ("-c", "2", "get", "key:__rand_int__"),
        ("-c", "1", "set", "short:__rand_int__", "x", "px", "1"),
        ("-c", "1", "blpop", "nothing", "0"),
    ]
    children = [
        spawn(
            [redis.binaries.folder / "redis-benchmark", "-p", str(redis.port), "-r", "20000", "-n", "100000000", *load],
            cwd=redis.folder, log=redis.folder / f"load-{n}", env={"PATH": os.defpath, **redis.binaries.environment()},
        )
        for n, load in enumerate(loads)
    ]  # fmt: skip
    yield redis
    for child in children:
        child.stop(0)


def told(redis: Redis) -> Told:
    began = time.time()
    return began, redis.info(), time.time()


async def test_every_metric_agrees_with_redis_cli_under_load(loaded: Redis) -> None:
    await eventually_async(lambda: int(loaded.info()["evicted_keys"]) > 100 and loaded.info()["blocked_clients"] == "1")
    async with poller(loaded.url()) as made:
        before, first, after = told(loaded), values(await made.poll()), told(loaded)
        assert all(first[name] is None for name in (*COUNTED, "hit_ratio"))
        await asyncio.sleep(1.2)
        for _ in range(3):   # three more than there is room for
            loaded.cli("client", "no-evict", "off")
        before_2, second, after_2 = told(loaded), values(await made.poll()), told(loaded)
    shortest, longest = before_2[0] - after[2], after_2[2] - before[0]
    for name, (field, scale) in COUNTED.items():
        least = (int(before_2[1][field]) - int(after[1][field])) * scale / longest
        most = (int(after_2[1][field]) - int(before[1][field])) * scale / shortest
        rate = second[name]
        assert rate is not None
        assert least <= rate <= most, name
        assert rate > 0 or name == "rejected_per_minute"
    hits, misses = (
        int(after_2[1][f"keyspace_{what}"]) - int(before[1][f"keyspace_{what}"]) for what in ("hits", "misses")
    )
    assert second["hit_ratio"] == pytest.approx(hits / (hits + misses), abs=0.1)
    for name, field in {"memory_used": "used_memory", "clients": "connected_clients"}.items():
        assert second[name] == pytest.approx(int(after_2[1][field]), rel=0.2), name
    assert second["memory_used_ratio"] == pytest.approx(int(after_2[1]["used_memory"]) / 3145728, rel=0.05)
    assert second["blocked_clients"] == 1
    assert second["clients_used_ratio"] == (second["clients"] or 0) / 10
    keys = [int(look[1]["db0"].split(",")[0].removeprefix("keys=")) for look in (before_2, after_2)]
    assert second["keys"] == pytest.approx(sum(keys) / 2, rel=0.2)
    assert (second["up"], second["replica_link"]) == (1, None)
    assert 0 < (second["latency"] or 0) < 1


async def test_a_hit_ratio_is_that_of_the_last_lookups(redis_server: Redis) -> None:
    redis_server.cli(stdin="set a 1\n" + "get a\n" * 500)
    async with poller(redis_server.url(), "hit_ratio") as made:
        await made.poll()
        await asyncio.sleep(1)
        redis_server.cli(stdin="get a\n" * 70 + "get b\n" * 30)
        reading = (await made.poll()).readings["hit_ratio"]
        assert (reading.value, reading.note[:20]) == (0.7, "70 of 100 lookups in")
        assert reading.raw == "keyspace_hits:570 keyspace_misses:30"


async def test_no_lookups_are_no_ratio(redis_server: Redis) -> None:
    async with poller(redis_server.url(), "hit_ratio") as made:
        first = (await made.poll()).readings["hit_ratio"]
        assert (first.value, first.flaw, first.reason) == (None, Status.UNKNOWN, "collecting: needs two polls")
        await asyncio.sleep(1)
        idle = (await made.poll()).readings["hit_ratio"]
        assert (idle.value, idle.flaw) == (None, Status.NO_DATA)
        assert idle.reason.startswith("idle: no lookups in ")


async def test_a_reset_drops_one_delta(redis_server: Redis) -> None:
    rates = ("hit_ratio", "commands_per_second")
    async with poller(redis_server.url(), *rates) as made:
        await made.poll()
        redis_server.cli(stdin="get a\n" * 100)
        await asyncio.sleep(1)
        assert (values(await made.poll()))["hit_ratio"] == 0
        redis_server.cli("config", "resetstat")
        readings = (await made.poll()).readings
        assert {readings[name].reason for name in rates} == {"collecting: counters were reset"}
        redis_server.cli(stdin="set a 1\n" + "get a\n" * 40)
        await asyncio.sleep(1)
        after = values(await made.poll())
        assert after["hit_ratio"] == 1
        assert 0 < (after["commands_per_second"] or 0) < 100


async def test_a_restart_is_told_and_drops_one_delta(redis_server: Redis) -> None:
    async with poller(redis_server.url(), "commands_per_second") as made:
        first = await made.poll()
        redis_server.stop()
        redis_server.start()
        again = await made.poll()
        assert again.news == ("the server was restarted",)
        assert again.readings["commands_per_second"].reason == "collecting: the server was restarted"
        assert again.identity == redis_server.info()["run_id"] != first.identity
        assert (await made.poll()).news == ()


async def test_one_look_waits_for_the_second(redis_server: Redis) -> None:
    looking = asyncio.create_task(polled(redis_server.url(), "hit_ratio", "up", one_shot=True))
    await eventually_async(lambda: "name=ontui" in redis_server.cli("client", "list"))
    redis_server.cli(stdin="set a 1\n" + "get a\n" * 30)
    assert values(await looking) == {"hit_ratio": 1, "up": 1}
    began = time.monotonic()
    await polled(redis_server.url(), "up", one_shot=True)
    assert time.monotonic() - began < 0.9


async def test_keys_are_those_of_the_database_that_the_url_names(redis_server: Redis) -> None:
    for database, keys in (("0", 3), ("7", 5)):
        redis_server.cli(stdin=f"select {database}\n" + "".join(f"set k{n} 1\n" for n in range(keys)))
    ends = ("", "0", "7", "9")
    found = {end: (await polled(redis_server.url(database=end), "keys")).readings["keys"] for end in ends}
    assert {end: reading.value for end, reading in found.items()} == {"": 8, "0": 3, "7": 5, "9": 0}
    assert [found[end].note for end in ("", "7")] == ["db0 3, db7 5", "in db7"]


async def test_without_a_limit_there_is_no_ratio_of_it(redis_server: Redis) -> None:
    reading = (await polled(redis_server.url(), "memory_used_ratio")).readings["memory_used_ratio"]
    assert (reading.value, reading.flaw, reading.reason) == (None, Status.NO_DATA, "no limit is set (maxmemory 0)")
    redis_server.cli("config", "set", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru")
    slis = [redis_poll.sli("memory_used_ratio", "percent")]
    made = RedisPoller(redis_poll.source(redis_server.url()), slis, time.time)
    reading = (await made.poll()).readings["memory_used_ratio"]
    await made.close()
    assert reading.value == pytest.approx(int(redis_server.info()["used_memory"]) / 1048576, rel=0.1)
    assert reading.note.endswith(" of 100 MiB, allkeys-lru")


async def test_a_replica_says_whether_its_primary_speaks_to_it(open_redis: RedisMaker) -> None:
    primary = open_redis("--repl-diskless-sync-delay", "0")
    replica = open_redis("--replicaof", f"127.0.0.1 {primary.port}")
    async with poller(replica.url(), "replica_link", "up") as made, poller(primary.url()) as above:
        await eventually_async(lambda: replica.info()["master_link_status"] == "up")
        sample = await made.poll()
        assert sample.server == f"Redis 7.0.15, replica of 127.0.0.1:{primary.port}"
        assert (values(sample), sample.findings) == ({"replica_link": 1, "up": 1}, ())
        seen = await above.poll()
        assert seen.server == "Redis 7.0.15, primary"
        assert seen.readings["replica_link"].reason == "a primary"
        assert seen.readings["clients_used_ratio"].note == "2 of 10000, 1 of them replicas"
        primary.stop()
        await eventually_async(lambda: replica.info()["master_link_status"] == "down")
        sample = await made.poll()
        assert (values(sample)["replica_link"], sample.readings["replica_link"].flaw) == (0, None)
        assert sample.findings == ("DISCONNECTED: this replica receives from no primary",)
        replica.cli("config", "set", "replica-serve-stale-data", "no")
        up = (await made.poll()).readings["up"]
        assert (up.value, up.caveat) == (1, "MASTERDOWN: without its primary this replica refuses to serve")
        replica.cli("replicaof", "no", "one")
        sample = await made.poll()
        assert sample.news == (f"role changed: was replica of 127.0.0.1:{primary.port}, is primary now",)
        assert sample.readings["replica_link"].flaw is Status.NO_DATA


async def test_latency_is_what_a_busy_server_makes_clients_wait(redis_server: Redis) -> None:
    async with poller(redis_server.url(), "latency") as made:
        await made.poll()
        busy = asyncio.create_task(asyncio.to_thread(redis_server.cli, "debug", "sleep", "1.5"))
        await asyncio.sleep(0.5)
        slow = values(await made.poll())["latency"]
        await busy
        quick = values(await made.poll())["latency"]
    assert slow is not None
    assert quick is not None
    assert 0.1 < slow < 5
    assert quick < 0.1


async def test_one_named_connection_is_kept(redis_server: Redis) -> None:
    async with poller(redis_server.url()) as made:
        for _ in range(3):
            await made.poll()
        ours = [line for line in redis_server.cli("client", "list").splitlines() if " name=ontui " in line]
        assert len(ours) == 1
        assert int(redis_server.info()["total_connections_received"]) <= 4
        redis_server.cli("client", "kill", "type", "normal")
        assert values(await made.poll())["up"] == 1
    await eventually_async(lambda: "name=ontui" not in redis_server.cli("client", "list"))


def test_every_metric_of_the_config_is_known() -> None:
    from ontui.sources.redis_metrics import _MEASURES

    assert set(_MEASURES) == set(METRICS["redis"])


async def test_we_do_not_measure_our_own_lookups(redis_server: Redis) -> None:
    redis_server.cli("rpush", "jobs", "a", "b")
    keys = [replace(sli("up"), id=key, metric="", key=key, unit="count") for key in ("jobs", "nowhere")]
    made = RedisPoller(source(redis_server.url()), [sli("hit_ratio"), *keys], time.time)
    try:
        for _ in range(3):
            idle = (await made.poll()).readings["hit_ratio"]
            await asyncio.sleep(1)
        assert idle.reason.startswith("idle: no lookups in "), idle
        redis_server.cli(stdin="get nokey\n" * 30)
        missed = (await made.poll()).readings["hit_ratio"]
        assert missed.value == 0, missed
        assert "0 of 30 lookups" in missed.note
    finally:
        await made.close()
