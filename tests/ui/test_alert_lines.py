"""Every line about an alert is true in every phase, agrees with its indicator, and says who has it."""

from dataclasses import replace

import pytest

from ontui.domain.alert import Alert, Phase
from ontui.domain.condition import parse_condition
from ontui.domain.flapping import Flaps
from ontui.domain.sli import Link, Sli
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.domain.streak import Streak
from ontui.ui import format as words
from ontui.ui.widgets.alert_board import AlertBoard
from ontui.ui.widgets.lines import cells
from ontui.ui.widgets.sli_list import SliList
from ontui.ui.widgets.subject import Subject
from tests.ui import freight, neighbours
from tests.ui.pilot import cockpit, everything, text, tick
from tests.ui.scenes import flapping
from tests.ui.still import Still

POOL_HIGH = "connections_used_ratio/PoolHigh"
LATENCY = "p95/HighLatency"


def with_alert(state: State, key: str, **changes: object) -> State:
    """One alert is otherwise."""
    alert = replace(state.alerts[key], **changes)  # type: ignore[arg-type]
    return replace(state, alerts={**state.alerts, key: alert})


async def test_a_stale_alert_keeps_its_owner_before_its_hints() -> None:
    state = freight.source_down(freight.burning(), source="metrics")
    async with cockpit(Still(state), (80, 24)) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        shown = text(board).splitlines()
        assert "no data for 1m27s" in shown[2]
        assert "alice" in shown[2]
        assert shown[1].rstrip().endswith(" left")
        assert all(cells(row.line) <= 80 for row in board.painted)


async def test_after_one_failed_poll_the_alert_is_as_fresh_as_its_indicator() -> None:
    state = with_alert(freight.burning(), LATENCY, frozen_at=freight.NOW - 1)
    async with cockpit(Still(state)) as pilot:
        row = next(r for r in pilot.app.screen.query_one(AlertBoard).painted if r.key == LATENCY)
        assert "no data" not in "".join(piece for piece, _ in row.line)
        assert "stale" not in {style for _, style in row.line}


async def test_a_comparison_is_stated_only_while_it_holds() -> None:
    gone = with_alert(freight.burning(), POOL_HIGH, phase=Phase.RESOLVED, value=0.37, since=freight.NOW - 60)
    good = with_alert(gone, LATENCY, value=0.212, holds=False)
    async with cockpit(Still(good)) as pilot:
        shown = text(pilot.app.screen.query_one(AlertBoard))
        assert "37 % not > 90 %" in shown
        assert "212 ms not > 800 ms" in shown
        assert "31 % < 40 %" in shown


async def test_what_is_resolved_is_no_longer_sure_when_its_data_ends() -> None:
    known, blind = freight.burning(), freight.source_down(freight.burning(), source="database")
    for state, glyph in ((known, "✓"), (blind, "◌")):
        desk = Still(with_alert(state, POOL_HIGH, phase=Phase.RESOLVED, value=0.37, since=freight.NOW - 60))
        async with cockpit(desk) as pilot:
            shown = text(pilot.app.screen.query_one(AlertBoard)).splitlines()
            assert next(line for line in shown if "PoolHigh" in line).strip().startswith(glyph)


async def test_columns_stay_where_they_are_when_a_value_gets_shorter() -> None:
    desk = Still(with_alert(freight.burning(), LATENCY, value=12.34567))
    desk.state = with_alert(desk.state, POOL_HIGH, value=0.9000001)
    async with cockpit(desk) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        before = text(board).splitlines()[2].index("firing")
        desk.state = with_alert(with_alert(desk.state, LATENCY, value=9.0), POOL_HIGH, value=0.95)
        tick(pilot)
        assert text(board).splitlines()[2].index("firing") == before


async def test_the_reason_has_the_room_of_a_promise_that_is_not_made_and_no_age_of_zero() -> None:
    state = freight.watched()
    indicator = state.indicators["errors"]
    assert indicator.reading is not None
    sli: Sli = replace(indicator.sli, objective=None, links=(Link("a", "b"),))
    reading = replace(indicator.reading, value=None, flaw=Status.NO_DATA, at=freight.NOW, reason="no series matched it")
    indicators = {**state.indicators, "errors": replace(indicator, sli=sli, reading=reading)}
    async with cockpit(Still(replace(state, indicators=indicators)), (80, 24)) as pilot:
        row = next(r for r in pilot.app.screen.query_one(SliList).painted if r.key == "errors")
        assert "".join(piece for piece, _ in row.line).rstrip().endswith("no series matched it")


