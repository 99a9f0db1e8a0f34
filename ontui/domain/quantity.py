"""Numbers with units: reading them from text and writing them for people."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from ontui.domain.text import one_line

DURATIONS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
"""Seconds in each duration suffix."""
SIZES = {"B": 1.0} | {p + s: b**n for s, b in (("iB", 1024.0), ("B", 1000.0)) for n, p in enumerate("KMGTP", 1)}
"""Bytes in each size suffix; `KiB` is 1024, `KB` is 1000."""
RATES = {"/s": "per_second", "/min": "per_minute", "/m": "per_minute", "/d": "per_day", "/day": "per_day"}
"""Rate suffixes and the unit each belongs to."""
SUFFIXES = {
    "seconds": " s", "ratio": " %", "percent": " %", "count": "", "per_second": " /s", "per_minute": " /min",
    "per_day": " /day",
}  # fmt: skip
"""What is written behind a number, by unit."""
VENDOR_WORDS: dict[float, str] = {
    0: "operational", 1: "maintenance", 2: "degraded", 3: "partial outage", 4: "major outage"
}  # fmt: skip
"""What a vendor says of itself, by how bad it is: the unit `vendor`."""
STEPS: Mapping[str, tuple[float, ...]] = {"up": (0.0, 1.0), "present": (0.0, 0.5, 1.0), "vendor": tuple(VENDOR_WORDS)}
"""All the values there are in a unit whose values are words."""
YES_OR_NO = frozenset({"up", "present"})
"""Units of which 1 alone is well."""
COMMA = "write 1.5, or 1500 without a comma"
"""What to do about a comma in a limit."""
_NUMBER = re.compile(r"([-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)$", re.A)
_POWER = re.compile(r"e\+0?")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)", re.A)


class QuantityError(ValueError):
    """A text that is no quantity of the unit asked for; the message says what was expected."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        """What to write instead, where that is known."""


def parse_duration(text: str | int | float) -> float:
    """Seconds in `500ms`, `30s`, `5m`, `2h`, `1d` or `1h30m`; a bare number is seconds."""
    if isinstance(text, bool):
        raise QuantityError(f"expected a duration such as 500ms, 30s, 5m, 2h or 1d, found {text!r}")
    if isinstance(text, int | float):
        seconds = float(text)
    else:
        stripped = text.strip().replace(" ", "")
        parts = _PART.findall(stripped)
        if parts and "".join(n + u for n, u in parts) == stripped:
            seconds = sum(float(n) * DURATIONS[u] for n, u in parts)
        else:
            try:
                seconds = float(stripped.encode("ascii"))   # of text it would take any script's digits
            except ValueError:
                raise QuantityError(
                    f"expected a duration such as 500ms, 30s, 5m, 2h or 1d, found {one_line(text, 60)!r}"
                ) from None
    if not math.isfinite(seconds) or seconds < 0:
        raise QuantityError(f"expected a duration of zero or more, found {one_line(text, 60)!r}")
    return seconds


def parse_quantity(text: str | int | float, unit: str) -> float:
    """A limit in the SLI's unit: seconds take durations, ratios `5%`, bytes sizes, rates `/s`, `/min`, `/d`."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    if unit == "vendor":
        return parse_vendor(str(text))
    if "," in str(text):   # half a world's decimal point, and the other half's thousands
        raise QuantityError(f"expected a number without a comma, found {one_line(text, 60)!r}", COMMA)
    match = _NUMBER.match(str(text).strip())
    if not match:
        raise QuantityError(f"expected a number with an optional unit, found {one_line(text, 60)!r}")
    number, suffix = float(match[1].replace("_", "")), match[2]
    if not suffix:
        return number
    if suffix == "%" and unit in ("ratio", "percent"):
        return number / 100 if unit == "ratio" else number
    if suffix in DURATIONS and unit == "seconds":
        return number * DURATIONS[suffix]
    if suffix in SIZES and unit == "bytes":
        return number * SIZES[suffix]
    if RATES.get(suffix) == unit or suffix in (unit, unit.removesuffix("s")):
        return number
    raise QuantityError(f"a limit in {suffix!r} does not fit the unit {unit!r}")


def parse_vendor(text: str) -> float:
    """How bad a vendor says it is: `partial outage`, `partial_outage` as Statuspage writes it, or the number itself."""
    said = " ".join(text.lower().replace("_", " ").split())
    known = {word: value for value, word in VENDOR_WORDS.items()} | {str(int(value)): value for value in VENDOR_WORDS}
    word = {"degraded performance": "degraded", "under maintenance": "maintenance"}.get(said, said)
    if word not in known:
        raise QuantityError(f"expected {', '.join(VENDOR_WORDS.values())}, found {one_line(text, 60)!r}")
    return known[word]


