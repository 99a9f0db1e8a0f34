"""The upright axis of a chart: how far it reaches, and where it is named with round numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ontui.domain.quantity import STEPS, format_limit, format_value

CLOSE = 0.15
"""Values within this share of the largest lie close together."""
FLAT = 0.05
"""Values within this share of the largest are as good as one."""
FAR = 50.0
"""A limit so many times as large as flat values would say nothing of them."""
LEAST = 0.005
"""A scale spans at least this share of its largest value, where a limit is in view; without one it spans a lot more."""
LEAST_ALONE = 0.1
ROWS_A_TICK = 3
_CLOCK = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0)
_DURATIONS = (
    *(60 * n for n in _CLOCK), *(3600 * n for n in (1.0, 2.0, 3.0, 6.0, 12.0)), *(86_400 * n for n in (1.0, 2.0, 5.0)),
)  # fmt: skip
"""Round steps from a minute on."""
_WHOLE = {"ratio": 1.0, "percent": 100.0}
"""The most there can be of something, by unit."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From what to what, and the round values between."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def row(self, value: float, height: int) -> int:
        """In which of so many rows a value stands, from the top."""
        return min(height - 1, max(0, int((self.high - value) / (self.high - self.low) * height)))


def scale_of(values: Sequence[float], limits: Sequence[float], unit: str, height: int) -> Scale:
    """A scale for these values in so many rows, with room beyond each limit that a value is beyond."""
    if unit in STEPS:
        least, most = min(STEPS[unit]), max(STEPS[unit])
        room = 0.15 * (most - least)
        return Scale(least - room, most + room, STEPS[unit])
    low, high = _reach(values, limits, unit)
    step = _step((high - low) / max(1, (height - 1) // ROWS_A_TICK), unit, _are_whole([*values, *limits], unit))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(n * step for n in range(first, max(last, first + 1) + 1))
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    if max(values) <= (whole := _WHOLE.get(unit, math.inf)) < high:
        high, ticks = whole, tuple(tick for tick in ticks if tick <= whole + 1e-9)
    return Scale(*_apart(low, high, values, limits, height), ticks)


def tick_words(ticks: Sequence[float], unit: str) -> list[str]:
    """Each in full, or folded where that tells them apart: `4.5 %`, `10.5 %`; `12k`."""
    if unit not in ("seconds", "bytes", *STEPS) and max(abs(tick) for tick in ticks) >= 10_000:
        folded = [format_value(tick, unit) for tick in ticks]
        if len(set(folded)) == len(ticks):
            return folded
    return [format_limit(tick, unit) if tick or unit not in ("seconds", "bytes") else "0" for tick in ticks]


def _reach(values: Sequence[float], limits: Sequence[float], unit: str) -> tuple[float, float]:
    """Zero is on it, unless a limit far from zero is near; a far limit does not squeeze what moves."""
    low, high = min(values), max(values)
    size = max(abs(low), abs(high))
    near = [limit for limit in limits if abs(limit) <= 1.5 * size]
    if not near and limits and high - low <= FLAT * size:
        nearest = min(limits, key=lambda limit: abs(limit - high))
        near = [nearest] if not size or abs(nearest) <= FAR * size else []
    low, high = min(low, *near, high), max(high, *near, low)
    size = max(abs(low), abs(high)) or _WHOLE.get(unit, 1.0)
    if low >= 0 and (not near or low < (1 - CLOSE) * high):
        return 0.0, high if high > 0 else size
    lacking = (LEAST if near else LEAST_ALONE) * size - (high - low)
    if lacking > 0 or high == low:
        more = max(lacking, LEAST_ALONE * size if high == low else 0.0)
        low, high = low - more / 2, high + more / 2
    return low, high


def _apart(
    low: float, high: float, values: Sequence[float], limits: Sequence[float], height: int
) -> tuple[float, float]:
    """So far that a limit leaves a row to the values beyond it."""
    if height < 3:
        return low, high
    for limit in limits:
        if low <= limit <= high and max(values) > limit:
            high = max(high, (limit * height - low) / (height - 1) + 1e-9 * (high - low))
    for limit in limits:
        if low <= limit <= high and min(values) < limit:
            low = min(low, (limit * height - high) / (height - 1) - 1e-9 * (high - low))
    return low, high


def _are_whole(values: Sequence[float], unit: str) -> bool:
    return unit in ("count", "") and all(value == int(value) for value in values)


def _step(least: float, unit: str, is_whole: bool) -> float:
    """The smallest round step that is at least so large."""
    if unit == "bytes":
        return float(2.0 ** math.ceil(math.log2(max(least, 1.0)) - 1e-9))
    if unit == "seconds" and least > 20:
        if fitting := next((step for step in _DURATIONS if step >= least), 0.0):
            return fitting
        return 86_400 * _round(least / 86_400)
    if unit == "seconds" and least > 10:
        return 20.0
    return max(1.0, _round(least)) if is_whole else _round(least)


def _round(least: float) -> float:
    """1, 2 or 5, by a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    digit = next(digit for digit in (1, 2, 5, 10) if digit * power >= least * (1 - 1e-9))
    return digit * power
