"""From a source of the config to what polls it."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from ontui.domain.sli import Sli
from ontui.domain.source import (
    AlertmanagerSource,
    CommandSource,
    EnvSource,
    HttpSource,
    LogSource,
    MetricsSource,
    PgbouncerSource,
    PostgresSource,
    PrometheusSource,
    RedisSource,
    Source,
    StatuspageSource,
)
from ontui.sources.poller import Poller

MODULES: Mapping[str, str] = {
    "postgres": "postgres",
    "metrics": "metrics",
    "redis": "redis_source",
    "prometheus": "prometheus",
    "http": "http",
    "alertmanager": "alertmanager",
    "statuspage": "statuspage",
    "command": "command",
    "log": "log",
    "env": "env",
    "pgbouncer": "pgbouncer_source",
}
"""What brings the poller of each type of source; first those that look twice where they look but once."""
LOOKS_TWICE = (PostgresSource, MetricsSource, RedisSource)
"""Counters only tell by what they grew, so one status is two looks, about a second apart."""


def prepare(type_: str) -> None:
    """Import what a type of source needs, so that opening one takes no time."""
    import_module(f"ontui.sources.{MODULES[type_]}")


def open_source(
    source: Source, slis: Sequence[Sli], now: Callable[[], float], *, history_first: bool = False
) -> Poller:
    """Make the poller of a source, connecting to nothing yet; only the kinds in use are imported.

    With `history_first` the first good sample brings the history along, however long that takes within the deadline;
    otherwise values come at once and the history with a later sample.
    """
    match source:
        case PrometheusSource():
            from ontui.sources.prometheus import PrometheusPoller

            return PrometheusPoller(source, slis, now, history_first=history_first)
        case PostgresSource():
            from ontui.sources.postgres import PostgresPoller

            return PostgresPoller(source, slis, now, one_shot=history_first)
        case HttpSource():
            from ontui.sources.http import HttpPoller

            return HttpPoller(source, slis, now)
        case MetricsSource():
            from ontui.sources.metrics import MetricsPoller

            return MetricsPoller(source, slis, now, one_shot=history_first)
        case AlertmanagerSource():
            from ontui.sources.alertmanager import AlertmanagerPoller

            return AlertmanagerPoller(source, slis, now)
        case RedisSource():
            from ontui.sources.redis_source import RedisPoller

            return RedisPoller(source, slis, now, one_shot=history_first)
        case CommandSource():
            from ontui.sources.command import CommandPoller

            return CommandPoller(source, slis, now)
        case LogSource():
            from ontui.sources.log import LogPoller

            return LogPoller(source, slis, now)
        case StatuspageSource():
            from ontui.sources.statuspage import StatuspagePoller

            return StatuspagePoller(source, slis, now)
        case EnvSource():
            from ontui.sources.env import EnvPoller

            return EnvPoller(source, slis, now)
        case PgbouncerSource():
            from ontui.sources.pgbouncer_source import PgbouncerPoller

            return PgbouncerPoller(source, slis, now)
        case _:
            raise TypeError(f"no poller for {source.type} sources")
