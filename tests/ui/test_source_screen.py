"""A source's page: what it says, and where its keys lead."""

import asyncio
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ontui.config.load import load
from ontui.domain.rebase import rebased
from ontui.domain.source import CommandSource, EnvSource, LogSource, Source
from ontui.domain.state import State
from ontui.engine import Engine
from ontui.ui.app import OntuiApp
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.detail import DetailScreen
from ontui.ui.screens.source import SourceScreen, SourcesScreen
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.source_page import PollLog, SourceSheet
from tests.servers.postgres import Postgres
from tests.ui import freight
from tests.ui.pilot import cockpit, press, said, screen, text, tick, until
from tests.ui.still import Still


def sheet(pilot: Pilot[None]) -> str:
    return " ".join(text(pilot.app.screen.query_one(SourceSheet)).split())


def log(pilot: Pilot[None]) -> list[str]:
    return text(pilot.app.screen.query_one(PollLog)).splitlines()


POOL = ("slash", *"pool", "enter", "S")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_findings_stand_whole_with_the_remedy_and_enter_copies_one(size: tuple[int, int]) -> None:
    async with cockpit(Still(freight.troubled()), size) as pilot:
        await press(pilot, *POOL)
        assert screen(pilot, SourceScreen).source_id == "database"
        shown = sheet(pilot)
        assert "works, with findings" in shown
        assert "PostgreSQL 16.4, primary, 10.0.4.17:5432 as ops" in shown
        assert "GRANT pg_use_reserved_connections TO ops" in shown
        assert "clock 7.4 s behind this machine's" in shown
        assert "every 10 s, for 5 s at most" in shown
        await press(pilot, "down", "enter")
        assert pilot.app.clipboard.endswith("GRANT pg_monitor TO ops")
        assert said(pilot).startswith("copied the finding")


async def test_the_log_tells_of_failures_and_of_turns_that_were_left_out() -> None:
    async with cockpit(Still(freight.troubled())) as pilot:
        await press(pilot, *POOL)
        lines = log(pilot)
        assert "4 failed" in lines[0]
        assert lines[1].count("×") == 4
        assert "≤ 16 ms" in lines[1]
        assert lines[2].split()[1:] == ["14:36:49Z", "13", "ms", "ok"]
        at = next(n for n, line in enumerate(lines) if "▲" in line)
        assert "no answer within 5 s" in lines[at]
        assert "3 turns left out: resting" in "\n".join(lines[at:])
        assert "left out 5 turns since" in sheet(pilot)


async def test_the_grant_that_a_real_server_lacks_stands_there(postgres15: Postgres, tmp_path: Path) -> None:
    path = tmp_path / "ontui.yaml"
    path.write_text(
        "version: 1\nsystem: {id: shop}\n"
        f"sources: {{db: {{type: postgres, dsn: '{postgres15.dsn('plain')}', every: 1s, timeout: 800ms}}}}\n"
        "slis: {idle: {source: db, metric: connections_idle}}\n"
    )
    engine = Engine(load(path, os.environ), folder=tmp_path / "state")
    app = OntuiApp(engine, theme="ontui-dark")
    async with app.run_test(size=(120, 40)) as pilot:
        collecting = asyncio.create_task(engine.run())
        await until(pilot, lambda: len(engine.state.sources["db"].log) > 1)
        await press(pilot, "S")
        await until(pilot, lambda: "GRANT pg_monitor TO plain" in sheet(pilot))
        assert re.search(r"server PostgreSQL 15\.\d+, primary", sheet(pilot))
        assert "clock as here, within a second" in sheet(pilot)
        assert "no permission" in sheet(pilot)
        collecting.cancel()
        await asyncio.wait([collecting])


async def test_a_source_that_is_down_says_since_when_and_when_it_is_asked_again() -> None:
    async with cockpit(Still(freight.source_down())) as pilot:
        await press(pilot, "slash", *"certificate", "enter", "S")
        shown = sheet(pilot)
        assert "▲ down" in shown
        assert "next in 8s" in shown
        assert "last good answer 1m22s ago" in shown
        assert "8 in a row, for 1m12s: connection refused" in shown
        assert "the server does not tell its time" in shown
        assert " server " not in shown.split("asked")[0], "who never said what it is has no line for it"
        assert "◌ API certificate" in shown


