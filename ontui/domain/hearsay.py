"""What others say of alerts, folded into the state, and why an empty board is not all clear."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ontui.domain.foreign import Foreign, ForeignPhase, folded, joined, lost, vouched_at
from ontui.domain.quantity import format_age
from ontui.domain.sample import Sample
from ontui.domain.source import AlertmanagerSource, PrometheusSource, Source
from ontui.domain.status import Status

if TYPE_CHECKING:
    from ontui.domain.state import State


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
    state = replace(state, foreign=foreign, others=joined(foreign, state.system.severities))
    for id_, passed_on in foreign.items():
        if not passed_on.is_evaluator:
            state = _doubted(state, id_, passed_on)
    return state


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
        doubts = [f"no alerts, but {'; '.join(doubts)}"] if doubts else []
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
