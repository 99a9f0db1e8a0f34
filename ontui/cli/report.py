"""What `ontui status` prints: the picture as JSON, and as text."""

from datetime import UTC, datetime
from typing import Any

import click

from ontui.domain.alert import Alert, Phase
from ontui.domain.crowd import Crowd, Other
from ontui.domain.foreign import ForeignPhase
from ontui.domain.hearsay import late_at, without_late
from ontui.domain.quantity import format_age, format_duration
from ontui.domain.response import Duty, due_at
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import others
from ontui.ui.fit import left
from ontui.ui.format import GLYPHS, alert_name

COLOURS = {Status.OK: "green", Status.WARNING: "yellow", Status.CRITICAL: "red"}


def _time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def to_json(state: State, now: float) -> dict[str, Any]:
    """The picture as `interface.md` promises it; a value is null unless it is fresh, times are RFC 3339 UTC."""
    state = without_late(state, late, now) if (late := late_at(state, now)) else state
    return {
        "system": state.system.id,
        "environment": state.system.environment,
        "at": _time(now),
        "status": state.status(now),
        "cut_off": state.cut_off.words(now) if state.cut_off else None,
        "slis": [_sli_json(state, sli, now) for sli in state.indicators],
        "alerts": [told for entry in state.lineup() for told in _entry_json(state, entry)],
        "sources": [_source_json(s, now) for s in state.sources.values()],
    }


def _sli_json(state: State, sli_id: str, now: float) -> dict[str, Any]:
    sli, standing, reading = state.system.slis[sli_id], state.standing(sli_id, now), state.indicators[sli_id].reading
    data_age_s = reading.data_age_s + now - reading.at if reading and reading.data_age_s is not None else None
    return {
        "id": sli.id,
        "title": sli.title,
        "group": sli.group,
        "status": standing.status,
        "value": standing.value if standing.fresh else None,
        "unit": sli.unit,
        "text": standing.text,
        "objective": sli.objective.words(sli.unit) if sli.objective else None,
        "objective_met": standing.objective_met,
        "age_s": None if standing.age_s is None else round(standing.age_s, 3),
        "data_age_s": None if data_age_s is None else round(data_age_s, 3),
        "reason": standing.reason,
        "source": sli.source,
        "rows": _rows_json(reading if standing.fresh else None, sli),
    }


def _rows_json(reading: Reading | None, sli: Sli) -> list[dict[str, Any]]:
    """Worst first; none while the reading is not to be trusted."""
    return [
        {"name": row.name, "value": row.value, "text": sli.row_words(row), "reason": row.reason}
        for row in (reading.rows if reading else ())
    ]


def _alert_json(state: State, alert: Alert) -> dict[str, Any]:
    rule, sli = alert.rule, state.system.slis[alert.rule.sli]
    return {
        "name": rule.name,
        "sli": rule.sli,
        "severity": rule.severity.name,
        "level": rule.severity.level,
        "state": alert.phase,
        "since": _time(alert.since),
        "value": alert.value,
        "runbook": rule.runbook or sli.runbook or None,
        "actions": list(rule.actions),
        "flapping": alert.flapping,
        "respond_by": _time(due_at(alert, Duty.RESPOND, state.system.hours)),
        "acknowledge_by": _time(due_at(alert, Duty.ACKNOWLEDGE, state.system.hours)),
        "labels": {sli.rows: next(iter(alert.rows))} if alert.rows and sli.rows else {},
        "source": sli.source,
    }


def _entry_json(state: State, entry: Alert | Crowd) -> list[dict[str, Any]]:
    """One of ours, or each of a crowd."""
    if isinstance(entry, Alert):
        return [_alert_json(state, entry)]
    return [_other_json(state, other) for other in entry.members]


def _other_json(state: State, other: Other) -> dict[str, Any]:
    alert = other.alert
    return {
        "name": alert.name,
        "sli": None,
        "severity": other.severity.name,
        "level": other.severity.level,
        "state": alert.phase,
        "since": _time(alert.since),
        "value": alert.value,
        "runbook": alert.runbook or None,
        "actions": [],
        "respond_by": _time(due_at(other, Duty.RESPOND, state.system.hours)),
        "acknowledge_by": _time(due_at(other, Duty.ACKNOWLEDGE, state.system.hours)),
        "labels": dict(alert.labels),
        "source": alert.source,
        "summary": alert.summary,
        "stale": other.status is Status.STALE,
        "silenced_until": _time(other.silences[0].ends_at) if other.silences else None,
    }


