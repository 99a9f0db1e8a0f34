"""How many elements a key of a real Redis has, in which database, and who may ask."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.status import Status
from ontui.sources.asking import as_command, question
from ontui.sources.redis_source import RedisPoller
from tests.eventually import eventually_async
from tests.servers.redis_server import Redis, RedisMaker
from tests.sources import redis_poll
from tests.sources.test_asking import pasted
from tests.sources.test_asking_caches import beside

ALL = ("list", "set", "zset", "hash", "stream", "none")
RIGHTS = "+type +llen +scard +zcard +hlen +xlen"


@contextlib.asynccontextmanager
async def counting(url: str, *keys: str) -> AsyncIterator[RedisPoller]:
    slis = [replace(redis_poll.sli("keys"), id=key, metric="", key=key) for key in keys]
    made = RedisPoller(redis_poll.source(url), [*slis, redis_poll.sli("keys"), redis_poll.sli("up")], time.time)
    try:
        yield made
    finally:
        await made.close()


async def polled(url: str, *keys: str) -> Sample:
    async with counting(url, *keys) as made:
        return await made.poll()


def said(reading: Reading) -> tuple[float | None, Status | None, str]:
    return reading.value, reading.flaw, reading.reason


def fill(redis: Redis, database: int = 0) -> None:
    """A key of each type; each is called like its type."""
    made = "rpush list a b c", "sadd set a b", "zadd zset 1 a 2 b", "hset hash a 1", "xadd stream * a 1"
    redis.cli(stdin="\n".join((f"select {database}", *made)))


async def test_elements_of_each_type_are_counted(redis_server: Redis) -> None:
    fill(redis_server)
    redis_server.cli("set", "text \x1b[31mred", "7")
    sample = await polled(redis_server.url(), *ALL, "text \x1b[31mred")
    assert sample.fault is None
    assert [said(sample.readings[key]) for key in ALL] == [(n, None, "") for n in (3, 2, 2, 1, 1, 0)]
    assert sample.readings["none"].note == "no such key"
    assert sample.readings["list"].note == "elements of a list"
    text = sample.readings["text \x1b[31mred"]
    assert said(text)[:2] == (None, Status.UNKNOWN)
    assert text.reason.endswith("is a string: it has no elements that are counted")
    assert "\x1b" not in text.reason


async def test_they_are_those_of_the_database_that_the_url_names(redis_server: Redis) -> None:
    fill(redis_server, 3)
    redis_server.cli("rpush", "list", "alone")
    assert (await polled(redis_server.url(), "list")).readings["list"].value == 1
    assert (await polled(redis_server.url(database="3"), "list")).readings["list"].value == 3


async def test_a_database_that_is_not_there_is_a_fault(redis_server: Redis) -> None:
    sample = await polled(redis_server.url(database="99"), "list")
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (
        FaultKind.CONFIG, "database 99 was refused: ERR DB index is out of range"
    )  # fmt: skip
    assert "keys" not in sample.readings


async def test_who_may_not_select_is_told_so_and_the_rest_goes_on(redis_server: Redis) -> None:
    redis_server.cli(stdin="select 3\nset a 1")
    redis_server.cli("acl", "setuser", "monitor", "on", ">word", "+ping", "+info", "~*", *RIGHTS.split())
    sample = await polled(redis_server.url("monitor:word", "3"), "list")
    assert sample.findings == ("no permission: ACL SETUSER monitor +select",)
    assert sample.readings["keys"].value == 1
    assert said(sample.readings["list"]) == (None, Status.UNKNOWN, "no permission: ACL SETUSER monitor +select")
    redis_server.cli("acl", "setuser", "monitor", "+select")
    sample = await polled(redis_server.url("monitor:word", "3"), "list")
    assert (sample.findings, said(sample.readings["list"])) == ((), (0, None, ""))


@pytest.mark.parametrize(
    ("rights", "lacking"),
    [("~*", RIGHTS), ("+type ~*", RIGHTS), (f"~other {RIGHTS}", "~list"), (f"~list {RIGHTS} -llen", RIGHTS)],
)
async def test_a_missing_right_is_named(redis_server: Redis, rights: str, lacking: str) -> None:
    fill(redis_server)
    redis_server.cli("acl", "setuser", "monitor", "on", ">word", "+ping", "+info", *rights.split())
    reading = (await polled(redis_server.url("monitor:word"), "list")).readings["list"]
    wanted = f"ACL SETUSER monitor {lacking}"
    assert said(reading) == (None, Status.UNKNOWN, f"no permission: {wanted}")
    redis_server.cli(*wanted.split())
    assert (await polled(redis_server.url("monitor:word"), "list")).readings["list"].value == 3


async def test_data_of_a_replica_without_its_primary_says_so(open_redis: RedisMaker) -> None:
    primary = open_redis("--repl-diskless-sync-delay", "0")
    fill(primary)
    replica = open_redis("--replicaof", f"127.0.0.1 {primary.port}")
    async with counting(replica.url(), "list") as made:
        await eventually_async(lambda: replica.info()["master_link_status"] == "up")
        seen = (await made.poll()).readings
        assert [(seen[id_].value, seen[id_].caveat) for id_ in ("list", "keys")] == [(3, ""), (5, "")]
        primary.stop()
        await eventually_async(lambda: replica.info()["master_link_status"] == "down")
        seen = (await made.poll()).readings
        down = "the link to its primary is down"
        assert [(seen[id_].value, seen[id_].caveat) for id_ in ("list", "keys")] == [(3, down), (5, down)]


@pytest.mark.parametrize(("key", "count"), [("list", "3"), ("stream", "1"), ("it's none", "0")])
def test_redis_cli_counts_the_same(redis_server: Redis, key: str, count: str) -> None:
    fill(redis_server, 3)
    source = redis_poll.source(redis_server.url(database="3"))
    sli = replace(redis_poll.sli("keys"), metric="", key=key)
    assert pasted(as_command(source, sli), **beside(redis_server)) == f"{count}\n"
    assert question(source, sli) == f"TYPE {key}, then LLEN or SCARD or ZCARD or HLEN or XLEN {key}"
