"""What was, further back than the ring of an indicator reaches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ontui.domain.sample import Point


@dataclass(frozen=True, slots=True)
class Past:
    """A history as its source tells it, or why it tells none."""

    points: tuple[Point, ...] = ()
    """Oldest first, by our clock; None is a gap."""
    reason: str = ""
    """Why there are none: one line for people."""

    def with_newer(self, ring: Iterable[Point], gap_s: float) -> tuple[Point, ...]:
        """These points and what we have seen since; `gap_s` apart, two of the latter are not consecutive."""
        newest = self.points[-1].at if self.points else float("-inf")
        return (*self.points, *_broken((p for p in ring if p.at > newest), gap_s))


def _broken(points: Iterable[Point], gap_s: float) -> Iterator[Point]:
    """With a gap wherever nothing was seen for longer than that."""
    before: Point | None = None
    for point in points:
        if before is not None and before.value is not None and point.at - before.at > gap_s:
            yield Point((before.at + point.at) / 2, None)
        yield point
        before = point
