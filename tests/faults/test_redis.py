"""Row 34: a Redis that is frozen, full, closed to us, or still reading its data."""

import contextlib
import socket

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import Watch, status
from tests.servers.redis_server import Redis, RedisMaker

CONFIG = """version: 1
system: {id: shop, name: The Shop, environment: staging, production: false}
sources:
  cache: {type: redis, url: "${SHOP_CACHE}", every: 1s, timeout: 900ms}
slis:
  cache_up:
    {title: cache, source: cache, metric: up, alerts: [{name: CacheDown, when: "< 1", severity: SEV-1}]}
  speed: {source: cache, metric: latency}
  hits: {source: cache, metric: hit_ratio}
  people: {source: cache, metric: clients}
  room: {source: cache, metric: clients_used_ratio}
"""
FULL = "TOO MANY CLIENTS: the server refuses new connections (max number of clients reached)"


def watched(place: ConfigFolder, url: str) -> None:
    """Write a config that looks at one Redis every second."""
    place.environ["SHOP_CACHE"] = url
    place.write(CONFIG)


def is_down(watch: Watch, words: str) -> None:
    """The fault is named, the cache is down, and what was known of it is marked."""
    source = watch.source("cache", status="critical", error=words)
    assert source["latency_s"] <= 1.8   # one deadline, on a busy machine
    watch.shows(r"cache ▲ down.*" + words)
    watch.sli("cache_up", status="critical", value=0)
    watch.shows(r"people .* old")


def test_34_a_frozen_redis_costs_one_deadline(place: ConfigFolder, watching: Watching, redis_server: Redis) -> None:
    watched(place, redis_server.url())
    watch = watching(place)
    watch.sli("cache_up", status="ok", value=1)
    redis_server.freeze()
    is_down(watch, r"no answer within 0\.9 s")
    told = status(place)
    assert told.code == 2
    assert (told.source("cache")["status"], told.source("cache")["error"]) == ("critical", "no answer within 0.9 s")
    assert 0.9 <= told.source("cache")["latency_s"] < 1.8
    assert (told.sli("cache_up")["value"], told.sli("people")["value"]) == (0, None)
    stale = watch.sli("people", within_s=45, status="stale")
    assert (stale["value"], "no answer within 0.9 s" in stale["reason"]) == (None, True)
    redis_server.thaw()
    watch.sli("cache_up", within_s=45, status="ok", value=1)   # after backing off
    watch.source("cache", status="ok", error=None)


def test_34_a_full_redis_is_named_from_outside_and_counted_from_within(
    place: ConfigFolder, watching: Watching, open_redis: RedisMaker
) -> None:
    redis = open_redis("--maxclients", "4")
    watched(place, redis.url())
    watch = watching(place)
    watch.sli("people", value=1)
    with contextlib.ExitStack() as crowd:
        for _ in range(3):
            crowd.enter_context(socket.create_connection(redis.address))
        watch.sli("people", value=4)
        watch.sli("room", status="warning", value=1)
        source = watch.source("cache", status="warning")
        assert source["error"] == "TOO MANY CLIENTS: 4 of 4 connections, new ones are refused"
        watch.shows("cache ◆ .*TOO MANY CLIENTS: 4 of 4 connections")
        told = status(place)
        assert (told.source("cache")["status"], told.source("cache")["error"]) == ("critical", FULL)
        assert (told.sli("cache_up")["value"], told.sli("people")["value"]) == (0, None)
        late = watching(place)
        late.shows("cache ▲ down.*TOO MANY CLIENTS")
    late.sli("cache_up", within_s=45, value=1)
    watch.source("cache", status="ok", error=None)


@pytest.mark.parametrize(("login", "word"), [("", "NOAUTH"), (":not-the-word", "WRONGPASS")])
def test_34_a_redis_that_wants_a_password_says_so(
    place: ConfigFolder, watching: Watching, open_redis: RedisMaker, login: str, word: str
) -> None:
    redis = open_redis("--requirepass", "the-real-word")
    watched(place, redis.url(login))
    told = status(place)
    assert told.source("cache")["error"].startswith(f"{word} ")
    assert (told.sli("cache_up")["status"], told.sli("cache_up")["value"]) == ("unknown", None)   # it is not down
    watch = watching(place)
    watch.shows(rf"cache . .*{word}")
    assert "not-the-word" not in watch.text
    redis.cli("config", "set", "requirepass", "not-the-word" if login else "", password="the-real-word")
    watch.sli("cache_up", within_s=45, status="ok", value=1)


def test_34_a_redis_that_reads_its_data_is_starting(
    place: ConfigFolder, watching: Watching, redis_server: Redis
) -> None:
    watched(place, redis_server.url())
    redis_server.cli("debug", "populate", "60000", "key", "100")
    redis_server.cli("save")
    watch = watching(place)
    watch.sli("cache_up", status="ok", value=1)
    redis_server.stop()
    redis_server.begin("--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024")
    watch.source("cache", within_s=30, status="critical", error=r"^LOADING: \d+\.\d\d % of the data is in memory")
    watch.shows(r"cache ▲ .*LOADING: \d+\.\d\d % of the data")
    watch.sli("cache_up", value=0)
    told = status(place)
    assert told.source("cache")["error"].startswith("LOADING: ")
    assert (told.sli("cache_up")["value"], told.sli("people")["value"]) == (0, None)
    watch.sli("cache_up", within_s=90, status="ok", value=1)
    assert watch.sli("hits")["reason"] == "collecting: the server was restarted" or watch.sli("hits")["value"] is None
    restarts = [event for event in watch.events() if "the server was restarted" in " ".join(event)]
    assert len(restarts) == 1, watch.events()
