"""What the record is told of a sample: what it changed in the picture."""

from ontui.domain.alert import Phase
from ontui.domain.event import Event, EventKind
from ontui.domain.hearsay import heard
from ontui.domain.quantity import format_age
from ontui.domain.rows import named
from ontui.domain.state import State


def transitions(before: State, after: State, at: float) -> list[Event]:
    """What a sample changed that belongs in the record: alerts that moved, sources that went down or came back."""
    events = []
    for key, alert in after.alerts.items():
        old = before.alerts[key]
        if alert.phase is not old.phase or alert.flapping is not old.flapping:
            rule = alert.rule
            sli = after.system.slis[rule.sli]
            value = f" {sli.judged(alert)}".rstrip()
            word = "no longer pending" if alert.phase is Phase.INACTIVE else str(alert.phase)
            if alert.flapping:
                word = f"flapping, {len(alert.flaps.changes)} changes"
            elif old.flapping:
                word = f"settled: {word}"
            name = "".join(named(rule.name, alert.rows or old.rows))
            text = f"{name} {word} ({rule.severity.name}): {sli.title}{value}"
            if alert.since is not None and at - alert.since > sli.interval_s:
                text += f", since {format_age(at - alert.since)}"
            data = {"phase": str(alert.phase), "severity": rule.severity.name, "sli": rule.sli, "value": alert.value}
            data |= {"flapping": True} if alert.flapping else {}
            events.append(Event(EventKind.ALERT, at, "ontui", key, text, data | {"since": alert.since}))
    for source, health in after.sources.items():
        was = before.sources[source].fault
        if (was is None) != (health.fault is None):
            word = f"down: {health.fault.text}" if health.fault else "up"
            data = {"up": health.fault is None, "reason": health.fault.text if health.fault else ""}
            events.append(Event(EventKind.SOURCE, at, "ontui", source, f"{source} {word}", data))
    return [*events, *heard(before, after, at)]
