"""An alert that cannot make up its mind: it stays on the board as one thing, and its moves are counted, not told."""

from dataclasses import dataclass

CHANGES = 5
"""So many changes between firing and resolved …"""
WITHIN_S = 1800.0
"""… in so long a time are flapping."""
SETTLED_S = 600.0
"""How long it must have stayed as it is to be settled; only what was seen counts."""


@dataclass(frozen=True, slots=True)
class Flaps:
    """The recent changes of one alert between firing and resolved."""

    changes: tuple[float, ...] = ()
    """When each was, oldest first, at most WITHIN_S back."""
    since: float | None = None
    """Since when it is flapping; None while it is not."""
    quiet_s: float = 0.0
    """How long it has been seen not to change."""

    def after(self, *, fires: bool, fired: bool, at: float, credit_s: float) -> "Flaps":
        """With one more judged sample."""
        kept = tuple(change for change in self.changes if at - change <= WITHIN_S)
        if fires is not fired:
            kept = (*kept, at)
            since = at if self.since is None and len(kept) >= CHANGES else self.since
            return Flaps(kept, since)
        quiet_s = self.quiet_s + credit_s
        if self.since is not None and quiet_s >= SETTLED_S:
            return Flaps()
        return Flaps(kept, self.since, quiet_s)
