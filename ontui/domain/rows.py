"""Many things measured alike as one SLI, which is as bad as the worst of them."""

from collections.abc import Iterable
from dataclasses import replace

from ontui.domain.condition import Condition
from ontui.domain.sample import Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.status import Status

MOST_ROWS = 1000
"""The worst so many are kept."""


def reading_of(sli: Sli, found: Iterable[Row], reading: Reading) -> Reading:
    """The reading with its rows, worst first, and the value of the worst; says what it had to leave out."""
    rows = list(found)
    if not rows:
        if sli.empty is None or reading.flaw not in (None, Status.NO_DATA):
            return replace(reading, value=None, flaw=reading.flaw or Status.NO_DATA, reason=reading.reason or "no rows")
        return replace(reading, value=sli.empty, flaw=None, reason="", note="no rows")
    names = [row.name for row in rows]
    if len(set(names)) < len(names):
        twice = next(name for n, name in enumerate(names) if name in names[:n])
        reason = f"two rows are called {twice!r}: 'rows' must name what tells them apart"
        return replace(reading, value=None, flaw=Status.UNKNOWN, reason=reason)
    ranked = sorted(rows, key=lambda row: (_badness(sli, row, reading.baseline), row.name))
    without = sum(row.value is None for row in rows)
    said = [reading.caveat, f"{without} of {len(rows)} rows have no value" if 0 < without < len(rows) else ""]
    if len(rows) > MOST_ROWS:
        said.append(f"only the worst {MOST_ROWS} of {len(rows)} rows are kept")
    kept = replace(reading, rows=tuple(ranked[:MOST_ROWS]), caveat="; ".join(filter(None, said)))
    if without == len(rows):
        return replace(kept, value=None, flaw=reading.flaw or Status.NO_DATA, reason=reading.reason or rows[0].reason)
    return replace(kept, value=ranked[0].value)


def named(name: str, rows: Iterable[str]) -> tuple[str, str]:
    """A name with the worst row it is about, and how many more there are: `Slow /a`, ` +3`."""
    first, *others = [*rows] or [""]
    return " ".join(filter(None, (name, first))), f" +{len(others)}" if others else ""


def _badness(sli: Sli, row: Row, baseline: float | None) -> tuple[float, ...]:
    """Sorts the worst first: by the severity of what it alarms, a missed objective, and how far it is that way."""
    value = row.value
    if value is None:
        return (float("inf"), 1, 0.0)
    seen = Reading(value, 0.0)
    alarms = [r.severity.rank for r in sli.alerts if r.condition.by_row and r.condition.holds(seen, baseline)]
    missed = sli.objective is not None and sli.objective.holds(seen, baseline) is False
    rank = float(min(alarms)) if alarms else 1e6
    return (rank, 0 if missed else 1, -_distance(sli, value, baseline))


def _distance(sli: Sli, value: float, baseline: float | None) -> float:
    """How far a value is on the bad side, told by the first limit there is; without one, more is worse."""
    for rule in sli.alerts:
        if rule.condition.by_row:
            return _towards(rule.condition, value, baseline)
    if sli.objective is not None and sli.objective.by_row:
        return -_towards(sli.objective, value, baseline)
    return value


def _towards(condition: Condition, value: float, baseline: float | None) -> float:
    if condition.symbol in ("<", "<="):
        return -value
    if condition.symbol in (">", ">="):
        return value
    apart = abs(value - (condition.bound(baseline) or 0.0))
    return apart if condition.symbol == "!=" else -apart
