"""Values as words, by tables."""

from dataclasses import replace

import pytest

from ontui.domain.alert import Acknowledgement, Alert, Phase
from ontui.domain.sample import Point, Reading
from ontui.domain.sli import Indicator
from ontui.domain.status import Status
from ontui.ui import fit, spelling
from ontui.ui import format as words
from tests.ui import freight

RULE = freight.SLIS[0].alerts[0]


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (Alert(RULE, Phase.FIRING, since=0.0), "firing 6m12s"),
        (Alert(RULE, Phase.FIRING, since=0.0, frozen_at=324.0), "firing, no data for 48s"),
        (Alert(RULE, Phase.PENDING, since=0.0, held_s=40.0), "pending 0:40 of 5:00"),
        (Alert(RULE, Phase.PENDING, since=0.0, held_s=40.0, frozen_at=370.0), "pending, no data for 2s"),
        (Alert(RULE, Phase.FIRING, since=0.0, seen_at=358.0, frozen_at=363.0), "firing, no data for 14s"),
        (Alert(RULE, Phase.RESOLVED, since=192.0), "resolved 3m ago"),
    ],
)
def test_the_life_of_an_alert(alert: Alert, said: str) -> None:
    assert words.life(alert, 372.0) == said


@pytest.mark.parametrize(
    ("value", "shown", "said"), [(0.95, 0.95, "> 800 ms"), (0.3, 0.3, "not > 800 ms"), (None, None, "> 800 ms")]
)
def test_a_frozen_alert_shows_the_number_of_its_indicator(value: float | None, shown: float | None, said: str) -> None:
    fires = Alert(RULE, Phase.FIRING, since=0.0, seen_at=358.0, frozen_at=363.0, value=1.2)
    reading = Reading(value, 368.0, Status.STALE, "target down")
    indicator = Indicator(freight.SLIS[0], reading)
    seen = words.as_seen(fires, indicator, indicator.standing([fires], 372.0))
    assert (seen.value, words.against(seen, "seconds"), seen.seen_at) == (shown, said, 358.0)


def test_who_took_it() -> None:
    alert = Alert(RULE, Phase.FIRING, since=0.0)
    assert words.taken(alert, 200.0) == "not acknowledged"
    assert words.taken(replace(alert, acknowledged=Acknowledgement("alice@bastion-1", 20.0)), 200.0) == "alice, 3m ago"
    assert words.taken(Alert(RULE, Phase.PENDING, since=0.0), 200.0) == ""


def test_calm_claims_no_more_than_is_known() -> None:
    now, since = freight.NOW, freight.NOW - 11_520
    assert words.calm(freight.watched(), now, since) == (
        Status.OK, "no alerts · all 19 indicators within objective · watching for 3h12m",
    )  # fmt: skip
    assert words.calm(freight.empty(), now, since) == (Status.UNKNOWN, "no alerts · nothing is known yet")
    status, text = words.calm(freight.source_down(), now, now)
    assert (status, text) == (Status.UNKNOWN, "no alerts · 3 of 19 not fresh")


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [("latency", 10, "latency"), ("latency", 4, "lat…"), ("漢字漢字", 5, "漢字…"), ("ab", 0, ""), ("", 3, "")],
)
def test_cutting_counts_cells(text: str, room: int, cut: str) -> None:
    assert fit.cut(text, room) == cut
    assert fit.width(fit.left(text, room)) == room
    assert fit.width(fit.right(text, room)) == room


def test_wrapping_loses_nothing_but_blanks() -> None:
    text = "select pid, application_name from pg_stat_activity where state = 'idle' and " + "x" * 50
    for room in (10, 20, 33, 79):
        lines = fit.wrap(text, room)
        assert max(map(fit.width, lines)) <= room
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [("pod-api-1", 9, "pod-api-1"), ("a rather long name 297", 12, "a rath…e 297"), ("長い長い名前 7", 9, "長い…前 7")],
)
def test_names_made_alike_keep_their_ends(text: str, room: int, cut: str) -> None:
    assert fit.cut_middle(text, room) == cut
    assert fit.width(cut) <= room


def test_wrapping_says_when_it_cut() -> None:
    assert fit.wrap("a\nb\nc", 10, 2) == ["a", "b …"]


