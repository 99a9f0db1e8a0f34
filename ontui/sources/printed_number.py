"""Numbers as programs print them: `42`, `12%`, `3.5s`, `250m` of a core, `128Mi`."""

import math
import re

from ontui.domain.quantity import DURATIONS, SIZES, QuantityError, parse_duration, parse_quantity

CORES = ("cores", "core", "cpu", "cpus")
"""Units in which `250m` is a quarter."""
_MULTIPLES = {p: 1000.0**n for n, p in ((-3, "n"), (-2, "u"), (-1, "m"), (1, "k"), (2, "M"), (3, "G"), (4, "T"),
                                        (5, "P"), (6, "E"))}  # fmt: skip
KUBERNETES = _MULTIPLES | {p + "i": 1024.0**n for n, p in enumerate("KMGTPE", 1)}
"""Suffixes of Kubernetes' quantities; `M` is 1,000,000 and `Mi` 1,048,576."""
BYTES = SIZES | {"kB": 1000.0} | {suffix: KUBERNETES[suffix] for suffix in KUBERNETES if suffix not in ("n", "u")}
SECONDS = DURATIONS | {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}
LONGEST = 100
"""Characters a number may have."""
_PRINTED = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*([^\s,_]*)")
_ODD = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}


def printed_number(cell: object, unit: str) -> float | None:
    """The number in the unit, not always finite; None where there is none, or where it is not clear which.

    Digits grouped by commas are not clear: `1,500` is one and a half in half of Europe.
    """
    if isinstance(cell, bool):
        return float(cell) if unit in ("up", "present") else None
    if isinstance(cell, int | float):
        try:
            return float(cell)
        except OverflowError:
            return math.inf
    text = cell.strip() if isinstance(cell, str) else ""
    if text.lower() in _ODD:
        return _ODD[text.lower()]
    match = _PRINTED.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return _clock(text) if unit == "seconds" else None
    number, suffix = float(match[1]), match[2]
    return number if not suffix else _with_suffix(number, suffix, text, unit)


def _with_suffix(number: float, suffix: str, text: str, unit: str) -> float | None:
    suffixes = {"bytes": BYTES, "seconds": SECONDS}.get(unit, KUBERNETES if unit in CORES else {})
    if suffix in suffixes:
        return number * suffixes[suffix]
    if unit == "seconds":
        return _clock(text)
    try:
        return parse_quantity(text, unit)
    except (QuantityError, ValueError, OverflowError):
        return None


def _clock(text: str) -> float | None:
    """`1h30m`, `3d4h`."""
    try:
        return parse_duration(text) if text[:1].isdigit() and text[-1:].isalpha() and len(text) <= LONGEST else None
    except (QuantityError, ValueError, OverflowError):
        return None
