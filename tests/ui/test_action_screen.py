"""A repair is never run by accident, never runs anything else than was shown, and its screen may be left."""

from dataclasses import replace

import pytest
from textual.events import Key, Paste

from ontui.domain.action import Asks, Danger, Outcome, Refused, Run, Targets
from ontui.ui.screens.action import ActionScreen, Phase
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.form import FormScreen
from ontui.ui.screens.leave import LeaveScreen
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.frame import ActionFrame, Prompt, TargetRows
from ontui.ui.widgets.header import Title
from ontui.ui.widgets.note_line import NoteLine
from tests.ui import freight
from tests.ui.pilot import cockpit, everything, press, said, screen, settled, text, tick
from tests.ui.scenes import POOL, TYPE_IT, moved, recovered, running, staging, watching
from tests.ui.still import Still, StillExecution, ended, plan_of

CACHE = ("x", "enter")
"""On staging, with the cursor on CacheMissHigh: restart the cache."""


async def test_everything_that_decides_stands_on_the_frame() -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        await press(pilot, *POOL, "x", "enter")
        shown = everything(pilot)
        for fact in (
            "PRODUCTION", "freight", "End sessions idle", "destroy", "db1.internal:5432/freight as ops",
            "select pg_terminate_backend(pid)", "14 now", "reports 9 · web 4 · cron 1", "92 %", "30 s, then cancelled",
            "if the line drops", "for 5m", "Type", "esc",
        ):  # fmt: skip
            assert fact in shown, fact


async def test_the_exact_text_runs_the_plan_that_was_shown() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter")
        shown = screen(pilot, ActionScreen).plan
        await press(pilot, *TYPE_IT, "enter")
        assert [(plan, typed) for plan, typed in desk.started] == [(shown, "freight")]
        assert screen(pilot, ActionScreen).phase is Phase.RUNNING


@pytest.mark.parametrize("typed", [(), ("f",), ("F", "R", "E", "I", "G", "H", "T"), (*TYPE_IT, "s"), ("y",)])
async def test_anything_else_does_not(typed: tuple[str, ...]) -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", *typed, "enter", "enter")
        assert desk.started == []
        assert "not run" in everything(pilot)
        assert screen(pilot, ActionScreen).phase is Phase.CONFIRM


async def test_backspace_corrects() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", *TYPE_IT, "x", "backspace", "enter")
        assert len(desk.started) == 1


async def test_enter_alone_never_confirms_a_change_either() -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, "down", *CACHE)
        await press(pilot, "enter", "enter", "space")
        assert desk.started == []
        await press(pilot, "y")
        assert [typed for _, typed in desk.started] == ["y"]


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_no_leaves_it_and_that_is_on_record(key: str) -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, "down", *CACHE, key)
        assert desk.started == []
        assert [plan.action for plan in desk.left] == ["restart-redis"]
        assert not isinstance(pilot.app.screen, ActionScreen)


@pytest.mark.parametrize("key", ["alt+y", "alt+enter"])
async def test_with_alt_no_key_confirms(key: str) -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, "down", *CACHE)
        pilot.app.post_message(Key(key, None))
        await press(pilot, "j")
        assert desk.started == []
        assert "press y to run it" in everything(pilot)


async def test_what_is_pasted_is_no_answer_and_that_is_said() -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, "down", *CACHE)
        pilot.app.post_message(Paste("y"))
        await settled(pilot)
        assert desk.started == []
        assert "what is pasted is no answer: type it" in everything(pilot)


async def test_neither_where_leaving_is_asked_about_and_no_other_key_is_one() -> None:
    async with cockpit(running()) as pilot:
        await press(pilot, "q")
        pilot.app.post_message(Paste("y"))
        await settled(pilot)
        assert "what is pasted is no answer: type it" in everything(pilot)
        await press(pilot, "z")
        assert "press y to leave, n or esc to stay" in everything(pilot)
        screen(pilot, LeaveScreen)
        await press(pilot, "n")
        screen(pilot, Dashboard)
        assert pilot.app.return_code is None


async def test_of_several_pasted_lines_a_field_takes_none_and_says_so() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "slash")
        field = pilot.app.screen.query_one("#filter", Field)
        pilot.app.post_message(Paste("pool\ny\n"))
        await settled(pilot)
        assert field.value == ""
        assert "several lines were pasted: none was taken" in everything(pilot)
        pilot.app.post_message(Paste("pool\n"))
        await settled(pilot)
        assert field.value == "pool"


async def test_no_is_no_also_while_all_rows_are_shown() -> None:
    desk = Still(staging())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter")
        room = screen(pilot, ActionScreen)
        assert room.plan is not None
        room.plan = replace(room.plan, asks=Asks.YES_NO)
        await press(pilot, "p")
        assert room.shows_targets
        await press(pilot, "n")
        assert [plan.action for plan in desk.left] == [room.action.id]
        assert not isinstance(pilot.app.screen, ActionScreen)


