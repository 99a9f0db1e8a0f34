"""The series of one answer → what an SLI reads of them: a value, a rate, a ratio, or rows of these."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ontui.domain.quantity import format_age, format_number
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import clean, name_of, one_line
from ontui.sources.metrics_growth import Counters, Growth
from ontui.sources.metrics_text import MOST_SERIES, Series

COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "sum": math.fsum, "max": max, "min": min, "avg": lambda values: math.fsum(values) / len(values),
}  # fmt: skip
PER_S = {"per_minute": 60.0, "per_day": 86400.0}
"""What a growth per second is multiplied by for a unit that is not per second."""
IDLE = "idle"
NO_TIME_S = 10 * 365 * 86400.0
"""Further from now than this, what calls itself a timestamp is none."""
RAW_LINES = 20
RAW_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Moment:
    """What one answer's series are judged by."""

    at: float
    """When it was asked for."""
    target_at: float
    """What the target's clock said."""
    stale_after_s: float
    """The age of an explicit timestamp from which on a number is old."""
    counters: Counters


def series_reading(sli: Sli, top: Sequence[Series], bottom: Sequence[Series], moment: Moment) -> Reading:
    """What `series` (and `over`) of an SLI amount to."""
    told = _with_rows(sli, top, bottom, moment) if sli.rows else _finished(sli, _amount(sli, top, bottom, moment))
    age_s = _age_s([*top, *bottom], moment)
    known_s = max(0.0, age_s) if age_s is not None and math.isfinite(age_s) else None
    return replace(told, raw=_raw([*top, *bottom]), data_age_s=known_s)


def _with_rows(sli: Sli, top: Sequence[Series], bottom: Sequence[Series], moment: Moment) -> Reading:
    if not top:
        return reading_of(sli, (), Reading(None, moment.at, reason=_missing(sli.series)))
    tops, bottoms = _by_label(top, sli.rows), _by_label(bottom, sli.rows)
    shared = bottom if set(bottoms) <= {""} else ()   # no such label: one amount below all rows
    readings = {
        name: _finished(sli, _amount(sli, found, bottoms.get(name, shared), moment)) for name, found in tops.items()
    }
    return _gathered(sli, readings, moment)


def _gathered(sli: Sli, readings: Mapping[str, Reading], moment: Moment) -> Reading:
    """Rows that are idle or only begin are no gap: they stand last, or are not there yet."""
    idle = [Row(_called(name), None, IDLE) for name, r in readings.items() if r.reason == IDLE]
    new = [r.reason for r in readings.values() if r.early]
    rows = [
        Row(_called(name), r.value if r.flaw is None else None, r.reason)
        for name, r in readings.items()
        if r.reason != IDLE and not r.early
    ]
    said = [f"{len(idle)} idle" if idle else "", f"{len(new)} collecting" if new else ""]
    note = " · ".join(filter(None, said))
    if not rows:
        nothing = Reading.unknown(moment.at, new[0], early=True) if new else Reading.no_data(moment.at, IDLE)
        return replace(nothing, rows=tuple(idle), note=note)
    flaws = {r.flaw for r in readings.values()}
    flaw = Status.STALE if flaws == {Status.STALE} else None
    found = reading_of(sli, rows, Reading(None, moment.at, flaw, note=note))
    return replace(found, rows=(*found.rows, *sorted(idle, key=lambda row: row.name)))


def _by_label(series: Iterable[Series], label: str) -> dict[str, list[Series]]:
    groups: dict[str, list[Series]] = {}
    for each in series:
        groups.setdefault(each.labels.get(label, ""), []).append(each)
    return groups


def _called(name: str) -> str:
    return name_of(name) or "(none)"


def _amount(sli: Sli, top: Sequence[Series], bottom: Sequence[Series], moment: Moment) -> Reading:
    """A value, a rate per second, or a ratio of two; before the unit is applied."""
    above = _one(sli, sli.series, top, moment)
    if not sli.over or above.value is None:
        return above
    below = _one(sli, sli.over, bottom, moment)
    if below.value is None:
        reason = below.reason if below.early else f"{one_line(sli.over, 80)}: {below.reason}"
        return replace(below, reason=reason)
    if below.value == 0:
        return Reading.no_data(moment.at, IDLE)
    old = above if above.flaw is not None else below
    note = f"({above.note}) / ({below.note})" if sli.rate else f"{above.value:.6g} / {below.value:.6g}"
    return Reading(above.value / below.value, moment.at, old.flaw, old.reason, note=note)


