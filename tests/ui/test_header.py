"""The header says the most important at every width."""

import pytest

from ontui.ui.app import OntuiApp
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.leave import LeaveScreen
from ontui.ui.widgets.header import Clock, Header, Title
from ontui.ui.widgets.lines import cells
from tests.ui import freight
from tests.ui.pilot import cockpit, press, screen, text
from tests.ui.scenes import running
from tests.ui.still import Still


def title(desk: Still, room: int, paused_at: str = "", filtered: str = "", busy: tuple[str, str] = ("", "")) -> str:
    """The line in so many columns, as much of it as is seen."""
    drawn = Title()
    drawn.state, drawn.paused_at, drawn.filter, drawn.busy = desk.state, paused_at, filtered, busy
    (row,) = drawn.rows(room)
    assert cells(row.line) <= room
    return "".join(piece for piece, _ in row.line)


BUSY = ("Restart Redis and wait for it", "0:12 of 2:00")


@pytest.mark.parametrize("room", [14, 18, 28, 38, 48, 68, 108])
def test_production_and_what_fires_are_never_cut(room: int) -> None:
    line = title(Still(freight.burning()), room, "16:00:11Z", "/pool of connections", BUSY)
    assert "▐PRODUCTION▌" in line or "▐PROD▌" in line
    assert " ▲ 2 " in line


@pytest.mark.parametrize("room", [38, 48, 68, 108])
def test_the_time_of_a_pause_is_readable_while_alerts_fire(room: int) -> None:
    line = title(Still(freight.burning()), room, "16:00:11Z", "/pool of connections", BUSY)
    assert " PAUSED at 16:00:11Z " in line or " PAUSED 16:00:11Z " in line


def test_at_80_columns_a_pause_takes_nothing_away() -> None:
    line = title(Still(freight.burning()), 68, "16:00:11Z")
    assert line.split() == ["freight", "▐PRODUCTION▌", "▲", "2", "firing", "◆", "1", "PAUSED", "at", "16:00:11Z", "RW"]


@pytest.mark.parametrize("width", [20, 30, 40])
async def test_in_narrow_windows_the_time_gives_way(width: int) -> None:
    async with cockpit(Still(freight.burning()), (width, 12)) as pilot:
        line = text(pilot.app.screen.query_one(Title))
        assert "▐PROD" in line
        assert "▲ 2" in line
        assert pilot.app.screen.query_one(Title).size.width >= cells(((line.rstrip(), "plain"),))


async def test_two_runs_are_counted_and_leaving_asks_for_the_older_too() -> None:
    desk = running()
    desk.executions.append(running().executions[0])
    async with cockpit(desk) as pilot:
        assert "▸ 2 running" in text(pilot.app.screen.query_one(Title))
        desk.executions.append(running().executions[0])
        await press(pilot, "q")
        screen(pilot, LeaveScreen)


async def test_the_header_is_there_before_the_first_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dashboard, "tick", lambda _: None)
    app = OntuiApp(Still(freight.burning()), theme="ontui-dark")
    async with app.run_test() as pilot:
        await pilot.pause()
        header = pilot.app.screen.query_one(Header)
        assert "freight" in text(header.query_one(Title))
        assert text(header.query_one(Clock)).strip() == "14:36:51Z"
