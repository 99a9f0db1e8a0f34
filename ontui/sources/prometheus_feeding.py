"""Which targets feed a selector, asked so that one that has long been dead is not forgotten."""

BACK_S = (900, 1800, 3600, 6 * 3600, 24 * 3600)
"""How long ago a dead target is looked for in what it fed: a few points, which cost little, and nothing between."""
POINT_S = 300
"""How much of the past a point is."""


def feeding(selector: str, window_s: int) -> tuple[str, ...]:
    """Queries for the `up` of the targets that feed it, the best first; the last is for servers that know less.

    What is decommissioned has no `up` any more, so looking far back does not bring it up again.
    """
    join = "and on (job, instance)"
    now = f"up {join} last_over_time({selector}[{window_s}s])"
    backs = [window_s, *(back_s for back_s in BACK_S if back_s > window_s)]
    past = " or ".join(f"last_over_time({selector}[{POINT_S}s] offset {back_s}s)" for back_s in backs)
    return f"{now} or up == 0 {join} ({past})", now
