"""Checked entries → the domain's values."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from ontui.config.action_entry import ActionEntry, InputEntry
from ontui.config.address import dsn_address, redis_address, strip_user, url_address, user_info
from ontui.config.file_entry import DefaultsEntry, SeverityEntry, SystemEntry
from ontui.config.metrics import METRICS, PROMISES, UNITS
from ontui.config.resolve import resolve_path
from ontui.config.sli_entry import AlertEntry, SliEntry
from ontui.config.source_entry import (
    AlertmanagerEntry,
    CommandEntry,
    EnvEntry,
    HttpAccessEntry,
    HttpEntry,
    LogEntry,
    MetricsEntry,
    PgbouncerEntry,
    PostgresEntry,
    PrometheusEntry,
    RedisEntry,
    SourceEntry,
    StatuspageEntry,
)
from ontui.domain.action import Action, Danger, Input, Means, OnDisconnect, Verify
from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.secret import Secret
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Link, Past, Sli
from ontui.domain.source import (
    AlertmanagerSource,
    AnySource,
    CommandSource,
    EnvSource,
    HttpAccess,
    HttpSource,
    LogSource,
    MetricsSource,
    PgbouncerSource,
    PostgresSource,
    PrometheusSource,
    RedisSource,
    StatuspageSource,
)

DEFAULT_LADDER = (("SEV-1", "critical"), ("SEV-2", "critical"), ("SEV-3", "warning"))
"""The severities of a config that names none."""
SLOWEST = {"statuspage": 60.0, "env": 60.0}
"""Seconds between two polls that suffice for a type of source, where the config does not say otherwise."""


def severities(entries: Sequence[SeverityEntry] | None) -> tuple[Severity, ...]:
    """The ladder, worst first."""
    if not entries:
        return tuple(Severity(name, Level(level), rank) for rank, (name, level) in enumerate(DEFAULT_LADDER))
    return tuple(
        Severity(e.name, Level(e.level), rank, e.respond_within, e.acknowledge_within, e.update_every)
        for rank, e in enumerate(entries)
    )


class _Common(TypedDict):
    """What every source has."""

    id: str
    type: str
    interval_s: float
    timeout_s: float


def source(name: str, entry: SourceEntry, defaults: DefaultsEntry, folder: Path, *, shown: bool) -> AnySource:
    """One source; `shown`: its address may appear as it was written."""
    interval_s = entry.every or max(defaults.every, SLOWEST.get(entry.type, 0.0))
    # An inherited time limit gives way to a short interval; one that is written beside it has been checked.
    timeout_s = entry.timeout or min(defaults.timeout, 0.8 * interval_s)
    common = _Common(id=name, type=entry.type, interval_s=interval_s, timeout_s=timeout_s)
    match entry:
        case HttpAccessEntry():
            return _http(entry, common, shown=shown)
        case PostgresEntry():
            return PostgresSource(**common, address=dsn_address(entry.dsn), dsn=Secret(entry.dsn))
        case PgbouncerEntry():
            return PgbouncerSource(**common, address=dsn_address(entry.dsn), dsn=Secret(entry.dsn))
        case RedisEntry():
            return RedisSource(**common, address=redis_address(entry.url), url=Secret(entry.url))
        case CommandEntry():
            cwd = str(resolve_path(folder, entry.cwd)) if entry.cwd else str(folder)
            return CommandSource(
                **common, address=entry.run[0], argv=entry.run, env=entry.env, cwd=cwd, exit_codes=entry.exit
            )
        case LogEntry():
            return LogSource(**common, address=entry.path, path=str(resolve_path(folder, entry.path)))
        case EnvEntry():
            file = str(resolve_path(folder, entry.file)) if entry.file else ""
            return EnvSource(**common, address=entry.file or "environment", file=file)
    raise TypeError(f"{entry.type} is no type of source")


def _http(entry: HttpAccessEntry, common: _Common, *, shown: bool) -> AnySource:
    url, access = strip_user(entry.url), _access(entry)
    address = url_address(url, whole=shown)
    match entry:
        case PrometheusEntry():
            return PrometheusSource(
                **common, address=address, url=url, access=access, stale_after_s=entry.stale_after,
                alerts=entry.alerts or bool(entry.watchdog), watchdog=entry.watchdog,
            )  # fmt: skip
        case HttpEntry():
            return HttpSource(
                **common, address=address, url=url, access=access, method=entry.method,
                status=tuple(entry.expect.status), json=entry.expect.json_body, contains=entry.expect.contains,
                down_after=entry.down_after, follow_redirects=entry.follow_redirects,
            )  # fmt: skip
        case MetricsEntry():
            return MetricsSource(**common, address=address, url=url, access=access)
        case StatuspageEntry():
            return StatuspageSource(**common, address=address, url=url, access=access)
        case AlertmanagerEntry():
            return AlertmanagerSource(
                **common, address=address, url=url, access=access, filter=entry.filter, watchdog=entry.watchdog,
                silent_after_s=entry.silent_after,
            )  # fmt: skip
    raise TypeError(f"{common['type']} is no type of source")


def _access(entry: HttpAccessEntry) -> HttpAccess:
    basic = (entry.basic.username, entry.basic.password) if entry.basic else user_info(entry.url)
    return HttpAccess(
        headers={name: Secret(value) for name, value in entry.headers.items()},
        basic=(basic[0], Secret(basic[1])) if basic else None,
        bearer=Secret(entry.bearer) if entry.bearer else None,
        ca_file=entry.ca_file or "",
        client_cert=entry.client_cert or "",
        client_key=entry.client_key or "",
        verify=entry.verify,
    )


def unit_of(kind: str, metric: str, unit: str, *, rate: bool = False, over: bool = False) -> str:
    """The unit of an SLI: its own, that of its metric, of what is made of it, or of what its source usually says."""
    known = METRICS.get(kind, {}).get(metric)
    made = "ratio" if over else "per_second" if rate else UNITS.get(kind, "count")
    return unit or (known.unit if known else made)


def sli(name: str, entry: SliEntry, of: AnySource, ladder: Sequence[Severity]) -> Sli:
    """One SLI with its alerts."""
    metric = METRICS.get(of.type, {}).get(entry.metric or "")
    unit = unit_of(of.type, entry.metric or "", entry.unit or "", rate=entry.rate, over=bool(entry.over))
    usual = metric.objective if metric and unit == metric.unit else "" if metric else PROMISES.get(unit, "")
    objective = entry.objective or usual
    return Sli(
        id=name,
        title=entry.title or (metric.title if metric and name == entry.metric else spoken(name)),
        group=entry.group or of.id,
        source=of.id,
        unit=unit,
        interval_s=of.interval_s,
        timeout_s=of.timeout_s,
        metric=entry.metric or "",
        query=entry.query or "",
        sql=entry.sql or "",
        json_path=entry.json_path or "",
        series=entry.series or "",
        over=entry.over or "",
        rate=entry.rate,
        combine=entry.combine or "",
        match=entry.match or "",
        regex=entry.regex or "",
        variable=entry.variable or "",
        min_length=entry.min_length,
        component=entry.component or "",
        key=entry.key or "",
        rows=entry.rows or "",
        row_value=entry.value or "",
        empty=entry.empty,
        freshness=entry.freshness or "",
        objective=parse_condition(objective, unit) if objective else None,
        baseline=entry.baseline if isinstance(entry.baseline, float) else None,
        baseline_query=entry.baseline if isinstance(entry.baseline, str) else "",
        baseline_past=entry.baseline if isinstance(entry.baseline, Past) else None,
        alerts=_alerts(name, entry, unit, {s.name: s for s in ladder}),
        runbook=entry.runbook or "",
        actions=tuple(entry.actions),
        links=tuple(Link(link.title, link.url) for link in entry.links),
    )


def _alerts(name: str, entry: SliEntry, unit: str, ladder: Mapping[str, Severity]) -> tuple[AlertRule, ...]:
    taken = {a.name for a in entry.alerts if a.name}
    rules = []
    for alert in entry.alerts:
        called = alert.name or _unused(_joined(entry.title or name) or name, alert, taken)
        taken.add(called)
        rules.append(
            AlertRule(
                name=called, sli=name, condition=parse_condition(alert.when, unit), hold_s=alert.hold,
                severity=ladder[alert.severity], runbook=alert.runbook or "", actions=tuple(alert.actions),
                clear=parse_condition(alert.clear, unit) if alert.clear else None, in_a_row=alert.in_a_row,
            )
        )  # fmt: skip
    return tuple(rules)


def _unused(base: str, alert: AlertEntry, taken: set[str]) -> str:
    """The base, else with the severity, else with a number."""
    names = [base, f"{base} {alert.severity}", *(f"{base} {alert.severity} {n}" for n in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken)


def spoken(name: str) -> str:
    """`api_p95` → `api p95`."""
    return re.sub(r"[_-]+", " ", name).strip() or name


def _joined(title: str) -> str:
    """`API latency p95` → `APILatencyP95`, as alerts are called."""
    return "".join(w[:1].upper() + w[1:] for w in re.findall(r"\w+", title.replace("_", " ")))


def action(name: str, entry: ActionEntry, folder: Path) -> Action:
    """One named repair."""
    means = Means.ARGV if entry.run else Means.SHELL if entry.shell else Means.SQL
    return Action(
        id=name,
        title=entry.title or spoken(name),
        danger=Danger(entry.danger),
        means=means,
        argv=tuple(entry.run or ()),
        script=entry.shell or "",
        sql=entry.sql or "",
        preview_sql=entry.preview_sql or "",
        source=entry.source or "",
        inputs=tuple(_input(n, i) for n, i in entry.inputs.items()),
        env=tuple(entry.env),
        cwd=str(resolve_path(folder, entry.cwd)) if entry.cwd else str(folder),
        timeout_s=entry.timeout,
        on_disconnect=OnDisconnect(entry.on_disconnect),
        verify=Verify(entry.verify.sli, entry.verify.within) if entry.verify else None,
    )


def _input(name: str, entry: InputEntry) -> Input:
    default = entry.default.lower() if entry.default and entry.type == "boolean" else entry.default
    return Input(
        name=name, type=entry.type, title=entry.title or spoken(name), pattern=entry.pattern,
        choices=tuple(entry.choices), min=entry.min, max=entry.max, default=default,
    )  # fmt: skip


def production(entry: SystemEntry) -> bool:
    """Whether confirmations are strict; in doubt they are."""
    if entry.production is not None:
        return entry.production
    word = entry.environment.lower()
    return word.startswith("prod") or word in ("unknown", "live")
