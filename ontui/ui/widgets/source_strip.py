"""Where the numbers come from, and whether that works: tells "the system is bad" from "my view is bad"."""

from collections.abc import Sequence

from ontui.domain.source import PrometheusSource
from ontui.domain.state import SourceHealth, State
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Lines, Row, cells

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
        pieces.append((f" {speed}", "quiet"))
    if who := label(health):
        pieces.append((f" {who}", "quiet"))
    if reason:
        used = cells(tuple(pieces))
        tone = style if status is not Status.UNKNOWN else "quiet"
        pieces.append((" " + words.cut(reason, max(12, room - used - 1)), tone))
    return tuple(pieces)


class SourceStrip(Lines):
    """Sources side by side; one that is wrong gets a line of its own when they do not fit."""

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
        lines: list[list[tuple[str, str]]] = []
        sources = list(self.state.sources.values()) if self.state else []
        wrong = [s for s in sources if s.status(self.now) is not Status.OK]
        for health in wrong if self.brief else sources:
            line = source_line(health, self.now, room - 2)
            if not lines or cells(tuple(lines[-1])) + 3 + cells(line) > room - 1:
                lines.append([(" ", "plain"), *line])
            else:
                lines[-1] += [("   ", "plain"), *line]
        rows = [Row(tuple(line)) for line in lines]
        if self.warnings:
            more = f"  (+{len(self.warnings) - 1} more)" if len(self.warnings) > 1 else ""
            text = words.cut(self.warnings[-1], room - 4 - len(more))
            rows.append(Row(((f" {words.GLYPHS[Status.WARNING]} ", "warning"), (text + more, "warning"))))
        return rows
