"""A cache that answers on behalf of a server: what it says is as old as it says, and never fresh for being quick."""

from dataclasses import replace

import pytest

from ontui.domain.status import Status
from tests.servers.web import Reply, Web
from tests.sources import metrics_setup
from tests.sources.test_http import HEALTHY, once

JSON = {"Content-Type": "application/json"}
OLD = "a cache's copy, 15m old"


@pytest.mark.parametrize(
    ("age", "flaw", "reason"),
    [("900", Status.STALE, OLD), ("3", None, ""), ("no", None, ""), ("900, 5", Status.STALE, OLD), ("5, no", None, "")],
)
async def test_a_series_out_of_a_copy(web: Web, age: str, flaw: Status | None, reason: str) -> None:
    web.reply(Reply(200, b"g 3\n", {**metrics_setup.TEXT, "Age": age}))
    sample = await metrics_setup.once(metrics_setup.source(web.url), metrics_setup.sli("g", "g"))
    reading = sample.readings["g"]
    assert (reading.value, reading.flaw, reading.reason) == (3, flaw, reason)


@pytest.mark.parametrize(("age", "flaw", "reason"), [("900", Status.STALE, OLD), ("3", None, "")])
async def test_what_a_copy_says_of_an_endpoint(web: Web, age: str, flaw: Status | None, reason: str) -> None:
    web.reply(Reply(200, b'{"status": "ok", "pool": {"used": 4}}', {**JSON, "Age": age}))
    readings = (await once(replace(HEALTHY, url=web.url))).readings
    for name, value in (("used", 4.0), ("up", 1.0), ("status", 200.0)):
        assert (readings[name].value, readings[name].flaw, readings[name].reason) == (value, flaw, reason), name
    assert readings["latency"].flaw is None
