"""What feeds a selector and until when: the questions, and what is known of it."""

import math
from dataclasses import dataclass

from ontui.sources.prometheus_answer import Answer

Stamps = tuple[tuple[str, float], ...]
"""Job and newest sample of each target, by the server's clock."""
STAMPS = ("max by (job, instance) (timestamp({}))", "max(timestamp({}))")
"""The second is for servers that know only part of PromQL."""
NEAR_STEP_S = 5
"""How exactly it is told when a series ended just now."""
MOST_STEP_S = 240
"""Less than Prometheus looks back for a current value, so that no sample lies between two steps unseen."""

BACK_S = (900, 1800, 3600, 6 * 3600, 24 * 3600)
"""How long ago a dead target is looked for in what it fed: a few points, which cost little, and nothing between."""
POINT_S = 300
"""How much of the past a point is."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known of the data behind one selector."""

    stamps: Stamps | None = None
    """Of what is current; None: never told."""
    left: Stamps = ()
    """Of what has ended, where a query looks back on it."""
    newest: float | None = None
    """The newest sample there ever was, as far as is known."""
    targets: int = 0
    """Targets that feed it, or did until they went down, where some target of the server is down."""
    down: int = 0


def by_job(answer: Answer) -> Stamps:
    """Read the answer to one of these questions about times."""
    dated = ((s.labels.get("job", ""), s.value) for s in answer.series)
    return tuple((job, at) for job, at in dated if at is not None and math.isfinite(at))


def within(stamps: Stamps, begin: float) -> Stamps:
    """Those that are not older."""
    return tuple((job, at) for job, at in stamps if at >= begin)


def ending(selector: str, back_s: float) -> str:
    """The newest samples of series that may have ended since; the nearer, the more exactly."""
    step_s = min(max(15, int(back_s / 100)), MOST_STEP_S)
    steps = f"{POINT_S}s:{NEAR_STEP_S}s", f"{int(back_s)}s:{step_s}s"
    near_and_far = " or ".join(f"max_over_time(timestamp({selector})[{step}])" for step in steps)
    return f"max by (job, instance) ({near_and_far})"


def feeding(selector: str, window_s: int) -> tuple[str, ...]:
    """Queries for the `up` of the targets that feed it, the best first; the last is for servers that know less.

    What is decommissioned has no `up` any more, so looking far back does not bring it up again.
    """
    join = "and on (job, instance)"
    now = f"up {join} last_over_time({selector}[{window_s}s])"
    backs = [window_s, *(back_s for back_s in BACK_S if back_s > window_s)]
    past = " or ".join(f"last_over_time({selector}[{POINT_S}s] offset {back_s}s)" for back_s in backs)
    return f"{now} or up == 0 {join} ({past})", now
