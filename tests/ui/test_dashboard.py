"""What the keys of the dashboard do, and that the selection stays with its thing."""

import re
from dataclasses import replace

import pytest
from textual.events import Key

from ontui.domain.alert import Phase
from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.state import State
from ontui.ui.screens.actions_menu import ActionsMenu
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.detail import DetailScreen
from ontui.ui.screens.help import HelpScreen
from ontui.ui.screens.room import Room
from ontui.ui.screens.runbook import RunbookScreen
from ontui.ui.widgets.alert_board import AlertBoard
from ontui.ui.widgets.header import Clock, Title
from ontui.ui.widgets.lines import Choices, Lines
from ontui.ui.widgets.preview import Preview
from ontui.ui.widgets.sli_list import SliList
from ontui.ui.widgets.source_strip import SourceStrip
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, said, screen, settled, text, tick
from tests.ui.still import Still


def without(state: State, alert: str) -> State:
    """An alert went away."""
    return replace(state, alerts={**state.alerts, alert: replace(state.alerts[alert], phase=Phase.INACTIVE)})


def is_scrolled(lines: Lines) -> bool:
    """A column of it is the scroll bar's."""
    return lines.show_vertical_scrollbar


async def test_the_cursor_starts_on_the_worst_alert() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        assert board.has_focus
        assert board.chosen == "p95/HighLatency"


async def test_the_cursor_goes_from_the_last_alert_into_the_indicators_and_back() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board, slis = pilot.app.screen.query_one(AlertBoard), pilot.app.screen.query_one(SliList)
        await press(pilot, "down", "down", "down")
        assert slis.has_focus
        assert slis.chosen == "p95"
        await press(pilot, "up")
        assert board.has_focus
        assert board.chosen == "connections_used_ratio/PoolHigh"


async def test_the_selection_stays_with_its_alert_when_the_board_changes() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        await press(pilot, "down")
        desk.state = without(desk.state, "p95/HighLatency")
        tick(pilot)
        assert board.chosen == "hit_rate/CacheMissHigh"
        assert len(board.keys) == 2


async def test_the_cursor_does_not_jump_to_an_alert_once_a_key_was_pressed() -> None:
    desk = Still(freight.watched())
    async with cockpit(desk) as pilot:
        await press(pilot, "down")
        desk.state = freight.burning()
        tick(pilot)
        assert pilot.app.screen.query_one(SliList).chosen == "errors"
        assert pilot.app.screen.query_one(SliList).has_focus


async def test_calm_the_alerts_are_one_line() -> None:
    async with cockpit(Still()) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        assert text(board).strip() == "✓ no alerts · all 19 indicators within objective · watching for 3h12m"
        assert board.size.height == 1


async def test_a_source_that_is_down_is_never_green_and_the_board_does_not_say_all_is_well() -> None:
    async with cockpit(Still(freight.source_down())) as pilot:
        assert "down 1m12s: connection refused, next try in 8s" in text(pilot.app.screen.query_one(SourceStrip))
        assert "3 of 19 not fresh" in text(pilot.app.screen.query_one(AlertBoard))
        served = ("up", "health_latency", "cert_days")
        rows = [r for r in pilot.app.screen.query_one(SliList).painted if r.key in served]
        assert len(rows) == 3
        for row in rows:
            assert {style for _, style in row.line}.isdisjoint({"ok", "value"})
            assert "◌" in "".join(piece for piece, _ in row.line)


async def test_an_empty_state_claims_nothing() -> None:
    async with cockpit(Still(freight.empty())) as pilot:
        shown = everything(pilot)
        assert "✓" not in shown
        assert "nothing is known yet" in shown


async def test_production_is_unmistakable_without_colour_and_staging_is_not_it() -> None:
    async with cockpit(Still()) as pilot:
        row = pilot.app.screen.query_one(Title).painted[0]
        assert ("PRODUCTION", "production") in row.line
    async with cockpit(Still(freight.watched(production=False))) as pilot:
        assert "PRODUCTION" not in everything(pilot)
        assert "staging" in everything(pilot)