def _one(sli: Sli, selector: str, found: Sequence[Series], moment: Moment) -> Reading:
    """What the series of one selector amount to: exactly one, or all of them combined."""
    at = moment.at
    if not found:
        return Reading.no_data(at, _missing(selector))
    if len(found) > MOST_SERIES:
        return Reading.unknown(at, f"more than {MOST_SERIES} series are {one_line(selector, 80)}")
    keys = [series.key for series in found]
    if len(set(keys)) < len(keys):
        twice = next(series for n, series in enumerate(found) if series.key in keys[:n])
        return Reading.unknown(at, f"{twice.words} is exposed twice")
    if len(found) > 1 and not sli.combine:
        shown = ", ".join(series.words for series in found[:2])
        return Reading.unknown(at, f"expected 1 series, got {len(found)}: {shown}; add labels, or 'combine'")
    if any(series.value is None for series in found):
        return Reading.unknown(at, "expected a number, got a native histogram")
    odd = next((s.value for s in found if s.value is not None and not math.isfinite(s.value)), None)
    if odd is not None:
        return Reading.no_data(at, format_number(odd))
    combined = COMBINED.get(sli.combine or "sum", math.fsum)
    if sli.rate:
        reading = _grown(found, combined, moment)
    else:
        reading = Reading(combined([s.value for s in found if s.value is not None]), at, note=_said(found))
    return _aged(reading, found, moment)


def _grown(found: Sequence[Series], combined: Callable[[Sequence[float]], float], moment: Moment) -> Reading:
    """How fast counters grow, per second; one that has only begun does not hold up the others."""
    told = [moment.counters.growth(series) for series in found]
    growths = [growth for growth in told if isinstance(growth, Growth)]
    if not growths:
        return Reading.unknown(moment.at, f"collecting: {told[0]}", early=True)
    seconds = growths[0].seconds
    if len(found) == 1:
        note = f"from {growths[0].before:.10g} to {growths[0].after:.10g} in {seconds:.3g} s"
    else:
        of = f"{len(growths)} of {len(told)}" if len(growths) < len(told) else f"{len(told)}"
        note = f"{of} series, +{math.fsum(g.amount for g in growths):.6g} in {seconds:.3g} s"
    return Reading(combined([growth.amount / growth.seconds for growth in growths]), moment.at, note=note)


def _aged(reading: Reading, found: Iterable[Series], moment: Moment) -> Reading:
    """A number with a timestamp of its own is as old as that says."""
    age_s = _age_s(found, moment)
    if reading.value is None or age_s is None or abs(age_s) <= moment.stale_after_s:
        return reading
    if not math.isfinite(age_s):
        reason = "its own timestamp is no time"
    elif age_s < 0:
        reason = f"its own timestamp is {format_age(-age_s)} ahead"
    else:
        reason = f"{format_age(age_s)} old by its own timestamp"
    return replace(reading, flaw=Status.STALE, reason=reason)


def _age_s(found: Iterable[Series], moment: Moment) -> float | None:
    """The age of the oldest; None where none tells its own."""
    stamps = [series.at for series in found if series.at is not None]
    if not stamps:
        return None
    ages = [moment.target_at - stamp for stamp in stamps]
    return max(ages) if all(abs(age_s) < NO_TIME_S for age_s in ages) else math.inf


def _finished(sli: Sli, reading: Reading) -> Reading:
    """In the SLI's unit."""
    if reading.value is None:
        return reading
    ratio = 100.0 if sli.unit == "percent" else 1.0
    scale = ratio if sli.over else PER_S.get(sli.unit, 1.0) if sli.rate else 1.0
    value = reading.value * scale
    return replace(reading, value=value) if math.isfinite(value) else Reading.no_data(reading.at, format_number(value))


def _missing(selector: str) -> str:
    return f"no series is {one_line(selector, 100)}"


def _said(found: Sequence[Series]) -> str:
    return found[0].words if len(found) == 1 else f"{len(found)} series"


def _raw(found: Sequence[Series]) -> str:
    """Each series that was looked at, as it is exposed."""
    lines = list(dict.fromkeys(f"{series.words} {series.value:.17g}" for series in found if series.value is not None))
    lines = [*lines[:RAW_LINES], *([f"… and {len(lines) - RAW_LINES} more"] if len(lines) > RAW_LINES else [])]
    return clean("\n".join(lines), RAW_CHARS)
