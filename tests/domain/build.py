"""Small domain values for the tables of the tests."""

from collections.abc import Sequence

from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.sample import Fault, FaultKind, Point, Reading, Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Sli
from ontui.domain.source import Source
from ontui.domain.state import State, System
from ontui.domain.status import Status

SEV2 = Severity("SEV-2", Level.CRITICAL, 1)
SEV3 = Severity("SEV-3", Level.WARNING, 2)


def rule(
    when: str, hold_s: float = 0.0, *, name: str = "High", unit: str = "seconds", severity: Severity = SEV2,
    clear: str = "", in_a_row: int = 1,
) -> AlertRule:  # fmt: skip
    ends = parse_condition(clear, unit) if clear else None
    return AlertRule(name, "p95", parse_condition(when, unit), hold_s, severity, clear=ends, in_a_row=in_a_row)


def sli(*rules: AlertRule, objective: str = "", unit: str = "seconds", baseline: float | None = None) -> Sli:
    return Sli(
        id="p95",
        title="latency p95",
        group="API",
        source="metrics",
        unit=unit,
        query="q",
        interval_s=10,
        timeout_s=2,
        objective=parse_condition(objective, unit) if objective else None,
        baseline=baseline,
        alerts=tuple(rules),
    )


def state(one: Sli) -> State:
    source = Source(id="metrics", type="prometheus", interval_s=10, timeout_s=2)
    return State.empty(System("x", "X", "production", True, sources={"metrics": source}, slis={one.id: one}))


def seen(at: float, value: float | None, **reading: object) -> Sample:
    """A good poll with one answer; None is `no data`."""
    answer = Reading.no_data(at, "empty result") if value is None else Reading(value, at, **reading)  # type: ignore[arg-type]
    return Sample("metrics", at, 0.01, {"p95": answer})


def stale(at: float, value: float) -> Sample:
    return Sample("metrics", at, 0.01, {"p95": Reading(value, at, Status.STALE, "data is 90 s old")})


def failed(at: float, text: str = "connection refused") -> Sample:
    return Sample("metrics", at, 2.0, fault=Fault(FaultKind.REFUSED, text))


def points(*values: float | None, start: float = 0.0, step: float = 10.0) -> Sequence[Point]:
    return tuple(Point(start + n * step, v) for n, v in enumerate(values))
