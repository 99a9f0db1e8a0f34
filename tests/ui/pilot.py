"""Driving the cockpit without a terminal."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from ontui.ui.app import OntuiApp
from ontui.ui.screens.room import Room
from ontui.ui.widgets.footer import Footer
from ontui.ui.widgets.lines import Lines
from tests.ui.still import Still

S = TypeVar("S", bound=Screen[None])


@asynccontextmanager
async def cockpit(desk: Still, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    """The cockpit on a desk, its first picture drawn."""
    app = OntuiApp(desk, theme="ontui-dark")
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when what the last one began is over."""
    for key in keys:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Everything is laid out and drawn for the room it has, as it is a moment later on a machine that is not busy."""
    await pilot.pause()
    await until(pilot, lambda: all(lines.is_drawn for lines in pilot.app.screen.query(Lines) if lines.display))


async def until(pilot: Pilot[None], check: Callable[[], bool], within_s: float = 10.0) -> None:
    """What is to be seen comes soon."""
    end = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < end, everything(pilot)
        await pilot.pause(0.02)


def screen(pilot: Pilot[None], kind: type[S]) -> S:
    """The screen in view, which must be of that kind."""
    assert isinstance(pilot.app.screen, kind), pilot.app.screen
    return pilot.app.screen


def tick(pilot: Pilot[None]) -> None:
    """The second is over."""
    room = pilot.app.screen
    assert isinstance(room, Room)
    room.tick()


def said(pilot: Pilot[None]) -> str:
    """What the footer answers."""
    return pilot.app.screen.query_one(Footer).said


def text(lines: Lines) -> str:
    """All that a widget has painted."""
    return "\n".join("".join(piece for piece, _ in row.line) for row in lines.painted)


def everything(pilot: Pilot[None]) -> str:
    """All that is painted on the screen in view."""
    return "\n".join(text(lines) for lines in pilot.app.screen.query(Lines) if lines.display)
