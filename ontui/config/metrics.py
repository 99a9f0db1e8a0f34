"""The built-in metrics of each kind of source: what they are called, in which unit, and what is well."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A number a source knows how to get by itself."""

    unit: str
    title: str
    """For an SLI that is called like the metric and has no title of its own."""
    objective: str = ""
    """What holds of it unless the SLI says otherwise; empty where only the user can know."""
    printed: bool = False
    """It is read as somebody printed it, in the unit of the SLI."""


_POSTGRES = {
    "up": Metric("up", "database up", "== 1"),
    "connections": Metric("count", "connections"),
    "connections_used_ratio": Metric("ratio", "connections used", "<= 80%"),
    "connections_active": Metric("count", "active connections"),
    "connections_idle": Metric("count", "idle connections"),
    "idle_in_transaction": Metric("count", "idle in transaction"),
    "longest_query": Metric("seconds", "longest query"),
    "longest_transaction": Metric("seconds", "longest transaction", "<= 15m"),
    "blocked_sessions": Metric("count", "blocked sessions"),
    "longest_lock_wait": Metric("seconds", "longest lock wait", "<= 5s"),
    "cache_hit_ratio": Metric("ratio", "cache hit ratio", ">= 90%"),
    "transactions_per_second": Metric("per_second", "transactions"),
    "rollback_ratio": Metric("ratio", "rollback ratio", "<= 5%"),
    "deadlocks_per_minute": Metric("per_minute", "deadlocks", "<= 0"),
    "slow_statements": Metric("count", "slow statements", "<= 0"),
    "replication_lag": Metric("seconds", "replication lag", "<= 10s"),
    "database_size": Metric("bytes", "database size"),
    "xid_age": Metric("count", "transaction id age", "<= 500000000"),
}
_HTTP = {
    "up": Metric("up", "up", "== 1"),
    "latency": Metric("seconds", "latency", "<= 1s"),
    "status": Metric("count", "status code"),
    "cert_days": Metric("days", "certificate valid for", ">= 14"),
}
_PROMETHEUS = {"up": Metric("up", "Prometheus up", "== 1")}
_METRICS = {"up": Metric("up", "metrics endpoint up", "== 1"), "latency": Metric("seconds", "latency")}
_REDIS = {
    "up": Metric("up", "Redis up", "== 1"),
    "latency": Metric("seconds", "latency", "<= 100ms"),
    "hit_ratio": Metric("ratio", "cache hit ratio"),
    "evictions_per_minute": Metric("per_minute", "evictions"),
    "expired_per_minute": Metric("per_minute", "expired keys"),
    "memory_used": Metric("bytes", "memory used"),
    "memory_used_ratio": Metric("ratio", "memory used", "<= 90%"),
    "clients": Metric("count", "clients"),
    "clients_used_ratio": Metric("ratio", "clients used", "<= 80%"),
    "blocked_clients": Metric("count", "blocked clients"),
    "rejected_per_minute": Metric("per_minute", "rejected clients", "<= 0"),
    "commands_per_second": Metric("per_second", "commands"),
    "keys": Metric("count", "keys"),
    "replica_link": Metric("up", "link to the primary", "== 1"),
}
_PGBOUNCER = {
    "up": Metric("up", "PgBouncer up", "== 1"),
    "clients_active": Metric("count", "clients served"),
    "clients_waiting": Metric("count", "clients waiting", "<= 0"),
    "longest_wait": Metric("seconds", "longest wait", "<= 1s"),
    "servers_active": Metric("count", "server connections in use"),
    "servers_idle": Metric("count", "server connections idle"),
    "pool_used_ratio": Metric("ratio", "pool used", "<= 80%"),
}
_STATUSPAGE = {
    "up": Metric("up", "status page up", "== 1"),
    "status": Metric("vendor", "vendor says", "<= 0"),
    "components": Metric("vendor", "vendor's components", "<= 0"),
    "incidents": Metric("count", "vendor's open incidents", "<= 0"),
}
_ALERTMANAGER = {
    "up": Metric("up", "Alertmanager up", "== 1"),
    "alerts": Metric("count", "alerts firing"),
    "silenced": Metric("count", "alerts silenced"),
}
_COMMAND = {
    "up": Metric("up", "command succeeds", "== 1"),
    "number": Metric("count", "output", printed=True),
    "exit_code": Metric("count", "exit code"),
    "duration": Metric("seconds", "duration"),
}
_LOG = {
    "lines_per_minute": Metric("per_minute", "lines"),
    "last_line_age": Metric("seconds", "last line written"),
    "size": Metric("bytes", "size"),
}

METRICS: Mapping[str, Mapping[str, Metric]] = {
    "postgres": _POSTGRES,
    "http": _HTTP,
    "prometheus": _PROMETHEUS,
    "metrics": _METRICS,
    "redis": _REDIS,
    "pgbouncer": _PGBOUNCER,
    "statuspage": _STATUSPAGE,
    "alertmanager": _ALERTMANAGER,
    "command": _COMMAND,
    "log": _LOG,
    "env": {},
}
"""By source type, then by the word after `metric:`."""
UNITS: Mapping[str, str] = {"statuspage": "vendor", "log": "per_minute", "env": "present"}
"""The unit of what a type of source says beside its metrics, where it is always the same."""
PROMISES: Mapping[str, str] = {"vendor": "<= 0", "present": "== 1"}
"""What holds of a unit that has a best value, unless the SLI says otherwise."""
WAYS: Mapping[str, tuple[str, ...]] = {
    "query": ("prometheus",),
    "metric": tuple(kind for kind, words in METRICS.items() if words),
    "sql": ("postgres",),
    "json": ("http", "command"),
    "series": ("metrics",),
    "match": ("log", "command"),
    "regex": ("command",),
    "variable": ("env",),
    "component": ("statuspage",),
    "key": ("redis",),
}
"""How an SLI asks, and the types of source that understand it."""
