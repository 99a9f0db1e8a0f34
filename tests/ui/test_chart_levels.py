"""The lines of limits on a chart are quiet until they are crossed, and say their own value."""

import pytest

from ontui.domain.sample import Point
from ontui.domain.state import State
from ontui.ui.widgets.chart import Chart, Mark, draw
from ontui.ui.widgets.preview import Story, chart_of
from ontui.ui.widgets.sli_list import Item
from tests.ui import freight

CASES = [(freight.watched(), {"quiet"}), (freight.burning(), {"quiet", "critical"})]


@pytest.mark.parametrize(("state", "loud"), CASES)
def test_an_alarm_that_is_not_raised_is_as_quiet_as_the_objective(state: State, loud: set[str]) -> None:
    item = Item(state.indicators["p95"], state.standing("p95", freight.NOW), tuple(state.alerts_of("p95")))
    assert {mark.style for mark in chart_of(Story(item), freight.NOW, 900.0).levels} == loud


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("up", 1.0, ["up", "down"]),
        ("present", 0.0, ["present", "too short", "missing"]),
        ("vendor", 2.0, ["major outage", "partial outage", "degraded", "maintenance", "operational"]),
    ],
)
def test_the_scale_of_a_unit_of_words_has_these_words_each_once(unit: str, value: float, words: list[str]) -> None:
    points = [Point(1.0, value), Point(2.0, 0.0)]
    for rows in (14, 22):
        lines = draw(Chart(points, 0.0, 3.0, unit, 5.0, (Mark(0.0, "objective", "quiet"),)), 60, rows)
        assert [word for line in lines if line and (word := line[0][0].strip())][: len(words)] == words


def test_limits_in_one_row_are_labelled_with_the_value_of_the_alarm() -> None:
    levels = (Mark(99.0, "objective", "quiet"), Mark(100.0, "alarm", "critical"))
    lines = draw(Chart([Point(1.0, 10.0), Point(2.0, 90.0)], 0.0, 3.0, "count", 5.0, levels), 60, 8)
    shown = ["".join(text for text, _ in line) for line in lines]
    row = next(line for line in shown if "alarm" in line)
    assert row.strip().startswith("100 ")
