"""The picture under another config: what is the same is carried over, what is not begins anew."""

from dataclasses import replace

from ontui.domain.alert import Alert, AlertRule
from ontui.domain.crowd import joined
from ontui.domain.sli import Indicator, Sli
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State, System


def rebased(state: State, system: System) -> State:
    """The state of the system as it is now configured, with all that was seen and is still about the same thing."""
    same = {id_ for id_, source in system.sources.items() if state.system.sources.get(id_) == source}
    kept = {id_ for id_, sli in system.slis.items() if sli.source in same and _is_same(state.system.slis.get(id_), sli)}
    foreign = {id_: told for id_, told in state.foreign.items() if id_ in same}
    at = max((health.tried_at or 0.0 for health in state.sources.values()), default=0.0)
    return replace(
        state,
        system=system,
        sources={id_: state.sources[id_] if id_ in same else SourceHealth(s) for id_, s in system.sources.items()},
        indicators={
            id_: replace(state.indicators[id_], sli=sli) if id_ in kept else Indicator(sli)
            for id_, sli in system.slis.items()
        },
        alerts={
            rule.key: _alert(state.alerts.get(rule.key), rule) if id_ in kept else Alert(rule)
            for id_, sli in system.slis.items() for rule in sli.alerts
        },
        foreign=foreign,
        others=joined(foreign, system.severities, at),
    )  # fmt: skip


def ended(before: State, after: State) -> list[Alert]:
    """The alerts that were alive and are judged no more, or from their beginning."""
    alive = {key for key, alert in after.alerts.items() if alert.active}
    return [alert for key, alert in before.alerts.items() if alert.active and key not in alive]


def _is_same(old: Sli | None, new: Sli) -> bool:
    """Whether both measure the same thing; what is promised of it, and how it is called, may differ."""
    return old is not None and _measured(old) == _measured(new)


def _measured(sli: Sli) -> Sli:
    """Only what decides the value; the rest is named here, so that a new field counts until somebody decides."""
    return replace(
        sli, title="", group="", objective=None, baseline=None, alerts=(), runbook="", actions=(), links=()
    )


def _alert(known: Alert | None, rule: AlertRule) -> Alert:
    """An alert lives on as long as it is judged by the same limits."""
    if known is None:
        return Alert(rule)
    judged = replace(known.rule, severity=rule.severity, runbook=rule.runbook, actions=rule.actions)
    return replace(known, rule=rule) if judged == rule else Alert(rule)
