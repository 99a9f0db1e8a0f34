"""A freight company's system on fixed data at a fixed instant: what the pictures are of."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ontui.domain.action import Action, Danger, Input, Means, Verify
from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.event import Event, EventKind
from ontui.domain.past import Past
from ontui.domain.quantity import parse_duration
from ontui.domain.rows import reading_of
from ontui.domain.sample import Fault, FaultKind, Point, Reading, Row, Sample
from ontui.domain.secret import Secret
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Link, Sli
from ontui.domain.source import HttpSource, PostgresSource, PrometheusSource, Source
from ontui.domain.state import State, System

NOW = datetime(2026, 11, 21, 14, 36, 51, tzinfo=UTC).timestamp()
STEP_S = 15.0

SEV1 = Severity("SEV-1", Level.CRITICAL, 0, respond_within="5m")
SEV2 = Severity("SEV-2", Level.CRITICAL, 1, respond_within="15m")
SEV3 = Severity("SEV-3", Level.WARNING, 2, respond_within="1h")

P95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
ERRORS = 'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'

SOURCES: dict[str, Source] = {
    "metrics": PrometheusSource(
        id="metrics", type="prometheus", interval_s=15, timeout_s=5, url="http://prometheus.internal:9090",
        address="http://prometheus.internal:9090",
    ),
    "database": PostgresSource(
        id="database", type="postgres", interval_s=10, timeout_s=5, dsn=Secret("postgresql://ops@db1.internal/freight"),
        address="db1.internal:5432/freight as ops",
    ),
    "api": HttpSource(
        id="api", type="http", interval_s=10, timeout_s=5, url="https://api.freight.example/api/health",
        address="https://api.freight.example/api/health",
    ),
}  # fmt: skip


def _rule(sli: str, unit: str, text: str) -> AlertRule:
    """`HighLatency > 800ms for 5m SEV-2 latency.md#diagnosis restart-redis,scale-api`."""
    name, rest = text.split(" ", 1)
    condition, rest = rest.split(" for ")
    hold, severity, *more = rest.split(" ")
    return AlertRule(
        name, sli, parse_condition(condition, unit), parse_duration(hold),
        {"SEV-1": SEV1, "SEV-2": SEV2, "SEV-3": SEV3}[severity],
        runbook=more[0] if more else "", actions=tuple(more[1].split(",")) if len(more) > 1 else (),
    )  # fmt: skip


def _sli(
    row: tuple[str, str, str, str, str, str], *rules: str, baseline: float | None = None, links: tuple[Link, ...] = ()
) -> Sli:
    name, title, group, source, unit, objective = row
    asked = {"p95": P95, "errors": ERRORS}.get(name, f"freight_{name}")
    return Sli(
        id=name, title=title, group=group, source=source, unit=unit,
        interval_s=SOURCES[source].interval_s, timeout_s=5.0,
        query=asked if source == "metrics" else "", metric="" if source == "metrics" else name,
        objective=parse_condition(objective, unit) if objective else None, baseline=baseline,
        alerts=tuple(_rule(name, unit, text) for text in rules), links=links,
    )  # fmt: skip


SLIS = [
    _sli(("p95", "API latency p95", "API", "metrics", "seconds", "<= 300ms"),
         "HighLatency > 800ms for 5m SEV-2 latency.md#diagnosis restart-redis,scale-api",
         "LatencyCritical > 2s for 5m SEV-1 latency.md#diagnosis restart-redis,scale-api",
         links=(Link("API overview", "https://grafana.freight.example/d/api-overview"),)),
    _sli(("errors", "API error rate", "API", "metrics", "ratio", "<= 1%"), "HighErrorRate > 5% for 5m SEV-2 errors.md"),
    _sli(("throughput", "API throughput", "API", "metrics", "per_second", ">= 50% of baseline"),
         "TrafficDrop < 50% of baseline for 10m SEV-2", baseline=100.0),
    _sli(("up", "API health", "API", "api", "up", "== 1"), "ApiDown failing for 30s SEV-1 api-down.md"),
    _sli(("health_latency", "API health latency", "API", "api", "seconds", "<= 500ms")),
    _sli(("cert_days", "API certificate", "API", "api", "days", ">= 14")),
    _sli(("hit_rate", "Cache hit rate", "Cache", "metrics", "ratio", ">= 70%"),
         "CacheMissHigh < 40% for 10m SEV-2 latency.md#cache restart-redis"),
    _sli(("evictions", "Cache evictions", "Cache", "metrics", "per_minute", "<= 10/min"),
         "EvictionsHigh > 50/min for 10m SEV-3 latency.md#cache restart-redis"),
    _sli(("cache_memory", "Cache memory", "Cache", "metrics", "ratio", "<= 80%"), "CacheMemoryHigh > 95% for 5m SEV-3"),
    _sli(("connections_used_ratio", "Database pool used", "Database", "database", "ratio", "<= 70%"),
         "PoolHigh > 90% for 2m SEV-3 database.md#pool end-idle-sessions"),
    _sli(("slow_statements", "Database slow queries", "Database", "database", "count", "<= 0"),
         "SlowQueries > 5 for 5m SEV-3 database.md#slow"),
    _sli(("longest_query", "Database longest query", "Database", "database", "seconds", "<= 1s")),
    _sli(("blocked_sessions", "Database blocked sessions", "Database", "database", "count", "<= 0")),
    _sli(("cache_hit_ratio", "Database buffer hits", "Database", "database", "ratio", ">= 99%")),
    _sli(("replication_lag", "Database replica lag", "Database", "database", "seconds", "<= 100ms"),
         "ReplicaLag > 1s for 1m SEV-2"),
    _sli(("shipments", "Active shipments", "Business", "database", "count", ">= 50% of baseline"),
         "ShipmentsDrop < 50% of baseline for 10m SEV-3", baseline=1000.0),
    _sli(("payments", "Payment success", "Business", "metrics", "ratio", ">= 98%"),
         "PaymentsFailing < 95% for 5m SEV-1"),
    _sli(("signups", "Sign-ups", "Business", "metrics", "per_day", ">= 20% of baseline"), baseline=50.0),
    _sli(("failed_jobs", "Failed jobs", "Business", "database", "count", "<= 0")),
]  # fmt: skip

SLIS_BY_ID = {sli.id: sli for sli in SLIS}

IDLE_SQL = (
    "select pg_terminate_backend(pid) from pg_stat_activity\n"
    "where state = 'idle' and state_change < now() - interval '10 minutes'"
)
ACTIONS = [
    Action("restart-redis", "Restart the cache", Danger.CHANGE, Means.ARGV,
           argv=("docker", "compose", "restart", "redis"), timeout_s=120, verify=Verify("hit_rate", 300)),
    Action("scale-api", "Scale the API out", Danger.CHANGE, Means.ARGV,
           argv=("fly", "scale", "count", "{replicas}", "--app", "freight-api"), timeout_s=300,
           inputs=(Input("replicas", "integer", "How many machines", min=1, max=20, default="4"),
                   Input("region", "choice", "Where", choices=("fra", "ams", "iad"), default="fra"),
                   Input("reason", "string", "Why, for the record", pattern="[\\w .-]+")),
           verify=Verify("p95", 300)),
    Action("end-idle-sessions", "End sessions idle for over 10 minutes", Danger.DESTROY, Means.SQL, sql=IDLE_SQL,
           preview_sql="select pid, usename, application_name from pg_stat_activity", source="database", timeout_s=30,
           verify=Verify("connections_used_ratio", 300)),
]  # fmt: skip


def system(*, production: bool = True, read_only: bool = False) -> System:
    """The system as a config would give it."""
    return System(
        "freight", "Infamous Freight", "production" if production else "staging", production, read_only,
        SOURCES, {s.id: s for s in SLIS}, (SEV1, SEV2, SEV3), {a.id: a for a in ACTIONS},
    )  # fmt: skip


USUAL = {
    "p95": 0.212, "errors": 0.0042, "throughput": 96.3, "up": 1.0, "health_latency": 0.021, "cert_days": 61.0,
    "hit_rate": 0.934, "evictions": 2.4, "cache_memory": 0.61, "connections_used_ratio": 0.42, "slow_statements": 0.0,
    "longest_query": 0.31, "blocked_sessions": 0.0, "cache_hit_ratio": 0.9974, "replication_lag": 0.012,
    "shipments": 1043.0, "payments": 0.9931, "signups": 47.0, "failed_jobs": 0.0,
}  # fmt: skip
BURNING = {
    "p95": 1.24, "throughput": 81.0, "hit_rate": 0.31, "evictions": 34.0, "cache_memory": 0.78,
    "connections_used_ratio": 0.92, "longest_query": 4.2, "blocked_sessions": 3.0, "slow_statements": 2.0,
}  # fmt: skip
LATER = {"p95": 1380.0, "hit_rate": 1560.0, "connections_used_ratio": 260.0}
"""How many seconds ago each began to go wrong; others 900."""


def value(sli: str, ago_s: float, *, burning: bool) -> float:
    """What an indicator was so long ago: its usual value with a little life in it, drifting when the house burns."""
    usual = USUAL[sli]
    seed = sum(map(ord, sli))
    step = ago_s / STEP_S
    sway = 0.5 * math.sin(step / 9 + seed) + 0.3 * math.sin(step / 3.1 + seed * 2) + 0.2 * math.sin(step * 1.7 + seed)
    steady = sli in ("up", "cert_days", "slow_statements", "blocked_sessions", "failed_jobs", "cache_hit_ratio")
    normal = usual if steady else usual * (1 + 0.08 * sway)
    if sli in ("payments", "hit_rate"):
        normal = usual * (1 + 0.004 * sway)
    if not burning or sli not in BURNING:
        return normal
    began = LATER.get(sli, 900.0)
    share = min(1.0, max(0.0, (began - ago_s) / (began * 0.6)))
    mixed = normal + (BURNING[sli] - normal) * share**1.5 + (BURNING[sli] * 0.03 * sway if ago_s > 0 else 0) * share
    return BURNING[sli] if ago_s < 1 else round(mixed) if steady else mixed


def sample(source: str, at: float, values: Mapping[str, float], *, history: bool, burning: bool) -> Sample:
    """One good poll."""
    readings = {}
    for sli in (s for s in SLIS if s.source == source):
        past: tuple[Point, ...] = ()
        if history and source == "metrics":
            past = tuple(Point(at - n * STEP_S, value(sli.id, n * STEP_S, burning=burning)) for n in range(239, 0, -1))
        raw = f'{{"resultType":"vector","result":[{{"metric":{{}},"value":[1795271811,"{values[sli.id]:.6g}"]}}]}}'
        note = "histogram over 5 m, 24 series" if sli.id == "p95" else ""
        readings[sli.id] = Reading(values[sli.id], at, history=past, raw=raw, note=note)
    latency = {"metrics": 0.038, "database": 0.0042, "api": 0.0213}[source]
    server = {"metrics": "Prometheus 2.42.0", "database": "PostgreSQL 16.4, primary", "api": ""}[source]
    return Sample(source, at, latency, readings, server=server, identity="one", next_at=at + SOURCES[source].interval_s)


def watched(*, burning: bool = False, seconds: float = 3600.0, production: bool = True) -> State:
    """An hour of polls folded: calm throughout, or burning towards the end."""
    state = State.empty(system(production=production))
    for source in SOURCES.values():
        if source.id == "metrics":
            now = {s.id: value(s.id, 2.0 if not burning else 0.0, burning=burning) for s in SLIS}
            state = state.after(sample(source.id, NOW - 2, now, history=True, burning=burning))
            continue
        ago = seconds - 2
        while ago >= 2:
            asked = ago if ago > source.interval_s else 0.0
            values = {s.id: value(s.id, asked, burning=burning) for s in SLIS}
            state = state.after(sample(source.id, NOW - ago, values, history=False, burning=burning))
            ago -= source.interval_s
    return state


async def past(sli: str, span_s: float) -> Past:
    """What the source remembers: days that come and go, and an hour or so nobody measured."""
    step_s = span_s / 288
    points: list[Point] = []
    for n in range(288, 0, -1):
        at, day = NOW - 60 - n * step_s, 1 + 0.5 * math.sin(-n * step_s / 86_400 * 2 * math.pi)
        missing = 0.42 < n / 288 < 0.5
        points.append(Point(at, None if missing else value(sli, n * 60.0, burning=False) * day))
    return Past(tuple(points))


def with_rows(count: int = 57) -> State:
    """The error rate by tenant, one of them far off."""
    state = watched()
    sli = replace(state.system.slis["errors"], rows="tenant", query=f"sum by (tenant) ({ERRORS})")
    rows = [Row(f"tenant-{n:03}", 0.0004 * (n * 37 % 19)) for n in range(1, count - 1)]
    rows += [Row("acme-freight", 0.073), Row("harbour-lines", 0.021), Row("never-called", None, "NaN")]
    reading = reading_of(sli, rows, replace(state.indicators["errors"].reading or Reading(None, NOW), value=None))
    indicator = replace(state.indicators["errors"], sli=sli, reading=reading)
    system = replace(state.system, slis={**state.system.slis, "errors": sli})
    return replace(state, system=system, indicators={**state.indicators, "errors": indicator})


def burning() -> State:
    """Two alerts fire, one is pending, one was taken by alice."""
    state = watched(burning=True)
    return state.after(Event(EventKind.ACKNOWLEDGED, NOW - 60, "alice@bastion-1", "hit_rate/CacheMissHigh", "taken"))


def source_down(state: State | None = None, *, source: str = "api", failing_s: float = 72.0) -> State:
    """One source refuses connections and the picture grows stale behind it."""
    down = state or watched()
    fault = Fault(FaultKind.REFUSED, "connection refused")
    at = NOW - failing_s
    while at < NOW:
        down = down.after(Sample(source, at, 0.001, fault=fault, next_at=NOW + 8))
        at += SOURCES[source].interval_s
    return _without_late_answers(down, source, NOW - failing_s - SOURCES[source].interval_s)


def _without_late_answers(state: State, source: str, last: float) -> State:
    """The answers since the source went down never came."""
    indicators = {
        name: replace(
            i,
            reading=replace(i.reading, at=last) if i.reading and i.sli.source == source else i.reading,
            history=tuple(p for p in i.history if i.sli.source != source or p.at <= last or p.value is None),
        )
        for name, i in state.indicators.items()
    }
    alerts = {
        key: replace(a, seen_at=last) if a.seen_at is not None and state.system.slis[a.rule.sli].source == source else a
        for key, a in state.alerts.items()
    }
    health = state.sources[source]
    log = tuple(poll for poll in health.log if poll.fault is not None or poll.at <= last)
    sources = {**state.sources, source: replace(health, ok_at=last, log=log)}
    return replace(state, indicators=indicators, alerts=alerts, sources=sources)


def troubled() -> State:
    """The database lacks rights and its clock drifts; before, it did not answer for a while."""
    grant = "no permission: role ops may not see other sessions: GRANT pg_monitor TO ops"
    slots = "on a full server role ops is refused with everybody else: GRANT pg_use_reserved_connections TO ops"
    state, values = watched(), {s.id: value(s.id, 2.0, burning=False) for s in SLIS}
    fault = Fault(FaultKind.TIMEOUT, "no answer within 5 s")
    database = replace(state.sources["database"], log=state.sources["database"].log[:-18])
    state = replace(state, sources={**state.sources, "database": database})
    for ago_s in (180, 170, 150, 110):
        state = state.after(Sample("database", NOW - ago_s, 5.0, fault=fault, next_at=NOW - ago_s + 10))
    for n, ago_s in enumerate(range(92, 0, -10)):
        seen = sample("database", NOW - ago_s, values, history=False, burning=False)
        state = state.after(replace(
            seen, latency_s=0.0042 + 0.003 * (n * 7 % 5), skew_s=-7.4, next_at=NOW + 8,
            server="PostgreSQL 16.4, primary, 10.0.4.17:5432 as ops",
            findings=(grant, f"no permission: {slots}", "the server's clock is 7 s behind this machine's"),
        ))   # fmt: skip
    return state


def empty() -> State:
    """Just started: nothing seen yet."""
    return State.empty(system())