@pytest.mark.parametrize("source", [
    EnvSource(id="api", type="env", interval_s=10, timeout_s=5),
    LogSource(id="api", type="log", interval_s=10, timeout_s=5, path="/var/log/app.log"),
    CommandSource(id="api", type="command", interval_s=10, timeout_s=5, argv=("true",), cwd="/"),
], ids=lambda source: source.type)  # fmt: skip
async def test_what_is_looked_at_here_has_no_server_and_no_clock(source: Source) -> None:
    state = freight.watched()
    health = replace(state.sources["api"], source=source, server="")
    async with cockpit(Still(replace(state, sources={**state.sources, "api": health}))) as pilot:
        await press(pilot, "slash", *"certificate", "enter", "S")
        facts = sheet(pilot).split("Indicators")[0]
        assert "asked at" in facts
        assert "clock" not in facts
        assert "server" not in facts


async def test_the_clock_of_a_server_that_is_down_is_that_of_another_time() -> None:
    down = freight.source_down(freight.troubled(), source="database")
    async with cockpit(Still(down)) as pilot:
        await press(pilot, *POOL)
        assert "clock 7.4 s behind this machine's, when it last told" in sheet(pilot)


async def test_tab_leads_to_the_polls_and_the_arrows_scroll_them() -> None:
    async with cockpit(Still(freight.troubled()), (80, 24)) as pilot:
        await press(pilot, *POOL, "tab", "end")
        polls = pilot.app.screen.query_one(PollLog)
        assert polls.has_focus
        assert polls.scroll_offset.y == len(polls.painted) - polls.size.height
        await press(pilot, "home")
        assert polls.scroll_offset.y == 0
        await press(pilot, "tab", "down", "enter")
        assert pilot.app.clipboard.endswith("GRANT pg_monitor TO ops")


async def test_an_unasked_source_claims_nothing() -> None:
    async with cockpit(Still(freight.empty())) as pilot:
        await press(pilot, "S")
        assert "? not asked yet" in sheet(pilot)
        assert "none yet" in log(pilot)[0]
        assert "✓" not in sheet(pilot)


async def test_from_an_indicator_to_its_source_to_another_indicator_and_back() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "enter", "S")
        assert screen(pilot, SourceScreen).source_id == "metrics"
        await press(pilot, "down", "enter")
        screen(pilot, DetailScreen)
        await press(pilot, "escape")
        screen(pilot, SourceScreen)
        await press(pilot, "S")
        await press(pilot, "down", "enter")
        assert screen(pilot, SourceScreen).source_id == "database"
        await press(pilot, "escape", "escape")
        screen(pilot, Dashboard)


async def test_where_nothing_is_selected_all_sources_are_listed() -> None:
    state = freight.watched()
    bare = rebased(state, replace(state.system, slis={}))
    async with cockpit(Still(bare)) as pilot:
        await press(pilot, "S")
        shown = text(screen(pilot, SourcesScreen).query_one(Choices))
        assert all(name in shown for name in ("metrics", "database", "api"))
        await press(pilot, "escape")
        screen(pilot, Dashboard)


async def test_it_is_left_when_the_config_knows_it_no_more() -> None:
    def gone(state: State) -> State:
        system = state.system
        slis = {id_: s for id_, s in system.slis.items() if s.source != "metrics"}
        sources = {id_: s for id_, s in system.sources.items() if id_ != "metrics"}
        return rebased(state, replace(system, slis=slis, sources=sources))

    desk = Still(freight.watched())
    desk.on_load = lambda: setattr(desk, "state", gone(desk.state))
    async with cockpit(desk) as pilot:
        await press(pilot, "S", "L")
        tick(pilot)
        screen(pilot, Dashboard)


async def test_the_palette_finds_a_source() -> None:
    async with cockpit(Still(freight.watched())) as pilot:
        await press(pilot, "ctrl+p", *"database", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SourceScreen | DetailScreen)