async def test_filter_shows_only_what_matches_and_says_so_until_it_ends() -> None:
    async with cockpit(Still()) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        await press(pilot, "slash", *"cache evic")
        assert slis.keys == ["evictions"]
        await press(pilot, "enter")
        tick(pilot)
        assert "/cache evic" in text(pilot.app.screen.query_one(Title))
        await press(pilot, "escape")
        assert len(slis.keys) == 19


async def test_keys_typed_into_the_filter_do_nothing_else() -> None:
    async with cockpit(Still()) as pilot:
        await press(pilot, "slash", *"qxrapf")
        assert screen(pilot, Dashboard).words == "qxrapf"
        assert "nothing matches “qxrapf”" in everything(pilot)


async def test_alerts_that_the_filter_hides_are_counted_and_never_denied() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        await press(pilot, "slash", *"pool")
        assert text(board).splitlines()[0].rstrip(" ─").endswith("2 alerts hidden by the filter")
        await press(pilot, *"zzz")
        assert "3 alerts hidden by the filter" in text(board)
        assert "no alerts" not in everything(pilot)


async def test_esc_with_nothing_to_end_changes_nothing() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        await press(pilot, "down", "escape")
        assert said(pilot) == "nothing to go back to"
        assert board.has_focus
        assert board.chosen == "hit_rate/CacheMissHigh"


async def test_the_selection_is_as_it_was_once_a_filter_ends() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        await press(pilot, "down", "slash", *"pool", "escape")
        assert board.has_focus
        assert board.chosen == "hit_rate/CacheMissHigh"
        await press(pilot, "f", "escape")
        assert board.has_focus
        assert board.chosen == "hit_rate/CacheMissHigh"


def is_seen(choices: Choices) -> bool:
    """The selected line is in view."""
    row = next(y for y, r in enumerate(choices.painted) if r.key == choices.chosen)
    return 0 <= row - choices.scroll_offset.y < choices.size.height


@pytest.mark.parametrize("size", [(80, 24), (80, 16), (120, 40)])
async def test_home_and_end_and_pages_take_the_selection_with_them(size: tuple[int, int]) -> None:
    async with cockpit(Still(freight.burning()), size) as pilot:
        board, slis = pilot.app.screen.query_one(AlertBoard), pilot.app.screen.query_one(SliList)
        for keys in (["end"], ["home", *["pagedown"] * 8], ["home", *["down"] * 30]):
            await press(pilot, *keys)
            assert slis.has_focus
            assert slis.chosen == slis.keys[-1]
            assert is_seen(slis)
            for back in (["home"], ["end", *["pageup"] * 8], ["end", *["up"] * 30]):
                await press(pilot, *back)
                assert board.has_focus
                assert board.chosen == "p95/HighLatency"
                assert is_seen(board)
            await press(pilot, "end")


async def test_no_key_is_lost_between_alerts_and_indicators_however_fast() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        board, slis = pilot.app.screen.query_one(AlertBoard), pilot.app.screen.query_one(SliList)
        for _ in range(10):
            pilot.app.post_message(Key("j", "j"))
        await pilot.pause()
        assert slis.has_focus
        assert slis.chosen == slis.keys[10 - 3]
        for _ in range(13):
            pilot.app.post_message(Key("k", "k"))
        await pilot.pause()
        assert board.has_focus
        assert board.chosen == "p95/HighLatency"


async def test_only_wrong_hides_what_is_ok() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        await press(pilot, "f")
        assert "errors" not in slis.keys
        assert "p95" in slis.keys
        assert "only wrong" in text(pilot.app.screen.query_one(Title))
        await press(pilot, "f")
        assert "errors" in slis.keys


