"""Why a number is missing or not whole is said beside it, in one column, with what to do about it."""

from dataclasses import replace

import pytest

from ontui.domain.state import State
from ontui.ui import fit
from ontui.ui.widgets.sli_list import SliList
from ontui.ui.widgets.source_strip import SourceStrip
from tests.ui import freight
from tests.ui.pilot import cockpit, text, tick
from tests.ui.still import Still

CHECKS = "1 of 3 checks failed"


def with_caveat(state: State, sli: str, caveat: str) -> State:
    """A number that is not whole."""
    indicator = state.indicators[sli]
    assert indicator.reading is not None
    reading = replace(indicator.reading, caveat=caveat)
    return replace(state, indicators={**state.indicators, sli: replace(indicator, reading=reading)})


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 40), (200, 60)])
async def test_all_reasons_begin_in_one_column(size: tuple[int, int]) -> None:
    async with cockpit(Still(freight.source_down()), size) as pilot:
        shown = text(pilot.app.screen.query_one(SliList)).splitlines()
        assert len({line.index("stale 1m22s") for line in shown if "stale 1m22s" in line}) == 1


async def test_a_caveat_is_said_where_there_is_room_for_one_thing() -> None:
    for size in ((80, 24), (160, 40), (200, 60)):
        async with cockpit(Still(with_caveat(freight.watched(), "health_latency", CHECKS)), size) as pilot:
            shown = text(pilot.app.screen.query_one(SliList)).splitlines()
            assert CHECKS in next(line for line in shown if "health latency" in line)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (90, "no permission: role ops may not see other sessions: GRANT pg_monitor TO ops"),
        (50, "no permission: GRANT pg_monitor TO ops"),
        (30, "GRANT pg_monitor TO ops"),
        (20, "GRANT pg_monitor TO…"),
    ],
)
def test_what_to_grant_outlives_what_is_wrong(cells: int, said: str) -> None:
    reason = "no permission: role ops may not see other sessions: GRANT pg_monitor TO ops"
    assert fit.cut_reason(reason, cells) == said


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (99, "NEW LOGINS HANG: the postmaster is stuck; no permission: role ops may not see them: GRANT x TO ops"),
        (60, "NEW LOGINS HANG: the postmaster is stuck; no permission: ro…"),
        (20, "NEW LOGINS HANG: th…"),
    ],
)
def test_a_remedy_is_never_joined_to_another_reason(cells: int, said: str) -> None:
    reason = "NEW LOGINS HANG: the postmaster is stuck; no permission: role ops may not see them: GRANT x TO ops"
    assert fit.cut_reason(reason, cells) == said


def test_nor_to_another_finding() -> None:
    findings = "our session was ended, reconnected: the server closed it · no permission: role x: GRANT pg_monitor TO x"
    assert fit.cut_reason(findings, 62) == "our session was ended, reconnected: the server closed it · no…"


async def test_the_strip_stands_still_when_a_source_gets_slower() -> None:
    desk, seen = Still(freight.watched()), set()
    for columns in range(60, 84, 4):
        async with cockpit(desk, (columns, 24)) as pilot:
            for latency_s in (0.0004, 0.001, 0.0381, 0.11):
                metrics = replace(desk.state.sources["metrics"], latency_s=latency_s)
                desk.state = replace(desk.state, sources={**desk.state.sources, "metrics": metrics})
                tick(pilot)
                strip = text(pilot.app.screen.query_one(SourceStrip)).splitlines()
                seen.add((columns, tuple(line.find("api") for line in strip)))
    assert len(seen) == 6
