"""Alerts of others → words; knows no terminal library, so that the plain commands speak the same language."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ontui.domain.alert import Acknowledgement, Alert
from ontui.domain.crowd import Crowd, Other
from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.quantity import format_age, format_number
from ontui.domain.silence import Silence
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import format as words

SOON_S = 900.0
"""What is quiet for less than this will be heard again soon."""


def life(other: Other, now: float) -> str:
    """Where one is in its life: `firing 6m12s`, `silenced until 16:05Z`, `gone: nobody renewed it`."""
    alert = other.alert
    if alert.phase is ForeignPhase.GONE:
        return f"gone ({alert.why_gone})"
    if other.frozen_at is not None and alert.phase is ForeignPhase.SUPPRESSED:
        return f"{_phase(other, now)}, as of {words.ago(other.frozen_at, now)}"
    if other.frozen_at is not None:
        return f"{_phase(other, now)}, no data for {format_age(now - other.frozen_at)}"
    if alert.silent and alert.updated_at is not None:
        return f"{_phase(other, now)}, not renewed for {format_age(max(0.0, now - alert.updated_at))}"
    if alert.phase is ForeignPhase.SUPPRESSED:
        return _phase(other, now)
    since = now if alert.since is None else min(alert.since, now)
    if alert.phase is ForeignPhase.PENDING and alert.hold_s is not None:
        return f"pending {words.minutes(now - since)} of {words.minutes(alert.hold_s)}"
    return f"{alert.phase} {format_age(now - since)}"


def _phase(other: Other, now: float) -> str:
    if other.alert.phase is not ForeignPhase.SUPPRESSED:
        return str(other.alert.phase)
    if other.silences:
        left_s = other.silences[0].ends_at - now
        return f"silenced until {until(other.silences[0])}" if left_s > SOON_S else (
            f"silence ends in {format_age(max(0.0, left_s))}"
        )
    return "silenced" if other.alert.silenced_by else "inhibited"


def until(silence: Silence) -> str:
    """When a silence ends: `16:05Z`, with the day where it is far off."""
    is_far = silence.ends_at - silence.starts_at > 20 * 3600
    day = f"{datetime.fromtimestamp(silence.ends_at, UTC):%d %b} " if is_far else ""
    return f"{day}{words.hour_minute(silence.ends_at)}Z"


def title(crowd: Crowd) -> str:
    """`HighErrors`, `HighErrors ×37`."""
    return crowd.name + multitude(crowd)


def multitude(crowd: Crowd) -> str:
    """How many there are, where that is not one: ` ×37`."""
    return f" ×{len(crowd.members)}" if len(crowd.members) > 1 else ""


def about(crowd: Crowd) -> str:
    """What it says of itself, else what tells it from others of its name."""
    alert = crowd.first.alert
    if len(crowd.members) == 1:
        summary = alert.summary.split("\n")[0]
        apart = ", ".join(alert.labels.get(name, f"no {name}") for name in crowd.apart)
        is_said = all(_says(summary, alert.labels.get(name, "")) for name in crowd.apart)
        return (summary if is_said or not apart else f"{apart}: {summary}") if summary else own_labels(alert)
    common = {m.name for m in crowd.matchers}
    varied = [name for name in alert.labels if name not in common]
    return f"differ in {', '.join(varied[:3])}" if varied else ""


def _says(text: str, word: str) -> bool:
    """Whether a value stands in a text by itself: `1` is not told by `91 % full`."""
    return bool(word) and re.search(rf"(?<![\w.]){re.escape(word)}(?![\w]|\.\w)", text) is not None


def own_labels(alert: ForeignAlert) -> str:
    """`instance=db1, job=postgres`: without its name and severity."""
    left_out = ("alertname", "severity")
    return ", ".join(f"{name}={value}" for name, value in alert.labels.items() if name not in left_out)


def sources(crowd: Crowd) -> str:
    """Who tells it: `from alertmanager`."""
    return "from " + ", ".join(dict.fromkeys(m.alert.source for m in crowd.members))


def value(alert: ForeignAlert) -> str:
    """The number of its rule, whose unit nobody tells."""
    return format_number(alert.value) if alert.value is not None else ""


def taken(state: State, crowd: Crowd) -> Acknowledgement | None:
    """Who took every alert of a line, the last one."""
    found = [state.taken(m.alert) for m in crowd.members]
    return max(filter(None, found), key=lambda t: t.at) if all(found) else None


def taken_words(state: State, crowd: Crowd, now: float) -> str:
    """`alice, 3m ago`, `not acknowledged`; empty where nobody has to."""
    if crowd.first.alert.phase is ForeignPhase.SUPPRESSED:
        return ""
    by = taken(state, crowd)
    if by is None:
        return "not acknowledged" if crowd.first.alert.phase is ForeignPhase.FIRING else ""
    return f"{by.who.partition('@')[0]}, {words.ago(by.at, now)}"


def glyph(other: Other) -> str:
    """Its sign: what is quiet is neither well nor ill."""
    return "–" if other.alert.phase is ForeignPhase.SUPPRESSED else words.GLYPHS[other.status]


def style(other: Other) -> str:
    """The tone a line of the board has."""
    if other.alert.phase is ForeignPhase.SUPPRESSED:
        return "quiet"
    return {Status.CRITICAL: "critical", Status.WARNING: "warning"}.get(other.status, "stale")


def how_many(state: State, fits: Callable[[Other], bool]) -> int:
    """Alerts of others that fit."""
    return sum(fits(member) for crowd in state.others for member in crowd.members)


def firing(other: Other) -> bool:
    """Fires, as far as is known, and nobody keeps it quiet."""
    return other.alert.phase is ForeignPhase.FIRING


def pending(other: Other) -> bool:
    """Is about to."""
    return other.alert.phase is ForeignPhase.PENDING


def count(alerts: int) -> str:
    """`1 alert`, `37 alerts`."""
    return f"{alerts} alert{'' if alerts == 1 else 's'}"


def how_active(entry: Alert | Crowd) -> int:
    """How many alerts of a line of the board somebody may have to act on."""
    if isinstance(entry, Alert):
        return int(entry.active)
    return 0 if entry.first.alert.phase is ForeignPhase.SUPPRESSED else len(entry.members)


def holds(crowd: Crowd, asked: Sequence[str]) -> bool:
    """Whether one of its alerts has all these words, in small letters, in its name, its labels or its source."""
    texts = (f"{crowd.name} {' '.join(m.alert.labels.values())} {m.alert.source}".lower() for m in crowd.members)
    return not asked or any(all(word in text for word in asked) for text in texts)
