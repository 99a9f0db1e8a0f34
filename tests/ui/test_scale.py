"""The upright axis of a chart: round numbers, told apart, and never a picture of an outage where nothing moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.sample import Point
from ontui.ui.widgets.chart import Chart, Mark, draw
from ontui.ui.widgets.scale import scale_of, tick_words

WIDE = 60


def picture(values: list[float], unit: str, levels: tuple[Mark, ...] = (), rows: int = 14) -> list[str]:
    """The rows of a chart of these values, one every 15 s, without the two of the time axis."""
    points = [Point(n * 15.0, value) for n, value in enumerate(values)]
    lines = draw(Chart(points, 0.0, len(values) * 15.0, unit, 40.0, levels), WIDE, rows)
    return ["".join(text for text, _ in line) for line in lines[:-2]]


def named(shown: list[str]) -> list[str]:
    """What the axis says, from the top."""
    return [label for line in shown if (label := line[: line.index(next(c for c in line if c in "│┤┼"))].strip())]


def dotted(shown: list[str]) -> list[int]:
    """The rows that have dots."""
    return [y for y, line in enumerate(shown) if any("⠀" < c <= "⣿" for c in line)]


LIMIT = Mark(0.9, "objective", "quiet")


@pytest.mark.parametrize("levels", [(LIMIT,), ()])
def test_a_tenth_of_a_percent_up_and_down_is_a_flat_line(levels: tuple[Mark, ...]) -> None:
    shown = picture([0.047 - 0.001 * (n % 3) / 3 for n in range(60)], "ratio", levels)
    assert len(dotted(shown)) == 1
    assert named(shown)[-1] == "0 %"
    assert len(set(named(shown))) == len(named(shown)) >= 2


def test_where_nothing_moves_the_nearest_limit_is_in_view() -> None:
    assert "90 %" in named(picture([0.047] * 60, "ratio", (LIMIT,)))
    assert "5 %" in named(picture([0.0] * 60, "ratio", (Mark(0.05, "alarm", "quiet"),)))


def test_a_dip_near_a_limit_is_not_pressed_flat() -> None:
    shown = picture([0.9995] * 40 + [0.9985] * 20, "ratio", (Mark(0.999, "objective", "quiet"),))
    assert named(shown)[:2] == ["100 %", "99.9 %"]
    assert len(dotted(shown)) >= 2


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [
        ([0.0, 9.0], "count", ["10", "5", "0"]),
        ([1.0, 1.0], "count", ["1", "0"]),
        ([0.0, 0.0], "count", ["1", "0"]),
        ([0.2, 0.99], "ratio", ["100 %", "50 %", "0 %"]),
        ([0.0, 0.042], "seconds", ["60 ms", "40 ms", "20 ms", "0"]),
        ([0.0, 3000.0], "seconds", ["1h", "40m", "20m", "0"]),
        ([0.0, 3.0 * 2**30], "bytes", ["3 GiB", "2 GiB", "1 GiB", "0"]),
    ],
)
def test_the_axis_is_named_with_round_numbers(values: list[float], unit: str, words: list[str]) -> None:
    assert named(picture(values * 20, unit)) == words


@pytest.mark.parametrize("rows", [7, 8, 10, 14, 22])
@pytest.mark.parametrize(("value", "unit", "limits"), [
    (0.94, "ratio", (0.9,)), (0.94, "ratio", (0.7, 0.9)), (0.901, "ratio", (0.9,)), (1.0, "ratio", (0.99,)),
    (91.0, "count", (90.0,)), (0.81, "seconds", (0.3, 0.8)),
])  # fmt: skip
def test_what_is_beyond_a_limit_is_drawn_beyond_its_line(
    value: float, unit: str, limits: tuple[float, ...], rows: int
) -> None:
    shown = picture([value] * 60, unit, tuple(Mark(limit, "alarm", "critical") for limit in limits), rows)
    line = next(y for y, text in enumerate(shown) if "┄" in text)
    assert max(dotted(shown)) < line, "\n".join(shown)


@pytest.mark.parametrize("rows", [7, 8, 14, 22])
@pytest.mark.parametrize(("value", "unit", "limit"), [(0.949, "ratio", 0.95), (0.0, "count", 1.0)])
def test_what_is_below_a_limit_is_drawn_below_its_line(value: float, unit: str, limit: float, rows: int) -> None:
    shown = picture([value] * 60, unit, (Mark(limit, "alarm", "critical"),), rows)
    line = next(y for y, text in enumerate(shown) if "┄" in text)
    assert min(dotted(shown)) > line, "\n".join(shown)


def test_what_is_exactly_a_limit_is_drawn_on_its_line() -> None:
    shown = picture([0.9] * 60, "ratio", (LIMIT,), 10)
    assert dotted(shown) == [y for y, text in enumerate(shown) if "┼" in text]


def test_where_a_limit_is_crossed_the_line_is_not_broken() -> None:
    shown = picture([0.5, 0.6, 0.7, 0.8, 0.94, 0.94, 0.8, 0.6], "ratio", (LIMIT,), 10)
    assert dotted(shown) == list(range(dotted(shown)[0], dotted(shown)[-1] + 1))
    wide = max(map(len, shown))
    columns = [x for x in range(wide) if any("⠀" < line[x : x + 1] <= "⣿" for line in shown)]
    assert columns == list(range(columns[0], columns[-1] + 1))
    crossing = next(line for line in shown if "┄" in line)
    assert sum("⠀" < c <= "⣿" for c in crossing) in (2, 3, 4)


NUMBERS = st.floats(-1e15, 1e15, allow_nan=False).map(lambda value: value if abs(value) > 1e-9 else 0.0)
UNITS = st.sampled_from(["ratio", "percent", "seconds", "count", "bytes", "per_second", "celsius", "up", "vendor"])


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.lists(NUMBERS, max_size=3), UNITS, st.integers(1, 22))
def test_every_scale_holds_its_values_and_its_names_differ(
    values: list[float], limits: list[float], unit: str, height: int
) -> None:
    scale = scale_of(values, limits, unit, height)
    assert scale.low < scale.high
    if unit not in ("up", "vendor"):
        assert scale.low <= min(values)
        assert max(values) <= scale.high
        words = tick_words(scale.ticks, unit)
        assert len(set(words)) == len(words) <= height + 3
