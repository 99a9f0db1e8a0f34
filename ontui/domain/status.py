"""The closed set of statuses, used for SLIs, sources and systems alike."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """How a thing stands; only a fresh sample may be `OK`."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    NO_DATA = "no_data"
    STALE = "stale"
    UNKNOWN = "unknown"


_WORST_FIRST = (Status.CRITICAL, Status.WARNING, Status.UNKNOWN, Status.STALE, Status.NO_DATA, Status.OK)


def badness(status: Status) -> int:
    """A rank for sorting: 0 is the worst."""
    return _WORST_FIRST.index(status)


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of many; of none, unknown: nothing seen is not all clear."""
    return min(statuses, key=badness, default=Status.UNKNOWN)


EXIT_CODES = {
    Status.OK: 0,
    Status.WARNING: 1,
    Status.CRITICAL: 2,
    Status.UNKNOWN: 3,
    Status.STALE: 3,
    Status.NO_DATA: 3,
}
"""The monitoring-plugin exit code of each status."""
