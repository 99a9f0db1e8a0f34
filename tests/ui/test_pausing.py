"""A held picture over an engine that goes on collecting."""

import asyncio
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.domain.alert import Phase
from ontui.engine import Engine
from ontui.ui.app import OntuiApp
from ontui.ui.widgets.header import Title
from ontui.ui.widgets.sli_list import SliList
from tests.servers.web import Web, json_reply
from tests.ui import freight, neighbours
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


@pytest.mark.parametrize(("columns", "said"), [(120, "2m13s    1 new firing "), (40, " 1 new")])
async def test_what_begins_to_fire_behind_a_held_picture_is_said_at_once_in_its_tone(columns: int, said: str) -> None:
    desk = Still(freight.watched())
    async with cockpit(desk, (columns, 24)) as pilot:
        await press(pilot, "p")
        desk.at += 133
        tick(pilot)
        title = pilot.app.screen.query_one(Title)
        assert "new" not in text(title)
        rule = next(a.rule for a in desk.state.alerts.values() if a.rule.severity.level == "critical")
        fires = replace(desk.state.alerts[rule.key], phase=Phase.FIRING, since=desk.at - 5)
        desk.state = replace(desk.state, alerts={**desk.state.alerts, rule.key: fires})
        tick(pilot)
        assert said in text(title)
        assert "alarm" in [style for row in title.painted for piece, style in row.line if "1 new" in piece]
        await press(pilot, "p")
        assert "new" not in text(title)


async def test_alerts_of_others_that_begin_behind_a_held_picture_are_counted_and_those_in_it_are_not() -> None:
    calm = neighbours.desk(lambda: replace(neighbours.told(), others=()))
    async with cockpit(calm) as pilot:
        await press(pilot, "p")
        firing = neighbours.told()
        begun = sum(m.alert.phase == "firing" for crowd in firing.others for m in crowd.members)
        calm.state = firing
        tick(pilot)
        assert f"{begun} new firing" in text(pilot.app.screen.query_one(Title))
        await press(pilot, "p")
        await press(pilot, "p")
        tick(pilot)
        assert "new" not in text(pilot.app.screen.query_one(Title))
