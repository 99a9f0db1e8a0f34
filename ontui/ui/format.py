"""Values → words and glyphs; knows no terminal library, so that the plain commands speak the same language."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from ontui.domain.alert import Alert, AlertRule, Phase
from ontui.domain.condition import Kind
from ontui.domain.hearsay import doubts
from ontui.domain.quantity import format_age, format_duration
from ontui.domain.rows import named
from ontui.domain.sample import Point, Reading
from ontui.domain.sli import Indicator, Sli, Standing
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State
from ontui.domain.status import Status

GLYPHS = {
    Status.OK: "✓",
    Status.WARNING: "◆",
    Status.CRITICAL: "▲",
    Status.STALE: "◌",
    Status.NO_DATA: "∅",
    Status.UNKNOWN: "?",
}
WORDS = {status: status.value.replace("_", " ") for status in Status}
_LEFT_DOTS, _RIGHT_DOTS = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
"""Braille dots from the bottom up."""


def clock(at: float) -> str:
    """An instant as `14:36:51Z`."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}Z"


def hour_minute(at: float) -> str:
    """An instant as `14:36`."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M}"


def moment(at: float, span_s: float) -> str:
    """An instant on an axis of time: `14:36`, with its day where the axis is longer than half of one."""
    return f"{datetime.fromtimestamp(at, UTC):%b %-d %H:%M}" if span_s > 43_200 else hour_minute(at)


def ago(at: float, now: float) -> str:
    """`3m ago`."""
    return f"{format_age(now - at)} ago"


def last(span_s: float) -> str:
    """How far back a picture reaches: `last 15 m`, `last 1 h`, `last 7 d`."""
    if span_s > 86_400:
        return f"last {span_s / 86_400:.0f} d"
    return f"last {span_s / 3600:.0f} h" if span_s >= 3600 else f"last {span_s / 60:.0f} m"


def minutes(seconds: float) -> str:
    """A progress as `0:40`, `12:05`, `1:02:03`."""
    s = max(0, int(seconds))
    return f"{s // 3600}:{s % 3600 // 60:02d}:{s % 60:02d}" if s >= 3600 else f"{s // 60}:{s % 60:02d}"


def limit(rule: AlertRule, unit: str) -> str:
    """An alert's limit: `> 800 ms`."""
    return rule.condition.words(unit)


def against(alert: Alert, unit: str) -> str:
    """How its value stands to the limit, true in every phase: `> 800 ms`, `not > 800 ms`."""
    return ("" if alert.active and alert.holds else "not ") + limit(alert.rule, unit)


def alert_name(alert: Alert) -> tuple[str, str]:
    """What it is called, and how many more rows it is about: `Slow /a`, ` +3`."""
    return named(alert.rule.name, alert.rows)


def is_trusted(indicator: Indicator, standing: Standing) -> bool:
    """Whether a value may be shown as it is now: fresh, and the last poll was answered."""
    return standing.fresh and indicator.fault is None


def as_seen(alert: Alert, indicator: Indicator, standing: Standing) -> Alert:
    """An alert as fresh as its indicator, with its number: both are marked from the first failed poll on."""
    asked = alert.rule.condition
    if asked.about_data:
        return alert
    if is_trusted(indicator, standing) and (alert.frozen_at is None or asked.kind is not Kind.BASELINE):
        return alert if alert.frozen_at is None else replace(alert, frozen_at=None)
    holds = None   # the number says so, however little it is trusted: what stands beside it must be true of it
    if standing.value is not None and indicator.reading is not None:
        holds = asked.holds(Reading(standing.value, indicator.reading.at), indicator.baseline)
    return replace(
        alert, value=standing.value, holds=alert.holds if holds is None else holds,
        frozen_at=alert.seen_at if alert.frozen_at is None else alert.frozen_at,
    )  # fmt: skip


def life(alert: Alert, now: float) -> str:
    """Where an alert is in its life: `firing 6m12s`, `pending 0:40 of 5:00`, `firing, no data for 48s`."""
    if alert.frozen_at is not None and alert.phase is not Phase.INACTIVE:
        last = alert.frozen_at if alert.seen_at is None else alert.seen_at   # as old as its indicator says it is
        return f"{alert.phase if alert.well_since is None else 'flapping'}, no data for {format_age(now - last)}"
    if alert.phase is Phase.PENDING:
        return f"pending {_progress(alert)}"
    if alert.well_since is not None:
        settles = f", settles {hour_minute(alert.settles_at)}Z" if alert.settles_at is not None else ""
        return f"flapping, well since {format_age(now - alert.well_since)}{settles}"
    since = now if alert.since is None else alert.since
    if alert.phase is Phase.RESOLVED:
        return f"resolved {ago(since, now)}"
    return f"{alert.phase}{' (flapping)' if alert.flapping else ''} {format_age(now - since)}"


def _progress(alert: Alert) -> str:
    """How far it is on the way to firing: `0:40 of 5:00`, `2 of 3 in a row`, or both."""
    rule = alert.rule
    held = f"{minutes(alert.held_s)} of {minutes(rule.hold_s)}"
    seen = f"{min(alert.times, rule.in_a_row)} of {rule.in_a_row} in a row"
    return ", ".join([held] * (rule.hold_s > 0 or rule.in_a_row == 1) + [seen] * (rule.in_a_row > 1))


def terms(rule: AlertRule, unit: str) -> str:
    """When it fires and when that is over: `> 90 % for 5m, 3 in a row, until < 80 %`."""
    hold = f" for {format_age(rule.hold_s)}" if rule.hold_s else ""
    seen = f", {rule.in_a_row} in a row" if rule.in_a_row > 1 else ""
    return limit(rule, unit) + hold + seen + (f", until {rule.clear.words(unit)}" if rule.clear else "")


