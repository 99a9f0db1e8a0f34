"""Every line about an alert is true in every phase, agrees with its indicator, and says who has it."""

from dataclasses import replace

from ontui.domain.alert import Alert, Phase
from ontui.domain.sli import Link, Sli
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui.widgets.alert_board import AlertBoard
from ontui.ui.widgets.lines import cells
from ontui.ui.widgets.sli_list import SliList
from ontui.ui.widgets.subject import Subject
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, text, tick
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
        assert "no data for 1m12s" in shown[2]
        assert "alice" in shown[2]
        assert "respond in" in shown[1]
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
