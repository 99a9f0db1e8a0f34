"""Tables of samples after a run, and the verdict each must give."""

from dataclasses import replace

import pytest

from ontui.actions import Watch
from ontui.domain.action import Effect, Verdict, Verify
from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Sli
from ontui.domain.source import Source
from ontui.domain.state import State, System

SOURCE = Source(id="database", type="postgres", interval_s=10, timeout_s=5)
ALARM = AlertRule("PoolHigh", "pool", parse_condition("> 90%", "ratio"), 60, Severity("SEV-2", Level.CRITICAL, 0))
POOL = Sli(
    "pool", "pool used", "Database", "database", "ratio", 10, 5,
    objective=parse_condition("<= 70%", "ratio"), alerts=(ALARM,),
)  # fmt: skip
OLD = parse_condition("older than 10m", "ratio")
ENDED_AT = 1000.0


def state_of(sli: Sli) -> State:
    system = System("freight", "Freight", "production", True, sources={"database": SOURCE}, slis={"pool": sli})
    return State.empty(system)


def watched(
    sli: Sli, samples: list[tuple[float, float | str | None]], until: float, within_s: float = 60
) -> Verdict | None:
    """Fold samples (a word is a caveat, None a failed poll), ask every second, and give the first verdict."""
    state = state_of(sli).after(Sample("database", 995, readings={"pool": Reading(0.92, 995.0)}))
    watch = Watch("r1", Verify("pool", within_s), state.standing("pool", ENDED_AT), ended_at=ENDED_AT)
    left = list(samples)
    now = ENDED_AT
    while now <= until:
        while left and left[0][0] <= now:
            at, value = left.pop(0)
            if value is None:
                sample = Sample("database", at, fault=Fault(FaultKind.TIMEOUT, "no answer within 5 s"))
            elif isinstance(value, str):
                sample = Sample("database", at, readings={"pool": Reading(0.3, at, caveat=value)})
            else:
                sample = Sample("database", at, readings={"pool": Reading(value, at)})
            state = state.after(sample)
        if verdict := watch.after(state, now):
            return verdict
        now += 1
    return None


NO_OBJECTIVE = replace(POOL, objective=None)
STILL = "objective ≤ 70 % still missed"
BARE = replace(POOL, objective=None, alerts=())


@pytest.mark.parametrize(
    ("sli", "samples", "effect", "took_s", "after", "reason"),
    [
        (POOL, [(1005, 0.48), (1015, 0.47)], Effect.RECOVERED, 5, "47 %", ""),
        (POOL, [(1005, 0.8), (1015, 0.6), (1025, 0.6)], Effect.RECOVERED, 15, "60 %", ""),
        (POOL, [(1005, 0.6), (1015, 0.8), (1025, 0.6), (1035, 0.6)], Effect.RECOVERED, 25, "60 %", ""),
        (POOL, [(1005, 0.6), (1015, None), (1025, 0.6)], Effect.RECOVERED, 5, "60 %", ""),
        (POOL, [(t, 0.95) for t in range(1005, 1065, 10)], Effect.NO_EFFECT, 60, "95 %", STILL),
        (POOL, [(t, 0.8) for t in range(1005, 1065, 10)], Effect.NO_EFFECT, 60, "80 %", f"better, but {STILL}"),
        (POOL, [], Effect.CANNOT_TELL, 60, "92 %", "data stale: stale 1m05s"),
        (POOL, [(1005, None)], Effect.CANNOT_TELL, 60, "92 %", "data stale: stale 1m05s: no answer within 5 s"),
        (POOL, [(1005, 0.95)], Effect.CANNOT_TELL, 60, "95 %", "data stale: stale 55s"),
        (POOL, [(1055, 0.6)], Effect.CANNOT_TELL, 60, "60 %", "only one good sample since"),
        (POOL, [(t, "PARTIAL") for t in range(1005, 1065, 10)], Effect.CANNOT_TELL, 60, "30 %", "PARTIAL"),
        (NO_OBJECTIVE, [(1005, 0.8), (1015, 0.8)], Effect.RECOVERED, 5, "80 %", ""),
        (NO_OBJECTIVE, [(1045, 0.95), (1055, 0.95)], Effect.NO_EFFECT, 60, "95 %", "still in alarm at 95 %"),
        (
            BARE, [(t, 0.5) for t in range(1005, 1065, 10)], Effect.CANNOT_TELL, 60, "50 %",
            "it has neither an objective nor an alarm that could be judged",
        ),
    ],
)  # fmt: skip
def test_verdicts(
    sli: Sli, samples: list[tuple[float, float | str | None]], effect: Effect, took_s: float, after: str, reason: str
) -> None:
    assert watched(sli, samples, 1100) == Verdict("r1", "pool", effect, "92 %", after, took_s, reason)


