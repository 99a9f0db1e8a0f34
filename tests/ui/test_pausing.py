"""A held picture over an engine that goes on collecting."""

import asyncio
import os
import re
from pathlib import Path

from ontui.config.load import load
from ontui.engine import Engine
from ontui.ui.app import OntuiApp
from ontui.ui.widgets.header import Title
from ontui.ui.widgets.sli_list import SliList
from tests.servers.web import Web, json_reply
from tests.ui import freight
from tests.ui.pilot import cockpit, press, text, tick, until
from tests.ui.still import Still

CONFIG = """\
version: 1
system: {{id: shop, environment: staging, production: false}}
sources:
  web: {{type: http, url: "{url}", every: 300ms, timeout: 200ms}}
slis:
  queue: {{title: Queue, source: web, json: queue}}
"""


async def test_collecting_goes_on_while_the_picture_is_held(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG.format(url=web.url))
    web.reply(json_reply({"queue": 111}))
    engine = Engine(load(path, os.environ), folder=tmp_path / "state")
    app = OntuiApp(engine, theme="ontui-dark")
    async with app.run_test(size=(120, 40)) as pilot:
        collecting = asyncio.create_task(engine.run())
        slis, title = app.screen.query_one(SliList), app.screen.query_one(Title)
        await until(pilot, lambda: "111" in text(slis))
        await press(pilot, "p")
        web.reply(json_reply({"queue": 222}))
        held = len(engine.state.indicators["queue"].history)
        await until(pilot, lambda: len(engine.state.indicators["queue"].history) > held + 2)
        tick(pilot)
        assert "111" in text(slis)
        assert "222" not in text(slis)
        await until(pilot, lambda: re.search(r"PAUSED at \S+Z, [1-9]\d*s ", text(title)) is not None)
        await press(pilot, "p")
        assert "222" in text(slis), "at once"
        assert "PAUSED" not in text(title)
        values = [p.value for p in engine.state.indicators["queue"].history]
        assert {111.0, 222.0} <= set(values), "what was seen meanwhile is in the history"
        collecting.cancel()
        await asyncio.wait([collecting])


async def test_how_long_a_picture_is_held_grows_while_its_instant_stands() -> None:
    desk = Still(freight.watched())
    async with cockpit(desk) as pilot:
        await press(pilot, "p")
        desk.at += 133
        tick(pilot)
        assert "PAUSED at 14:36:51Z, 2m13s" in text(pilot.app.screen.query_one(Title))
