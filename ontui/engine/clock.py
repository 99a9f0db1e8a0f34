"""Keeps time: a clock that neither steps nor stops."""

import time
from collections.abc import Callable

STEP_S = 2.0
"""A wall clock that moved further than this against ours was stepped."""


def _since_boot() -> float:
    """Seconds that go on counting while the machine sleeps, where the system can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) if boot is not None else time.monotonic()


class SteadyClock:
    """Seconds since the epoch as the wall said at start, advanced by a clock that is never set."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _since_boot) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()
        self._told = 0.0

    def now(self) -> float:
        """Ages are differences of this: a set clock cannot make an old number young."""
        return self._steady() + self._offset

    def step(self) -> float | None:
        """How far the wall clock was set since this was last asked, in seconds; None when it was not."""
        drift = self._wall() - self.now()
        if abs(drift - self._told) <= STEP_S:
            return None
        step, self._told = drift - self._told, drift
        return step
