"""What others say of alerts, folded into the state, and why an empty board is not all clear."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ontui.domain.crowd import Other, crowd_key, joined
from ontui.domain.event import Event, EventKind
from ontui.domain.foreign import Foreign, ForeignAlert, ForeignPhase, folded, lost, vouched_at
from ontui.domain.quantity import format_age
from ontui.domain.sample import Sample
from ontui.domain.severity import Severity
from ontui.domain.source import AlertmanagerSource, PrometheusSource, Source
from ontui.domain.status import Status

if TYPE_CHECKING:
    from ontui.domain.state import State

_QUIET = (ForeignPhase.PENDING, ForeignPhase.SUPPRESSED)
FLOOD = 20
"""More names that move at once are one line of the record."""


def told(state: "State", sample: Sample) -> "State":
    """With what a sample says of alerts of others; whether an Alertmanager is to be believed depends on all sources."""
    source = state.sources[sample.source].source
    is_evaluator = isinstance(source, PrometheusSource)
    heard = folded(
        state.foreign.get(sample.source), sample.at, sample.foreign, sample.silences, sample.findings,
        is_evaluator=is_evaluator,
    )  # fmt: skip
    if heard is None and not (is_evaluator and state.foreign):
        return state
    foreign = {**state.foreign, sample.source: heard} if heard is not None else dict(state.foreign)
    state = replace(state, foreign=foreign, others=joined(foreign, state.system.severities, sample.at))
    for id_, passed_on in foreign.items():
        if not passed_on.is_evaluator:
            state = _doubted(state, id_, passed_on)
    return state


def late_at(state: "State", now: float) -> tuple[str, ...]:
    """The sources of alerts that have not been heard for too long, without a failed poll that would say so."""
    return tuple(id_ for id_, foreign in state.foreign.items() if foreign.frozen_at is None and (
        state.sources[id_].status(now) in (Status.STALE, Status.UNKNOWN)
    ))  # fmt: skip


def without_late(state: "State", late: Iterable[str], now: float) -> "State":
    """With what these told as old as it is: nobody was there to hear that they say nothing."""
    foreign = {**state.foreign, **{id_: replace(state.foreign[id_], frozen_at=now) for id_ in late}}
    return replace(state, foreign=foreign, others=joined(foreign, state.system.severities, now))


def _doubted(state: "State", source: str, passed_on: Foreign) -> "State":
    """An Alertmanager's findings with those that only the other sources bring: who should tell it is silent."""
    doubts = []
    if silent := lost(passed_on, vouched_at(state.foreign.values())):
        names = list(dict.fromkeys(a.name for a in silent))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        age_s = passed_on.at - max(a.updated_at or 0.0 for a in silent)
        doubts.append(f"source silent: nobody renewed {names[0]}{more} for {format_age(age_s)}")
    if not any(a.phase is ForeignPhase.FIRING for a in passed_on.alerts):
        failing = [(h.source.id, h.fault.text) for h in state.sources.values()
                   if isinstance(h.source, PrometheusSource) and h.fault is not None]   # fmt: skip
        doubts += [f"{id_} does not answer: {text}" for id_, text in failing]
        are_quiet = any(a.phase is ForeignPhase.SUPPRESSED for a in passed_on.alerts)
        doubts = [f"{'none unsilenced' if are_quiet else 'no alerts'}, but {'; '.join(doubts)}"] if doubts else []
    findings = (*passed_on.findings, *doubts)
    health = state.sources[source]
    if not findings and not health.findings:
        return state
    indicators = dict(state.indicators)
    for name, indicator in state.indicators.items():
        if indicator.sli.source == source and indicator.sli.metric != "up" and indicator.reading is not None:
            reading = replace(indicator.reading, caveat="; ".join(findings))
            indicators[name] = replace(indicator, reading=reading)
    sources = {**state.sources, source: replace(health, findings=findings)}
    return replace(state, sources=sources, indicators=indicators)


def doubts(state: "State", now: float) -> list[str]:
    """Why an empty board is not all clear: sources of alerts that fail, are late, or are silent themselves."""
    found = []
    for id_, health in state.sources.items():
        if not tells_of_alerts(health.source):
            continue
        status = health.status(now)
        if health.fault is not None:
            found.append(f"{id_} does not answer: {health.fault.text}")
        elif status in (Status.STALE, Status.UNKNOWN):
            found.append(f"{id_} has not answered" + (" lately" if status is Status.STALE else " yet"))
        found += [] if health.fault is not None else health.findings
    return found


