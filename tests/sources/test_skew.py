"""How far apart the clocks are, as each kind of source tells it."""

import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from ontui.domain.sli import Sli
from ontui.domain.source import HttpSource
from ontui.sources.http import HttpPoller
from ontui.sources.postgres import PostgresPoller
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Web
from tests.sources import postgres_poll, prometheus_setup

AHEAD_S = [0.0, 3.0, -120.0]
"""Of the server's clock before ours."""


@pytest.mark.parametrize("ahead_s", AHEAD_S)
async def test_prometheus(prometheus: Prometheus, ahead_s: float) -> None:
    asked = prometheus_setup.sli("one", "vector(1)")
    sample = await prometheus_setup.once(prometheus.url, asked, now=lambda: time.time() - ahead_s)
    assert sample.skew_s == pytest.approx(ahead_s, abs=0.5)


@pytest.mark.parametrize("ahead_s", AHEAD_S)
async def test_postgres(postgres15: Postgres, ahead_s: float) -> None:
    source = postgres_poll.source(postgres15.dsn())
    poller = PostgresPoller(source, [postgres_poll.sli("up")], lambda: time.time() - ahead_s)
    sample = await poller.poll()
    await poller.close()
    assert sample.skew_s == pytest.approx(ahead_s, abs=0.5)


@pytest.mark.parametrize("ahead_s", AHEAD_S)
async def test_http(web: Web, ahead_s: float) -> None:
    source = HttpSource(id="api", type="http", interval_s=5.0, timeout_s=2.0, url=web.url)
    web.reply(lambda _: Reply(headers={"Date": formatdate(time.time(), usegmt=True)}))
    poller = HttpPoller(source, [Sli("up", "", "", "api", "up", 5.0, 1.0, metric="up")], lambda: time.time() - ahead_s)
    sample = await poller.poll()
    assert sample.skew_s == pytest.approx(ahead_s, abs=1.0)
    web.reply(Reply(headers={"Date": formatdate(0, usegmt=True), "Age": "600"}))
    assert (await poller.poll()).skew_s is None, "a cache's answer"
    web.reply(Reply(headers={"Date": "yesterday"}))
    assert (await poller.poll()).skew_s is None
    await poller.close()


async def test_a_server_that_does_not_answer_tells_nothing(web: Web) -> None:
    source = HttpSource(id="api", type="http", interval_s=5.0, timeout_s=2.0, url=web.url)
    poller = HttpPoller(replace(source), [], time.time)
    web.stop()
    assert (await poller.poll()).skew_s is None
    await poller.close()
