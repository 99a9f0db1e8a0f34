"""Each asked a single time: whose time is taken is asked before the others begin."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.engine import Engine
from tests.servers.fixtures import WebMaker
from tests.servers.web import Reply, Request

CONFIG = """\
version: 1
system: {{id: shop, environment: staging}}
sources:
  plain: {{type: http, url: "{plain}"}}
  timed: {{type: http, url: "{timed}"}}
slis:
  queue: {{source: plain, json: queue}}
  latency: {{source: timed, metric: latency}}
"""


@pytest.mark.parametrize(("delay_s", "alone"), [(0.06, True), (1.0, False)])
async def test_a_time_is_taken_while_nobody_else_begins_unless_that_is_long(
    tmp_path: Path, open_web: WebMaker, delay_s: float, alone: bool
) -> None:
    asked: dict[str, float] = {}

    def answer(name: str, body: bytes, delay_s: float) -> Callable[[Request], Reply]:
        def at_last(_: Request) -> Reply:
            asked[name] = time.monotonic()
            return Reply(200, body, {"Content-Type": "application/json"}, delay_s=delay_s)

        return at_last

    plain, timed = open_web(), open_web()
    plain.reply(answer("plain", b'{"queue": 3}', 0.0))
    timed.reply(answer("timed", b"{}", delay_s))
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG.format(plain=plain.url, timed=timed.url))
    engine = Engine(load(path, os.environ), folder=tmp_path / "state", seed=1, one_shot=True)
    await engine.once()
    assert (asked["plain"] - asked["timed"] >= delay_s) is alone
    assert [i.reading is not None for i in engine.state.indicators.values()] == [True, True]
