"""One indicator: what its page copies, how far back it looks, its rows."""

import asyncio
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ontui.config.load import load
from ontui.domain.past import Past
from ontui.domain.rebase import rebased
from ontui.domain.sample import Reading
from ontui.domain.secret import Secrets
from ontui.domain.source import Source
from ontui.engine import Engine
from ontui.ui.app import OntuiApp
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.detail import DetailScreen
from ontui.ui.widgets.sheet import BigChart, Sheet
from ontui.ui.widgets.sli_list import SliList
from ontui.ui.widgets.title_line import TitleLine
from tests.servers.prometheus import Prometheus
from tests.ui import freight
from tests.ui.pilot import cockpit, press, said, screen, text, tick, until
from tests.ui.still import Settings, Still


@pytest.mark.parametrize(("sli", "key", "copied"), [
    ("p95", "y", freight.P95),
    ("p95", "Y", f"curl -sS --data-urlencode 'query={freight.P95}' http://prometheus.internal:9090/api/v1/query"),
    ("up", "y", "GET https://api.freight.example/api/health"),
    ("up", "Y", "curl -sS -i https://api.freight.example/api/health"),
])  # fmt: skip
async def test_the_question_is_copied_as_it_is_asked_and_as_a_command(sli: str, key: str, copied: str) -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "slash", *freight.SLIS_BY_ID[sli].title.lower(), "enter", "enter", key)
        assert pilot.app.clipboard == copied


async def test_a_secret_in_a_command_is_masked_and_that_is_said() -> None:
    desk = Still(freight.watched(), config=Settings(secrets=Secrets(["prometheus.internal"])))
    async with cockpit(desk) as pilot:
        await press(pilot, "enter", "Y")
        assert "internal" not in pilot.app.clipboard
        assert said(pilot).startswith("copied a command line that asks the same, without what is secret in it")


async def test_where_there_is_no_command_that_is_said() -> None:
    state = freight.watched()
    odd = Source(id="metrics", type="other", interval_s=15, timeout_s=5)
    system = replace(state.system, sources={**state.system.sources, "metrics": odd})
    sources = {**state.sources, "metrics": replace(state.sources["metrics"], source=odd)}
    async with cockpit(Still(replace(state, system=system, sources=sources))) as pilot:
        await press(pilot, "enter", "Y")
        assert said(pilot) == "there is no command line for this kind of source: other"


def chart(pilot: Pilot[None]) -> str:
    return text(pilot.app.screen.query_one(BigChart))


def title(pilot: Pilot[None]) -> str:
    return text(pilot.app.screen.query_one(TitleLine))


async def test_a_long_past_is_asked_of_the_source_once_a_span_and_its_gaps_are_gaps() -> None:
    desk = Still(freight.watched(), remembers=freight.past)
    async with cockpit(desk) as pilot:
        await press(pilot, "enter", "t")
        assert desk.looked_back == [], "an hour is what we remember ourselves"
        for span_s, words in ((21_600.0, "last 6 h"), (86_400.0, "last 24 h"), (604_800.0, "last 7 d")):
            await press(pilot, "t")
            assert desk.looked_back[-1] == ("p95", span_s)
            assert words in title(pilot)
            assert "a point each" in title(pilot)
        rows = [line for line in chart(pilot).splitlines() if any("⠀" < c <= "⣿" for c in line)]
        columns = max(len(line) for line in rows)
        drawn = "".join(
            "x" if any("⠀" < line[x : x + 1] <= "⣿" for line in rows) else " " for x in range(12, columns - 2)
        )
        assert re.search(r"x {4,}x", drawn), drawn
        for _ in range(5):
            await press(pilot, "t")
            tick(pilot)
        assert len(desk.looked_back) == 3, "each span once"
        desk.at += 604_800 / 60
        tick(pilot)
        await pilot.app.workers.wait_for_complete()
        assert len(desk.looked_back) == 4, "and again when much of it is missing"


async def test_what_we_saw_ourselves_follows_what_the_source_told() -> None:
    desk = Still(freight.watched(), remembers=freight.past)
    async with cockpit(desk) as pilot:
        await press(pilot, "enter", "t", "t")
        shown = pilot.app.screen.query_one(BigChart).story
        assert shown is not None
        at = [p.at for p in shown.item.indicator.history]
        assert at == sorted(at)
        assert at[0] < freight.NOW - 21_000
        assert at[-1] == desk.state.indicators["p95"].history[-1].at


