"""The copied command lines for Redis and PgBouncer, pasted into a real shell."""

import os

from ontui.domain.secret import Secret
from ontui.domain.source import PgbouncerSource
from ontui.sources.asking import as_command, question
from tests.servers.certificates import Authority
from tests.servers.pgbouncer import Pooler
from tests.servers.redis_server import Redis, RedisMaker
from tests.sources import redis_poll
from tests.sources.redis_poll import polled
from tests.sources.test_asking import pasted
from tests.sources.test_pgbouncer import polled as pool_polled
from tests.sources.test_pgbouncer import sli as pool_sli

PASSWORD = "it's $HOME"
QUOTED = "it's%20%24HOME"


def beside(redis: Redis) -> dict[str, str]:
    """Where the shell finds redis-cli."""
    path = os.pathsep.join([str(redis.binaries.folder), os.environ["PATH"]])
    return {"PATH": path, **redis.binaries.environment()}


async def test_redis_cli_brings_the_number(open_redis: RedisMaker) -> None:
    redis = open_redis("--requirepass", PASSWORD)
    url = redis.url(f":{QUOTED}", "2")
    line = as_command(redis_poll.source(url), redis_poll.sli("clients"))
    assert line == f'REDISCLI_AUTH="$PASSWORD" redis-cli -h 127.0.0.1 -p {redis.port} INFO'
    told = pasted(line, PASSWORD=PASSWORD, **beside(redis)).splitlines()
    assert (await polled(url, "clients")).readings["clients"].value == 1
    assert "connected_clients:1" in told


def test_a_user_is_named_and_a_ping_is_one(redis_server: Redis) -> None:
    redis_server.cli("acl", "setuser", "al ice", "on", ">pass-word", "+ping")
    source = redis_poll.source(redis_server.url("al%20ice:pass-word"))
    line = as_command(source, redis_poll.sli("latency"))
    assert "pass-word" not in line
    assert pasted(line, PASSWORD="pass-word", **beside(redis_server)) == "PONG\n"
    assert question(source, redis_poll.sli("latency")) == "PING"


def test_tls_and_sockets(open_redis: RedisMaker, authority: Authority) -> None:
    good = authority.good
    files = ("--tls-cert-file", str(good.cert_file), "--tls-key-file", str(good.key_file), "--tls-auth-clients", "no")
    redis = open_redis(*files, tls=True)
    source = redis_poll.source(f"{redis.url()}?ssl_ca_certs={authority.ca_file}")
    assert pasted(as_command(source, redis_poll.sli("up")), **beside(redis)) == "PONG\n"
    line = as_command(redis_poll.source("unix:///run/a%20b.sock?db=1"), redis_poll.sli("keys"))
    assert line == "redis-cli -s '/run/a b.sock' INFO"


async def test_psql_asks_the_console(watched_pooler: Pooler) -> None:
    dsn = watched_pooler.way("pgbouncer", "monitor").replace("monitor@", "monitor:pool-word@")
    source = PgbouncerSource(id="pool", type="pgbouncer", interval_s=10, timeout_s=5, dsn=Secret(dsn))
    line = as_command(source, pool_sli("clients_waiting"))
    assert "pool-word" not in line
    assert line.endswith("-c 'show pools'")
    header, _, *records = pasted(line, PGPASSWORD="pool-word").splitlines()
    assert "cl_waiting" in header
    assert "pgbouncer" in records[0]
    assert (await pool_polled(dsn, pool_sli("clients_waiting"))).readings["clients_waiting"].value == 0
