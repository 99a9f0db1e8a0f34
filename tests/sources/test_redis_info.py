"""INFO as servers of other kinds and ages may write it: what is not told is named, and never a number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.config.metrics import METRICS
from ontui.domain.status import Status
from ontui.sources.redis_info import CounterLog, Counts, Info
from ontui.sources.redis_metrics import Seen, reading, what_is_wrong
from tests.sources.redis_poll import sli

KNOWN = (
    "role", "run_id", "redis_version", "connected_clients", "maxclients", "used_memory", "maxmemory", "db0", "db12",
    "blocked_clients", "keyspace_hits", "keyspace_misses", "evicted_keys", "total_commands_processed",
    "master_link_status", "rdb_last_bgsave_status", "loading",
)  # fmt: skip
LINES = st.one_of(
    st.text(max_size=40),
    st.builds("{}:{}".format, st.sampled_from(KNOWN), st.one_of(st.text(max_size=20), st.integers().map(str))),
    st.sampled_from(["# Keyspace", "#", ":", "role:slave", "role:master", "db0:keys=5", "db1:keys=-5,expires=1"]),
)


def seen(*texts: str) -> Seen:
    """What a poll makes of INFO, asked every ten seconds."""
    log = CounterLog(1, 35)
    infos = [Info.read(text) for text in texts]
    for n, info in enumerate(infos):
        log.add(Counts.of(info, 1000.0 + 10 * n))
    return Seen(1000.0, infos[-1], log, 0.001)


@given(st.lists(LINES, max_size=30), st.lists(LINES, max_size=30))
def test_any_text_becomes_readings(first: list[str], second: list[str]) -> None:
    found = seen("\r\n".join(first), "\r\n".join(second))
    for metric in METRICS["redis"]:
        told = reading(sli(metric), found)
        assert told.value is None or (math.isfinite(told.value) and told.value >= 0)
        assert (told.value is None) == (told.flaw is not None)
        assert told.flaw is None or told.reason
        assert (told.reason + told.note + told.raw).isprintable()
    assert all(text.isprintable() for text in (*what_is_wrong(found, "me"), found.info.product, found.info.role))


@pytest.mark.parametrize(
    ("metric", "text", "reason"),
    [
        ("memory_used", "", "INFO has no used_memory"),
        ("memory_used", "used_memory:1e9", "used_memory is '1e9', not a number"),
        ("memory_used", "used_memory:-1", "used_memory is '-1', not a number"),
        ("memory_used", "used_memory:", "used_memory is '', not a number"),
        ("memory_used_ratio", "used_memory:5", "INFO has no maxmemory"),
        ("clients_used_ratio", "connected_clients:5", "INFO has no maxclients"),
        ("hit_ratio", "keyspace_hits:5", "INFO has no keyspace_misses"),
        ("evictions_per_minute", "", "INFO has no evicted_keys"),
        ("keys", "", "INFO has no section Keyspace"),
        ("keys", "# Keyspace\ndb0:expires=5", "db0 is 'expires=5', not a number of keys"),
        ("replica_link", "", "INFO has no role"),
        ("replica_link", "role:slave", "INFO has no master_link_status"),
    ],
)
def test_what_is_missing_is_named(metric: str, text: str, reason: str) -> None:
    told = reading(sli(metric), seen(text, text))
    assert (told.value, told.flaw, told.reason) == (None, Status.UNKNOWN, reason)


def test_a_field_that_comes_or_goes_is_no_delta() -> None:
    both, one = "keyspace_hits:5\nkeyspace_misses:9", "keyspace_hits:5"
    begun = reading(sli("hit_ratio"), seen(one, both))
    assert (begun.reason, begun.early) == ("collecting: counters were reset", True)
    assert reading(sli("hit_ratio"), seen(both, both, both)).reason == "idle: no lookups in 20 s"


def test_few_lookups_are_told_over_a_longer_stretch() -> None:
    looks = [(0, 0), (90, 10), (91, 10), (91, 11)]
    texts = [f"keyspace_hits:{hits}\nkeyspace_misses:{misses}" for hits, misses in looks]
    told = reading(sli("hit_ratio"), seen(*texts))
    assert (told.value, told.note) == (91 / 102, "91 of 102 lookups in 30 s")


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.0.1", "Valkey 8.0.1"),
        ("redis_version:6.2.11\ndragonfly_version:df-1.14", "Dragonfly df-1.14"),
        ("redis_version:5.0.14", "Redis 5.0.14"),
        ("", "Redis"),
    ],
)
def test_who_answers(text: str, product: str) -> None:
    assert Info.read(text).product == product
