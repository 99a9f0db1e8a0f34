"""How an SLI stands, as a table of what was seen and when one looks."""

import pytest

from ontui.domain.alert import Phase
from ontui.domain.sample import Reading, Sample
from ontui.domain.status import Status, worst
from tests.domain.build import SEV3, failed, rule, seen, sli, stale, state

PARTIAL = Sample("metrics", 0, 0.01, {"p95": Reading(0.1, 0, caveat="PARTIAL: store unavailable")})
DENIED = Sample("metrics", 0, 0.01, {"p95": Reading.unknown(0, "no permission: grant pg_monitor")})


@pytest.mark.parametrize(
    ("samples", "now", "status", "reason"),
    [
        ([], 0, Status.UNKNOWN, "waiting"),
        ([seen(0, 0.1)], 1, Status.OK, ""),
        ([seen(0, 0.1)], 17, Status.OK, ""),
        ([seen(0, 0.1)], 17.5, Status.STALE, "stale 17s"),
        ([seen(0, 0.1), failed(10)], 20, Status.STALE, "stale 20s: connection refused"),
        ([seen(0, 0.1)], 101, Status.UNKNOWN, "not heard for 1m41s"),
        ([failed(0)], 1, Status.UNKNOWN, "connection refused"),
        ([seen(0, None)], 1, Status.NO_DATA, "empty result"),
        ([stale(0, 0.1)], 1, Status.STALE, "90 s old"),
        ([DENIED], 1, Status.UNKNOWN, "no permission"),
        ([PARTIAL], 1, Status.WARNING, "PARTIAL"),
        ([seen(0, 0.4)], 1, Status.WARNING, "objective ≤ 300 ms missed"),
        ([seen(0, 0.9)], 1, Status.WARNING, "Slow pending"),
        ([seen(0, 0.9), seen(10, 0.9), seen(20, 0.9)], 21, Status.WARNING, "Slow firing"),
        ([seen(0, 2.5)], 1, Status.CRITICAL, "Severe firing"),
        ([seen(0, 2.5)], 30, Status.STALE, "stale 30s"),
    ],
)
def test_standing(samples: list[Sample], now: float, status: Status, reason: str) -> None:
    slow = rule("> 800ms", 20, name="Slow", severity=SEV3)
    picture = state(sli(slow, rule("> 2s", name="Severe"), objective="<= 300ms"))
    for sample in samples:
        picture = picture.after(sample)
    standing = picture.standing("p95", now)
    assert standing.status is status
    assert reason in standing.reason
    assert standing.fresh is (status in (Status.OK, Status.WARNING, Status.CRITICAL))
    assert picture.status(now) is status


def test_a_failed_poll_leaves_a_gap_in_the_history() -> None:
    picture = state(sli()).after(seen(0, 1)).after(failed(10)).after(seen(20, None)).after(seen(30, 2))
    assert [p.value for p in picture.indicators["p95"].history] == [1, None, None, 2]


def test_the_history_is_an_hour_long_at_most() -> None:
    picture = state(sli())
    for at in range(0, 7200, 10):
        picture = picture.after(seen(at, 1.0))
    history = picture.indicators["p95"].history
    assert len(history) <= 361
    assert history[0].at >= 7190 - 3600


def test_of_nothing_seen_the_worst_is_unknown() -> None:
    assert worst([]) is Status.UNKNOWN
    assert worst([Status.OK, Status.STALE, Status.WARNING]) is Status.WARNING


@pytest.mark.parametrize(
    ("when", "baseline", "caveat", "phase"),
    [
        ("< 50% of baseline", 0.0, "the baseline is 0", Phase.INACTIVE),
        ("<= 50% of baseline", 0.0, "the baseline is 0", Phase.INACTIVE),
        (">= 150% of baseline", 0.0, "the baseline is 0", Phase.INACTIVE),
        ("> 150% of baseline", 0.0, "", Phase.INACTIVE),
        ("< 50% of baseline", 1.0, "", Phase.FIRING),
        ("< 50%", 0.0, "", Phase.FIRING),
    ],
)
def test_there_is_no_share_of_nothing(when: str, baseline: float, caveat: str, phase: Phase) -> None:
    picture = state(sli(rule(when, unit="ratio"), unit="ratio")).after(seen(0, 0.0, baseline=baseline))
    reading = picture.indicators["p95"].reading
    assert reading is not None
    assert (reading.caveat, picture.alerts["p95/High"].phase) == (caveat, phase)
    if caveat:
        standing = picture.standing("p95", 1)
        assert (standing.status, standing.reason) == (Status.WARNING, caveat)


def test_more_than_nothing_is_more() -> None:
    picture = state(sli(rule("> 150% of baseline", unit="count"), unit="count")).after(seen(0, 5.0, baseline=0.0))
    assert picture.alerts["p95/High"].phase is Phase.FIRING


@pytest.mark.parametrize(("value", "nonsense"), [(1_795_000_003.0, True), (1_795_000_000.0, True), (86_400.0, False)])
def test_an_age_since_1970_is_that_of_a_time_that_is_0(value: float, nonsense: bool) -> None:
    picture = state(sli()).after(seen(1_795_000_000.0, value))
    standing = picture.standing("p95", 1_795_000_001.0)
    assert standing.reason == ("its time is nonsense: 1970" if nonsense else "")
    assert standing.status is (Status.WARNING if nonsense else Status.OK)
