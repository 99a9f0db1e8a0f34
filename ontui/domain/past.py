"""What was, further back than the ring of an indicator reaches."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ontui.domain.sample import Point


@dataclass(frozen=True, slots=True)
class Past:
    """A history as its source tells it, or why it tells none."""

    points: tuple[Point, ...] = ()
    """Oldest first, by our clock; None is a gap."""
    reason: str = ""
    """Why there are none: one line for people."""

    @property
    def step_s(self) -> float:
        """How far apart the points usually are; 0 where that cannot be told."""
        steps = sorted(b.at - a.at for a, b in pairwise(self.points[-100:]))
        return steps[len(steps) // 2] if steps else 0.0

    def joined(self, ring: Sequence[Point], gap_s: float) -> tuple[Point, ...]:
        """These points, and what we have seen ourselves before and since: every gap in it is a point without a value;
        `gap_s` apart, two of our own are not consecutive."""
        if not self.points:
            return tuple(_broken(ring, gap_s))
        first, last = self.points[0], self.points[-1]
        wide_s = max(gap_s, 1.5 * self.step_s)
        older = [p for p in ring if p.at < first.at]
        newer = [p for p in ring if p.at > last.at]
        return (
            *_broken(older, gap_s), *_between(older[-1:], first, wide_s), *self.points,
            *(_between([last], newer[0], wide_s) if newer else ()), *_broken(newer, gap_s),
        )  # fmt: skip


def _broken(points: Iterable[Point], gap_s: float) -> Iterator[Point]:
    """With a gap wherever nothing was seen for longer than that."""
    before: list[Point] = []
    for point in points:
        yield from _between(before, point, gap_s)
        yield point
        before = [point]


def _between(before: Sequence[Point], point: Point, gap_s: float) -> Iterator[Point]:
    """The gap between two points, if there is one."""
    if before and before[-1].value is not None and point.at - before[-1].at > gap_s:
        yield Point((before[-1].at + point.at) / 2, None)
