"""A past and what was seen since, put together: a gap is a point without a value, and nothing else is."""

from ontui.domain.past import Past
from ontui.domain.sample import Point

FIVE = Past(tuple(Point(n * 300.0, 1.0) for n in range(5)))
"""0 to 1200, every 300 s."""


def ring(*at: float) -> tuple[Point, ...]:
    """What was seen then."""
    return tuple(Point(instant, 2.0) for instant in at)


def gaps(points: tuple[Point, ...]) -> list[float]:
    """Where nothing is known."""
    assert [p.at for p in points] == sorted(p.at for p in points)
    return [p.at for p in points if p.value is None]


def test_neighbours_at_the_step_of_the_past_and_of_the_polls_belong_together() -> None:
    whole = FIVE.joined(ring(1190, 1195, 1205, 1210, 1215), 12.0)
    assert gaps(whole) == []
    assert [p.value for p in whole] == [1.0] * 5 + [2.0] * 3, "of what both know, the past's"


def test_what_was_not_seen_is_a_gap_also_where_the_past_ends() -> None:
    assert gaps(FIVE.joined(ring(1800, 1805, 1900), 12.0)) == [1500.0, 1852.5]


def test_what_we_saw_before_the_past_begins_is_not_forgotten() -> None:
    young = Past((Point(1200.0, 1.0),))
    assert [p.at for p in young.joined(ring(1190, 1195, 1205), 12.0)] == [1190, 1195, 1200, 1205]
    assert gaps(young.joined(ring(1000, 1195, 1300), 12.0)) == [1097.5, 1250.0]


def test_the_step_is_the_usual_one_whatever_the_newest_point() -> None:
    assert FIVE.step_s == 300.0
    assert Past((*FIVE.points, Point(1217.0, 1.0))).step_s == 300.0
    assert Past(FIVE.points[:1]).step_s == 0.0