async def test_what_moved_is_shown_and_has_to_be_confirmed_again() -> None:
    desk = moved()
    async with cockpit(desk, (80, 24)) as pilot:
        await press(pilot, *POOL, "x", "enter", *TYPE_IT, "enter")
        assert desk.started == []
        room = screen(pilot, ActionScreen)
        assert room.phase is Phase.CONFIRM
        assert room.typed == ""
        assert room.moved == {"on"}
        assert "Something moved" in everything(pilot)
        assert "db2.internal" in everything(pilot)
        await press(pilot, *TYPE_IT, "enter")
        assert [plan.identity for plan, _ in desk.started] == ["two"]


async def test_a_refusal_says_why_and_leaves_the_way_back() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "x")
        desk.read_only = True
        pilot.app.push_screen(ActionScreen(desk, desk.state.system.actions["restart-redis"], {}))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "not run: read-only: nothing can be run" in everything(pilot)
        await press(pilot, *TYPE_IT, "enter", "y")
        assert desk.started == []
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, ActionScreen)


async def test_a_lock_held_by_somebody_else_is_a_refusal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Still(freight.burning())

    def held(*_: object) -> None:
        raise Refused("alice runs it since 12 s")

    monkeypatch.setattr(desk, "start", held)
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", *TYPE_IT, "enter")
        assert "alice runs it since 12 s" in everything(pilot)


async def test_a_read_needs_no_question() -> None:
    state = freight.burning()
    action = replace(state.system.actions["restart-redis"], danger=Danger.READ)
    system = replace(state.system, actions={**state.system.actions, "restart-redis": action})
    desk = Still(replace(state, system=system))
    async with cockpit(desk) as pilot:
        await press(pilot, "down", *CACHE)
        assert len(desk.started) == 1


async def test_p_previews_every_row_and_is_a_letter_once_one_types() -> None:
    async with cockpit(Still(freight.burning()), (80, 24)) as pilot:
        await press(pilot, *POOL, "x", "enter", "p")
        room = screen(pilot, ActionScreen)
        assert room.query_one(TargetRows).display
        assert text(room.query_one(TargetRows)).count("reports") == 9
        await press(pilot, "p")
        assert not room.query_one(TargetRows).display
        await press(pilot, "f", "p")
        assert room.typed == "fp"


async def test_no_key_of_the_cockpit_works_over_a_question() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", "q", "s", "j", "ctrl+p")
        room = screen(pilot, ActionScreen)
        assert room.typed == "qsj"
        assert pilot.app.return_code is None


async def test_nothing_moves_while_a_question_stands() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter")
        before = everything(pilot)
        desk.at += 61
        await pilot.pause(1.2)
        assert everything(pilot) == before


async def test_output_is_live_and_follows() -> None:
    desk = running()
    async with cockpit(desk, (80, 24)) as pilot:
        await press(pilot, "o")
        execution = desk.executions[0]
        execution.lines.extend(f"line {n}" for n in range(100))
        execution.line_count += 100
        await pilot.pause(0.3)
        assert "line 99" in everything(pilot)
        assert "0:12 of 2:00" in everything(pilot)


async def test_s_stops_the_run() -> None:
    desk = running()
    async with cockpit(desk) as pilot:
        await press(pilot, "o", "s")
        assert desk.executions[0].stopped


async def test_leaving_the_screen_keeps_it_running_and_the_header_says_so() -> None:
    desk = running()
    async with cockpit(desk) as pilot:
        await press(pilot, "o", "escape")
        screen(pilot, Dashboard)
        tick(pilot)
        assert "Restart the cache 0:12 of 2:00" in text(pilot.app.screen.query_one(Title))
        assert not desk.executions[0].stopped


async def test_the_value_is_watched_and_the_verdict_is_said() -> None:
    async with cockpit(watching()) as pilot:
        await press(pilot, "o")
        assert "✓ ok: exit 0" in everything(pilot)
        assert "watching Cache hit rate: 31 %" in everything(pilot)
    async with cockpit(recovered()) as pilot:
        await press(pilot, "o")
        assert "Cache hit rate 31 % → 78 % in 42 s. Recovered." in everything(pilot)


async def test_a_run_that_ends_in_view_is_told_with_its_result() -> None:
    desk = running()
    async with cockpit(desk) as pilot:
        await press(pilot, "o")
        ended(desk.executions[0], Outcome.TIMED_OUT, "killed after 2 min", 120)
        tick(pilot)
        assert "timed out: killed after 2 min" in everything(pilot)


async def test_quitting_while_it_runs_asks_first() -> None:
    async with cockpit(running()) as pilot:
        await press(pilot, "q")
        screen(pilot, LeaveScreen)
        assert "Leaving ends it." in everything(pilot)
        await press(pilot, "enter")
        screen(pilot, LeaveScreen)
        await press(pilot, "n")
        screen(pilot, Dashboard)
        await press(pilot, "ctrl+c", "y")
    assert pilot.app.return_code == 0