def _source_json(health: SourceHealth, now: float) -> dict[str, Any]:
    return {
        "id": health.source.id,
        "type": health.source.type,
        "status": health.status(now),
        "latency_s": None if health.latency_s is None else round(health.latency_s, 4),
        "age_s": None if health.ok_at is None else round(now - health.ok_at, 3),
        "error": health.fault.text if health.fault else ("; ".join(health.findings) or None),
        "server": health.server or None,
    }


def to_text(state: State, now: float) -> str:
    """The picture for people, the verdict first."""
    board = state.lineup()
    ours = [entry for entry in board if isinstance(entry, Alert)]
    counts = [
        f"{n} {word}"
        for word, phase, fits in (("firing", Phase.FIRING, others.firing), ("pending", Phase.PENDING, others.pending))
        if (n := sum(a.phase is phase for a in ours) + others.how_many(state, fits))
    ]
    verdict = state.status(now)
    system = state.system
    head = f"{system.name} ({'PRODUCTION' if system.production else system.environment}): {_word(verdict)}"
    lines = [head + (f" · {', '.join(counts)}" if counts else "") + f" · {_time(now)}"]
    if state.cut_off:
        lines.append(f"{GLYPHS[Status.CRITICAL]} {state.cut_off.words(now)}")
    lines += ["", "Sources", *(_source_line(s, now) for s in state.sources.values())]
    if board:
        lines += ["", "Alerts", *(_entry_line(state, entry, now) for entry in board)]
    groups = dict.fromkeys(i.sli.group for i in state.indicators.values())
    for group in groups:
        lines += ["", group or "SLIs"]
        lines += [_sli_line(state, i.sli.id, now) for i in state.indicators.values() if i.sli.group == group]
    return "\n".join(lines)


def _word(status: Status) -> str:
    text = f"{GLYPHS[status]} {status}"
    return click.style(text, fg=COLOURS.get(status), bold=status is Status.CRITICAL)


def _pad(status: Status) -> str:
    return _word(status) + " " * (10 - len(status))


def _source_line(health: SourceHealth, now: float) -> str:
    latency = format_duration(health.latency_s) if health.latency_s is not None else "–"
    says = health.fault.text if health.fault else "; ".join((health.server, *health.findings)).strip("; ")
    return f"  {_pad(health.status(now))} {health.source.id:<14} {latency:>8}  {says}"


def _entry_line(state: State, entry: Alert | Crowd, now: float) -> str:
    if isinstance(entry, Alert):
        return _alert_line(state, entry, now)
    first, by = entry.first, others.taken_words(state, entry, now)
    quiet = first.alert.phase is ForeignPhase.SUPPRESSED
    glyph = click.style(others.glyph(first), fg=None if quiet else COLOURS.get(first.status))
    tail = " · ".join(filter(None, (others.sources(entry), by)))
    text = f"{first.severity.name} {others.title(entry)}: {others.about(entry)}".rstrip(": ")
    return f"  {glyph} {others.life(first, now)}  {text} ({tail})"


def _alert_line(state: State, alert: Alert, now: float) -> str:
    rule, sli = alert.rule, state.system.slis[alert.rule.sli]
    value = sli.judged(alert) or "–"
    status = Status.CRITICAL if alert.pages else Status.OK if alert.phase is Phase.RESOLVED else Status.WARNING
    age = format_age(now - alert.since) if alert.since is not None else ""
    name = "".join(alert_name(alert))
    what = f"{rule.severity.name} {name}: {sli.title} {value}, alarm when {rule.condition.words(sli.unit)}"
    phase = f"{alert.phase} (flapping)" if alert.flapping else alert.phase
    return f"  {click.style(GLYPHS[status], fg=COLOURS[status])} {phase} {age}  {what}"


def _sli_line(state: State, sli_id: str, now: float) -> str:
    sli, standing = state.system.slis[sli_id], state.standing(sli_id, now)
    objective = sli.objective.words(sli.unit) if sli.objective else ""
    reason = f"  {standing.reason}" if standing.reason else ""
    return f"  {_pad(standing.status)} {left(sli.title, 26)} {standing.text:>10}  {objective:<14}{reason}".rstrip()
