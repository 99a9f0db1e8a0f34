"""Loading another config from the screen."""

from dataclasses import replace

import pytest

from ontui.domain.rebase import rebased
from ontui.domain.state import State
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.detail import DetailScreen
from ontui.ui.screens.findings import Findings, FindingsScreen
from ontui.ui.widgets.header import Title
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, said, screen, text, tick
from tests.ui.still import Settings, Still


def without(state: State, sli: str) -> State:
    """The config does not know an indicator any more."""
    system = state.system
    return rebased(state, replace(system, slis={id_: s for id_, s in system.slis.items() if id_ != sli}))


@pytest.mark.parametrize(("width", "words"), [(120, "◆ config changed: L loads it"), (60, "◆ config L")])
async def test_the_header_says_that_the_file_changed_until_it_is_loaded(width: int, words: str) -> None:
    desk = Still(freight.burning())
    async with cockpit(desk, (width, 24)) as pilot:
        title = pilot.app.screen.query_one(Title)
        assert "config" not in text(title)
        desk.config_changed = True
        tick(pilot)
        assert words in text(title)
        await press(pilot, "L")
        assert "config" not in text(title)
        assert said(pilot) == "the config is loaded"


async def test_findings_are_shown_all_of_them_and_nothing_else_changes() -> None:
    found = ("ontui.yaml:8:10: slis.queue: found none of them; " + "word " * 40, "ontui.yaml:9:1: another")
    desk = Still(freight.burning(), config_changed=True, findings=found)
    async with cockpit(desk, (80, 24)) as pilot:
        await press(pilot, "enter", "L")
        shown = text(screen(pilot, FindingsScreen).query_one(Findings))
        assert " ".join(shown.split()).count("word") == 40
        assert "another" in shown
        assert "The config was not loaded: the old one stays in force" in everything(pilot)
        await press(pilot, "q")
        screen(pilot, DetailScreen)
        assert "config" in text(pilot.app.screen.query_one(Title))


async def test_a_screen_stays_where_its_subject_stays_and_is_left_where_it_is_gone() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        desk.on_load = lambda: setattr(desk, "state", without(desk.state, "errors"))
        await press(pilot, "enter", "L")
        assert screen(pilot, DetailScreen).sli_id == "p95"
        desk.on_load = lambda: setattr(desk, "state", without(desk.state, "p95"))
        await press(pilot, "r", "L")
        tick(pilot)
        screen(pilot, Dashboard)
        assert "API latency p95" not in everything(pilot)


async def test_a_gone_subject_that_is_drawn_once_more_ends_nothing() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "enter")
        desk.state = without(desk.state, "p95")
        tick(pilot)
        screen(pilot, DetailScreen)


async def test_a_held_picture_is_let_go() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "p", "L")
        assert "PAUSED" not in everything(pilot)


async def test_other_keys_hold_at_once() -> None:
    desk = Still(freight.burning())
    desk.on_load = lambda: setattr(desk, "config", Settings(keymap={"help": "f1"}))
    async with cockpit(desk) as pilot:
        await press(pilot, "L", "question_mark")
        screen(pilot, Dashboard)
        tick(pilot)
        await press(pilot, "escape")
        desk.at += 10
        tick(pilot)
        assert "f1 help" in everything(pilot)
