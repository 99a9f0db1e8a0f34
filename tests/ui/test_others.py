"""Alerts of others on the board: one line each or one for many, opened, taken, silenced, and quick to draw."""

from dataclasses import replace

import pytest
from textual.widgets import Input

from ontui.cli.report import to_json
from ontui.domain.crowd import crowd_key
from ontui.domain.foreign import ForeignAlert
from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.state import State
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.other import OtherScreen
from ontui.ui.screens.runbook import RunbookScreen
from ontui.ui.screens.silence import SilenceScreen
from ontui.ui.screens.silence_form import SilenceForm
from ontui.ui.widgets.alert_board import AlertBoard
from tests.ui import freight, neighbours
from tests.ui.pilot import cockpit, everything, press, said, screen, text, tick
from tests.ui.still import Still

TYPE_IT = tuple("freight")


def line(shown: str, pattern: str) -> str:
    return next(row for row in shown.splitlines() if pattern in row)


async def choose(pilot: object, name: str) -> None:
    board = pilot.app.screen.query_one(AlertBoard)  # type: ignore[attr-defined]
    board.choose(next(key for key in board.keys if key.startswith(name)))
    board.focus()
    await pilot.pause()  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_they_stand_among_ours_worst_first_and_say_whose_they_are(size: tuple[int, int]) -> None:
    async with cockpit(neighbours.desk(), size) as pilot:
        shown = text(pilot.app.screen.query_one(AlertBoard))
        rows = shown.splitlines()[1:]
        names = ["NodeDown", "HighLatency", "CacheMiss", "CertExp", "HighErr", "PoolHigh", "DiskFill"]
        assert [next(n for n in names if n in row) for row in rows] == names
        assert "alertmanager" in line(shown, "DiskFill")
        assert "respond in 1m50s" in line(shown, "NodeDown")   # a clock comes before who tells it
        assert ("alertmanager" in line(shown, "NodeDown")) is (size[0] == 120)
        assert "×37" in line(shown, "HighErr")
        assert "silenced until 16:26Z" in line(shown, "DiskFill")
        assert "41 firing" in everything(pilot)  # 39 of theirs that are not quiet, and 2 of ours
        assert all(len(row) <= size[0] for row in rows)


async def test_their_clocks_run_as_ours_do_until_somebody_takes_them() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        assert "respond in 1m50s" in line(text(board), "NodeDown")
        assert "respond in 55m" in line(text(board), "HighErr"), "of many, the one that began first"
        assert "respond overdue 22h53m" in line(text(board), "CertExp")
        assert "respond" not in line(text(board), "DiskFill")
        assert tuple(
            next(style for row in board.painted for piece, style in row.line if said in piece)
            for said in ("respond overdue 22h53m", "respond in 1m50s")
        ) == ("warning", "quiet")
        await choose(pilot, "NodeDown")
        await press(pilot, "enter")
        assert "respond in 1m50s" in everything(pilot)
        await press(pilot, "a")
        assert "respond in 1m50s" not in everything(pilot)


def test_their_clocks_are_told_to_machines_too() -> None:
    told = {alert["name"]: alert for alert in to_json(neighbours.told(), freight.NOW)["alerts"]}
    assert (told["NodeDown"]["since"], told["NodeDown"]["respond_by"]) == (
        "2026-11-21T14:33:41.000Z", "2026-11-21T14:38:41.000Z",
    )  # fmt: skip
    assert told["DiskFilling"]["respond_by"] is None


async def test_a_calm_board_is_doubted_while_who_tells_of_alerts_fails() -> None:
    def blind() -> State:
        state = neighbours.with_alerts(freight.watched(), ())
        return state.after(Sample("alertmanager", freight.NOW, fault=Fault(FaultKind.REFUSED, "connection refused")))

    async with cockpit(neighbours.desk(blind)) as pilot:
        shown = text(pilot.app.screen.query_one(AlertBoard))
        assert "no alerts, but alertmanager does not answer: connection refused" in shown


async def test_they_stay_and_are_dimmed_while_their_source_fails() -> None:
    def stale() -> State:
        fault = Fault(FaultKind.REFUSED, "connection refused")
        return neighbours.told().after(Sample("alertmanager", freight.NOW - 48, fault=fault))

    async with cockpit(neighbours.desk(stale)) as pilot:
        shown = text(pilot.app.screen.query_one(AlertBoard))
        assert "◌" in line(shown, "NodeDown")
        assert "firing, no data for 2s" in line(shown, "NodeDown")


async def test_enter_shows_labels_and_notes_and_r_the_page_its_address_names() -> None:
    async with cockpit(neighbours.desk()) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "enter")
        screen(pilot, OtherScreen)
        shown = everything(pilot)
        for told in ("node7 does not answer", "The rack lost power before.", "node7:9100", "dashboard", "g0.expr=up"):
            assert told in shown
        await press(pilot, "escape", "x")
        assert "repairs belong to indicators of ours" in said(pilot)


async def test_r_says_which_page_was_named_where_there_is_none() -> None:
    async with cockpit(neighbours.desk()) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "r")
        assert "names https://wiki.example/runbooks/api-down.html" in said(pilot)


