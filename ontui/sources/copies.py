"""What a cache answered on behalf of a server: true once, and as old as the cache says."""

from collections.abc import Mapping
from dataclasses import replace

from ontui.domain.quantity import format_age
from ontui.domain.sample import Reading
from ontui.domain.status import Status


def copy_age_s(headers: Mapping[str, str]) -> float | None:
    """How old the copy is that a cache answered with; None where it does not say."""
    told = [part.strip() for part in headers.get("age", "").split(",")]   # of several caches, or told twice
    ages = [float(part) for part in told if part.isascii() and part.isdigit() and len(part) < 10]
    return max(ages, default=None)


def copy_words(copy_s: float) -> str:
    """`a cache's copy, 15m old`."""
    return f"a cache's copy, {format_age(copy_s)} old"


def judged_copy(reading: Reading, copy_s: float | None, stale_after_s: float) -> Reading:
    """A value out of a copy that is too old is stale; of a younger one its age is known."""
    if copy_s is None or reading.value is None:
        return reading
    aged = replace(reading, data_age_s=max(copy_s, reading.data_age_s or 0.0))
    return replace(aged, flaw=Status.STALE, reason=copy_words(copy_s)) if copy_s > stale_after_s else aged