async def test_acknowledging_takes_the_alert_under_the_cursor() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "a")
        taken = desk.state.alerts["p95/HighLatency"].acknowledged
        assert taken is not None
        assert taken.who == "bob@bastion-1"
        assert "bob, 0s ago" in text(pilot.app.screen.query_one(AlertBoard))
        await press(pilot, "a")
        assert said(pilot) == "HighLatency was already taken by bob@bastion-1"


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("a", "no alert is selected"),
        ("y", "nothing to copy here: y copies on a detail or runbook page"),
        ("x", "no repair is configured for API error rate"),
        ("o", "nothing was run in this session"),
    ],
)
async def test_a_key_that_cannot_act_says_why(key: str, answer: str) -> None:
    async with cockpit(Still()) as pilot:
        await press(pilot, "down", key)
        assert said(pilot) == answer


async def test_without_pages_r_and_g_say_so() -> None:
    async with cockpit(Still(library=None)) as pilot:
        await press(pilot, "r")
        assert said(pilot) == "no runbook folder is configured: set runbooks.path"
        await press(pilot, "g")
        assert said(pilot) == "there are no runbook pages"


async def test_what_the_keys_open_and_that_esc_closes_it() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        kinds: dict[str, type[Room]] = {"enter": DetailScreen, "r": RunbookScreen, "x": ActionsMenu}
        kinds["question_mark"] = HelpScreen
        for key, kind in kinds.items():
            await press(pilot, key)
            screen(pilot, kind)
            await press(pilot, "escape")
            screen(pilot, Dashboard)


async def test_u_asks_every_source_now() -> None:
    desk = Still()
    async with cockpit(desk) as pilot:
        await press(pilot, "R")
        assert desk.polled == 1


async def test_p_holds_the_picture_and_says_since_when() -> None:
    desk = Still()
    async with cockpit(desk) as pilot:
        await press(pilot, "p")
        desk.state, desk.at = freight.burning(), desk.at + 60
        tick(pilot)
        assert "PAUSED at 14:36:51Z" in text(pilot.app.screen.query_one(Title))
        assert "no alerts" in text(pilot.app.screen.query_one(AlertBoard))
        assert "14:37:51Z" in text(pilot.app.screen.query_one(Clock))
        await press(pilot, "p")
        assert "HighLatency" in text(pilot.app.screen.query_one(AlertBoard))


async def test_q_quits_with_code_0() -> None:
    async with cockpit(Still()) as pilot:
        await press(pilot, "q")
    assert pilot.app.return_code == 0


async def test_the_preview_follows_the_cursor() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        preview = pilot.app.screen.query_one(Preview)
        assert "API latency p95" in text(preview)
        await press(pilot, "down")
        assert "Cache hit rate" in text(preview)
        assert "latency.md#cache" in text(preview)


@pytest.mark.parametrize(
    ("size", "preview", "board"),
    [((200, 60), True, True), ((80, 24), False, True), ((50, 12), False, False)],
)
async def test_every_size_has_its_layout(size: tuple[int, int], preview: bool, board: bool) -> None:
    async with cockpit(Still(freight.burning()), size) as pilot:
        assert pilot.app.screen.query_one(Preview).display is preview
        assert pilot.app.screen.query_one(AlertBoard).display is board
        assert pilot.app.screen.query_one(SliList).keys[0] == "p95"


async def test_at_80x24_all_of_a_calm_system_is_in_view() -> None:
    async with cockpit(Still(), (80, 24)) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        assert len(slis.painted) <= slis.size.height


async def test_a_resize_keeps_the_selection() -> None:
    async with cockpit(Still()) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        await press(pilot, *["down"] * 12)
        chosen = slis.chosen
        await pilot.resize_terminal(60, 16)
        await settled(pilot)
        assert slis.chosen == chosen
        row = next(y for y, r in enumerate(slis.painted) if r.key == chosen)
        assert 0 <= row - slis.scroll_offset.y < slis.size.height


