"""Alerts that others raise: an Alertmanager's, and those of Prometheus' own rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ontui.domain.silence import Matcher, Silence

_WORD_IN = ("severity", "priority", "level")
"""The labels that tell how bad an alert is, the usual one first."""


class ForeignPhase(StrEnum):
    """Where an alert of others is, as far as its source tells."""

    FIRING = "firing"
    PENDING = "pending"
    SUPPRESSED = "suppressed"
    GONE = "gone"
    """Its source fell silent or its data ended, so that nobody says that it is over."""


@dataclass(frozen=True, slots=True)
class ForeignAlert:
    """One alert as a source tells it; texts are cleaned."""

    source: str
    name: str
    labels: Mapping[str, str]
    """Sorted by name."""
    phase: ForeignPhase
    since: float | None = None
    """When it began to fire, or to be pending, by the server's clock."""
    value: float | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    generator_url: str = ""
    fingerprint: str = ""
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""
    inhibited: bool = False
    """Another alert keeps it quiet."""
    updated_at: float | None = None
    """When its evaluator last said so; None where the evaluator itself was asked."""
    ends_at: float | None = None
    silent: bool = False
    """Nobody renewed it for longer than the config allows."""
    hold_s: float | None = None
    """How long it must be pending before it fires."""
    why_gone: str = ""
    """`no data: its target is down`, `nobody renewed it`."""
    told_as: str = ""
    """The key that its evaluator gives it, which knows no labels that were added on the way."""
    inexact: frozenset[str] = frozenset()
    """Labels whose value was altered by cleaning: no silence can be made of what is shown."""

    @property
    def key(self) -> str:
        """The same for the same alert, whoever tells it."""
        labels = ",".join(f"{name}={value!r}" for name, value in self.labels.items() if name != "alertname")
        return self.told_as or f"{self.name}{{{labels}}}"

    @property
    def severity_word(self) -> str:
        """How bad it is, in its own word; often empty."""
        return next((self.labels[label] for label in _WORD_IN if self.labels.get(label)), "")

    @property
    def summary(self) -> str:
        """One line for people, where it has any."""
        texts = self.annotations
        return next((texts[k] for k in ("summary", "message", "title", "description") if texts.get(k)), "")

    @property
    def runbook(self) -> str:
        """The page it names, most often a web address."""
        return next((self.annotations[k] for k in ("runbook", "runbook_url") if self.annotations.get(k)), "")

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """What tells it from other alerts."""
        return tuple(Matcher(name, value) for name, value in self.labels.items() if name not in self.inexact)


@dataclass(frozen=True, slots=True)
class Foreign:
    """All that one source said of alerts, last time it did."""

    alerts: tuple[ForeignAlert, ...]
    silences: tuple[Silence, ...] = ()
    at: float = 0.0
    frozen_at: float | None = None
    """Its first failed poll; the alerts then stand as they were at `at`."""
    findings: tuple[str, ...] = ()
    """The source's own, without what other sources make one doubt."""
    left: tuple[ForeignAlert, ...] = ()
    """Alerts it no longer lists although a silence that held them is still in force: it may have been restarted."""
    is_evaluator: bool = False
    """It evaluates rules itself, and does not only pass on what it was told."""


def folded(
    known: Foreign | None, at: float, alerts: tuple[ForeignAlert, ...] | None, silences: tuple[Silence, ...] | None,
    findings: tuple[str, ...], *, is_evaluator: bool,
) -> Foreign | None:  # fmt: skip
    """What is known after one more sample; one that says nothing of alerts leaves them as they were, and marked so."""
    if alerts is not None:
        kept = silences if silences is not None else known.silences if known else ()
        left = _left(known, alerts, kept) if known else ()
        return Foreign(alerts, kept, at, None, findings, left, is_evaluator)
    if known is None:
        return None
    return replace(known, frozen_at=at if known.frozen_at is None else known.frozen_at, findings=findings)


def _left(known: Foreign, alerts: Iterable[ForeignAlert], silences: Iterable[Silence]) -> tuple[ForeignAlert, ...]:
    listed, in_force = {alert.key for alert in alerts}, {s.id for s in silences if s.state == "active"}
    before = {alert.key: alert for alert in (*known.left, *known.alerts)}
    return tuple(a for key, a in before.items() if key not in listed and not in_force.isdisjoint(a.silenced_by))


def vouched_at(told: Iterable[Foreign]) -> float | None:
    """Since when every evaluator is known to speak; None where none is asked, or one does not answer."""
    evaluators = [f for f in told if f.is_evaluator]
    if not evaluators or any(f.frozen_at is not None for f in evaluators):
        return None
    return min(f.at for f in evaluators)


def lost(told: Foreign, vouched: float | None) -> list[ForeignAlert]:
    """Alerts that left an Alertmanager because nobody renewed them, unless the evaluators say that all is well."""
    gone = [a for a in told.alerts if a.phase is ForeignPhase.GONE]
    return [a for a in gone if vouched is None or a.updated_at is None or a.updated_at >= vouched]
