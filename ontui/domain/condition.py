"""Objectives and alarms as conditions over a value."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ontui.domain.quantity import QuantityError, format_limit, parse_quantity
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


class Kind(StrEnum):
    """How a condition is judged."""

    COMPARISON = "comparison"
    BASELINE = "baseline"
    RISING = "rising"
    FALLING = "falling"
    ABSENT = "absent"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is true or false of a reading."""

    text: str
    """As configured."""
    kind: Kind
    symbol: str = ""
    limit: float = 0.0
    """In the SLI's unit; a fraction for `of baseline`."""

    @property
    def needs_value(self) -> bool:
        """False only for `absent`, which is about a missing one."""
        return self.kind is not Kind.ABSENT

    @property
    def by_row(self) -> bool:
        """Whether one row of many can be judged by itself; the others need a past, or are about all rows."""
        return self.kind in (Kind.COMPARISON, Kind.BASELINE, Kind.FAILING)

    def bound(self, baseline: float | None) -> float | None:
        """The number the value is compared with, in the SLI's unit; None where there is none."""
        if self.kind is Kind.COMPARISON:
            return self.limit
        if self.kind is Kind.BASELINE and baseline is not None:
            return self.limit * baseline
        return None

    def holds(self, reading: Reading, baseline: float | None, recent: Sequence[Point] = ()) -> bool | None:
        """Whether it is true of a reading; None when that cannot be told. `recent`: the points before it."""
        if self.kind is Kind.ABSENT:
            return reading.flaw is Status.NO_DATA if reading.flaw in (None, Status.NO_DATA) else None
        if reading.value is None or reading.flaw is not None:
            return None
        match self.kind:
            case Kind.FAILING:
                return reading.value == 0
            case Kind.RISING | Kind.FALLING:
                return _moves(self.kind, reading.value, recent)
            case _:
                bound = self.bound(baseline)
                return None if bound is None else OPERATORS[self.symbol](reading.value, bound)

    def words(self, unit: str) -> str:
        """For a screen: `≤ 300 ms`, `< 50 % of baseline`, `rising`."""
        symbol = _SYMBOLS.get(self.symbol, self.symbol)
        if unit in ("up", "present") and self.symbol == "==":
            return format_limit(self.limit, unit)
        if self.kind is Kind.COMPARISON:
            return f"{symbol} {format_limit(self.limit, unit)}"
        if self.kind is Kind.BASELINE:
            return f"{symbol} {format_limit(self.limit, 'ratio')} of baseline"
        return self.kind.value


def _moves(kind: Kind, value: float, recent: Sequence[Point]) -> bool | None:
    """Whether the value moved that way last; a level stretch keeps the verdict of the move before it."""
    known = [p.value for p in recent if p.value is not None]
    if not known:
        return None
    earlier = next((v for v in reversed(known) if v != value), value)
    return value > earlier if kind is Kind.RISING else value < earlier


def parse_condition(text: str, unit: str) -> Condition:
    """Read `> 800ms`, `< 50% of baseline`, `rising`, `falling`, `absent` or `failing`; else QuantityError."""
    stripped = str(text).strip()
    if stripped in (Kind.RISING, Kind.FALLING, Kind.ABSENT, Kind.FAILING):
        return Condition(stripped, Kind(stripped))
    match = _COMPARISON.match(stripped)
    if not match:
        raise QuantityError(
            "expected a comparison ('> 800ms', '< 50% of baseline') or one of rising, falling, absent, failing; "
            f"found {one_line(text, 60)!r}"
        )
    symbol = {"≤": "<=", "≥": ">="}.get(match[1], match[1])
    if share := _OF_BASELINE.match(match[2].strip()):
        return Condition(stripped, Kind.BASELINE, symbol, float(share[1]) / 100)
    return Condition(stripped, Kind.COMPARISON, symbol, parse_quantity(match[2], unit))
