"""Alerts that others raise: an Alertmanager's, and those of Prometheus' own rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ontui.domain.severity import Level, Severity
from ontui.domain.silence import Matcher, Silence
from ontui.domain.status import Status

CROWD_FROM = 4
"""So many alerts of one name stand on the board as one line."""
_PAGES = ("critical", "crit", "page", "pager", "emergency", "fatal", "disaster")
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
    """Since when it does not answer; the alerts then stand as they were."""
    findings: tuple[str, ...] = ()
    """The source's own, without what other sources make one doubt."""
    is_evaluator: bool = False
    """It evaluates rules itself, and does not only pass on what it was told."""


@dataclass(frozen=True, slots=True)
class Other:
    """An alert of others as it stands on our board."""

    alert: ForeignAlert
    severity: Severity
    """Of our ladder."""
    frozen_at: float | None = None
    silences: tuple[Silence, ...] = ()
    """Those that keep it quiet, the one that ends last first."""

    @property
    def status(self) -> Status:
        """What it makes of the system."""
        if self.frozen_at is not None or self.alert.phase is ForeignPhase.GONE or self.alert.silent:
            return Status.STALE
        if self.alert.phase is ForeignPhase.SUPPRESSED:
            return Status.OK
        critical = self.alert.phase is ForeignPhase.FIRING and self.severity.level is Level.CRITICAL
        return Status.CRITICAL if critical else Status.WARNING


@dataclass(frozen=True, slots=True)
class Crowd:
    """One line of the board: an alert, or many of one name."""

    key: str
    members: tuple[Other, ...]
    """At least one; of many, those that began first come first."""

    @property
    def first(self) -> Other:
        """Whose severity and phase are those of all."""
        return self.members[0]

    @property
    def name(self) -> str:
        """Of every alert in it."""
        return self.first.alert.name

    @property
    def take_key(self) -> str:
        """What is acknowledged: the one alert, or every one of the name that is active."""
        return self.first.alert.key if len(self.members) == 1 else crowd_key(self.name)

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """What all of them have in common."""
        first, *others = [m.alert for m in self.members]
        return tuple(m for m in first.matchers if all(o.labels.get(m.name) == m.value for o in others))


def crowd_key(name: str) -> str:
    """Stands for all alerts of a name."""
    return f"{name}{{*}}"


def folded(
    known: Foreign | None, at: float, alerts: tuple[ForeignAlert, ...] | None, silences: tuple[Silence, ...] | None,
    findings: tuple[str, ...], *, is_evaluator: bool,
) -> Foreign | None:  # fmt: skip
    """What is known after one more sample; one that says nothing of alerts leaves them as they were, and marked so."""
    if alerts is not None:
        kept = silences if silences is not None else known.silences if known else ()
        return Foreign(alerts, kept, at, None, findings, is_evaluator)
    if known is None:
        return None
    return replace(known, frozen_at=at if known.frozen_at is None else known.frozen_at, findings=findings)


def severity_of(word: str, ladder: Sequence[Severity]) -> Severity:
    """The rung of our ladder that a word of others stands for: by name, else by what such words usually mean."""
    plain = word.strip().casefold()
    for rung in ladder:
        if rung.name.casefold() == plain:
            return rung
    wanted = Level.CRITICAL if plain in _PAGES else Level.WARNING
    fitting = [rung for rung in ladder if rung.level is wanted] or list(ladder[-1:])
    return fitting[0] if fitting else Severity(plain or str(wanted), wanted, 0 if wanted is Level.CRITICAL else 1)


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