async def test_r_opens_the_page() -> None:
    class Named(Still):
        def place_of(self, alert: object) -> object:  # type: ignore[override]
            assert (self.library, alert) != (None, None)
            return self.library and self.library.find("latency")

    desk = Named(neighbours.told())
    async with cockpit(desk) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "r")
        assert screen(pilot, RunbookScreen)


async def test_a_crowd_lists_its_members_each_opens_and_one_is_silenced_alone() -> None:
    async with cockpit(neighbours.desk()) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "enter")
        assert "37 alerts" in everything(pilot)
        await press(pilot, "down", "enter")
        one = screen(pilot, OtherScreen)
        assert "web00: 7 % of requests fail" in everything(pilot)
        assert len(one.last.members) == 1
        await press(pilot, "s")
        form = screen(pilot, SilenceForm)
        assert [m.name for m in form.matchers] == ["alertname", "instance", "job", "severity"]


async def test_a_takes_one_or_all_of_a_name_with_one_line_on_record() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "a")
        assert "you have HighErrors ×37" in said(pilot)
        assert list(desk.state.acknowledgements) == ["hit_rate/CacheMissHigh", crowd_key("HighErrors")]
        tick(pilot)
        assert "bob" in line(everything(pilot), "HighErrors ×37")
        await press(pilot, "a")
        assert "already taken by bob" in said(pilot)
        await choose(pilot, "DiskFilling")
        await press(pilot, "a")
        assert "nothing to take" in said(pilot)


async def test_what_nobody_was_there_to_hear_is_as_old_as_its_source() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        assert "no data for" not in line(everything(pilot), "NodeDown")
        desk.at += 70   # the whole cockpit was stopped
        tick(pilot)
        assert "firing, no data for 1m12s" in line(everything(pilot), "NodeDown")
        assert "▲ SEV-1 NodeDown" not in everything(pilot)
        told = {a["name"]: a["stale"] for a in to_json(desk.state, desk.at)["alerts"] if a["sli"] is None}
        assert told.keys() >= {"NodeDown", "HighErrors"}
        assert all(told.values())


async def test_alerts_of_one_name_can_be_told_apart() -> None:
    labels = [{"instance": f"web{n}:80", "job": "web", "severity": "critical"} for n in (1, 2)]
    told = {"summary": "1 instance is broken"}
    alerts = [neighbours.alert("Broken", 60, labels=one, annotations=told) for one in labels]
    desk = Still(neighbours.with_alerts(freight.watched(), alerts))
    async with cockpit(desk, (100, 30)) as pilot:
        shown = [row for row in everything(pilot).splitlines() if "Broken" in row]
        assert [f"web{n}:80: 1 inst" in shown[n - 1] for n in (1, 2)] == [True, True], shown


async def test_a_label_is_not_told_by_a_number_it_is_a_part_of() -> None:
    shards = [{"severity": "critical", "shard": str(n)} for n in (1, 2)]
    told = {"summary": "disk over 91 % full"}
    alerts = [neighbours.alert("DiskFull", 60, labels=one, annotations=told) for one in shards]
    async with cockpit(Still(neighbours.with_alerts(freight.watched(), alerts)), (100, 30)) as pilot:
        shown = everything(pilot)
        assert "1: disk over 91" in shown
        assert "2: disk over 91" in shown


async def test_the_smallest_screen_shows_alerts_of_others_too() -> None:
    async with cockpit(neighbours.desk(), (59, 14)) as pilot:
        assert "NodeDown" in everything(pilot)
    async with cockpit(Still(freight.burning()), (59, 14)) as pilot:
        assert not pilot.app.screen.query_one(AlertBoard).display


async def test_a_silence_that_nobody_can_be_asked_for_says_so_at_once() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        assert "does not answer" not in everything(pilot)
        desk.state = desk.state.after(
            Sample("alertmanager", desk.at, 0.0, fault=Fault(FaultKind.REFUSED, "connection refused"))
        )
        tick(pilot)
        said_so = "alertmanager does not answer, and nothing can be silenced until it does: connection refused"
        assert said_so in " ".join(everything(pilot).split())


async def fill(pilot: object, comment: str) -> None:
    pilot.app.screen.query_one("#comment", Input).value = comment  # type: ignore[attr-defined]
    await press(pilot, "enter")  # type: ignore[arg-type]


async def test_a_label_that_cannot_be_shown_as_it_is_is_left_out_of_a_silence_and_that_is_said() -> None:
    def odd(alert: ForeignAlert) -> ForeignAlert:
        return replace(alert, inexact=frozenset({"job"})) if alert.name == "HighErrors" else alert

    desk = neighbours.desk(lambda: neighbours.with_alerts(freight.burning(), [*map(odd, neighbours.USUAL)]))
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        form = screen(pilot, SilenceForm)
        assert "job" not in [m.name for m in form.matchers]
        assert "Left out: job, whose value cannot be shown as it is. More may be hit." in everything(pilot)


