"""What counters become, by tables: no server and no clock."""

from dataclasses import replace

import pytest

from ontui.sources.postgres_asks import Counters
from ontui.sources.postgres_counters import CounterLog, Window

START = Counters(now_s=1000.0, datid=5, reset_s=None, commits=100, rollbacks=10, hits=5000, reads=50, deadlocks=1)


def log_of(*rows: Counters, least_s: float = 4.5) -> CounterLog:
    log = CounterLog(least_s, gap_s=35)
    for row in rows:
        log.add(row)
    return log


def test_a_first_look_says_nothing() -> None:
    log = log_of(START)
    assert (log.latest(), log.minute(), log.why, log.alone) == (None, None, "needs two polls", True)


def test_two_looks_are_a_window() -> None:
    later = Counters(1010.0, 5, None, 300, 60, 9000, 150, 2)
    assert log_of(START, later).latest() == Window(10.0, 200, 50, 4000, 100, 1)


def test_looks_that_are_close_together_reach_further_back() -> None:
    rows = [replace(START, now_s=1000.0 + n, commits=100 + 10 * n) for n in range(8)]
    assert log_of(*rows[:4]).latest() is None
    window = log_of(*rows).latest()
    assert window is not None
    assert (window.seconds, window.commits) == (5, 50)


def test_a_minute_is_remembered_and_no_more() -> None:
    log = log_of(*[replace(START, now_s=1000.0 + 10 * n, deadlocks=1 + n) for n in range(30)])
    window = log.minute()
    assert window is not None
    assert (window.seconds, window.deadlocks) == (60, 6)


def test_a_quiet_database_is_looked_at_further_back_until_there_is_enough() -> None:
    log = log_of(*[replace(START, now_s=1000.0 + 10 * n, hits=5000 + 100 * n) for n in range(100)])
    (quiet,) = [log.enough(lambda window: window.blocks >= 450)]
    assert quiet == Window(50.0, 0, 0, 500, 0, 0)
    assert log.enough(lambda window: window.blocks >= 4500) is None
    assert (log.whole(), log.minute()) == (Window(300.0, 0, 0, 3000, 0, 0), Window(60.0, 0, 0, 600, 0, 0))


@pytest.mark.parametrize(
    ("seconds", "transactions", "ours", "idle"),
    [(10, 8, 8, True), (10, 5, 8, True), (10, 9, 8, False), (60, 45, 40, True)],
)
def test_what_we_ask_ourselves_is_no_life(seconds: float, transactions: int, ours: int, idle: bool) -> None:
    assert Window(seconds, transactions, 0, 0, 0, 0, ours).idle == idle


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hits": 4999}, "counters were reset"),
        ({"deadlocks": 0}, "counters were reset"),
        ({"reset_s": 1005.0}, "counters were reset"),
        ({"datid": 6}, "another database answers"),
        ({"now_s": 1036.0}, "not asked for a while"),
        ({"now_s": 990.0}, "not asked for a while"),
    ],
)
def test_other_counters_are_not_compared(change: dict[str, float], why: str) -> None:
    odd = replace(START, **{"now_s": 1010.0} | change)  # type: ignore[arg-type]
    log = log_of(START, odd)
    assert (log.latest(), log.why) == (None, why)
    log.add(replace(odd, now_s=odd.now_s + 10, commits=odd.commits + 5))
    window = log.latest()
    assert window is not None
    assert window.commits == 5
