"""Every indicator and limit of five systems can be written down, and fires where it must: a config for each."""

from dataclasses import replace
from pathlib import Path

import pytest

from ontui.config import Config
from ontui.config.load import load
from ontui.domain.alert import Alert, Phase
from ontui.domain.deadline import parse_within
from ontui.domain.rows import reading_of
from ontui.domain.sample import Point, Reading, Row
from tests.config.write import written

FOLDER = Path(__file__).parent / "systems"
SYSTEMS = ("codex-retail", "servio", "scout", "freight", "order-status")


def config(name: str, folder: Path) -> Config:
    return load(written(folder, (FOLDER / f"{name}.yaml").read_text()), {})


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_is_read_without_a_finding_and_keeps_its_own_names(tmp_path: Path, name: str) -> None:
    system = config(name, tmp_path).system
    assert system.id == name
    assert len(system.slis) >= 9
    for severity in system.severities:
        assert parse_within(severity.respond_within).after(0.0, system.hours) > 0


LADDERS = {
    "codex-retail": {"P0": "15m", "P1": "1h", "P2": "4h", "P3": "next business day"},
    "servio": {"P0": "15m", "P1": "1h", "P2": "4h", "P3": "24h"},
    "scout": {"P1": "15m", "P2": "1h", "P3": "4h", "P4": "24h"},
    "freight": {"SEV-1": "5m", "SEV-2": "15m", "SEV-3": "1h"},
}


@pytest.mark.parametrize("name", LADDERS)
def test_each_ladder_has_its_clocks(tmp_path: Path, name: str) -> None:
    system = config(name, tmp_path).system
    assert {s.name: s.respond_within for s in system.severities} == LADDERS[name]


# ── where each alarm fires ──

MINUTE = 60.0
FIRES = [
    # system, SLI, alert, a value that must not fire, one that must, and for how long it must hold
    ("codex-retail", "api_p95", "ApiP95", 0.5, 0.51, 5 * MINUTE),
    ("codex-retail", "errors", "Outage", 0.5, 0.51, 0),
    ("codex-retail", "errors", "Errors", 0.01, 0.02, 5 * MINUTE),
    ("codex-retail", "pool", "Pool", 0.8, 0.81, 5 * MINUTE),
    ("codex-retail", "memory", "Memory", 0.8, 0.81, 10 * MINUTE),
    ("codex-retail", "cpu", "Cpu", 0.7, 0.71, 10 * MINUTE),
    ("codex-retail", "slow", "Slow", 0, 1, 5 * MINUTE),
    ("codex-retail", "failed_jobs", "FailedJobs", 0, 1, 0),
    ("codex-retail", "inventory_age", "InventoryStale", 1800, 1801, 0),
    ("codex-retail", "auth_up", "AuthUnreachable", 1, 0, 0),
    ("codex-retail", "signing_secret", "SigningSecret", 1, 0, 0),
    ("servio", "pool", "DatabaseConnectionExhaustion", 0.9, 0.91, 2 * MINUTE),
    ("servio", "payments", "PaymentProcessingFailure", 0.05, 0.06, 2 * MINUTE),
    ("servio", "webhooks", "WebhookVerificationFailure", 5, 6, 5 * MINUTE),
    ("servio", "replays", "WebhookReplayAttack", 0, 0.2, 0),
    ("servio", "breaker", "CircuitBreakerOpen", 0, 1, 0),
    ("servio", "errors", "HighErrorRate", 0.05, 0.06, 5 * MINUTE),
    ("servio", "p95", "HighLatencyP95", 1, 1.1, 5 * MINUTE),
    ("servio", "p99", "HighLatencyP99", 3, 3.1, 5 * MINUTE),
    ("servio", "cache_hits", "LowCacheHitRate", 0.5, 0.49, 10 * MINUTE),
    ("servio", "idempotency", "HighIdempotencyKeyExpiry", 100, 101, 10 * MINUTE),
    ("servio", "payments_vendor", "PaymentsVendor", 2, 3, 0),
    ("servio", "ai_vendor", "AiVendor", 1, 2, 0),
    ("servio", "webhook_lines", "WebhookLines", 10, 11, 5 * MINUTE),
    ("servio", "server_errors", "ServerErrors", 20, 21, 5 * MINUTE),
    ("scout", "latency", "Latency", 2, 2.1, 5 * MINUTE),
    ("scout", "connections", "Connections", 90, 91, 2 * MINUTE),
    ("scout", "used", "Used", 0.95, 0.96, 0),
    ("scout", "idle", "Idle", 20, 21, 10 * MINUTE),
    ("scout", "function_errors", "FunctionErrors", 10, 11, 5 * MINUTE),
    ("scout", "pods_cpu", "PodsCpu", 900, 901, 5 * MINUTE),
    ("freight", "p95", "HighLatency", 0.8, 0.81, 5 * MINUTE),
    ("freight", "p95", "LatencyCritical", 2, 2.1, 5 * MINUTE),
    ("freight", "errors", "HighErrorRate", 0.05, 0.051, 5 * MINUTE),
    ("freight", "throughput", "TrafficDrop", 50, 49, 0),
    ("freight", "pool", "PoolHigh", 0.9, 0.91, 0),
    ("freight", "pool_waits", "PoolWaits", 5, 5.1, 0),
    ("freight", "slow", "SlowQueries", 5, 6, 0),
    ("freight", "lag", "ReplicaLag", 1, 1.1, 0),
    ("freight", "hits", "CacheMissHigh", 0.4, 0.39, 10 * MINUTE),
    ("freight", "evictions", "EvictionsHigh", 50, 51, 0),
    ("freight", "memory", "CacheMemoryHigh", 0.95, 0.96, 0),
    ("freight", "shipments", "ShipmentsDrop", 500, 499, 0),
    ("freight", "payments", "PaymentsFailing", 0.95, 0.94, 0),
    ("freight", "signups", "SignupsDrop", 10, 9, 0),
    ("order-status", "patch_p95", "PatchP95", 0.3, 0.31, 10 * MINUTE),
    ("order-status", "conflicts", "Conflicts", 0.02, 0.021, 10 * MINUTE),
    ("order-status", "denials", "Denials", 0.005, 0.006, 10 * MINUTE),
    ("order-status", "any_500", "Any500", 0, 1, 0),
    ("order-status", "conflicts_24h", "Conflicts24h", 100, 101, 0),
    ("order-status", "changes_7d", "Changes7d", 5000, 5001, 0),
    ("order-status", "sizes", "Sizes", 50 * 2**30, 50 * 2**30 + 1, 0),
    ("order-status", "index_there", "IndexMissing", 1, 0, 0),
]