async def test_silencing_shows_what_it_hits_asks_for_the_name_and_tells_what_the_server_keeps() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        screen(pilot, SilenceForm)
        await press(pilot, "enter")
        assert "a comment is needed" in everything(pilot)
        await fill(pilot, "deploy")
        screen(pilot, SilenceScreen)
        shown = everything(pilot)
        assert "37 alerts now" in shown
        assert "instance=web36:8080, job=web" in shown
        assert "PRODUCTION" in shown
        await press(pilot, "enter")
        assert "nothing was typed: nothing was done" in everything(pilot)
        assert desk.silences.done == []
        await press(pilot, *TYPE_IT, "enter")
        assert "✓ silenced 37 alerts until 16:36Z" in everything(pilot)
        (plan,) = desk.silences.done
        assert plan.words == 'alertname="HighErrors", job="web", severity="warning"'
        assert (plan.duration_s, plan.comment) == (7200, "deploy")
        await press(pilot, "escape")
        screen(pilot, Dashboard)


async def test_q_is_a_letter_of_the_answer_and_leaves_when_there_is_none_to_give() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        await fill(pilot, "deploy")
        await press(pilot, "q")
        assert screen(pilot, SilenceScreen).typed == "q"
        assert pilot.app.return_code is None
        await press(pilot, "backspace", *TYPE_IT, "enter")
        assert len(desk.silences.done) == 1
        await press(pilot, "q")
        assert pilot.app.return_code == 0


async def test_a_server_that_refuses_is_quoted_and_nothing_is_claimed() -> None:
    async with cockpit(neighbours.desk(fails="start time must be before end time")) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "s")
        await fill(pilot, "why")
        await press(pilot, *TYPE_IT, "enter")
        shown = everything(pilot)
        assert "▲ start time must be before end time" in shown
        assert "silenced" not in shown


async def test_what_moved_is_shown_before_anything_is_done() -> None:
    desk = neighbours.desk(moved=True)
    async with cockpit(desk) as pilot:
        await choose(pilot, "HighErrors")
        await press(pilot, "s")
        await fill(pilot, "why")
        await press(pilot, *TYPE_IT, "enter")
        shown = everything(pilot)
        assert "Other alerts than those you saw. Nothing was done. Look again." in shown
        assert "38 alerts now" in shown
        assert desk.silences.done == []
        await press(pilot, *TYPE_IT, "enter")
        assert len(desk.silences.done) == 1


@pytest.mark.parametrize(("ended", "words"), [(False, "✓ ended: 1 alert heard again"), (True, "it had already ended")])
async def test_s_on_a_quiet_alert_ends_its_silence(ended: bool, words: str) -> None:
    async with cockpit(neighbours.desk(ended=ended)) as pilot:
        await choose(pilot, "DiskFilling")
        await press(pilot, "s")
        shown = everything(pilot)
        assert "END A SILENCE" in shown
        assert "16:26Z, made by carol@bastion-2" in line(shown, "until")
        await press(pilot, *TYPE_IT, "enter")
        assert words in everything(pilot)


async def test_outside_production_y_confirms_and_enter_does_not() -> None:
    desk = neighbours.desk(lambda: neighbours.with_alerts(freight.watched(production=False), neighbours.USUAL))
    async with cockpit(desk) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "s")
        await fill(pilot, "why")
        await press(pilot, "enter")
        assert desk.silences.done == []
        await press(pilot, "y")
        assert len(desk.silences.done) == 1


async def test_one_of_ours_is_silenced_by_its_name_and_stays_on_our_board() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "p95/HighLatency")
        await press(pilot, "s")
        assert "ontui's own stays on the board" in everything(pilot)
        await fill(pilot, "why")
        shown = everything(pilot)
        assert 'alertname="HighLatency"' in shown
        assert "no alert now: only what comes later would be kept quiet" in shown


async def test_s_says_why_where_nothing_can_be_silenced() -> None:
    async with cockpit(Still(freight.burning())) as pilot:
        await press(pilot, "s")
        assert said(pilot) == "no alertmanager is configured"


@pytest.mark.parametrize(("make", "lines"), [(neighbours.flood, 16), (neighbours.storm, 200)])
async def test_a_flood_is_drawn_and_can_be_filtered(make: object, lines: int) -> None:
    desk = neighbours.desk(make)  # type: ignore[arg-type]
    async with cockpit(desk, (80, 24)) as pilot:
        board = pilot.app.screen.query_one(AlertBoard)
        assert len(board.keys) == lines
        desk.at = freight.NOW + 1
        tick(pilot)
        await press(pilot, "slash", *"Problem012")
        assert "Problem012" in text(board) or "no alerts" not in text(board)


async def test_an_alert_that_ends_while_one_looks_is_left_as_it_was_seen_last() -> None:
    desk = neighbours.desk()
    async with cockpit(desk) as pilot:
        await choose(pilot, "NodeDown")
        await press(pilot, "enter")
        none = Sample("alertmanager", freight.NOW, foreign=(), silences=())
        desk.state = desk.state.after(replace(none, latency_s=0.01))
        tick(pilot)
        shown = everything(pilot)
        assert "no longer listed: it ended" in shown
        assert "node7 does not answer" in shown
