"""What is made of a server's answers about one metric: a number, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass

from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.status import Status


class Flawed(Exception):
    """Why there is no number."""

    def __init__(self, status: Status, reason: str, *, early: bool = False) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
        self.early = early
        """It takes another look to tell."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number and what is said beside it."""

    value: float
    note: str = ""
    caveat: str = ""


def measured(sli: Sli, at: float, measure: Callable[[], Found], raw: str = "") -> Reading:
    """The reading of a built-in metric, in the SLI's unit."""
    try:
        found = measure()
    except Flawed as flawed:
        return Reading(None, at, flawed.status, flawed.reason, raw=raw, early=flawed.early)
    return Reading(found.value * scale(sli), at, caveat=found.caveat, note=found.note, raw=raw)


def scale(sli: Sli) -> float:
    """What a built-in metric is multiplied with: ratios are also told as percent, where the SLI says so."""
    return 100.0 if sli.unit == "percent" and sli.metric.endswith("_ratio") else 1.0