async def test_a_source_without_a_memory_says_so_and_shows_what_we_saw() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "slash", *"pool", "enter", "enter", "t", "t", "t")
        assert "database keeps no history · seen from 13:36" in title(pilot)
        assert "⣀" in chart(pilot) or any("⠀" < c <= "⣿" for c in chart(pilot))


async def test_a_failure_to_look_back_is_said_in_the_title_even_where_there_is_little_room() -> None:
    async def refused(_sli: str, _span_s: float) -> Past:
        return Past(reason="no history: connection refused")

    async with cockpit(Still(freight.watched(), remembers=refused), (80, 24)) as pilot:
        await press(pilot, "enter", "t", "t")
        assert "no history: connection refused" in title(pilot)


async def test_a_bug_in_a_source_is_said_in_the_title_and_ends_nothing() -> None:
    async def broken(_sli: str, _span_s: float) -> Past:
        raise ZeroDivisionError("\x1b]52;c;AAAA\x07")

    async with cockpit(Still(freight.watched(), remembers=broken)) as pilot:
        await pilot.press("enter", "t", "t")
        await until(pilot, lambda: "ontui failed to ask: ZeroDivisionError" in title(pilot))
        assert "\x1b" not in title(pilot)
        screen(pilot, DetailScreen)


async def test_leaving_and_another_span_end_what_is_asked() -> None:
    ended: list[float] = []

    async def silent(_: str, span_s: float) -> Past:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(span_s)
        return Past()

    async with cockpit(Still(freight.watched(), remembers=silent)) as pilot:
        await pilot.press("enter", "t", "t")
        await until(pilot, lambda: "asking metrics …" in title(pilot))
        await pilot.press("t")
        await until(pilot, lambda: ended == [21_600])
        await pilot.press("escape")
        await until(pilot, lambda: ended == [21_600, 86_400])
        screen(pilot, Dashboard)


async def test_another_question_has_another_past() -> None:
    state = freight.watched()
    other = replace(state.system.slis["p95"], query="another")
    desk = Still(state, remembers=freight.past)
    async with cockpit(desk) as pilot:
        await press(pilot, "enter", "t", "t")
        slis = {**state.system.slis, "p95": other}
        desk.on_load = lambda: setattr(desk, "state", rebased(state, replace(state.system, slis=slis)))
        answered = asyncio.Event()

        async def late(sli: str, span_s: float) -> Past:
            await answered.wait()
            return await freight.past(sli, span_s)

        desk.remembers = late
        await pilot.press("L")
        await until(pilot, lambda: "asking metrics …" in title(pilot))
        assert "nothing known in this time" in chart(pilot), "the old question's past is not this one's"
        answered.set()
        await until(pilot, lambda: "a point each" in title(pilot))
        assert len(desk.looked_back) == 2


async def test_the_dashboard_never_reaches_further_than_every_indicator_remembers() -> None:
    async with cockpit(Still(freight.watched(), remembers=freight.past)) as pilot:
        await press(pilot, "enter", "t", "t", "t", "escape")
        assert "last 1 h" in text(pilot.app.screen.query_one(SliList))
        await press(pilot, "enter")
        assert "last 24 h" in title(pilot)
        await press(pilot, "escape", "t")
        assert "last 15 m" in text(pilot.app.screen.query_one(SliList))