@pytest.mark.parametrize(("system", "sli", "name", "well", "bad", "hold_s"), FIRES)
def test_an_alarm_fires_past_its_limit_and_after_its_time(
    tmp_path: Path, system: str, sli: str, name: str, well: float, bad: float, hold_s: float
) -> None:
    one = config(system, tmp_path).system.slis[sli]
    rule = next(rule for rule in one.alerts if rule.name == name)
    alert, at = Alert(rule), 1000.0

    def see(value: float) -> Phase:
        nonlocal alert, at
        reading = Reading(value, at)
        if one.rows:
            reading = reading_of(one, [Row("one", value), Row("other", well)], replace(reading, value=None))
        alert = alert.after(reading, one.baseline, (), one.gap_s)
        at += one.interval_s
        return alert.phase

    assert [see(well) for _ in range(3)] == [Phase.INACTIVE] * 3
    began = at
    while see(bad) is not Phase.FIRING:
        assert at - began <= hold_s + one.interval_s
    assert at - one.interval_s - began >= hold_s


def phases(alert: Alert, values: list[float], interval_s: float) -> list[Phase]:
    """After each value, on a grid, with all before it as its past."""
    past: list[Point] = []
    found = []
    for n, value in enumerate(values):
        at = n * interval_s
        window_s = alert.rule.window_s(interval_s)
        alert = alert.after(Reading(value, at), None, [p for p in past if at - window_s <= p.at], 3 * interval_s)
        past.append(Point(at, value))
        found.append(alert.phase)
    return found


def test_a_growing_queue_fires_and_a_noisy_one_does_not(tmp_path: Path) -> None:
    one = config("codex-retail", tmp_path).system.slis["dead_letters"]
    growing = phases(Alert(one.alerts[0]), [float(n // 4) for n in range(80)], one.interval_s)
    noisy = phases(Alert(one.alerts[0]), [float(n // 4 + n % 3) for n in range(80)], one.interval_s)
    assert growing[-1] is Phase.FIRING
    assert Phase.FIRING not in noisy


@pytest.mark.parametrize(
    ("system", "sli"),
    [("codex-retail", "healthz"), ("servio", "cache_up"), ("scout", "health"), ("scout", "superset"),
     ("freight", "database_up")],
)  # fmt: skip
def test_down_is_three_failed_checks_in_a_row(tmp_path: Path, system: str, sli: str) -> None:
    one = config(system, tmp_path).system.slis[sli]
    assert one.metric == "up"
    down = phases(Alert(one.alerts[0]), [1, 0, 0, 1, 0, 0, 0], one.interval_s)
    assert [p is Phase.FIRING for p in down] == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("system", "sli", "name", "age_s", "fires"),
    [
        ("codex-retail", "stock_feed", "FeedStale", 599, False), ("codex-retail", "stock_feed", "FeedStale", 601, True),
        ("servio", "log_alive", "LogSilent", 899, False), ("servio", "log_alive", "LogSilent", 901, True),
    ],
)  # fmt: skip
def test_old_data_fires(tmp_path: Path, system: str, sli: str, name: str, age_s: float, fires: bool) -> None:
    one = config(system, tmp_path).system.slis[sli]
    rule = next(rule for rule in one.alerts if rule.name == name)
    alert = Alert(rule).after(Reading(1.0, 0.0, data_age_s=age_s), None, (), one.gap_s)
    assert (alert.phase is Phase.FIRING) is fires


def test_absence_fires_once_it_has_lasted(tmp_path: Path) -> None:
    one = config("codex-retail", tmp_path).system.slis["stock_feed"]
    alert = Alert(next(rule for rule in one.alerts if rule.name == "FeedGone"))
    for n in range(int(600 / one.interval_s) + 1):
        assert alert.phase is not Phase.FIRING
        alert = alert.after(Reading.no_data(n * one.interval_s, "no result"), None, (), one.gap_s)
    assert alert.phase is Phase.FIRING


def test_a_drop_against_last_week_has_no_verdict_without_it(tmp_path: Path) -> None:
    one = config("freight", tmp_path).system.slis["throughput_last_week"]
    assert one.baseline_past is not None
    assert one.baseline_past.instants_s == [7 * 86_400.0 * n for n in (1, 2, 3, 4)]
    rule = one.alerts[0]
    assert rule.condition.holds(Reading(1.0, 0.0), None) is None
    assert rule.condition.holds(Reading(49.0, 0.0), 100.0) is True
