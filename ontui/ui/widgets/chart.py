"""A history as a line of braille dots: gaps stay gaps, limits are drawn, and what was beyond them is coloured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ontui.domain.quantity import format_limit
from ontui.domain.sample import Point
from ontui.ui.fit import cut, left, right, width
from ontui.ui.format import moment
from ontui.ui.widgets.lines import Line, Piece
from ontui.ui.widgets.scale import Scale, scale_of, tick_words

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True, slots=True)
class Mark:
    """A level worth a line across, or an instant worth a sign below."""

    at: float
    label: str
    style: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a picture of one history needs."""

    points: Sequence[Point]
    start: float
    end: float
    unit: str
    gap_s: float
    """Points further apart than this are not joined."""
    levels: tuple[Mark, ...] = ()
    """Limits: `at` is a value."""
    moments: tuple[Mark, ...] = ()
    """Events: `at` is an instant."""
    style_of: Callable[[float], str] = lambda _: "trace"


def draw(chart: Chart, columns: int, rows: int) -> list[Line]:
    """The picture in exactly so many rows; the last two are the time axis and its labels."""
    height = max(1, rows - 2)
    shown = [p for p in chart.points if chart.start <= p.at <= chart.end]
    values = [p.value for p in shown if p.value is not None]
    if not values:
        blank: list[Line] = [()] * rows
        blank[rows // 2] = (((cut("nothing known in this time", columns)).center(columns), "quiet"),)
        return blank
    scale = scale_of(values, [level.at for level in chart.levels], chart.unit, height)
    levels = _named(chart, scale, height)
    labels = _labels(chart, scale, levels, height)
    gutter = max(width(text) for text, _ in labels.values()) + 1
    wide = max(1, columns - gutter - 2)
    grid = _Grid(wide, height, scale, levels, chart)
    grid.plot(shown)
    lines: list[Line] = []
    for y in range(height):
        text, style = labels.get(y, ("", "quiet"))
        tick = "┼" if y in levels else "┤" if text else "│"
        lines.append((
            (right(text, gutter - 1) + " ", style), (tick, "rule"),
            *_pieces(grid.line(y, levels.get(y))), (" ", "plain"),
        ))  # fmt: skip
    return [*lines, *_time_axis(chart, gutter, wide)][:rows]


def _named(chart: Chart, scale: Scale, height: int) -> dict[int, Mark]:
    """By row, the limits that are on the scale; of those in one row the last, which is an alarm rather than not."""
    return {scale.row(mark.at, height): mark for mark in chart.levels if scale.low <= mark.at <= scale.high}


def _labels(chart: Chart, scale: Scale, levels: Mapping[int, Mark], height: int) -> dict[int, Piece]:
    """The limits, in their own colour, and round values in the rows between."""
    labels: dict[int, Piece] = {y: (format_limit(mark.at, chart.unit), mark.style) for y, mark in levels.items()}
    taken = {text for text, _ in labels.values()}
    for tick, text in zip(scale.ticks, tick_words(scale.ticks, chart.unit), strict=True):
        if text not in taken:
            labels.setdefault(scale.row(tick, height), (text, "quiet"))
    return labels


class _Grid:
    """Dots, 2 × 4 to a cell."""

    def __init__(self, wide: int, high: int, scale: Scale, levels: Mapping[int, Mark], chart: Chart) -> None:
        self.wide, self.high, self.scale, self.chart = wide, high, scale, chart
        self.levels = sorted(((mark, y) for y, mark in levels.items()), key=lambda level: chart.levels.index(level[0]))
        self.dots = [[0] * wide for _ in range(high)]
        self.worst: list[float | None] = [None] * wide

    def _dot(self, x: int, y: int) -> None:
        if 0 <= x < self.wide * 2 and 0 <= y < self.high * 4:
            self.dots[y // 4][x // 2] |= _DOTS[y % 4][x % 2]

    def _x(self, at: float) -> int:
        return round((at - self.chart.start) / (self.chart.end - self.chart.start) * (self.wide * 2 - 1))

    def _y(self, value: float) -> int:
        """A limit has its row for itself: what is above it is drawn above that row, what is below it below."""
        y = self.scale.row(value, self.high * 4)
        for mark, row in self.levels:
            if value > mark.at:
                y = min(y, max(0, row * 4 - 1))
            elif value < mark.at:
                y = max(y, min(self.high * 4 - 1, row * 4 + 4))
        return y

    def plot(self, points: Sequence[Point]) -> None:
        """Join what belongs together."""
        before: Point | None = None
        for point in points:
            if point.value is None:
                before = None
                continue
            x, y = self._x(point.at), self._y(point.value)
            if before is None or before.value is None or point.at - before.at > self.chart.gap_s:
                self._dot(x, y)
                self.worst[x // 2] = point.value
            else:
                self._stroke(self._x(before.at), before.value, x, point.value)
            before = point

    def _stroke(self, x0: int, v0: float, x1: int, v1: float) -> None:
        before = self._y(v0)
        steps = max(abs(x1 - x0), abs(self._y(v1) - before), 1)
        for step in range(steps + 1):
            share = step / steps
            value = v0 + (v1 - v0) * share
            x, y = round(x0 + (x1 - x0) * share), self._y(value)
            for passed in range(min(before, y) + 1, max(before, y)):   # the row of a limit, where it is crossed
                self._dot(x, passed)
            self._dot(x, y)
            self.worst[x // 2], before = value, y

    def line(self, y: int, level: Mark | None) -> list[Piece]:
        """One row of cells: dots in the colour of their own height, a limit's dashes where there are none."""
        cells: list[Piece] = []
        name = f" {level.label} " if level and level.label else ""
        for x in range(self.wide):
            if bits := self.dots[y][x]:
                cells.append((chr(0x2800 + bits), self.chart.style_of(self._value_in(y, x))))
            elif level is not None:
                cells.append(("┄", level.style))
            else:
                cells.append((" ", "plain"))
        start = self.wide - len(name) - 1
        if level and name and start > 0 and not any(self.dots[y][start:]):
            cells[start : start + len(name)] = [(character, level.style) for character in name]
        return cells

    def _value_in(self, y: int, x: int) -> float:
        """The value a cell stands for: what was plotted there, kept inside the cell's own height."""
        step = (self.scale.high - self.scale.low) / self.high
        upper, lower = self.scale.high - y * step, self.scale.high - (y + 1) * step
        value = self.worst[x]
        return min(max(value, lower), upper) if value is not None else (upper + lower) / 2


def _pieces(cells: Sequence[Piece]) -> Line:
    return tuple(("".join(text for text, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1]))


def _time_axis(chart: Chart, gutter: int, wide: int) -> list[Line]:
    axis = ["─"] * wide
    styles = ["rule"] * wide
    below, below_styles = [" "] * (wide + gutter + 1), ["quiet"] * (wide + gutter + 1)

    def write(text: str, at: int, style: str) -> None:
        at = min(max(0, at), len(below) - len(text))
        if all(c == " " for c in below[max(0, at - 1) : at + len(text) + 1]):
            below[at : at + len(text)] = text
            below_styles[at : at + len(text)] = [style] * len(text)

    for mark in chart.moments:
        if chart.start <= mark.at <= chart.end:
            x = round((mark.at - chart.start) / (chart.end - chart.start) * (wide - 1))
            axis[x], styles[x] = "▲", mark.style
            write(mark.label, gutter + 1 + x - len(mark.label) // 2, mark.style)
    for share in (0.0, 1.0, 0.5):
        x = round(share * (wide - 1))
        if axis[x] == "─":
            axis[x] = "┴"
        text = moment(chart.start + share * (chart.end - chart.start), chart.end - chart.start)
        write(text, gutter + 1 + round(x - share * (len(text) - 1)), "quiet")
    return [
        ((left("", gutter), "plain"), ("└", "rule"), *_pieces(list(zip(axis, styles, strict=True)))),
        _pieces(list(zip(below, below_styles, strict=True))),
    ]
