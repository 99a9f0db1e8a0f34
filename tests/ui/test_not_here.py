"""No key is mute, none is offered that cannot act, and what one looks for comes into view."""

from dataclasses import replace

import pytest

from ontui.domain.foreign import ForeignPhase
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.widgets.alert_board import AlertBoard
from ontui.ui.widgets.footer import Footer
from ontui.ui.widgets.sli_list import SliList
from tests.ui import freight, neighbours
from tests.ui.pilot import cockpit, press, said, screen, settled, text
from tests.ui.still import Still
from tests.ui.still_silences import StillSilences


@pytest.mark.parametrize(
    ("key", "told"),
    [("f", "f (only wrong) acts on the dashboard, not here"), ("n", "n does nothing · ? shows the keys")],
)
async def test_a_key_that_does_nothing_on_an_indicators_page_says_so(key: str, told: str) -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        await press(pilot, "enter", key)
        assert said(pilot) == told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("t", "t (time range) acts on the dashboard and an indicator's page, not here"),
        ("Y", "Y (as command) acts on an indicator's page, not here"),
    ],
)
async def test_a_key_that_does_nothing_on_the_page_of_an_alert_says_so(key: str, told: str) -> None:
    async with cockpit(neighbours.desk(), (80, 24)) as pilot:
        await press(pilot, "slash", *"node", "enter", "enter", key)
        assert said(pilot) == told


async def test_a_key_that_acts_is_not_called_mute() -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        await press(pilot, "slash", *"Yn", "escape", "down")
        assert said(pilot) == ""


async def test_read_only_no_silence_is_offered() -> None:
    desk = neighbours.desk()
    async with cockpit(desk, (80, 24)) as pilot:
        await press(pilot, "slash", *"node", "enter", "enter")
        assert "s silence" in text(pilot.app.screen.query_one(Footer))
    desk.silences = StillSilences(why_not="read-only: nothing is silenced")
    async with cockpit(desk, (80, 24)) as pilot:
        await press(pilot, "slash", *"node", "enter", "enter")
        assert "silence" not in text(pilot.app.screen.query_one(Footer))


async def test_the_list_of_sources_offers_the_help() -> None:
    async with cockpit(Still(), (80, 24)) as pilot:
        await press(pilot, "S", "S")
        assert "? help" in text(pilot.app.screen.query_one(Footer))


async def test_a_filter_that_leaves_only_an_alert_selects_it() -> None:
    async with cockpit(neighbours.desk(), (80, 24)) as pilot:
        await press(pilot, "slash", *"nodedown", "enter")
        crowd = screen(pilot, Dashboard).chosen_crowd
        assert crowd is not None
        assert crowd.name == "NodeDown"


async def test_hidden_alerts_are_counted_in_the_tone_of_the_worst() -> None:
    tones = {}
    for phase in (ForeignPhase.FIRING, ForeignPhase.SUPPRESSED):
        alert = neighbours.alert("NodeDown", 60, phase, labels={"severity": "critical"})
        warning = neighbours.alert("Warm", 60, labels={"severity": "warning"})
        desk = Still(neighbours.with_alerts(freight.watched(), (alert, warning)))
        async with cockpit(desk, (80, 24)) as pilot:
            await press(pilot, "slash", *"pool")
            row = pilot.app.screen.query_one(AlertBoard).painted[0]
            tones[phase] = next(style for piece, style in row.line if "hidden by the filter" in piece)
    assert tones == {ForeignPhase.FIRING: "critical", ForeignPhase.SUPPRESSED: "warning"}


async def test_the_worst_indicator_is_in_view_after_a_resize_and_after_home() -> None:
    many = [neighbours.alert(f"Problem{n:02}", 60 + n, labels={"severity": "page"}) for n in range(20)]
    state = neighbours.with_alerts(freight.watched(), many)
    jobs = state.indicators["failed_jobs"]
    assert jobs.reading is not None
    worse = replace(jobs, reading=replace(jobs.reading, value=9.0))
    state = replace(state, indicators={**state.indicators, "failed_jobs": worse})
    async with cockpit(Still(state), (120, 50)) as pilot:
        slis = pilot.app.screen.query_one(SliList)

        def in_view() -> bool:
            at = next(y for y, row in enumerate(slis.painted) if row.key == "failed_jobs")
            return slis.scroll_offset.y <= at < slis.scroll_offset.y + slis.size.height

        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert in_view()
        await press(pilot, "tab", "up", "pageup", "pageup")
        await press(pilot, "home")
        assert in_view()