def tells_of_alerts(source: Source) -> bool:
    """Whether alerts of others are expected of a source."""
    return isinstance(source, AlertmanagerSource) or (isinstance(source, PrometheusSource) and source.alerts)


@dataclass(frozen=True, slots=True)
class Moved:
    """Alerts of one name that began, ended, or went without an end, with one sample."""

    name: str
    phase: str
    """firing, resolved or gone."""
    severity: Severity
    alerts: tuple[ForeignAlert, ...]

    @property
    def subject(self) -> str:
        """The one alert, or all of the name."""
        return self.alerts[0].key if len(self.alerts) == 1 else crowd_key(self.name)

    @property
    def about(self) -> str:
        """What the one says of itself, or how many they are; and who tells it."""
        one = self.alerts[0]
        what = one.summary.split("\n")[0] if len(self.alerts) == 1 else f"{len(self.alerts)} alerts"
        return " ".join(filter(None, (what, f"from {one.source}")))


def moves(before: "State", after: "State") -> list[Moved]:
    """What began, ended or went in a sample, by name; an alert that another source tells now has not moved."""
    if before.others is after.others:
        return []
    old, new = _by_key(before), _by_key(after)
    kin = _Kin(old.values()), _Kin(new.values())
    found: dict[tuple[str, str], list[Other]] = {}
    for key, other in new.items():
        was = old.get(key) or kin[0].of(other.alert)
        phase = other.alert.phase
        if phase is ForeignPhase.FIRING and (was is None or was.alert.phase in _QUIET):
            found.setdefault((other.alert.name, "firing"), []).append(other)
        elif phase is ForeignPhase.GONE and was is not None and was.alert.phase is not ForeignPhase.GONE:
            found.setdefault((other.alert.name, "gone"), []).append(other)
    for key, other in old.items():
        lived = other.alert.phase in (ForeignPhase.FIRING, ForeignPhase.GONE)
        if lived and key not in new and kin[1].of(other.alert) is None:
            found.setdefault((other.alert.name, "resolved"), []).append(other)
    return [
        Moved(name, phase, min((o.severity for o in moved), key=lambda s: s.rank), tuple(o.alert for o in moved))
        for (name, phase), moved in found.items()
    ]


def heard(before: "State", after: "State", at: float) -> list[Event]:
    """The same for the record: a line a name, or one line for a flood."""
    found = moves(before, after)
    if len(found) > FLOOD:
        events = []
        for phase in dict.fromkeys(m.phase for m in found):
            names = [m.name for m in found if m.phase == phase]
            count, source = sum(len(m.alerts) for m in found if m.phase == phase), found[0].alerts[0].source
            more = f" and {len(names) - 5} more names" if len(names) > 5 else ""
            text = f"{count} alerts {phase} from {source}: {', '.join(names[:5])}{more}"
            events.append(Event(EventKind.ALERT, at, "ontui", source, text, {"phase": phase, "alerts": count}))
        return events
    return [
        Event(EventKind.ALERT, at, "ontui", m.subject, f"{m.name} {m.phase} ({m.severity.name}): {m.about}", {
            "phase": m.phase, "severity": m.severity.name, "source": m.alerts[0].source, "alerts": len(m.alerts),
            "since": m.alerts[0].since,
        }) for m in found
    ]  # fmt: skip


def _by_key(state: "State") -> dict[str, Other]:
    return {member.alert.key: member for crowd in state.others for member in crowd.members}


class _Kin:
    """Finds the same alert as another source tells it: with the labels of its evaluator, or without them."""

    def __init__(self, others: Iterable[Other]) -> None:
        self._by_name: dict[str, list[Other]] = {}
        for other in others:
            self._by_name.setdefault(other.alert.name, []).append(other)

    def of(self, alert: ForeignAlert) -> Other | None:
        """One of the same name told by another source, whose labels are among its own, or the other way round."""
        pairs = alert.labels.items()
        for other in self._by_name.get(alert.name, ()):
            theirs = other.alert.labels.items()
            if other.alert.source != alert.source and (pairs <= theirs or theirs <= pairs):
                return other
        return None
