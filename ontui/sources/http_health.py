"""When a health endpoint is down: after several failed checks in a row, and up again after more than one good."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ontui.domain.sample import Reading
from ontui.domain.status import Status

GOOD_TO_RECOVER = 2
"""Good checks in a row that bring back what was down."""


@dataclass(slots=True)
class Health:
    """Counts checks; `up` is 1 or 0, with a caveat whenever that is not the whole truth."""

    down_after: int
    """Failed checks in a row that make it down."""
    bad: int = 0
    good: int = 0
    down: bool = False
    good_at: float | None = None
    """When a check was last good."""

    def passed(self, at: float) -> Reading:
        """Count a good check."""
        self.bad, self.good, self.good_at = 0, self.good + 1, at
        if self.down and self.good < GOOD_TO_RECOVER:
            return Reading(0.0, at, caveat=f"recovering, {self.good} of {GOOD_TO_RECOVER}", check=1.0)
        self.down = False
        return Reading(1.0, at, check=1.0)

    def failed(self, at: float, reason: str) -> Reading:
        """Count a failed check; before the first good one, nothing is known until it is down."""
        note = (
            "" if self.good_at is None else f"last good check {datetime.fromtimestamp(self.good_at, UTC):%H:%M:%S} UTC"
        )
        self.bad, self.good = self.bad + 1, 0
        self.down = self.down or self.bad >= self.down_after
        if self.down:
            checks = "check" if self.bad == 1 else "checks in a row"
            return Reading(0.0, at, caveat=f"{self.bad} {checks} failed: {reason}", note=note, check=0.0)
        caveat = f"{self.bad} of {self.down_after} checks failed: {reason}"
        if self.good_at is None:
            return Reading(None, at, Status.UNKNOWN, caveat, check=0.0)
        return Reading(1.0, at, caveat=caveat, note=note, check=0.0)
