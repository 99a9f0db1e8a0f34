"""Objectives and alarms as conditions over a value."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ontui.domain.quantity import STEPS, YES_OR_NO, QuantityError, format_limit, parse_duration, parse_quantity
from ontui.domain.sample import Point, Reading
from ontui.domain.status import Status
from ontui.domain.text import one_line

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_SYMBOLS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>|≤|≥)\s*(.+)$", re.S)
_OF_BASELINE = re.compile(r"([\d.]+)\s*%\s+of\s+baseline$")
_OLDER = re.compile(r"older\s+than\s+(.+)$")


class Kind(StrEnum):
    """How a condition is judged."""

    COMPARISON = "comparison"
    BASELINE = "baseline"
    RISING = "rising"
    FALLING = "falling"
    ABSENT = "absent"
    FAILING = "failing"
    """It cannot be read; of what is up or present, the word is a comparison."""
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is true or false of a reading."""

    text: str
    """As configured."""
    kind: Kind
    symbol: str = ""
    limit: float = 0.0
    """In the SLI's unit; a fraction for `of baseline`, seconds for `older than`."""

    @property
    def by_row(self) -> bool:
        """Whether one row of many can be judged by itself; the others need a past, or are about all rows."""
        return self.kind in (Kind.COMPARISON, Kind.BASELINE)

    @property
    def about_data(self) -> bool:
        """Whether it is about data that is missing, old or not to be had, and so is judged where a value cannot be."""
        return self.kind in (Kind.ABSENT, Kind.OLDER, Kind.FAILING)

    def bound(self, baseline: float | None) -> float | None:
        """The number the value is compared with, in the SLI's unit; None where there is none."""
        if self.kind is Kind.COMPARISON:
            return self.limit
        if self.kind is Kind.BASELINE and baseline is not None:
            return self.limit * baseline if baseline != 0 or self.symbol == ">" else None   # no share of nothing
        return None

    def holds(self, reading: Reading, baseline: float | None, recent: Sequence[Point] = ()) -> bool | None:
        """Whether it is true of a reading; None when that cannot be told. `recent`: the points before it."""
        if self.kind is Kind.ABSENT:
            return reading.flaw is Status.NO_DATA if reading.flaw in (None, Status.NO_DATA) else None
        if self.kind is Kind.OLDER:
            return reading.data_age_s > self.limit if reading.data_age_s is not None else None
        if self.kind is Kind.FAILING:
            return None if reading.early else reading.flaw is Status.UNKNOWN
        if reading.value is None or reading.flaw is not None:
            return None
        match self.kind:
            case Kind.RISING | Kind.FALLING:
                return _tends(self.kind, reading.value, recent)
            case _:
                bound = self.bound(baseline)
                return None if bound is None else OPERATORS[self.symbol](reading.value, bound)

    def excludes(self, other: "Condition") -> bool | None:
        """Whether no value makes both true; None where the two cannot be held against each other."""
        if self.kind in (Kind.RISING, Kind.FALLING):
            against = (Kind.FALLING, ("<", "<=")) if self.kind is Kind.RISING else (Kind.RISING, (">", ">="))
            return other.kind is against[0] or (other.kind is Kind.COMPARISON and other.symbol in against[1])
        ours, theirs = self._as_comparison(), other._as_comparison()
        if ours is None or theirs is None or ours[0] is not theirs[0]:
            return None
        apart = max(1.0, abs(ours[2]), abs(theirs[2]))
        low, high = sorted((ours[2], theirs[2]))
        return not any(
            OPERATORS[ours[1]](value, ours[2]) and OPERATORS[theirs[1]](value, theirs[2])
            for value in (low - apart, low, (low + high) / 2, high, high + apart)
        )

    def _as_comparison(self) -> tuple[Kind, str, float] | None:
        """What is compared, how, and with which number."""
        return (self.kind, self.symbol, self.limit) if self.kind in (Kind.COMPARISON, Kind.BASELINE) else None

    def words(self, unit: str) -> str:
        """For a screen: `≤ 300 ms`, `< 50 % of baseline`, `rising`."""
        symbol = _SYMBOLS.get(self.symbol, self.symbol)
        if self.text == Kind.FAILING:
            return self.text
        if self.kind is Kind.COMPARISON:
            return self._steps(unit) or f"{symbol} {format_limit(self.limit, unit)}"
        if self.kind is Kind.BASELINE:
            return f"{symbol} {format_limit(self.limit, 'ratio')} of baseline"
        if self.kind is Kind.OLDER:
            return f"older than {format_limit(self.limit, 'seconds')}"
        return self.kind.value

    def _steps(self, unit: str) -> str:
        """In the words of a unit that has few: `down`, `missing or too short`; empty where they say nothing of it."""
        if unit not in YES_OR_NO:
            return "operational" if (unit, self.symbol, self.limit) == ("vendor", "<=", 0) else ""
        steps = STEPS[unit]
        fit = [format_limit(step, unit) for step in steps if OPERATORS[self.symbol](step, self.limit)]
        return " or ".join(fit) if len(fit) < len(steps) else ""


def _tends(kind: Kind, value: float, recent: Sequence[Point]) -> bool | None:
    """Whether it went that way since it last went the other way, as far back as `recent` reaches.

    Held for as long as `recent` is, that is: it never went the other way, and got somewhere. What stays level after one
    step tends nowhere once the step is out of sight.
    """
    known = [p.value for p in recent if p.value is not None]
    if not known:
        return None
    came_from = value
    for earlier in reversed(known):
        if earlier > came_from if kind is Kind.RISING else earlier < came_from:
            break
        came_from = earlier
    return came_from != value


def parse_condition(text: str, unit: str) -> Condition:
    """Read `> 800ms`, `< 50% of baseline`, `older than 10m`, or one of the words; else QuantityError."""
    stripped = str(text).strip()
    if older := _OLDER.match(stripped):
        return Condition(stripped, Kind.OLDER, ">", parse_duration(older[1]))
    if stripped == Kind.FAILING and unit in YES_OR_NO:
        return Condition(stripped, Kind.COMPARISON, "<", 1.0)
    if stripped in (Kind.RISING, Kind.FALLING, Kind.ABSENT, Kind.FAILING):
        return Condition(stripped, Kind(stripped))
    match = _COMPARISON.match(stripped)
    if not match:
        raise QuantityError(
            "expected a comparison ('> 800ms', '< 50% of baseline'), 'older than 10m', or one of rising, falling, "
            "absent, failing; "
            f"found {one_line(text, 60)!r}"
        )
    symbol = {"≤": "<=", "≥": ">="}.get(match[1], match[1])
    if share := _OF_BASELINE.match(match[2].strip()):
        return Condition(stripped, Kind.BASELINE, symbol, float(share[1]) / 100)
    return Condition(stripped, Kind.COMPARISON, symbol, parse_quantity(match[2], unit))
