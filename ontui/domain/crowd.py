"""The lines of the board that others fill: their alerts, each once, on our ladder, many of one name as one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ontui.domain.foreign import Foreign, ForeignAlert, ForeignPhase, lost, vouched_at
from ontui.domain.severity import Level, Severity
from ontui.domain.silence import Matcher, Silence
from ontui.domain.status import Status

CROWD_FROM = 4
"""So many alerts of one name stand on the board as one line."""
_PAGES = ("critical", "crit", "page", "pager", "emergency", "fatal", "disaster")


@dataclass(frozen=True, slots=True)
class Other:
    """An alert of others as it stands on our board."""

    alert: ForeignAlert
    severity: Severity
    """Of our ladder."""
    frozen_at: float | None = None
    """When it was last told, while who told it does not answer."""
    silences: tuple[Silence, ...] = ()
    """Those that keep it quiet, the one that ends last first."""

    @property
    def status(self) -> Status:
        """What it makes of the system."""
        if self.frozen_at is not None or self.alert.phase is ForeignPhase.GONE or self.alert.silent:
            return Status.STALE
        if self.alert.phase is ForeignPhase.SUPPRESSED:
            return Status.OK
        return Status.CRITICAL if self.pages else Status.WARNING

    @property
    def pages(self) -> bool:
        """Fires with a severity that wakes people, as far as is known: who falls silent takes nothing back."""
        return self.alert.phase is ForeignPhase.FIRING and self.severity.level is Level.CRITICAL


@dataclass(frozen=True, slots=True)
class Crowd:
    """One line of the board: an alert, or many of one name."""

    key: str
    members: tuple[Other, ...]
    """At least one; of many, those that began first come first."""
    apart: tuple[str, ...] = ()
    """The labels that tell it from others of its name that have lines of their own."""

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

    @property
    def unwritable(self) -> tuple[str, ...]:
        """Labels whose values cannot be shown as they are, and so are no matchers."""
        return tuple(sorted({name for member in self.members for name in member.alert.inexact}))


def crowd_key(name: str) -> str:
    """Stands for all alerts of a name."""
    return f"{name}{{*}}"


def severity_of(word: str, ladder: Sequence[Severity]) -> Severity:
    """The rung of our ladder that a word of others stands for: by name, else by what such words usually mean."""
    plain = word.strip().casefold()
    for rung in ladder:
        if rung.name.casefold() == plain:
            return rung
    wanted = Level.CRITICAL if plain in _PAGES else Level.WARNING
    fitting = [rung for rung in ladder if rung.level is wanted] or list(ladder[-1:])
    return fitting[0] if fitting else Severity(plain or str(wanted), wanted, 0 if wanted is Level.CRITICAL else 1)


def joined(told: Mapping[str, Foreign], ladder: Sequence[Severity], at: float) -> tuple[Crowd, ...]:
    """The alerts of all sources, each once: what an Alertmanager knows of an alert wins over its evaluator.

    `at`: by which silences end that nobody tells of any more.
    """
    vouched = vouched_at(told.values())
    passed_on = sorted((f for f in told.values() if not f.is_evaluator), key=lambda f: f.frozen_at is not None)
    evaluated = [f for f in told.values() if f.is_evaluator]
    others: list[Other] = []
    listed: set[str] = set()
    index = _Index(a for f in evaluated for a in f.alerts)
    for source in passed_on:
        dropped = {id(a) for a in source.alerts if a.phase is ForeignPhase.GONE}
        dropped -= {id(a) for a in lost(source, vouched)}
        for known in source.alerts:
            alert = _with_ended_silences(known, source, at)
            same = index.same(alert)
            if id(known) in dropped or alert.key in listed or (
                same and _evaluator_knows_better(alert, source, same, told[same.source])
            ):
                continue
            listed.add(alert.key)
            if same is not None:
                index.take(same)
                alert = replace(alert, value=same.value if alert.value is None else alert.value, told_as=same.key)
            others.append(_other(alert, source, ladder, alert.silenced_by))
    labels = {id(same): a.labels for f in passed_on for a in f.left if (same := index.same(a)) is not None}
    for source in evaluated:
        for alert in [a for a in source.alerts if not index.is_taken(a)]:
            known_as = labels.get(id(alert), alert.labels)
            others.append(_evaluated(alert, known_as, source, passed_on, ladder, at))
    return crowds(others)


def _other(alert: ForeignAlert, source: Foreign, ladder: Sequence[Severity], silenced_by: Collection[str]) -> Other:
    held = sorted((s for s in source.silences if s.id in silenced_by), key=lambda s: -s.ends_at)
    frozen_at = source.at if source.frozen_at is not None else None
    return Other(alert, severity_of(alert.severity_word, ladder), frozen_at, tuple(held))


def _evaluated(
    alert: ForeignAlert, labels: Mapping[str, str], source: Foreign, passed_on: Iterable[Foreign],
    ladder: Sequence[Severity], at: float,
) -> Other:  # fmt: skip
    """One that no Alertmanager lists; a silence holds it all the same, as it will once it is listed (again)."""
    told = _other(alert, source, ladder, ())
    if alert.phase is not ForeignPhase.FIRING:
        return told
    for keeper in passed_on:
        ids = tuple(s.id for s in keeper.silences if s.quiets(labels, at))
        if ids:
            quiet = replace(alert, phase=ForeignPhase.SUPPRESSED, silenced_by=ids)
            held = _other(quiet, keeper, ladder, ids)
            return replace(held, frozen_at=told.frozen_at if held.frozen_at is None else held.frozen_at)
    return told


def _with_ended_silences(alert: ForeignAlert, source: Foreign, at: float) -> ForeignAlert:
    """It fires again once the silences are over by the clock that were told of before their server fell silent."""
    if source.frozen_at is None or alert.phase is not ForeignPhase.SUPPRESSED or alert.inhibited:
        return alert
    ends = [s.ends_at for s in source.silences if s.id in alert.silenced_by]
    is_over = bool(ends) and max(ends) <= at
    return replace(alert, phase=ForeignPhase.FIRING, silenced_by=()) if is_over else alert


def _evaluator_knows_better(alert: ForeignAlert, source: Foreign, same: ForeignAlert, evaluator: Foreign) -> bool:
    """Whether only the Alertmanager's word is old, or was not renewed; but it alone knows what is kept quiet."""
    if same.phase is ForeignPhase.GONE or alert.phase is ForeignPhase.SUPPRESSED:
        return False
    is_older = source.frozen_at is not None and (evaluator.frozen_at is None or source.at < evaluator.at)
    is_unheard = alert.silent and not same.silent and evaluator.frozen_at is None
    return alert.phase is ForeignPhase.GONE or is_older or is_unheard


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


def _differing(alerts: Sequence[ForeignAlert]) -> tuple[str, ...]:
    """The labels of which these have different values."""
    names = dict.fromkeys(name for alert in alerts for name in alert.labels)
    return tuple(name for name in names if len({alert.labels.get(name) for alert in alerts}) > 1)


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
    found: list[Crowd] = []
    named: dict[str, list[ForeignAlert]] = {}
    for (name, _, _), members in sets.items():
        named.setdefault(name, []).extend(m.alert for m in members)
    for (name, phase, severity), members in sets.items():
        members.sort(key=lambda m: (m.alert.since or 0.0, m.alert.key))
        if len(members) >= CROWD_FROM:
            found.append(Crowd(f"{crowd_key(name)} {phase} {severity}", tuple(members)))
        else:
            apart = _differing(named[name])
            found += [Crowd(f"{m.alert.key} {m.alert.source}", (m,), apart) for m in members]
    return tuple(sorted(found, key=rank))
