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

METRICS: Mapping[str, Mapping[str, Metric]] = {"postgres": _POSTGRES, "http": _HTTP, "prometheus": _PROMETHEUS}
"""By source type, then by the word after `metric:`."""