async def test_rows_are_listed_worst_first_and_can_be_filtered() -> None:
    async with cockpit(Still(freight.with_rows())) as pilot:
        await press(pilot, "down", "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert shown.index("acme-freight") < shown.index("harbour-lines") < shown.index("tenant-0")
        assert "58, worst first" in shown
        assert "asked" in shown
        assert re.search(r"▲ acme-freight +7.3 %", shown)
        await press(pilot, "slash", *"tenant-01")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert "10 of 58" in shown
        assert "acme-freight" not in shown
        assert "asked" not in shown
        await press(pilot, "enter", "escape")
        assert "acme-freight" in text(pilot.app.screen.query_one(Sheet))
        screen(pilot, DetailScreen)


async def test_filtered_rows_are_seen_from_the_worst() -> None:
    async with cockpit(Still(freight.with_rows()), (80, 24)) as pilot:
        await press(pilot, "down", "enter", "end")
        sheet = pilot.app.screen.query_one(Sheet)
        assert sheet.scroll_offset.y > 0
        await press(pilot, "slash", *"tenant")
        assert sheet.scroll_offset.y == 0


async def test_the_age_of_the_data_and_what_is_true_but_incomplete_are_said() -> None:
    state = freight.watched()
    indicator = state.indicators["p95"]
    seen = indicator.reading or Reading(None, 0.0)
    old = replace(seen, at=freight.NOW - 100, caveat="2 of 5 targets down", data_age_s=42.0)
    desk = Still(replace(state, indicators={**state.indicators, "p95": replace(indicator, reading=old)}))
    async with cockpit(desk) as pilot:
        await press(pilot, "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert "1m40s ago · data 42s old then" in shown
        assert re.search(r"warning +2 of 5 targets down", shown)


async def test_a_long_question_and_a_long_answer_can_be_read_to_their_end() -> None:
    state = freight.watched()
    query = "sum(" + " + ".join(f"rate(requests_total{{shard=\"{n}\"}}[5m])" for n in range(60)) + ") # the end"
    sli, indicator = replace(state.system.slis["p95"], query=query), state.indicators["p95"]
    raw = "[" + "9," * 900 + "the last]"
    seen = replace(indicator.reading or Reading(None, 0.0), raw=raw)
    system = replace(state.system, slis={**state.system.slis, "p95": sli})
    known = replace(indicator, sli=sli, reading=seen)
    async with cockpit(Still(replace(state, system=system, indicators={**state.indicators, "p95": known}))) as pilot:
        await press(pilot, "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert "# the end" in shown
        assert "the last]" in shown
        assert shown.index("objective") < shown.index("# the end"), "and what is short stands first"


@pytest.mark.parametrize(("items", "times"), [(80, 1), (700, 2)])
async def test_an_answer_is_repeated_only_where_it_had_to_be_cut(items: int, times: int) -> None:
    state = freight.watched()
    indicator = state.indicators["p95"]
    seen = replace(indicator.reading or Reading(None, 0.0), raw="[begin," + " 12345," * items + "]")
    known = replace(indicator, reading=seen)
    async with cockpit(Still(replace(state, indicators={**state.indicators, "p95": known}))) as pilot:
        await press(pilot, "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert shown.count("[begin,") == times
        assert shown.count("12345,]") == 1 if times == 1 else "12345,]" in shown


async def test_a_value_too_old_to_be_shown_is_the_last_known_one() -> None:
    state = freight.watched()
    indicator = state.indicators["p95"]
    seen = replace(indicator.reading or Reading(None, 0.0), value=0.9, at=freight.NOW - 1000)
    known = replace(indicator, reading=seen)
    async with cockpit(Still(replace(state, indicators={**state.indicators, "p95": known}))) as pilot:
        await press(pilot, "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert re.search(r"last known +900 ms, 16m40s ago", shown)
        assert re.search(r"because +not heard for 16m40s", shown)


async def test_the_past_of_a_real_server_over_a_real_engine(prometheus: Prometheus, tmp_path: Path) -> None:
    path = tmp_path / "ontui.yaml"
    path.write_text(
        f"version: 1\nsystem: {{id: shop}}\nsources: {{metrics: {{type: prometheus, url: '{prometheus.url}'}}}}\n"
        "slis: {depth: {title: Queue depth, source: metrics, query: shop_queue_depth}}\n"
    )
    engine = Engine(load(path, os.environ), folder=tmp_path / "state")
    app = OntuiApp(engine, theme="ontui-dark")
    async with app.run_test(size=(120, 40)) as pilot:
        collecting = asyncio.create_task(engine.run())
        await until(pilot, lambda: engine.state.indicators["depth"].reading is not None)
        await press(pilot, "enter", "t", "t")
        await until(pilot, lambda: "last 6 h · a point each 1m" in title(pilot))
        shown = app.screen.query_one(BigChart).story
        assert shown is not None
        values = {p.at: p.value for p in shown.item.indicator.history if p.value is not None}
        assert len(values) > 100
        assert max(v for v in values.values() if v is not None) == 59
        prometheus.stop()
        await press(pilot, "t")
        await until(pilot, lambda: "last 24 h · no history: connection refused" in title(pilot))
        collecting.cancel()
        await asyncio.wait([collecting])


async def test_an_indicator_without_rows_says_so() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "enter", "slash")
        assert said(pilot) == "it has no rows to filter"


async def test_the_statement_behind_a_metric_is_shown_as_it_is_sent() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "slash", *"pool", "enter", "enter")
        shown = text(pilot.app.screen.query_one(Sheet))
        assert "connections_used_ratio" in shown
        assert "from pg_stat_activity" in shown
