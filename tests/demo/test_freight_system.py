"""The model behind the numbers: pure, repeatable, and of one piece from the history to now."""

import itertools

import pytest

from ontui.demo.freight_system import (
    FAULTS,
    HISTORY_S,
    SCENARIOS,
    SCRAPE_S,
    Freight,
    begun,
    exposition,
    history,
    sick_parts,
)

BEGAN_AT = 1_700_000_000.0


def run(system: Freight, seconds: int) -> None:
    for _ in range(seconds):
        system.step(system.now + 1, 1.0)


def test_the_same_seed_is_the_same_hour() -> None:
    assert exposition(begun(5, BEGAN_AT)) == exposition(begun(5, BEGAN_AT))
    assert exposition(begun(5, BEGAN_AT)) != exposition(begun(6, BEGAN_AT))


def test_history_ends_where_the_story_begins() -> None:
    times = list(history(Freight(0), BEGAN_AT))
    assert times[0] == BEGAN_AT - HISTORY_S
    assert times[-1] == BEGAN_AT
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {SCRAPE_S}


def test_counters_never_fall_and_buckets_never_decrease() -> None:
    system = begun(1, BEGAN_AT)
    before = dict(system.counters)
    system.cache_sick, system.pool_used = True, 0.94
    run(system, 60)
    system.restart_cache()
    run(system, 60)
    assert all(system.counters[key] >= value for key, value in before.items())
    buckets = [value for name, _, value in system.samples() if name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert len(buckets) == 12


@pytest.mark.parametrize(
    ("sick", "pool", "least", "most"),
    [(False, 0.4, 0.0, 0.3), (True, 0.4, 0.8, 2.0), (True, 0.94, 2.0, 5.0), (False, 0.94, 0.3, 0.8)],
)
def test_latency_follows_the_cache_and_the_pool(sick: bool, pool: float, least: float, most: float) -> None:
    system = begun(0, BEGAN_AT)
    system.cache_sick, system.pool_used = sick, pool
    run(system, 120)
    assert system.latency_cdf(most) >= 0.95
    assert least == 0.0 or system.latency_cdf(least) < 0.95


def test_a_restarted_cache_warms_within_forty_seconds() -> None:
    system = begun(0, BEGAN_AT)
    system.cache_sick = True
    run(system, 120)
    assert system.cache_hit < 0.32
    system.restart_cache()
    assert system.cache_hit < 0.1
    run(system, 40)
    assert system.cache_hit > 0.85


def test_more_instances_are_quicker() -> None:
    system = begun(0, BEGAN_AT)
    before = system.latency_cdf(0.2)
    system.replicas = 4
    assert system.latency_cdf(0.2) > before


@pytest.mark.parametrize(
    ("scenario", "elapsed_s", "expected"),
    [
        ("calm", 1e9, ()),
        ("story", 59.0, ()),
        ("story", 61.0, ("cache",)),
        ("story", 80.0, ("cache", "leak")),
        ("cache", 80.0, ("cache",)),
        ("pool", 80.0, ("leak",)),
    ],
)
def test_faults_come_in_their_time(scenario: str, elapsed_s: float, expected: tuple[str, ...]) -> None:
    assert sick_parts(scenario, elapsed_s, 1.0) == expected
    assert sick_parts(scenario, elapsed_s / 10, 10.0) == expected


def test_every_scenario_has_its_faults() -> None:
    assert set(FAULTS) == set(SCENARIOS)