def taken(alert: Alert, now: float) -> str:
    """Who took an alert: `alice, 3m ago`, `not acknowledged`; empty where nobody has to."""
    if alert.acknowledged is not None:
        age_s = now - alert.acknowledged.at
        age = format_age(age_s if age_s < 60 else age_s // 60 * 60)
        return f"{alert.acknowledged.who.partition('@')[0]}, {age} ago"
    return "not acknowledged" if alert.phase is Phase.FIRING and alert.well_since is None else ""


def short_title(sli: Sli) -> str:
    """The title without the name of the group it stands in."""
    rest = sli.title.removeprefix(f"{sli.group} ")
    return rest or sli.title


def calm(state: State, now: float, since: float) -> tuple[Status, str]:
    """The one line that stands for an empty alert board; it claims no more than is known."""
    standings = [state.standing(sli, now) for sli in state.indicators]
    minute = (now - since) // 60 * 60
    watched = f" · watching for {format_age(minute)}" if minute else ""
    if unsure := doubts(state, now):
        return Status.WARNING, f"no alerts, but {unsure[0].removeprefix('no alerts, but ')}"
    if not standings:
        return Status.UNKNOWN, "no alerts · no indicators are configured"
    if state.cut_off:
        return Status.UNKNOWN, "no alerts · the network cannot be seen from here"
    blind = sum(not s.fresh for s in standings)
    missed = sum(s.objective_met is False for s in standings)
    judged = sum(s.objective_met is not None for s in standings)
    if blind == len(standings):
        return Status.UNKNOWN, "no alerts · nothing is known yet"
    if blind or missed:
        parts = [f"{missed} outside objective"] * bool(missed)
        parts += [f"{blind} of {len(standings)} not fresh"] * bool(blind)
        return Status.UNKNOWN if blind else Status.WARNING, "no alerts · " + " · ".join(parts) + watched
    unjudged = len(standings) - judged
    if not judged:
        return Status.OK, f"no alerts · no objective to judge by{watched}"
    if unjudged:
        return Status.OK, f"no alerts · all {judged} judged within objective, {unjudged} have none{watched}"
    return Status.OK, f"no alerts · all {judged} indicators within objective{watched}"


def source_reason(health: SourceHealth, now: float) -> str:
    """Why a source is not simply ok, and when it is tried next; empty when it is."""
    status = health.status(now)
    if status is Status.UNKNOWN:
        return "connecting"
    if health.fault is not None:
        since = f" {format_age(now - health.failing_since)}" if health.failing_since is not None else ""
        following = ""
        if health.next_at is not None:
            wait = health.next_at - now
            following = f", next try in {format_age(wait)}" if wait >= 1 else ", trying"
        return f"down{since}: {health.fault.text}{following}"
    if status is Status.STALE:
        return f"late: last answer {ago(health.ok_at, now)}" if health.ok_at is not None else "never answered"
    return " · ".join(health.findings)


def source_speed(health: SourceHealth) -> str:
    """How fast a source answered, no finer than matters and moves by itself: `< 1 ms`, `4 ms`, `38 ms`, `110 ms`."""
    if health.latency_s is None or health.fault is not None:
        return ""
    if health.latency_s < 0.001:
        return "< 1 ms"
    return format_duration(float(f"{health.latency_s:.{1 if health.latency_s < 0.01 else 2}g}"))


def asked_at(at: float | None, interval_s: float, now: float) -> str:
    """When a number was asked for: the instant, which stands still; once another is due, the age, which grows."""
    if at is None:
        return "not yet"
    return f"at {clock(at)}" if now - at <= interval_s + 1 else ago(at, now)


def value_words(standing: Standing) -> str:
    """The value as shown in a list: unknown is a word, not a question mark alone."""
    return standing.text if standing.value is not None else WORDS[standing.status]


def steady(now: float, span_s: float, steps: int) -> float:
    """The end of a time axis: it moves by whole steps, so that a picture changes with its data and not each second."""
    step = span_s / max(1, steps)
    return math.ceil(now / step) * step


def spacing(points: Sequence[Point], otherwise: float) -> float:
    """How far apart the newer points usually are, whatever gaps there are between some."""
    steps = sorted(b.at - a.at for a, b in pairwise(points[-100:]))
    return steps[len(steps) // 2] if steps else otherwise


def buckets(points: Sequence[Point], cells: int, start: float, end: float) -> list[float | None]:
    """The last value in each of so many equal stretches of time; one without, between two that have one, repeats."""
    step = (end - start) / cells if cells else 1.0
    found: list[float | None] = [None] * cells
    seen = [False] * cells
    for point in points:
        index = int((point.at - start) / step) if point.at < end else cells - 1
        if 0 <= index < cells:
            found[index], seen[index] = point.value, True
    reach = int(3 * spacing(points, step) / step) + 1   # sparser data than cells: bridge three polls, not a real gap
    last: float | None = None
    distance = cells
    for index in range(cells):
        if seen[index]:
            last, distance = found[index], 0
        else:
            distance += 1
            found[index] = last if last is not None and distance < reach else None
    return found


def _share(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low))) if high != low else 0.0


def trace(first: float | None, second: float | None, low: float, high: float, *, filled: bool = False) -> str:
    """One cell of a sparkline, two values side by side: a thin line, or filled below; a gap is a gap."""
    bits = 0
    for value, dots in ((first, _LEFT_DOTS), (second, _RIGHT_DOTS)):
        if value is not None:
            level = round(_share(value, low, high) * 3)
            bits |= sum(dots[: level + 1]) if filled else dots[level]
    return chr(0x2800 + bits) if bits else " "
