"""The life of an alert as tables of (time, value, phase)."""

import pytest

from ontui.domain.alert import Phase
from ontui.domain.sample import Sample
from ontui.domain.state import State
from tests.domain.build import failed, points, rule, seen, sli, stale, state

I, P, F, R = Phase.INACTIVE, Phase.PENDING, Phase.FIRING, Phase.RESOLVED  # noqa: E741


def phases(start: State, samples: list[Sample]) -> list[Phase]:
    found = []
    for sample in samples:
        start = start.after(sample)
        found.append(next(iter(start.alerts.values())).phase)
    return found


def run(hold_s: float, samples: list[Sample]) -> list[Phase]:
    return phases(state(sli(rule("> 1s", hold_s))), samples)


TABLES: dict[str, tuple[float, list[tuple[Sample, Phase]]]] = {
    "without a hold it fires at once": (0, [(seen(0, 0.5), I), (seen(10, 2), F)]),
    "it fires when it has held for so long": (20, [(seen(0, 2), P), (seen(10, 2), P), (seen(20, 2), F)]),
    "one good sample ends a pending alert": (20, [(seen(0, 2), P), (seen(10, 0.5), I), (seen(20, 2), P)]),
    "two good samples in a row resolve": (0, [(seen(0, 2), F), (seen(10, 0.5), F), (seen(20, 0.5), R)]),
    "a relapse starts the count of good samples again": (
        0,
        [(seen(0, 2), F), (seen(10, 0.5), F), (seen(20, 2), F), (seen(30, 0.5), F), (seen(40, 0.5), R)],
    ),
    "a failed poll neither advances nor clears": (
        20,
        [(seen(0, 2), P), (failed(10), P), (seen(20, 2), P), (seen(30, 2), P), (seen(40, 2), F)],
    ),
    "a failed poll does not resolve": (0, [(seen(0, 2), F), (failed(10), F), (failed(20), F), (seen(30, 0.5), F)]),
    "no data is not good data": (0, [(seen(0, 2), F), (seen(10, None), F), (seen(20, None), F)]),
    "stale data is not judged": (0, [(seen(0, 0.5), I), (stale(10, 5), I), (seen(20, 5), F)]),
    "a gap does not count towards the hold": (
        20,
        [(seen(0, 2), P), (seen(100, 2), P), (seen(110, 2), P), (seen(120, 2), F)],
    ),
    "a resolved alert may fire again": (0, [(seen(0, 2), F), (seen(10, 0), F), (seen(20, 0), R), (seen(30, 2), F)]),
    "a resolved alert leaves the board in the end": (
        0,
        [(seen(0, 2), F), (seen(10, 0), F), (seen(20, 0), R), (seen(1000, 0), I)],
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_life(name: str) -> None:
    hold_s, rows = TABLES[name]
    assert run(hold_s, [s for s, _ in rows]) == [p for _, p in rows]


def test_a_firing_alert_says_since_when_it_cannot_be_judged() -> None:
    now = state(sli(rule("> 1s"))).after(seen(0, 2)).after(failed(10)).after(failed(20))
    assert now.alerts["p95/High"].frozen_at == 10
    assert now.after(seen(30, 2)).alerts["p95/High"].frozen_at is None


def test_history_that_comes_with_a_reading_is_judged_too() -> None:
    history = tuple(points(0.5, 2, 2, 2, start=0))
    now = state(sli(rule("> 1s", 25))).after(seen(40, 2, history=history))
    alert = now.alerts["p95/High"]
    assert (alert.phase, alert.since) == (F, 40)


def test_history_that_comes_later_does_not_forget_what_was_seen() -> None:
    history = tuple(points(2, 2, 2, start=0))
    now = state(sli(rule("> 1s", 60))).after(seen(30, 2)).after(seen(40, 2, history=history))
    assert now.alerts["p95/High"].held_s == 40
    assert [p.at for p in now.indicators["p95"].history] == [0, 10, 20, 30, 40]


def test_old_trouble_that_passed_does_not_fire() -> None:
    history = tuple(points(2, 2, 0.5, 0.5, 0.5))
    now = state(sli(rule("> 1s"))).after(seen(50, 0.5, history=history))
    assert now.alerts["p95/High"].phase is R