def test_a_sparkline_keeps_real_gaps_and_bridges_slow_polls() -> None:
    slow = [Point(float(at), 1.0) for at in range(0, 600, 60)]
    assert None not in words.buckets(slow, 20, 0.0, 600.0)
    outage = [p for p in slow if not 180 <= p.at <= 480]
    assert words.buckets(outage, 20, 0.0, 600.0).count(None) > 3
    failed = [*slow[:5], Point(300.0, None), *slow[6:]]
    assert None in words.buckets(failed, 20, 0.0, 600.0)


def test_a_value_is_drawn_between_its_bounds_whatever_it_is() -> None:
    for value in (-1e9, 0.0, 0.5, 1.0, 1e9):
        assert len(words.trace(value, None, 0.0, 1.0)) == 1
    assert words.trace(None, None, 0.0, 1.0) == " "
    assert words.trace(None, None, 0.0, 1.0, filled=True) == " "
    assert words.trace(3.0, 3.0, 3.0, 3.0, filled=True) == words.trace(3.0, 3.0, 3.0, 3.0) == "⣀"
    assert words.trace(1.0, None, 0.0, 1.0) == "⠁"
    assert words.trace(1.0, 0.4, 0.0, 1.0, filled=True) == "⣧"


def test_how_fast_a_source_is_does_not_flicker() -> None:
    def speed(latency_s: float) -> str:
        return words.source_speed(replace(freight.watched().sources["metrics"], latency_s=latency_s))

    shown = [speed(s) for s in (0.0004, 0.0042, 0.0381, 0.1049, 1.243)]
    assert shown == ["< 1 ms", "4 ms", "38 ms", "100 ms", "1.20 s"]


def test_an_instant_stands_still_until_another_answer_is_due() -> None:
    assert words.asked_at(None, 15, freight.NOW) == "not yet"
    assert words.asked_at(freight.NOW - 14, 15, freight.NOW) == "at 14:36:37Z"
    assert words.asked_at(freight.NOW - 20, 15, freight.NOW) == "20s ago"


def test_ascii_takes_the_same_cells() -> None:
    text = "▲ SEV-2 ≤ 300 ms · 31 % → 78 %… ─│┌┐└┘┼┄ ▁▂▃▄▅▆▇█ ⠤⠉ ▐PRODUCTION▌ café 漢 ✓ ◆ ◌ ∅"
    folded = spelling.ascii_text(text)
    assert folded.isascii()
    assert len(folded) == fit.width(text)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (40.9, "0:40"), (725, "12:05"), (3723, "1:02:03"), (-3, "0:00")]
)
def test_progress(seconds: float, said: str) -> None:
    assert words.minutes(seconds) == said


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [("300 ms", 6, "300 ms"), ("799.9999999 ms", 10, "799.99… ms"), ("12.3k parcels", 8, "12.3k p…"), ("up", 1, "…")],
)
def test_a_number_is_cut_before_its_unit(text: str, room: int, cut: str) -> None:
    assert fit.number(text, room) == cut


def test_ascii_spells_comparisons_out_and_keeps_the_columns() -> None:
    lines = spelling.ascii_lines("up  ≤ 300 ms  why\nup  = 3      why\nup  ≥ 1… – ≠ 2").split("\n")
    assert lines == ["up  <= 300 ms why", "up  = 3      why", "up  >= 1~ - != 2"]


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("respond in 5m12s", 16, "respond in 5m12s"), ("respond in 5m12s", 15, "respond in…"),
        ("respond in 5m12s left", 18, "respond in 5m12s …"), ("respond in 5m12s left", 17, "respond in 5m12s…"),
        ("overdue", 4, "ove…"), ("1234", 3, "…"), ("1234", 0, ""),
    ],
)  # fmt: skip
def test_a_word_with_a_digit_is_whole_or_gone(text: str, room: int, kept: str) -> None:
    assert fit.cut_whole(text, room) == kept


def test_the_end_of_a_name_stays() -> None:
    assert fit.keep_end("InstanceDown", " ×4", 10) == "Instan… ×4"
    assert fit.keep_end("Down", " ×4", 10) == "Down ×4"