async def test_what_a_key_or_a_scroll_bar_changes_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        monkeypatch.setattr(Room, "tick", lambda _: None)
        slis, title = pilot.app.screen.query_one(SliList), pilot.app.screen.query_one(Title)
        assert is_scrolled(slis)
        await press(pilot, "slash", *"data")
        assert not is_scrolled(slis)
        assert "/data" in text(title)
        await press(pilot, "escape")
        assert is_scrolled(slis)
        assert "/" not in text(title)


async def test_nothing_is_sent_again_that_did_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        tick(pilot)
        await pilot.pause()
        sent: list[object] = []
        monkeypatch.setattr(Lines, "refresh", lambda self, *regions, **_: sent.append((self, regions)))
        tick(pilot)
        assert sent == []


async def test_a_second_later_only_the_ages_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        tick(pilot)
        await pilot.pause()
        sent: list[tuple[str, int]] = []

        def note(self: Lines, _: int, start: int = 0, end: int = 999) -> None:
            sent.append((type(self).__name__, end - start))

        monkeypatch.setattr(Lines, "refresh_row", note)
        desk.at += 1
        tick(pilot)
        ages_and_a_promise = [("AlertBoard", 1)] * 3 + [("Clock", 1)] + [("Preview", 1)] * 2
        assert sorted(sent) == ages_and_a_promise


async def test_the_list_says_how_far_back_it_reaches() -> None:
    for size in ((120, 40), (80, 24)):
        async with cockpit(Still(freight.burning()), size) as pilot:
            slis = pilot.app.screen.query_one(SliList)
            assert "last 15 m" in text(slis).splitlines()[0]
            await press(pilot, "t")
            assert "last 1 h" in text(slis).splitlines()[0]


async def test_in_a_window_made_small_the_worst_is_at_the_top_until_one_moves_away() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        slis.focus()
        await press(pilot, "end")
        chosen = slis.chosen
        for size in ((55, 12), (50, 8)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            tick(pilot)
            assert slis.scroll_offset.y == 0
            assert "▲" in text(slis).splitlines()[0]
            assert slis.chosen == chosen
        await press(pilot, "up")
        row = next(y for y, r in enumerate(slis.painted) if r.key == slis.chosen)
        assert 0 <= row - slis.scroll_offset.y < slis.size.height


async def test_the_arrows_move_the_cursor_also_where_the_list_is_longer_than_the_window() -> None:
    async with cockpit(Still(freight.watched()), (60, 16)) as pilot:
        slis = pilot.app.screen.query_one(SliList)
        await press(pilot, "down", "down")
        assert slis.chosen == slis.keys[2]
        await press(pilot, "end", "up")
        assert slis.chosen == slis.keys[-2]
        await press(pilot, "pageup", "home")
        assert slis.chosen == slis.keys[0]


async def test_values_are_marked_from_the_first_failed_poll_on() -> None:
    state = freight.burning()
    source = next(s for s in state.sources.values() if s.source.type == "postgres").source
    failed = Sample(source.id, freight.NOW, fault=Fault(FaultKind.TIMEOUT, "no answer within 3 s"))
    async with cockpit(Still(state.after(failed))) as pilot:
        shown = everything(pilot)
        lines = [line for line in shown.splitlines() if re.search(r"\ds old", line)]
        own = [s for s in state.system.slis.values() if s.source == source.id]
        assert len(lines) == len(own) > 2
        board = next(line for line in text(pilot.app.screen.query_one(AlertBoard)).splitlines() if "PoolHigh" in line)
        assert "no data for" in board


async def test_the_exit_code_tells_what_was_first_to_end_it() -> None:
    """Once a terminal that nobody reads is given up, that is no other reason."""
    async with cockpit(Still(freight.watched())) as pilot:
        pilot.app.exit(return_code=128 + 15)
        pilot.app.exit(return_code=128 + 1)
    assert pilot.app.return_code == 128 + 15
