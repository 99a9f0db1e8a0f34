"""The keys of a Redis and of a PgBouncer, and what their indicators may ask."""

from pathlib import Path

import pytest

from ontui.config.metrics import METRICS
from ontui.domain.condition import parse_condition
from ontui.domain.source import PgbouncerSource, RedisSource
from tests.config.write import HEAD, findings, read

CACHE = HEAD + '  c: {type: redis, url: "rediss://monitor:c%40che-word@cache:6380/3?ssl_ca_certs=/etc/ca.pem"}\n'
POOL = CACHE + '  p: {type: pgbouncer, dsn: "postgresql://monitor:pool-word@pool:6432/pgbouncer", every: 5s}\n'


def test_their_sources(tmp_path: Path) -> None:
    sources = read(tmp_path, POOL).sources
    cache, pool = sources["c"], sources["p"]
    assert isinstance(cache, RedisSource)
    assert isinstance(pool, PgbouncerSource)
    assert (cache.address, pool.address) == ("cache:6380/3", "pool:6432/pgbouncer")
    assert (str(cache.url).count("c%40che-word"), str(pool.dsn).count("pool-word")) == (1, 1)
    assert (cache.interval_s, pool.interval_s, pool.timeout_s) == (15, 5, 4)
    assert "word" not in repr(cache) + repr(pool)


def test_their_secrets_are_masked(tmp_path: Path) -> None:
    mask = read(tmp_path, POOL).secrets.mask
    assert not any("word" in mask(text) for text in ("x c@che-word y", "x c%40che-word y", "x pool-word y"))


def test_every_metric_has_its_unit_and_its_objective(tmp_path: Path) -> None:
    named = [(source, metric) for source, kind in (("c", "redis"), ("p", "pgbouncer")) for metric in METRICS[kind]]
    slis = "".join(f"  {source}_{metric}: {{source: {source}, metric: {metric}}}\n" for source, metric in named)
    made = read(tmp_path, POOL + "slis:\n" + slis).system.slis
    assert (made["c_hit_ratio"].unit, made["c_evictions_per_minute"].unit) == ("ratio", "per_minute")
    assert made["c_memory_used_ratio"].objective == parse_condition("<= 90%", "ratio")
    assert made["p_clients_waiting"].objective == parse_condition("<= 0", "count")
    assert (made["p_longest_wait"].unit, made["p_longest_wait"].objective) == (
        "seconds", parse_condition("<= 1s", "seconds")
    )  # fmt: skip


def test_a_key_is_asked_for_by_name(tmp_path: Path) -> None:
    text = CACHE + 'slis: {w: {source: c, key: "jobs:dead", alerts: [{when: rising, for: 10m, severity: SEV-3}]}}\n'
    sli = read(tmp_path, text).system.slis["w"]
    assert (sli.key, sli.ask, sli.unit, sli.metric) == ("jobs:dead", "jobs:dead", "count", "")


@pytest.mark.parametrize("rows", ["database", "user", "pool"])
def test_pools_have_rows(tmp_path: Path, rows: str) -> None:
    text = POOL + f"slis: {{w: {{source: p, metric: clients_waiting, rows: {rows}}}}}\n"
    assert read(tmp_path, text).system.slis["w"].rows == rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "  x: {type: redis, url: 'redis://h?retry=5'}\n", "behind the ? only db, password, ssl_ca_certs"),
        (HEAD + "  x: {type: redis, url: 'redis://h?db=one'}\n", "the number of a database after db="),
        (HEAD + "  x: {type: redis, url: 'redis://h?ssl_ca_certs=/ca'}\n", "rediss:// with options of TLS"),
        (HEAD + "  x: {type: redis, url: 'rediss://h?ssl_cert_reqs=maybe'}\n", "required, optional or none"),
        (HEAD + "  x: {type: redis, url: 'http://h'}\n", "redis://:password@host:6379/0"),
        (HEAD + "  x: {type: redis, url: 'unix://'}\n", "unix:///path/to/redis.sock"),
        (HEAD + "  x: {type: redis}\n", "'url' is missing"),
        (HEAD + "  x: {type: pgbouncer}\n", "'dsn' is missing"),
        (POOL + "slis: {w: {source: p, metric: clients_waiting, rows: client}}\n", "database, user or pool"),
        (POOL + "slis: {w: {source: p, metric: up, rows: pool}}\n", "a metric without rows"),
        (CACHE + "slis: {w: {source: c, metric: keys, rows: database}}\n", "a metric without rows"),
        (CACHE + "slis: {w: {source: c, metric: hitratio}}\n", "hit_ratio"),
        (POOL + "slis: {w: {source: p, key: jobs}}\n", "a redis source for it"),
        (CACHE + "slis: {w: {source: c, query: up}}\n", "a prometheus source"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, expected: str) -> None:
    found = [str(each) for each in findings(tmp_path, text)]
    assert any(expected in each for each in found), found


def test_a_password_with_a_question_mark_is_not_shown(tmp_path: Path) -> None:
    found = findings(tmp_path, HEAD + "  x: {type: redis, url: 'redis://:half?secret-half@h:1'}\n")
    assert "half" not in "".join(map(str, found))