def test_a_sample_from_before_the_end_of_the_run_says_nothing() -> None:
    assert watched(POOL, [(999.5, 0.3), (1000, 0.3)], 1059) is None


def test_one_good_sample_is_not_yet_recovery() -> None:
    assert watched(POOL, [(1005, 0.3)], 1014) is None


def test_what_was_stale_before_is_said() -> None:
    state = state_of(POOL).after(Sample("database", 900, readings={"pool": Reading(0.92, 900.0)}))
    watch = Watch("r1", Verify("pool", 60), state.standing("pool", 1000), ended_at=ENDED_AT)
    for at in (1005.0, 1015.0):
        state = state.after(Sample("database", at, readings={"pool": Reading(0.5, at)}))
        verdict = watch.after(state, at)
    assert verdict is not None
    assert verdict.words("pool used") == "pool used 92 % (stale) → 50 % in 5 s. Recovered."


def test_without_a_before_it_says_so() -> None:
    watch = Watch("r1", Verify("pool", 0), None, ended_at=ENDED_AT)
    verdict = watch.after(state_of(POOL), 1001)
    assert verdict is not None
    assert (verdict.effect, verdict.before, verdict.after) == (Effect.CANNOT_TELL, "?", "?")


@pytest.mark.parametrize("after", [0.5, 0.65])
def test_what_was_well_before_is_no_recovery(after: float) -> None:
    state = state_of(POOL).after(Sample("database", 995, readings={"pool": Reading(0.6, 995.0)}))
    watch = Watch("r1", Verify("pool", 60), state.standing("pool", ENDED_AT), ended_at=ENDED_AT)
    for at in (1005.0, 1015.0):
        state = state.after(Sample("database", at, readings={"pool": Reading(after, at)}))
        verdict = watch.after(state, at)
    assert verdict is not None
    assert verdict.effect is Effect.CANNOT_TELL
    said = verdict.words("pool used")
    assert said == f"pool used: cannot tell: 60 % was well before it ran, and {after * 100:.0f} % is now."


def test_what_got_better_is_not_called_without_effect() -> None:
    reason = "better, but objective ≤ 300 ms still missed"
    verdict = Verdict("r1", "p95", Effect.NO_EFFECT, "1.05 s", "423 ms", 300.0, reason)
    assert verdict.words("p95") == "p95 1.05 s → 423 ms in 5 min: better, but objective ≤ 300 ms still missed."


def test_between_its_limits_an_alarm_is_not_over() -> None:
    until_80 = replace(NO_OBJECTIVE, alerts=(replace(ALARM, clear=parse_condition("< 80%", "ratio")),))
    between = watched(until_80, [(1010, 0.85), (1020, 0.85), (1030, 0.85)], 1100)
    assert between is not None
    assert between.effect is not Effect.RECOVERED
    over = watched(until_80, [(1010, 0.85), (1020, 0.79), (1030, 0.79)], 1100)
    assert over is not None
    assert over.effect is Effect.RECOVERED


def test_an_alarm_about_age_judges_no_value() -> None:
    aged = replace(NO_OBJECTIVE, alerts=(ALARM, replace(ALARM, name="Old", condition=OLD)))
    verdict = watched(aged, [(1010, 0.5), (1020, 0.5)], 1100)
    assert verdict is not None
    assert verdict.effect is Effect.RECOVERED