async def test_values_are_asked_for_checked_and_shown_in_the_plan() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, "x", "down", "enter")
        screen(pilot, FormScreen)
        await press(pilot, "9", "9", "enter", "down", "enter", *"scale up", "enter")
        assert "replicas" in text(screen(pilot, FormScreen).query_one("#wrong", NoteLine))
        await press(pilot, "shift+tab", "shift+tab", "8", "enter", "enter", "enter")
        assert "fly scale count 8 --app freight-api" in everything(pilot)
        assert screen(pilot, ActionScreen).inputs == {"replicas": "8", "region": "ams", "reason": "scale up"}


async def test_in_read_only_the_menu_says_why_nothing_can_run() -> None:
    desk = Still(freight.burning(), read_only=True)
    async with cockpit(desk) as pilot:
        await press(pilot, "x", "enter")
        assert said(pilot) == "Restart the cache cannot run: read-only: it may change something"
        assert desk.started == []


async def test_the_question_stands_below_the_facts_and_stays_in_view_when_there_are_many() -> None:
    for size in ((120, 40), (80, 24), (60, 16)):
        async with cockpit(Still(freight.burning()), size) as pilot:
            await press(pilot, *POOL, "x", "enter")
            frame, prompt = pilot.app.screen.query_one(ActionFrame), pilot.app.screen.query_one(Prompt)
            assert prompt.region.y == frame.region.bottom
            assert prompt.region.bottom <= size[1]
            assert frame.region.height == min(len(frame.painted), size[1] - len(prompt.painted))
            await press(pilot, "p")
            targets = pilot.app.screen.query_one(TargetRows)
            assert targets.region.height >= 2
            assert prompt.region.y == targets.region.bottom
            assert prompt.region.bottom <= size[1]


async def test_instants_of_the_rows_are_shown_to_the_second() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        rows = TargetRows()
        await pilot.app.screen.mount(rows)
        rows.show(Targets(1, "", ("pid", "start"), (("17.5", "2026-11-21 15:27:43.867584+00"),)))
        await pilot.pause()
        rows.paint()
        assert "17.5" in text(rows)
        assert "2026-11-21 15:27:43+00" in text(rows)


def two_running() -> Still:
    """The cache is being restarted, and idle sessions ended, both at once."""
    desk = running()
    action = desk.state.system.actions["end-idle-sessions"]
    plan = plan_of(desk.state, action, {}, "", "", desk.at)
    desk.executions.append(StillExecution(plan, Run("r2", plan.action, plan.title, "bob@bastion-1", desk.at - 3)))
    return desk


async def test_quitting_names_everything_that_leaving_ends() -> None:
    desk = two_running()
    async with cockpit(desk) as pilot:
        await press(pilot, "q")
        screen(pilot, LeaveScreen)
        for title in ("Restart the cache is running for 0:12", "End sessions idle for over 10 minutes is running"):
            assert title in everything(pilot)
        ended(desk.executions[1], Outcome.OK, "done", 4)
        tick(pilot)
        assert "End sessions" not in everything(pilot)
        assert "Restart the cache" in everything(pilot)
        ended(desk.executions[0], Outcome.OK, "exit 0", 14)
        tick(pilot)
        await pilot.pause()
        screen(pilot, Dashboard)


async def test_quitting_asks_also_when_only_an_older_run_goes_on() -> None:
    desk = two_running()
    ended(desk.executions[1], Outcome.OK, "done", 1)
    async with cockpit(desk) as pilot:
        await press(pilot, "q")
        screen(pilot, LeaveScreen)
        assert "Restart the cache is running" in everything(pilot)


async def test_a_wrong_text_is_gone_after_it_was_refused_and_ctrl_u_clears_the_line() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", "f", "r", "enter")
        room = screen(pilot, ActionScreen)
        assert room.typed == ""
        assert "“fr” is not “freight”: not run" in everything(pilot)
        await press(pilot, "x", "y", "ctrl+u")
        assert room.typed == ""
        await press(pilot, *TYPE_IT, "enter")
        assert len(desk.started) == 1


async def test_esc_closes_the_preview_first() -> None:
    desk = Still(freight.burning())
    async with cockpit(desk) as pilot:
        await press(pilot, *POOL, "x", "enter", "p", "escape")
        assert not screen(pilot, ActionScreen).query_one(TargetRows).display
        assert desk.left == []
        await press(pilot, "escape")
        assert len(desk.left) == 1


async def test_of_a_reading_nothing_is_said_about_whether_it_helped() -> None:
    desk = running()
    execution = desk.executions[0]
    ended(execution, Outcome.OK, "exit 0", 1)
    for danger, is_said in ((Danger.READ, False), (Danger.CHANGE, True)):
        execution.plan = replace(execution.plan, danger=danger, verify=None)
        async with cockpit(desk) as pilot:
            await press(pilot, "o")
            assert ("whether it helped" in everything(pilot)) is is_said
