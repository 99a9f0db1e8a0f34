"""One key table, and everything that is fed from it."""

import subprocess
import sys

import pytest

from ontui.ui import keys
from ontui.ui.screens.action import ActionScreen
from ontui.ui.screens.actions_menu import ActionsMenu
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.detail import DetailScreen
from ontui.ui.screens.findings import FindingsScreen
from ontui.ui.screens.form import FormScreen
from ontui.ui.screens.help import HelpScreen
from ontui.ui.screens.pages import PagesScreen
from ontui.ui.screens.room import Room
from ontui.ui.screens.runbook import RunbookScreen
from ontui.ui.screens.source import SourceScreen, SourcesScreen
from ontui.ui.widgets.key_table import KeyTable
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, screen, text
from tests.ui.still import Settings, Still

ROOMS: list[type[Room]] = [
    Dashboard, DetailScreen, RunbookScreen, ActionScreen, ActionsMenu, PagesScreen, FormScreen, HelpScreen,
    FindingsScreen, SourceScreen, SourcesScreen,
]  # fmt: skip


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_key_of_a_screen_is_an_action_of_it(room: type[Room]) -> None:
    missing = [key.id for key in keys.KEYS if room.ROOM in key.screens and not hasattr(room, f"action_{key.id}")]
    assert missing == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_no_screen_has_a_key_that_the_table_does_not_give_it(room: type[Room]) -> None:
    bound = {b.id for found in room._merge_bindings().key_to_bindings.values() for b in found if b.id}
    assert bound == {key.id for key in keys.KEYS if room.ROOM in key.screens}


async def test_q_leaves_from_the_repairs_and_only_closes_the_help() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "question_mark", "q")
        screen(pilot, Dashboard)
        await press(pilot, "x")
        screen(pilot, ActionsMenu)
        await press(pilot, "q")
        assert pilot.app._exit


def test_no_screen_gives_one_key_to_two_things() -> None:
    assert keys.keymap_findings({}) == []


def test_ids_are_unique_and_footers_are_of_screens_that_have_the_key() -> None:
    assert len(keys.BY_ID) == len(keys.KEYS)
    for key in keys.KEYS:
        assert set(key.footer) <= set(key.screens), key.id
        assert set(key.screens) <= set(keys.SCREENS), key.id


@pytest.mark.parametrize(
    ("keymap", "finding"),
    [
        ({"acknowledge": "z,f2"}, ""),
        ({"aknowledge": "z"}, "keymap.aknowledge: no such key name; did you mean acknowledge?"),
        ({"act": "r"}, "keymap: r would both 'runbook' (runbook) and 'act' (act)"),
        ({"act": ""}, "keymap.act: names no key"),
        ({"act": "ctrl+c"}, "keymap.act: ctrl+c always quits and cannot be remapped"),
        ({"act": "shift+huh"}, "keymap.act: 'shift+huh' is no key; write a letter, ctrl+x, f2, enter or slash"),
        ({"runbook": "x", "act": "r"}, ""),
    ],
)
def test_findings_of_a_keymap(keymap: dict[str, str], finding: str) -> None:
    assert keys.keymap_findings(keymap) == ([finding] if finding else [])


def test_the_readme_table_has_a_row_for_every_key() -> None:
    table = keys.markdown()
    for key in keys.KEYS:
        assert f"`{key.id}` |" in table


async def test_a_remapped_key_works_and_the_old_one_does_not() -> None:
    desk = Still(config=Settings(keymap={"help": "f1", "poll_now": "z"}))
    async with cockpit(desk) as pilot:
        assert "f1 help" in everything(pilot)
        await press(pilot, "R")
        assert desk.polled == 0
        await press(pilot, "z")
        assert desk.polled == 1
        await press(pilot, "question_mark")
        screen(pilot, Dashboard)
        await press(pilot, "f1")
        shown = text(screen(pilot, HelpScreen).query_one(KeyTable))
        assert "f1" in shown


async def test_asking_now_is_a_capital_letter_of_its_own() -> None:
    desk = Still()
    async with cockpit(desk) as pilot:
        await press(pilot, "R")
        assert desk.polled == 1
        screen(pilot, Dashboard)


def test_letters_promised_to_later_screens_are_free() -> None:
    looking = [k for key in keys.KEYS if {"dashboard", "detail", "runbook"} & {*key.screens} for k in key.keys]
    assert {*"neidlu"}.isdisjoint(looking)


async def test_help_says_what_every_key_does() -> None:
    async with cockpit(Still(), (160, 90)) as pilot:
        await press(pilot, "question_mark")
        shown = everything(pilot)
        for key in keys.KEYS:
            assert key.label in shown
        assert "too old to trust" in shown


@pytest.mark.parametrize("module", ["ontui.ui.keys", "ontui.ui.format"])
def test_plain_commands_need_no_terminal_library(module: str) -> None:
    code = f"import sys, {module}; print([m for m in sys.modules if m.partition('.')[0] in ('textual', 'rich')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
