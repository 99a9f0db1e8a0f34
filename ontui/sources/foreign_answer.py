"""Alerts, silences and rules as Alertmanager and Prometheus write them in JSON, read without believing them."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.silence import Matcher, Silence
from ontui.domain.text import clean, one_line
from ontui.sources.number_text import number_in
from ontui.sources.prometheus_answer import Malformed

VALUE_CHARS = 300
"""How much of a label's value is kept."""
TEXT_CHARS = 2000
MOST_LABELS = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of Prometheus."""

    name: str
    query: str
    group: str
    health: str
    """ok, err or unknown."""
    error: str
    evaluated_at: float | None
    """None where it never was."""
    interval_s: float
    alerts: tuple[ForeignAlert, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list held, and how much of it could not be read."""

    alerts: tuple[ForeignAlert, ...]
    unread: int


def parse_json(body: bytes) -> object:
    """Any JSON document; raises Malformed."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the answer is not valid JSON") from error


def passed_on(document: object, source: str) -> Listed:
    """The answer of Alertmanager's `/api/v2/alerts`; raises Malformed where it is no list."""
    if not isinstance(document, list):
        raise Malformed("the answer is not a list of alerts")
    alerts, unread = [], 0
    for item in document:
        try:
            alerts.append(_passed_on(_mapping(item), source))
        except Malformed:
            unread += 1
    return Listed(tuple(alerts), unread)


def _passed_on(item: Mapping[str, object], source: str) -> ForeignAlert:
    status = _mapping(item.get("status"))
    state = status.get("state")
    if state not in ("active", "suppressed", "unprocessed"):
        raise Malformed("an alert has no known state")
    phase = ForeignPhase.SUPPRESSED if state == "suppressed" else ForeignPhase.FIRING
    labels, inexact = _labels(item.get("labels"))
    return ForeignAlert(
        source, labels.get("alertname", "(unnamed)"), labels, phase,
        since=instant(item.get("startsAt")),
        annotations=_annotations(item.get("annotations")),
        generator_url=one_line(item.get("generatorURL") or "", TEXT_CHARS),
        fingerprint=one_line(item.get("fingerprint") or "", 80),
        silenced_by=tuple(one_line(i, 80) for i in _list(status.get("silencedBy"))),
        inhibited=bool(_list(status.get("inhibitedBy"))),
        updated_at=instant(item.get("updatedAt")),
        ends_at=instant(item.get("endsAt")),
        inexact=inexact,
    )  # fmt: skip


def silences(document: object) -> tuple[Silence, ...]:
    """The answer of Alertmanager's `/api/v2/silences`, those that are over left out; raises Malformed."""
    if not isinstance(document, list):
        raise Malformed("the answer is not a list of silences")
    return tuple(s for s in (silence(item) for item in document) if s.state != "expired")


def silence(item: object) -> Silence:
    """One silence; raises Malformed."""
    found = _mapping(item)
    starts_at, ends_at = instant(found.get("startsAt")), instant(found.get("endsAt"))
    state = _mapping(found.get("status")).get("state")
    if starts_at is None or ends_at is None or state not in ("active", "pending", "expired"):
        raise Malformed("a silence has no time or state")
    matchers = []
    for raw in _list(found.get("matchers")):
        matcher = _mapping(raw)
        matchers.append(Matcher(
            one_line(matcher.get("name", "")), clean(matcher.get("value", ""), VALUE_CHARS),
            matcher.get("isEqual", True) is not False, matcher.get("isRegex", False) is True,
        ))  # fmt: skip
    return Silence(
        one_line(found.get("id", ""), 80), tuple(matchers), starts_at, ends_at,
        one_line(found.get("createdBy") or ""), one_line(found.get("comment") or "", TEXT_CHARS), state,
    )  # fmt: skip


def rules(data: object, source: str) -> tuple[Rule, ...]:
    """The data of Prometheus' `/api/v1/rules`; raises Malformed."""
    groups = data.get("groups") if isinstance(data, dict) else None
    if groups is None and isinstance(data, dict):
        return ()
    found: list[Rule] = []
    for raw in _list(groups, strict=True):
        group = _mapping(raw)
        interval_s = _number(group.get("interval")) or 0.0
        name = one_line(group.get("name", ""))
        found += [_rule(_mapping(r), name, interval_s, source) for r in _list(group.get("rules"))]
    return tuple(found)


def _rule(item: Mapping[str, object], group: str, interval_s: float, source: str) -> Rule:
    hold_s = _number(item.get("duration"))
    alerts = tuple(_evaluated(_mapping(a), source, hold_s) for a in _list(item.get("alerts")))
    return Rule(
        one_line(item.get("name", "")), clean(item.get("query", ""), TEXT_CHARS), group,
        one_line(item.get("health") or "unknown", 20), one_line(item.get("lastError") or "", 300),
        instant(item.get("lastEvaluation")), interval_s, alerts,
    )  # fmt: skip


def flat(data: object, source: str) -> tuple[ForeignAlert, ...]:
    """The data of Prometheus' `/api/v1/alerts`; raises Malformed."""
    found = data.get("alerts") if isinstance(data, dict) else None
    return tuple(_evaluated(_mapping(a), source, None) for a in _list(found, strict=True))


def _evaluated(item: Mapping[str, object], source: str, hold_s: float | None) -> ForeignAlert:
    state = item.get("state")
    if state not in ("firing", "pending"):
        raise Malformed("an alert has no known state")
    labels, inexact = _labels(item.get("labels"))
    since = instant(item.get("activeAt"))
    if since is not None and state == "firing":
        since += hold_s or 0.0
    value = _number(item.get("value"))
    return ForeignAlert(
        source, labels.get("alertname", "(unnamed)"), labels, ForeignPhase(str(state)), since=since, value=value,
        annotations=_annotations(item.get("annotations")), hold_s=hold_s, inexact=inexact,
    )  # fmt: skip


def instant(text: object) -> float | None:
    """An RFC 3339 time in seconds since the epoch; None for none, for the year 1, and for what is no time."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if seconds > 0 else None


def _labels(found: object) -> tuple[dict[str, str], frozenset[str]]:
    """Labels sorted by name, and the names of those that are not shown as they are."""
    labels, inexact = {}, set()
    for name, value in sorted(_texts(found)):
        shown = clean(value, VALUE_CHARS, keep_newlines=False)
        labels[one_line(name, 80)] = shown
        if shown != value or one_line(name, 80) != name:
            inexact.add(one_line(name, 80))
    return labels, frozenset(inexact)


def _annotations(found: object) -> dict[str, str]:
    return {one_line(name, 80): clean(value, TEXT_CHARS) for name, value in sorted(_texts(found))}


def _texts(found: object) -> Iterator[tuple[str, str]]:
    pairs = list(_mapping(found if found is not None else {}).items())[:MOST_LABELS]
    for name, value in pairs:
        if not isinstance(value, str):
            raise Malformed(f"{one_line(name, 40)!r} is not a text")
        yield name, value


def _mapping(found: object) -> Mapping[str, object]:
    if not isinstance(found, dict):
        raise Malformed(f"expected an object, found {one_line(found, 40)!r}")
    return found


def _list(found: object, *, strict: bool = False) -> list[object]:
    if found is None and not strict:
        return []
    if not isinstance(found, list):
        raise Malformed(f"expected a list, found {one_line(found, 40)!r}")
    return found


def _number(found: object) -> float | None:
    """A finite number, also as the text that Prometheus writes; None for anything else."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        value = number_in(found) if isinstance(found, str) else float(found)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
