"""Keys that come at once, as a slow line delivers them, do what they do one after the other; none answers unseen."""

from dataclasses import replace

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from ontui.ui.app import OntuiApp
from ontui.ui.screens.action import ActionScreen, Phase
from ontui.ui.screens.actions_menu import ActionsMenu
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.leave import LeaveScreen
from ontui.ui.screens.silence import SilenceScreen
from ontui.ui.type_ahead import TypeAhead
from tests.eventually import eventually_async
from tests.ui import freight, neighbours
from tests.ui.pilot import cockpit, everything, press, screen, settled, until
from tests.ui.scenes import TYPE_IT, running, staging
from tests.ui.still import Still, plan_of
from tests.ui.test_others import choose

CHARACTERS = {"slash": "/", "enter": "\r"}


async def at_once(pilot: Pilot[None], *keys: str) -> None:
    """Give the app all of them before it handles the first."""
    app = pilot.app
    assert isinstance(app, OntuiApp)
    for key in keys:
        app.post_message(Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))
    await until(pilot, lambda: app.type_ahead.is_idle)
    await pilot.app.workers.wait_for_complete()
    await settled(pilot)


async def test_what_follows_the_slash_is_the_filter_and_what_follows_enter_is_not() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await at_once(pilot, "slash", *"pool", "enter", "f")
        dashboard = screen(pilot, Dashboard)
        assert dashboard.only_wrong
        assert dashboard.words == "pool"
        assert dashboard.cockpit.held is None


async def test_a_key_is_for_the_screen_that_the_one_before_it_opened() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await at_once(pilot, "x", "escape", "enter", "x")
        screen(pilot, ActionsMenu)
        await at_once(pilot, "escape", "escape", "p")
        assert screen(pilot, Dashboard).cockpit.held is not None


async def test_no_answer_was_given_before_the_question_was_on_the_screen() -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, "down")
        await at_once(pilot, "x", "enter", "y", "y")
        assert screen(pilot, ActionScreen).phase is Phase.CONFIRM
        assert desk.started == []
        assert "a key came before the question was on the screen: not taken" in everything(pilot)
        await press(pilot, "y")
        assert len(desk.started) == 1


async def test_an_answer_pressed_twice_does_not_answer_the_question_after_it() -> None:
    desk = Still(staging())
    action = desk.state.system.actions["restart-redis"]
    async with cockpit(desk) as pilot:
        await press(pilot, "down", "x", "enter")
        plan = plan_of(desk.state, action, {}, "hit_rate", "hit_rate/CacheMissHigh", desk.at)
        desk.moved = replace(plan, target="another machine", identity="two")
        await at_once(pilot, "y", "y")
        assert screen(pilot, ActionScreen).phase is Phase.CONFIRM
        assert desk.started == []
        assert "Something moved" in everything(pilot)


async def test_neither_for_a_silence() -> None:
    desk = neighbours.desk(moved=True)
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        pilot.app.screen.query_one("#comment", Input).value = "deploy"
        await at_once(pilot, "enter", *TYPE_IT, "enter")
        screen(pilot, SilenceScreen)
        assert desk.silences.done == []


@pytest.mark.parametrize("key", ["y", "n"])
async def test_nor_for_leaving_while_something_runs(key: str) -> None:
    async with cockpit(running()) as pilot:
        await at_once(pilot, "q", key)
        screen(pilot, LeaveScreen)


async def test_a_key_on_the_way_while_the_app_ends_is_no_failure() -> None:
    app = OntuiApp(Still(), theme="ontui-dark")
    ahead = TypeAhead(app)   # never run, so without a screen, as an app is at its end
    assert not ahead.holds(Key("q", "q"))
    ahead.handed_on()
    await eventually_async(lambda: ahead.is_idle)