async def test_above_a_runbook_the_name_gives_way_and_the_value_stays() -> None:
    state = freight.burning()
    alert: Alert = state.alerts[LATENCY]
    named = replace(alert, rule=replace(alert.rule, name="TheLatencyOfTheApiIsFarTooHighForAnybodyToBearItAnyLonger"))
    async with cockpit(Still(state), (80, 24)) as pilot:
        subject = Subject()
        await pilot.app.screen.mount(subject)
        subject.show(state, "p95", named, freight.NOW)
        await pilot.pause()
        subject.paint()
        shown = text(subject)[:80]
        assert "1.24 s  > 800 ms" in shown
        assert "SEV-2 TheLatency" in shown
        assert "…" in shown


async def test_what_is_not_judged_is_not_counted_as_good() -> None:
    state = freight.watched()
    plain = {k: replace(i, sli=replace(i.sli, objective=None)) for k, i in state.indicators.items()}
    some = {**state.indicators, **{k: plain[k] for k in ("p95", "errors", "up")}}
    now = freight.NOW
    assert "no objective to judge by" in words.calm(replace(state, indicators=plain), now, now)[1]
    said = words.calm(replace(state, indicators=some), now, now)[1]
    assert said == "no alerts · all 16 judged within objective, 3 have none"


async def test_long_limits_flow_on_in_the_preview() -> None:
    async with cockpit(Still(freight.burning()), (120, 40)) as pilot:
        assert "alarm > 2 s for 5m (SEV-1)" in " ".join(everything(pilot).split())


def named(state: State, key: str, name: str) -> State:
    """One alert has another name."""
    return with_alert(state, key, rule=replace(state.alerts[key].rule, name=name))


@pytest.mark.parametrize("columns", [60, 66, 72, 80, 90, 100, 112, 120])
@pytest.mark.parametrize(("since_s", "left"), [(372.0, "8m48s"), (780.0, "2m")])
async def test_a_clock_stands_whole_in_its_column_or_not_at_all(columns: int, since_s: float, left: str) -> None:
    state = with_alert(flapping(), LATENCY, since=freight.NOW - since_s, flaps=Flaps())
    async with cockpit(Still(state), (columns, 30)) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        assert all(cells(row.line) <= columns for row in board.painted)
        begins = set()
        for key, said in ((LATENCY, (f"respond in {left}", f"{left} left")),
                          ("hit_rate/CacheMissHigh", ("respond overdue 2m", "overdue 2m"))):   # fmt: skip
            line = next("".join(piece for piece, _ in row.line) for row in board.painted if row.key == key)
            if clock := next((words_ for words_ in said if f"  {words_} " in f"{line} "), ""):
                begins.add(line.index(clock))
            else:
                assert not any(word in line for word in ("respond", "overdue", "left"))
        assert len(begins) <= 1


async def test_the_count_of_a_name_stays_and_the_condition_is_not_cut_in_its_middle() -> None:
    state = named(neighbours.told(), LATENCY, "LongNameAlertForTheVeryLongNamedThing")
    for columns in (80, 100, 120):
        async with cockpit(Still(state), (columns, 40)) as pilot:
            shown = text(pilot.app.screen.query_one(AlertBoard))
            assert " ×37 " in shown
            assert "> 800 ms" in shown


async def test_blanks_give_way_before_a_name_does() -> None:
    state = freight.burning()
    long = replace(state.alerts[POOL_HIGH].rule, condition=parse_condition("< 50% of baseline", "ratio"))
    async with cockpit(Still(with_alert(state, POOL_HIGH, rule=long)), (80, 24)) as pilot:
        shown = text(pilot.app.screen.query_one(AlertBoard))
        assert "CacheMissHigh " in shown
        assert "< 50 % of baseline" in shown
        assert "…" not in shown


async def test_the_names_do_not_move_when_a_life_gets_another_length() -> None:
    starts = set()
    desk = Still(with_alert(freight.burning(), LATENCY, since=freight.NOW - 5))
    async with cockpit(desk, (80, 24)) as pilot:
        for age_s in (5.0, 65.0, 754.0, 3600.0):
            desk.state = with_alert(desk.state, LATENCY, since=freight.NOW - age_s)
            tick(pilot)
            shown = text(pilot.app.screen.query_one(AlertBoard)).splitlines()
            starts.add(next(line for line in shown if "HighLatency" in line).index("1.24 s"))
    assert len(starts) == 1


async def test_an_alert_over_rows_names_the_worst_and_counts_the_others() -> None:
    rows = {name: Streak(held_s=60.0, times=3) for name in ("/a", "/b", "/c", "/d")}
    for size in ((80, 24), (120, 40)):
        async with cockpit(Still(with_alert(freight.burning(), LATENCY, streaks=rows)), size) as pilot:
            assert "HighLatency /a +3 " in text(pilot.app.screen.query_one(AlertBoard))
    named_long = {"shipments-of-the-northern-harbour-" + name: streak for name, streak in rows.items()}
    async with cockpit(Still(with_alert(freight.burning(), LATENCY, streaks=named_long)), (80, 24)) as pilot:
        assert "… +3 " in text(pilot.app.screen.query_one(AlertBoard))