def format_number(value: float) -> str:
    """Three significant digits, thousands folded: `0.42`, `94.1`, `12.3k`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    magnitude = abs(value)
    seen = float(f"{magnitude:.3g}")   # 999600 is seen as 1M, not as 1000k
    for limit, scale, suffix in ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if limit <= seen and 1e4 <= magnitude < 1e15:
            return f"{_short(math.copysign(seen, value) / scale)}{suffix}"
    if magnitude >= 1e15:
        return f"{value:.3g}"
    if magnitude >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if magnitude >= 0.001 else ("0" if value == 0 else f"{value:.1e}")


def format_duration(seconds: float) -> str:
    """A length of time in its two largest parts: `38 ms`, `1.24 s`, `1m12s`, `3h12m`, `2d4h`."""
    if not math.isfinite(seconds):
        return format_number(seconds)
    sign, s = ("-", -seconds) if seconds < 0 else ("", seconds)
    if s >= 1e10:
        return _POWER.sub("e", f"{seconds:.3g} s")   # nobody counts in so many days
    if s < 0.9995:
        ms = s * 1000
        return f"{sign}{ms:.0f} ms" if ms >= 10 or ms == int(ms) else f"{sign}{ms:.2g} ms"
    if s < 10:
        return f"{sign}{s:.2f} s".replace(".00 s", " s")
    if s < 60:
        return f"{sign}{s:.0f} s"
    return sign + format_age(s)


def format_age(seconds: float) -> str:
    """An age in whole seconds and its two largest parts: `4s`, `1m12s`, `3h12m`."""
    s = max(0, int(seconds))
    for big, small, names in ((86400, 3600, "dh"), (3600, 60, "hm"), (60, 1, "ms")):
        if s >= big:
            rest = s % big // small
            return f"{s // big}{names[0]}" + (f"{rest:02d}{names[1]}" if rest else "")
    return f"{s}s"


def format_value(value: float, unit: str) -> str:
    """A value as it stands on a screen, in the SLI's unit."""
    if not math.isfinite(value):
        return format_number(value)
    match unit:
        case "seconds":
            return format_duration(value)
        case "ratio" | "percent":
            hundredths = value * 100 if unit == "ratio" else value
            return f"{_percent(hundredths)} %"
        case "bytes":
            return _bytes(value)
        case "count" | "":
            return format_number(value)
        case "per_second" | "per_minute" | "per_day":
            return format_number(value) + SUFFIXES[unit]
        case "up":
            return "up" if value else "down"
        case "present":
            return "present" if value >= 1 else "too short" if value > 0 else "missing"
        case "vendor":
            return VENDOR_WORDS.get(value, format_number(value))
        case _:
            return f"{format_number(value)} {unit}"


def _short(value: float) -> str:
    """Three significant digits of what has at most four before the point, never as a power."""
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def _percent(value: float) -> str:
    if 99 < value < 100:
        return f"{math.floor(value * 100) / 100:.2f}".rstrip("0").rstrip(".")
    if abs(value) >= 1e6:
        return format_number(value)
    return f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"


def _bytes(value: float) -> str:
    magnitude, unit = abs(value), "B"
    for name in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if magnitude < 1023.5:   # 1024 of one is 1 of the next
            break
        magnitude, unit = magnitude / 1024, name
    sign = "-" if value < 0 else ""
    return f"{sign}{_short(magnitude) if magnitude < 1e4 else f'{magnitude:.3g}'} {unit}"


@lru_cache(512)
def format_limit(value: float, unit: str) -> str:
    """A limit with every digit it was given: `90.5 %`, `1m30s`, `12345`; never rounded."""
    whole_age = unit == "seconds" and value >= 60 and _is_whole(value)
    if not math.isfinite(value) or unit in STEPS or whole_age:
        return format_value(value, unit)
    for digits in range(3, 16):
        text, said = _spelled(value, unit, digits)
        if math.isclose(said, value, rel_tol=1e-14):
            return text
    return _spelled(value, unit, 17)[0]


@lru_cache(512)
def format_beside(value: float, limits: tuple[float, ...], unit: str) -> str:
    """A value as it stands beside its limits: with as many digits as it takes to tell it from those it is not on."""
    text = format_value(value, unit)
    different = [limit for limit in limits if limit != value]
    others = {format_limit(limit, unit) for limit in different}
    others |= {format_value(limit, unit) for limit in different if abs(limit) >= 1e7}   # `1T` is `1e12`
    digits = 3
    while text in others and digits < 17:
        digits += 1
        text = _spelled(value, unit, digits)[0]
    return text


def _is_whole(seconds: float) -> bool:
    """Whether the two largest parts of an age say all of it."""
    least = 1 if seconds < 3600 else 60 if seconds < 86400 else 3600
    return seconds % least == 0


def _spelled(value: float, unit: str, digits: int) -> tuple[str, float]:
    """A value in so many digits, and what that says."""
    scale, suffix = 1.0, SUFFIXES.get(unit, f" {unit}" if unit else "")
    if unit == "ratio":
        scale = 100.0
    elif unit == "seconds" and abs(value) < 1:
        scale, suffix = 1000.0, " ms"
    elif unit == "bytes":
        power = min(5, max(0, math.frexp(abs(value))[1] - 1) // 10)
        scale, suffix = 1024.0**-power, f" {('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')[power]}"
    number = float(f"{value * scale:.{digits}g}")
    powers = _POWER.sub("e", f"{number:.{digits}g}")
    text = f"{number:.0f}" if number == int(number) and abs(number) < 1e15 else powers
    if abs(number) >= 1e7 and len(powers) < len(text):
        text = powers   # as exact, and no wider than a column
    return text + suffix, number / scale