def joined(told: Mapping[str, Foreign], ladder: Sequence[Severity]) -> tuple[Crowd, ...]:
    """The alerts of all sources, each once: what an Alertmanager knows of an alert wins over its evaluator."""
    vouched = vouched_at(told.values())
    passed_on = sorted((f for f in told.values() if not f.is_evaluator), key=lambda f: f.frozen_at is not None)
    evaluated = [f for f in told.values() if f.is_evaluator]
    others: list[Other] = []
    listed: set[str] = set()
    index = _Index(a for f in evaluated for a in f.alerts)
    for source in passed_on:
        silences = {s.id: s for s in source.silences}
        dropped = {id(a) for a in source.alerts if a.phase is ForeignPhase.GONE}
        dropped -= {id(a) for a in lost(source, vouched)}
        for alert in source.alerts:
            same = index.same(alert)
            if id(alert) in dropped or alert.key in listed or (same and _evaluator_knows_better(alert, source, same)):
                continue
            listed.add(alert.key)
            if same is not None:
                index.take(same)
                alert = replace(alert, value=same.value if alert.value is None else alert.value, told_as=same.key)
            held = [silences[i] for i in alert.silenced_by if i in silences]
            held.sort(key=lambda s: -s.ends_at)
            severity = severity_of(alert.severity_word, ladder)
            others.append(Other(alert, severity, source.frozen_at, tuple(held)))
    for source in evaluated:
        for alert in source.alerts:
            if not index.is_taken(alert):
                others.append(Other(alert, severity_of(alert.severity_word, ladder), source.frozen_at))
    return crowds(others)


def _evaluator_knows_better(alert: ForeignAlert, source: Foreign, same: ForeignAlert) -> bool:
    """Whether the Alertmanager's word is old while the evaluator's is not."""
    return same.phase is not ForeignPhase.GONE and (
        alert.phase is ForeignPhase.GONE or source.frozen_at is not None
    )


class _Index:
    """Finds the alert of an evaluator that an Alertmanager tells with more labels: those of the evaluator itself."""

    def __init__(self, alerts: Iterable[ForeignAlert]) -> None:
        self._by_keys: dict[tuple[str, frozenset[str]], dict[tuple[str, ...], ForeignAlert]] = {}
        self._taken: set[int] = set()
        self._keys: dict[str, dict[frozenset[str], None]] = {}
        for alert in alerts:
            names = frozenset(alert.labels)
            self._keys.setdefault(alert.name, {})[names] = None
            self._by_keys.setdefault((alert.name, names), {})[tuple(alert.labels.values())] = alert
        for found in self._keys.values():   # the most labels first: the nearest relation
            ordered = sorted(found, key=len, reverse=True)
            found.clear()
            found.update(dict.fromkeys(ordered))

    def same(self, alert: ForeignAlert) -> ForeignAlert | None:
        for names in self._keys.get(alert.name, ()):
            if names <= alert.labels.keys():
                values = tuple(value for name, value in alert.labels.items() if name in names)
                found = self._by_keys[alert.name, names].get(values)
                if found is not None and (id(found) not in self._taken or len(names) == len(alert.labels)):
                    return found
        return None

    def take(self, alert: ForeignAlert) -> None:
        self._taken.add(id(alert))

    def is_taken(self, alert: ForeignAlert) -> bool:
        return id(alert) in self._taken


_ORDER = {ForeignPhase.FIRING: 0, ForeignPhase.GONE: 0, ForeignPhase.PENDING: 1, ForeignPhase.SUPPRESSED: 3}


def rank(crowd: Crowd) -> tuple[int, int, float]:
    """Where a line stands on the board: firing worst first, pending, and last what is kept quiet; 2 is resolved."""
    first = crowd.first
    return _ORDER[first.alert.phase], first.severity.rank, first.alert.since or 0.0


def crowds(others: Iterable[Other]) -> tuple[Crowd, ...]:
    """Lines of the board, worst first: many of one name, one severity and one phase are one line."""
    sets: dict[tuple[str, ForeignPhase, str], list[Other]] = {}
    for other in others:
        sets.setdefault((other.alert.name, other.alert.phase, other.severity.name), []).append(other)
    found = []
    for (name, phase, severity), members in sets.items():
        members.sort(key=lambda m: (m.alert.since or 0.0, m.alert.key))
        if len(members) >= CROWD_FROM:
            found.append(Crowd(f"{crowd_key(name)} {phase} {severity}", tuple(members)))
        else:
            found += [Crowd(f"{m.alert.key} {m.alert.source}", (m,)) for m in members]
    return tuple(sorted(found, key=rank))
