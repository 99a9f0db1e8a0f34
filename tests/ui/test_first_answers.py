"""Numbers appear when they are known, and not with the next second; afterwards nothing is looked for."""

import time

import pytest
from textual.pilot import Pilot

from ontui.ui.screens.room import Room
from tests.ui import freight
from tests.ui.pilot import cockpit, everything
from tests.ui.still import Still


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When a screen looked for something new between two seconds."""
    times: list[float] = []
    look = Room._look

    def counted(room: Room) -> None:
        times.append(time.monotonic())
        look(room)

    monkeypatch.setattr(Room, "_look", counted)
    return times


async def shown_after(pilot: Pilot[None], text: str, within_s: float) -> float:
    """Seconds until a text is on the screen."""
    began = time.monotonic()
    while text not in everything(pilot):
        assert time.monotonic() - began < within_s, f"not within {within_s} s: {text}"
        await pilot.pause(0.01)
    return time.monotonic() - began


async def test_a_first_answer_is_drawn_at_once() -> None:
    # The desk's clock stands at a full second: by the second alone nothing would be drawn for another 1.02 s.
    desk = Still(freight.empty(), started_at=freight.NOW - 0.5)
    async with cockpit(desk) as pilot:
        began = time.monotonic()
        values = {name: freight.USUAL[name] for name in freight.USUAL}
        desk.state = desk.state.after(freight.sample("metrics", freight.NOW, values, history=False, burning=False))
        await shown_after(pilot, "212 ms", 0.9)
        desk.state = desk.state.after(freight.sample("database", freight.NOW, values, history=False, burning=False))
        await shown_after(pilot, "1043", 0.9 - (time.monotonic() - began))


async def looks_in(pilot: Pilot[None], looks: list[float], seconds: float) -> int:
    """How many there are meanwhile."""
    before = len(looks)
    await pilot.pause(seconds)
    return len(looks) - before


async def test_nothing_is_looked_for_once_all_have_answered(looks: list[float]) -> None:
    desk = Still(freight.watched(), started_at=freight.NOW)
    async with cockpit(desk) as pilot:
        await pilot.pause(0.1)
        assert await looks_in(pilot, looks, 0.4) == 0


async def test_nor_for_ever_when_one_never_does(looks: list[float]) -> None:
    desk = Still(freight.empty(), started_at=freight.NOW - 1)
    async with cockpit(desk) as pilot:
        assert await looks_in(pilot, looks, 0.4) > 2
        desk.at += 10
        await pilot.pause(0.2)
        assert await looks_in(pilot, looks, 0.4) == 0
