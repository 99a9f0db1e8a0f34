"""One question, many rows: against real servers, and compared with what they say when asked by hand."""

import time
from dataclasses import replace

from ontui.domain.condition import parse_condition
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.source import HttpSource
from ontui.domain.status import Status
from ontui.sources.http import HttpPoller
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.web import Web, json_reply
from tests.sources import postgres_poll, prometheus_setup


def asked_sql(name: str, statement: str) -> Sli:
    return replace(postgres_poll.sli(sql=statement), id=name)


def seen(reading: Reading) -> list[tuple[str, float | None]]:
    return [(row.name, row.value) for row in reading.rows]


async def test_every_series_is_a_row_and_the_worst_comes_first(prometheus: Prometheus) -> None:
    now = time.time() - 1
    for tenant, value in (("acme", 3.0), ("bolt", 11.0), ("core", float("nan"))):
        prometheus.push({"__name__": "row_errors", "tenant": tenant, "job": "p"}, [(now, value)])
    base = prometheus_setup.sli("by_tenant", "row_errors")
    high = replace(base, rows="tenant", objective=parse_condition("<= 5", "count"))
    low = replace(base, id="low", rows="tenant", objective=parse_condition(">= 5", "count"))
    summed = replace(base, id="summed", query="sum by (tenant) (row_errors)", rows="tenant")
    wrong = replace(base, id="wrong", rows="region")
    none = replace(base, id="none", query="row_errors > 1000", rows="tenant")
    meant = replace(none, id="meant", empty=0.0)
    readings = (await prometheus_setup.once(prometheus.url, high, low, summed, wrong, none, meant)).readings
    assert seen(readings["by_tenant"]) == [("bolt", 11.0), ("acme", 3.0), ("core", None)]
    assert (readings["by_tenant"].value, readings["by_tenant"].caveat) == (11.0, "1 of 3 rows have no value")
    assert readings["by_tenant"].rows[2].reason == "NaN"
    assert (seen(readings["low"])[0], readings["low"].value) == (("acme", 3.0), 3.0)
    assert seen(readings["summed"])[0] == ("bolt", 11.0)
    assert readings["wrong"].flaw is Status.UNKNOWN
    assert "no label 'region'; they have" in readings["wrong"].reason
    assert (readings["none"].flaw, readings["none"].reason) == (Status.NO_DATA, "the query has no result")
    assert (readings["meant"].flaw, readings["meant"].value) == (None, 0.0)
    never = "sum by (code) (rate(row_errors_never_seen_total[5m]))"
    asked = replace(base, id="never", query=never, rows="code", empty=0.0)
    reading = (await prometheus_setup.once(prometheus.url, asked)).readings["never"]
    assert (reading.flaw, reading.value) == (None, 0.0), reading


async def test_the_past_of_an_sli_with_rows_is_that_of_its_worst_row(prometheus: Prometheus) -> None:
    now = time.time() - 1
    for tenant, top in (("acme", 5.0), ("bolt", 50.0)):
        samples = [(now - 600 + 15 * n, top + n) for n in range(40)]
        prometheus.push({"__name__": "row_past", "tenant": tenant, "job": "p"}, samples)
    asked = replace(prometheus_setup.sli("past", "row_past"), rows="tenant")
    async with prometheus_setup.polling(prometheus.url, asked, history_first=True) as poller:
        history = (await poller.poll()).readings["past"].history
    known = [p.value for p in history if p.value is not None]
    assert len(known) >= 30
    assert min(known) >= 50.0


async def test_rows_of_sql_are_those_that_psql_shows(any_postgres: Postgres) -> None:
    statement = "select * from (values ('reports', 3), ('web', 9), ('cron', null)) as q (queue, waiting)"
    wide = "select 'web' as queue, 4 as waiting, interval '90 seconds' as oldest"
    sample = await postgres_poll.polled(
        any_postgres.dsn(),
        replace(asked_sql("waiting", statement), rows="queue"),
        replace(asked_sql("oldest", wide), rows="queue", row_value="oldest", unit="seconds"),
        replace(asked_sql("which", wide), rows="queue"),
        replace(asked_sql("wrong", statement), rows="tenant"),
        replace(asked_sql("none", statement + " where false"), rows="queue", empty=0.0),
        replace(asked_sql("twice", "select 'a' as queue, n from generate_series(1, 2) n"), rows="queue"),
    )
    readings = sample.readings
    assert seen(readings["waiting"]) == [("web", 9.0), ("reports", 3.0), ("cron", None)]
    assert seen(readings["oldest"]) == [("web", 90.0)]
    assert "name one in 'value'" in readings["which"].reason
    assert readings["wrong"].reason == "expected a column 'tenant', got 'queue', 'waiting'"
    assert (readings["none"].value, readings["none"].flaw) == (0.0, None)
    assert "two rows are called 'a'" in readings["twice"].reason


async def test_long_names_that_begin_alike_are_rows_of_their_own(postgres15: Postgres) -> None:
    statement = "select repeat('select x ', 40) || i as query, i as ms from generate_series(1, 3) i"
    asked = replace(asked_sql("statements", statement), rows="query")
    reading = (await postgres_poll.polled(postgres15.dsn(), asked)).readings["statements"]
    assert [row.value for row in reading.rows] == [3, 2, 1], reading
    assert all(row.name.startswith("select x select x") and len(row.name) <= 120 for row in reading.rows)


async def test_rows_of_a_health_endpoint_are_the_objects_of_a_list(web: Web) -> None:
    checks = [{"name": "disk", "used": 0.5}, {"name": "memory", "used": 0.9}, {"name": "odd", "used": "?"}]
    web.reply(json_reply({"checks": checks, "queues": {"mail": 3, "sms": 5}, "status": "ok"}))
    base = Sli("", "", "", "api", "count", 5.0, 1.0)
    slis = [
        replace(base, id="checks", json_path="checks", rows="name", row_value="used", unit="ratio"),
        replace(base, id="queues", json_path="queues", rows="queue"),
        replace(base, id="text", json_path="status", rows="name"),
        replace(base, id="gone", json_path="nowhere", rows="name"),
    ]
    source = HttpSource(id="api", type="http", interval_s=5.0, timeout_s=1.0, url=web.url)
    poller = HttpPoller(source, slis, time.time)
    readings = (await poller.poll()).readings
    await poller.close()
    assert seen(readings["checks"]) == [("memory", 0.9), ("disk", 0.5), ("odd", None)]
    assert seen(readings["queues"]) == [("sms", 5.0), ("mail", 3.0)]
    assert "expected a list of objects" in readings["text"].reason
    assert (readings["gone"].flaw, readings["gone"].reason) == (Status.NO_DATA, "nowhere is missing")
