"""Where the numbers come from, and whether that works: tells "the system is bad" from "my view is bad"."""

from collections.abc import Sequence

from ontui.domain.source import PrometheusSource
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State
from ontui.domain.status import Status, badness
from ontui.ui import fit
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Lines, Row, cells

SPEED = 6
"""The cells of `< 1 ms` and `110 ms`."""
_STYLES = {Status.OK: "ok", Status.WARNING: "warning", Status.CRITICAL: "critical"}


def label(health: SourceHealth) -> str:
    """Who answers, where that is worth knowing: a Prometheus that is none."""
    odd = isinstance(health.source, PrometheusSource) and not health.server.lower().startswith("prometheus")
    return health.server if health.server and odd else ""


def source_line(health: SourceHealth, now: float, room: int) -> Line:
    """One source: name, glyph, latency, and what is wrong."""
    status = health.status(now)
    style = _STYLES.get(status, "stale")
    reason = words.source_reason(health, now)
    pieces: list[tuple[str, str]] = [(health.source.id, "plain"), (f" {words.GLYPHS[status]}", style)]
    if speed := words.source_speed(health):
        pieces.append((" " + fit.left(speed, SPEED), "quiet"))   # nothing shifts where it gets slower
    if who := label(health):
        pieces.append((f" {who}", "quiet"))
    if reason:
        used = cells(tuple(pieces))
        tone = style if status is not Status.UNKNOWN else "quiet"
        pieces.append((" " + fit.cut_reason(reason, max(12, room - used - 1)), tone))
    return tuple(pieces)


def cut_off_lines(state: State, now: float, room: int) -> list[Line]:
    """All fail: one line that says so, and one with what each meets."""
    if state.cut_off is None:
        return []
    banner = fit.cut(f"{words.GLYPHS[Status.CRITICAL]} {state.cut_off.words(now)}", room - 3)
    reasons: dict[str, list[str]] = {}
    for health in state.sources.values():
        if health.fault is not None:
            reasons.setdefault(health.fault.text, []).append(health.source.id)
    each = " · ".join(f"{', '.join(ids)}: {text}" for text, ids in reasons.items())
    return [((" ", "plain"), (f" {banner} ", "alarm")), (("   ", "plain"), (fit.cut(each, room - 4), "quiet"))]


class SourceStrip(Lines):
    """Sources side by side; one that is wrong gets a line of its own when they do not fit."""

    MOST = 5
    """Lines there are at most; what is wrong comes first where they are too few, and the rest is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.now = 0.0
        self.warnings: tuple[str, ...] = ()
        self.brief = False
        """Only what is wrong: there is little room."""

    def show(self, state: State, now: float, warnings: tuple[str, ...], *, brief: bool) -> None:
        """Draw what changed."""
        self.state, self.now, self.warnings, self.brief = state, now, warnings, brief
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Filled line by line."""
        if self.state is None:
            return []
        lines = cut_off_lines(self.state, self.now, room) or self._sources(self.state, room, self.MOST)
        rows = [Row(line) for line in lines]
        if self.warnings:
            more = f"  (+{len(self.warnings) - 1} more)" if len(self.warnings) > 1 else ""
            text = fit.cut(self.warnings[-1], room - 4 - len(more))
            rows.append(Row(((f" {words.GLYPHS[Status.WARNING]} ", "warning"), (text + more, "warning"))))
        return rows

    def _sources(self, state: State, room: int, most: int) -> list[Line]:
        """As they stand in the config, while they fit."""
        most -= bool(self.warnings)
        sources = list(state.sources.values())
        wrong = [s for s in sources if s.status(self.now) is not Status.OK]
        packed = self._packed(wrong if self.brief else sources, room)
        if len(packed) <= most:
            return [line for line, _ in packed]
        ordered = sorted(sources, key=lambda s: badness(s.status(self.now)))
        packed = self._packed(ordered, room)[: most - 1]
        left = ordered[sum(count for _, count in packed) :]
        bad = sum(s.status(self.now) is not Status.OK for s in left)
        said = f"   and {len(left)} more" + (f", {bad} of them not well" if bad else ", all well")
        return [*(line for line, _ in packed), ((said, "warning" if bad else "quiet"),)]

    def _packed(self, sources: Sequence[SourceHealth], room: int) -> list[tuple[Line, int]]:
        """Lines, each with how many sources stand on it."""
        lines: list[tuple[Line, int]] = []
        for health in sources:
            line = source_line(health, self.now, room - 2)
            if not lines or cells(lines[-1][0]) + 3 + cells(line) > room - 1:
                lines.append((((" ", "plain"), *line), 1))
            else:
                before, count = lines[-1]
                lines[-1] = ((*before, ("   ", "plain"), *line), count + 1)
        return lines
