"""What is continuous is a line at every span, and where a part of the chart is blank its beginning is said."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ontui.domain.past import Past
from ontui.domain.sample import Point
from ontui.domain.state import State
from ontui.ui.widgets.preview import Preview
from ontui.ui.widgets.sheet import BigChart
from ontui.ui.widgets.title_line import TitleLine
from tests.ui import freight
from tests.ui.pilot import cockpit, press, text
from tests.ui.still import Still

QUARTER_S = 900.0


def young(sli: str, points: tuple[Point, ...] | None = None) -> State:
    """What is known of one indicator begins a quarter of an hour ago."""
    state = freight.watched()
    indicator = state.indicators[sli]
    known = points or tuple(p for p in indicator.history if p.at >= freight.NOW - QUARTER_S)
    return replace(state, indicators={**state.indicators, sli: replace(indicator, history=known)})


def title(pilot: Pilot[None]) -> str:
    return text(pilot.app.screen.query_one(TitleLine))


def columns(pilot: Pilot[None]) -> str:
    """An x for every column of the chart that has dots, from the first to the last of these."""
    lines = text(pilot.app.screen.query_one(BigChart)).splitlines()
    rows = [line for line in lines if any("⠀" < c <= "⣿" for c in line)]
    wide = max(len(line) for line in rows)
    return "".join("x" if any("⠀" < line[x : x + 1] <= "⣿" for line in rows) else " " for x in range(wide)).strip()


@pytest.mark.parametrize(("presses", "reach"), [(1, "last 1 h"), (2, "last 6 h"), (3, "last 24 h"), (4, "last 7 d")])
async def test_a_source_without_a_memory_says_so_wherever_a_part_is_blank(presses: int, reach: str) -> None:
    async with cockpit(Still(young("connections_used_ratio"))) as pilot:
        await press(pilot, "slash", *"pool", "enter", "enter", *"t" * presses)
        assert f"{reach} · database keeps no history · seen from 14:2" in title(pilot)


async def test_nothing_is_said_where_nothing_is_blank() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "slash", *"pool", "enter", "enter", "t")
        assert title(pilot).endswith("last 1 h ─")


async def test_the_chart_beside_the_list_says_from_when_on_it_is() -> None:
    async with cockpit(Still(young("p95"))) as pilot:
        assert "last 15 m" in text(pilot.app.screen.query_one(Preview)).splitlines()[0]
        assert "from" not in text(pilot.app.screen.query_one(Preview)).splitlines()[0]
        await press(pilot, "t")
        assert "last 1 h · from 14:2" in text(pilot.app.screen.query_one(Preview)).splitlines()[0]


async def test_a_server_that_remembers_less_is_not_said_to_remember_nothing() -> None:
    async def nothing(_sli: str, _span_s: float) -> Past:
        return Past()

    async with cockpit(Still(young("p95"), remembers=nothing)) as pilot:
        await press(pilot, "enter", *"tttt")
        assert "last 7 d · seen from 14:2" in title(pilot)
        assert "no values" not in title(pilot)


@pytest.mark.parametrize("presses", [2, 3, 4])
async def test_a_past_in_wide_steps_and_polls_in_narrow_ones_are_one_line(presses: int) -> None:
    async def sparse(_sli: str, span_s: float) -> Past:
        step_s = span_s / 60   # in fewer points than the chart has columns
        return Past(tuple(Point(freight.NOW - 5 - n * step_s, 0.2) for n in range(30, -1, -1)))

    polled = tuple(Point(freight.NOW - n, 0.2) for n in range(600, 0, -5))
    async with cockpit(Still(young("p95", polled), remembers=sparse)) as pilot:
        await press(pilot, "enter", *"t" * presses)
        assert len(columns(pilot)) > 40
        assert " " not in columns(pilot)


async def test_few_points_from_a_source_before_many_polls_are_a_line() -> None:
    fetched = tuple(Point(freight.NOW - 450 - n * 15, 0.2) for n in range(12, 0, -1))
    polled = tuple(Point(freight.NOW - n, 0.2) for n in range(450, 0, -5))
    async with cockpit(Still(young("p95", (*fetched, *polled)))) as pilot:
        await press(pilot, "enter")
        assert " " not in columns(pilot)


async def test_a_missing_step_is_a_gap() -> None:
    async def broken(_sli: str, span_s: float) -> Past:
        step_s = span_s / 60
        points = [Point(freight.NOW - 5 - n * step_s, None if 20 < n < 30 else 0.2) for n in range(60, -1, -1)]
        return Past(tuple(points))

    async with cockpit(Still(young("p95"), remembers=broken)) as pilot:
        await press(pilot, "enter", *"ttt")
        assert len(columns(pilot).split()) == 2
