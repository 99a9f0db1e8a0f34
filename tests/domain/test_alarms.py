"""What makes an alert fire and what ends it, beyond a limit and a time: tables of (time, value, phase)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ontui.domain.alert import Alert, AlertRule, Phase
from ontui.domain.notice import notices
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row, Sample
from ontui.domain.severity import Level
from ontui.domain.status import Status
from ontui.domain.transitions import transitions
from tests.domain.build import SEV3, failed, points, rule, seen, sli, stale, state

I, P, F, R = Phase.INACTIVE, Phase.PENDING, Phase.FIRING, Phase.RESOLVED  # noqa: E741


def courses(rule: AlertRule, samples: Sequence[Sample], unit: str = "seconds") -> list[Alert]:
    now, found = state(sli(rule, unit=unit)), []
    for sample in samples:
        now = now.after(sample)
        found.append(now.alerts[rule.key])
    return found


def every(*values: float | None, start: float = 0.0, step: float = 10.0) -> list[Sample]:
    """Polls on the grid; None is one that failed."""
    return [failed(start + n * step) if v is None else seen(start + n * step, v) for n, v in enumerate(values)]


Row_ = tuple[float, float | None, Phase]
CLEAR: dict[str, tuple[AlertRule, list[Row_]]] = {
    "between the two limits it stays as it was": (
        rule("> 90", clear="< 80"),
        [(0, 85, I), (10, 95, F), (20, 85, F), (30, 85, F), (40, 85, F), (50, 79, F), (60, 79, R), (70, 85, R)],
    ),
    "a value between starts the count of good samples again": (
        rule("> 90", clear="< 80"),
        [(0, 95, F), (10, 70, F), (20, 85, F), (30, 70, F), (40, 70, R)],
    ),
    "a failed poll between two good ones is no good one": (
        rule("> 90", clear="< 80"),
        [(0, 95, F), (10, 70, F), (20, None, F), (30, 70, R)],
    ),
    "pending ends as soon as the condition does": (
        rule("> 90", 20, clear="< 80"),
        [(0, 95, P), (10, 85, I), (20, 95, P), (30, 95, P), (40, 95, F), (50, 85, F)],
    ),
    "it may end by a course": (
        rule("rising", clear="< 5"),
        [(0, 10, I), (10, 11, F), (20, 11, F), (30, 10, F), (40, 9, F), (50, 4, F), (60, 3, R)],
    ),
}
IN_A_ROW: dict[str, tuple[AlertRule, list[Row_]]] = {
    "three in a row": (rule("== 0", in_a_row=3), [(0, 1, I), (10, 0, P), (20, 0, P), (30, 0, F)]),
    "a good one in between starts again": (
        rule("== 0", in_a_row=3),
        [(0, 0, P), (10, 0, P), (20, 1, I), (30, 0, P), (40, 0, P), (50, 0, F)],
    ),
    "a poll that says nothing neither counts nor starts again": (
        rule("== 0", in_a_row=3),
        [(0, 0, P), (10, None, P), (20, 0, P), (30, 0, F)],
    ),
    "after a long silence the count begins anew": (
        rule("== 0", in_a_row=3),
        [(0, 0, P), (10, 0, P), (200, 0, P), (210, 0, P), (220, 0, F)],
    ),
    "beside a time, both must be met: the time comes last": (
        rule("== 0", 40, in_a_row=2),
        [(0, 0, P), (10, 0, P), (20, 0, P), (30, 0, P), (40, 0, F)],
    ),
    "beside a time, both must be met: the count comes last": (
        rule("== 0", 10, in_a_row=4),
        [(0, 0, P), (10, 0, P), (20, 0, P), (30, 0, F)],
    ),
    "what fires needs no count to stay": (rule("== 0", in_a_row=2), [(0, 0, P), (10, 0, F), (20, 1, F), (30, 0, F)]),
    "one in a row is at once": (rule("== 0", in_a_row=1), [(0, 0, F)]),
}
TRENDS: dict[str, tuple[AlertRule, list[Row_]]] = {
    "a queue that grows for as long as asked": (
        rule("rising", 40),
        [(0, 1, I), (10, 2, P), (20, 3, P), (30, 4, P), (40, 5, P), (50, 6, F)],
    ),
    "growing in steps, with level stretches": (
        rule("rising", 40),
        [(0, 1, I), (10, 2, P), (20, 2, P), (30, 2, P), (40, 3, P), (50, 3, F), (60, 3, F)],
    ),
    "one step and then level is no growth": (
        rule("rising", 40),
        [(0, 1, I), (10, 2, P), (20, 2, P), (30, 2, P), (40, 2, P), (50, 2, I), (60, 2, I), (70, 2, I)],
    ),
    "one fall and it begins anew": (
        rule("rising", 40),
        [(0, 1, I), (10, 2, P), (20, 3, P), (30, 4, P), (40, 3, I), (50, 4, P), (60, 5, P), (70, 6, P), (80, 7, P),
         (90, 8, F)],
    ),
    "noise around a level never fires": (
        rule("rising", 40),
        [(10.0 * n, (5, 6, 5, 7, 4, 6, 5, 6, 7, 5)[n % 10], P if n and (5, 6, 5, 7, 4, 6, 5, 6, 7, 5)[n % 10]
          > (5, 6, 5, 7, 4, 6, 5, 6, 7, 5)[(n - 1) % 10] else I) for n in range(40)],
    ),
    "a single dip does not end what fires": (
        rule("rising", 20),
        [(0, 1, I), (10, 2, P), (20, 3, P), (30, 4, F), (40, 3, F), (50, 5, F), (60, 6, F), (70, 5, F), (80, 4, R)],
    ),
    "a gap counts neither for nor against it": (
        rule("rising", 40),
        [(0, 1, I), (10, 2, P), (20, None, P), (30, 4, P), (40, 5, P), (50, 6, P), (60, 7, P), (70, 8, F)],
    ),
    "a fall across a gap is a fall": (rule("rising", 20), [(0, 1, I), (10, 5, P), (20, None, P), (30, 4, I)]),
    "falling": (rule("falling", 20), [(0, 9, I), (10, 8, P), (20, 8, P), (30, 6, F), (40, 7, F), (50, 8, R)]),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAR | IN_A_ROW | TRENDS)
def test_life(name: str) -> None:
    asked, rows = (CLEAR | IN_A_ROW | TRENDS)[name]
    samples = [failed(at) if value is None else seen(at, value) for at, value, _ in rows]
    assert [a.phase for a in courses(asked, samples)] == [phase for _, _, phase in rows]


def test_between_its_limits_an_alert_does_not_claim_that_its_condition_holds() -> None:
    alerts = courses(rule("> 90", clear="< 80"), every(95, 85, 95))
    assert [(a.phase, a.holds) for a in alerts] == [(F, True), (F, False), (F, True)]


# ── a check that takes several ──


def check(at: float, said: float, value: float | None) -> Sample:
    """An endpoint whose verdict takes three checks."""
    flaw = Status.UNKNOWN if value is None else None
    return Sample("metrics", at, 0.01, {"p95": Reading(value, at, flaw, check=said)})


def test_in_a_row_counts_the_checks_and_not_the_verdicts_of_several() -> None:
    samples = [check(0, 1, 1), check(10, 0, 1), check(20, 0, 1), check(30, 0, 0), check(40, 1, 0), check(50, 1, 1)]
    assert [a.phase for a in courses(rule("failing", unit="up", in_a_row=3), samples)] == [I, P, P, F, F, R]
    assert [a.phase for a in courses(rule("failing", unit="up"), samples)] == [I, I, I, F, F, F]


def test_checks_count_before_anything_was_ever_good() -> None:
    samples = [check(0, 0, None), check(10, 0, None), check(20, 0, 0)]
    alerts = courses(rule("failing", unit="up", in_a_row=3), samples)
    assert [a.phase for a in alerts] == [P, P, F]
    assert alerts[-1].value == 0


# ── what cannot be read ──


def refused(at: float) -> Sample:
    return Sample("metrics", at, 0.01, {"p95": Reading.unknown(at, "no permission")})


def test_what_cannot_be_read_fails_whether_its_source_or_its_question_does() -> None:
    samples = [failed(0), refused(10), failed(20), seen(30, 0), seen(40, 0)]
    assert [a.phase for a in courses(rule("failing", unit="count"), samples)] == [F, F, F, F, R]
    assert courses(rule("failing", unit="count"), every(0, 0))[-1].phase is I
    assert courses(rule("failing", unit="count"), [seen(0, 1), seen(10, None)])[-1].phase is I


def test_failed_polls_count_in_a_row_and_for_as_long() -> None:
    samples = every(5, None, None, None, None)
    assert [a.phase for a in courses(rule("failing", in_a_row=3), samples)] == [I, P, P, F, F]
    assert [a.phase for a in courses(rule("failing", 20), samples)] == [I, P, P, F, F]


def test_a_source_that_is_asked_more_rarely_while_it_fails_is_failing_all_the_time() -> None:
    instants = [0.0, 10.0, 30.0, 70.0, 110.0]
    samples = [
        replace(failed(at), next_at=due) for at, due in zip(instants, [*instants[1:], 150.0], strict=True)
    ]  # fmt: skip
    assert [a.phase for a in courses(rule("failing", 60), samples)] == [P, P, P, F, F]
    apart = [replace(failed(at), next_at=at + 10) for at in (0.0, 70.0)]
    assert [a.held_s for a in courses(rule("failing", 60), apart)] == [0, 0]


def test_a_rate_that_only_begins_is_not_failing() -> None:
    begins = Sample("metrics", 0, 0.01, {"p95": Reading(None, 0, Status.UNKNOWN, "collecting", early=True)})
    assert courses(rule("failing"), [begins])[-1].phase is I


def test_what_was_failing_is_resolved_though_its_past_comes_with_the_answer() -> None:
    past = tuple(points(1, 1, 1, start=-30))
    samples = [failed(0), failed(10), seen(20, 1, history=past), seen(30, 1)]
    assert [a.phase for a in courses(rule("failing"), samples)] == [F, F, F, R]


def test_what_fails_to_be_read_and_pages_makes_its_indicator_critical() -> None:
    now = state(sli(rule("failing"))).after(failed(0)).after(failed(10))
    standing = now.standing("p95", 11)
    assert (standing.status, standing.reason) == (Status.CRITICAL, "High firing: connection refused")


# ── age ──


def aged(at: float, age_s: float | None, flaw: Status | None = None) -> Sample:
    reason = f"data is {age_s} s old" if flaw else ""
    return Sample("metrics", at, 0.01, {"p95": Reading(1.0, at, flaw, reason, data_age_s=age_s)})


def test_old_data_fires_although_it_is_too_old_to_be_judged_otherwise() -> None:
    samples = [aged(0, 5), aged(10, 31, Status.STALE), aged(20, 41, Status.STALE), aged(30, 3), aged(40, 3)]
    assert [a.phase for a in courses(rule("older than 30s"), samples)] == [I, F, F, F, R]


def test_data_ages_while_nobody_answers() -> None:
    samples = [aged(0, 5), failed(10), failed(20), failed(30), failed(40), aged(50, 2), aged(60, 2)]
    alerts = courses(rule("older than 30s"), samples)
    assert [a.phase for a in alerts] == [I, I, I, F, F, F, R]
    assert alerts[4].frozen_at is None


def test_an_alarm_about_age_tells_an_age() -> None:
    asked = rule("older than 30s", name="Old")
    before = state(sli(asked)).after(aged(0, 5))
    after = before.after(sample := failed(40))
    assert after.alerts[asked.key].value == 45
    assert after.system.slis["p95"].judged(after.alerts[asked.key]) == "45s old"
    (notice,) = notices(before, after, sample, Level.WARNING)
    assert notice.value == "45s old"
    assert [e.text for e in transitions(before, after, 40)][:1] == ["Old firing (SEV-2): latency p95 45s old"]


def test_what_never_answered_has_no_age() -> None:
    assert [a.phase for a in courses(rule("older than 30s"), [failed(0), failed(1000)])] == [I, I]


def test_data_of_an_age_that_should_be_known_and_is_not_cannot_be_judged() -> None:
    asked = rule("older than 30s")
    now = state(sli(asked)).after(aged(0, 40)).after(aged(10, None))
    assert (now.alerts[asked.key].phase, now.alerts[asked.key].frozen_at) == (F, 10)


def test_an_absence_may_have_to_last() -> None:
    samples = [seen(0, 1), seen(10, None), seen(20, None), failed(30), seen(40, None), seen(50, None), seen(60, 1)]
    assert [a.phase for a in courses(rule("absent", 20), samples)] == [I, P, P, P, P, F, F]


def test_stale_data_is_not_absent() -> None:
    assert courses(rule("absent"), [stale(0, 1)])[-1].phase is I


def test_old_or_missing_data_that_pages_makes_its_indicator_critical() -> None:
    older = rule("older than 30s", name="Old")
    now = state(sli(older)).after(aged(0, 5)).after(aged(10, 31, Status.STALE))
    standing = now.standing("p95", 11)
    assert (standing.status, standing.fresh) == (Status.CRITICAL, False)
    assert standing.reason == "Old firing: data is 31 s old"
    unheard = state(sli(older)).after(aged(0, 5)).after(failed(20)).after(failed(30))
    assert unheard.standing("p95", 31).status is Status.CRITICAL
    assert unheard.standing("p95", 31).value == 1
    mild = state(sli(rule("absent", severity=SEV3))).after(seen(0, 1)).after(seen(10, None))
    assert (mild.standing("p95", 11).status, mild.standing("p95", 11).reason) == (
        Status.WARNING, "High firing: empty result"
    )  # fmt: skip
    assert mild.after(failed(20)).standing("p95", 21).status is Status.NO_DATA


# ── rows ──


def by_row(rule: AlertRule, *answers: dict[str, float | None]) -> list[Alert]:
    one, alert, found = replace(sli(rule, unit="count"), rows="tenant"), Alert(rule), []
    for n, values in enumerate(answers):
        at = 100.0 + 10 * n
        reading = reading_of(one, [Row(k, v) for k, v in values.items()], Reading(None, at))
        alert = alert.after(reading, None, (), 22.0)
        found.append(alert)
    return found


def test_each_row_ends_by_itself_between_its_limits() -> None:
    answers: list[dict[str, float | None]] = [
        {"a": 95, "b": 10}, {"a": 85, "b": 95}, {"a": 70, "b": 85}, {"a": 70, "b": 85}, {"a": 70, "b": 70},
        {"a": 70, "b": 70},
    ]  # fmt: skip
    alerts = by_row(rule("> 90", unit="count", clear="< 80"), *answers)
    assert [(a.phase, list(a.rows), a.value) for a in alerts] == [
        (F, ["a"], 95), (F, ["b", "a"], 95), (F, ["b", "a"], 85), (F, ["b"], 85), (F, ["b"], 70), (R, [], 70),
    ]  # fmt: skip


def test_each_row_counts_its_own_polls() -> None:
    asked = rule("> 90", unit="count", in_a_row=3)
    assert [a.phase for a in by_row(asked, {"a": 95}, {"b": 95}, {"a": 95}, {"b": 95})] == [P, P, P, P]
    assert [a.phase for a in by_row(asked, {"a": 95}, {"a": 95, "b": 1}, {"a": 95})] == [P, P, F]


def test_a_row_without_a_value_stays_as_it_was_and_one_that_is_gone_is_good() -> None:
    alerts = by_row(rule("> 90", unit="count"), {"a": 95, "b": 1}, {"a": None, "b": 1}, {"a": None, "b": 1}, {"b": 1})
    assert [a.phase for a in alerts] == [F, F, F, F]
    assert [a.phase for a in by_row(rule("> 90", unit="count"), {"a": 95}, {"b": 1}, {"b": 1})] == [F, F, R]


def test_a_row_that_only_pends_does_not_keep_alive_what_another_fired() -> None:
    alerts = by_row(rule("> 90", 20, unit="count"), {"a": 95}, {"a": 95}, {"a": 95}, {"b": 95}, {"b": 95}, {"b": 95})
    assert [a.phase for a in alerts] == [P, P, F, F, R, F]


# ── flapping ──

ON, OFF = (2.0,), (0.5, 0.5)
"""What makes it fire, and what resolves it."""


def phases(alerts: Sequence[Alert]) -> str:
    letters = {I: ".", P: "p", F: "F", R: "r"}
    return "".join("w" if a.well_since else "f" if a.flapping else letters[a.phase] for a in alerts)


@pytest.mark.parametrize(
    ("values", "course"),
    [
        ((0.5, *ON, *OFF), ".FFr"),
        ((0.5, *ON, *OFF, *ON, *OFF), ".FFrFFr"),
        ((0.5, *ON, *OFF, *ON, *OFF, *ON), ".FFrFFrf"),
        ((*ON, *OFF, *ON, *OFF, *ON), "FFrFFrF"),
        ((*ON, *OFF, *ON, *OFF, *ON, *OFF), "FFrFFrFFw"),
        ((0.5, *(*ON, *OFF) * 3, *[0.5] * 61), ".FFrFFrff" + "w" * 60 + "rr"),
        ((0.5, *(*ON, *OFF) * 2, *ON, *[2.0] * 61), ".FFrFFrf" + "f" * 59 + "FF"),
        ((0.5, *ON, *OFF, *[0.5] * 84, *ON, *OFF), ".FFr" + "r" * 84 + "FFr"),
        ((0.5, *(*ON, *OFF) * 2, *[0.5] * 200, *ON, *OFF, *ON), ".FFrFFr" + "r" * 90 + "." * 110 + "FFrF"),
    ],
)
def test_an_alert_that_cannot_make_up_its_mind_is_one_alert(values: tuple[float, ...], course: str) -> None:
    assert phases(courses(rule("> 1s"), every(*values))) == course


def test_flapping_is_told_once_and_so_is_how_it_settled() -> None:
    values = (0.5, *(*ON, *OFF) * 6, *[0.5] * 70)
    now, told = state(sli(rule("> 1s"))), []
    for sample in every(*values):
        before, now = now, now.after(sample)
        told += [e.text for e in transitions(before, now, sample.at)]
    assert told == [
        *["High firing (SEV-2): latency p95 2 s", "High resolved (SEV-2): latency p95 500 ms"] * 2,
        "High flapping, 5 changes (SEV-2): latency p95 2 s",
        "High settled: resolved (SEV-2): latency p95 500 ms",
    ]


def test_time_in_which_nothing_was_seen_settles_nothing() -> None:
    values = (0.5, *(*ON, *OFF) * 3)
    samples = [*every(*values), *(failed(at) for at in range(100, 2500, 10)), seen(2500, 0.5)]
    alerts = courses(rule("> 1s"), samples)
    assert phases(alerts)[-3:] == "www"
    assert alerts[-1].settles_at == 3100


def test_what_the_past_told_is_no_flapping() -> None:
    past = tuple(points(*(2, 0.5, 0.5) * 12, start=-360))
    now = state(sli(rule("> 1s"))).after(seen(0, 0.5, history=past))
    alert = now.alerts[rule("> 1s").key]
    assert (alert.flapping, alert.flaps.changes) == (False, ())


@pytest.mark.parametrize("past", [(0.5,) * 20, (2.0, 0.5) * 10, (None, None, 0.5)])
def test_a_past_that_is_asked_for_anew_leaves_a_flapping_alert_as_it_is(past: tuple[float | None, ...]) -> None:
    now = state(sli(rule("> 1s")))
    for sample in every(0.5, *(*ON, *OFF) * 2, *ON, *OFF):
        now = now.after(sample)
    before = now.alerts[rule("> 1s").key]
    now = now.after(seen(100, 0.5, history=points(*past, start=90 - 10 * len(past))))
    after = now.alerts[rule("> 1s").key]
    assert (after.phase, after.since, after.flapping, after.well_since) == (F, before.since, True, 90)
    assert after.flaps.changes == before.flaps.changes


def test_a_flapping_alert_pages_only_while_it_is_bad_stays_taken_and_says_how_often_it_changed() -> None:
    samples = every(0.5, *(*ON, *OFF) * 2, *ON, *OFF)
    now = state(sli(rule("> 1s")))
    for sample in samples[:-1]:
        now = now.after(sample)
    bad = now.alerts[rule("> 1s").key]
    assert (bad.pages, bad.flapping, bad.well_since, len(bad.flaps.changes)) == (True, True, None, 5)
    assert now.standing("p95", 81).status is Status.CRITICAL
    now = now.after(samples[-1])
    well = now.alerts[rule("> 1s").key]
    assert (well.pages, well.flapping, well.well_since, len(well.flaps.changes)) == (False, True, 90, 6)
    assert (well.phase, well.since, well.settles_at, well.holds) == (F, 70, 690, False)
    standing = now.standing("p95", 91)
    assert (standing.status, standing.reason) == (Status.WARNING, "High flapping")
