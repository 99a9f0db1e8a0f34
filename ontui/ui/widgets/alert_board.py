"""What stands on the alert board, ours and that of others, worst first; one quiet line when nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ontui.domain.alert import Alert
from ontui.domain.crowd import Crowd
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import fit, others
from ontui.ui import format as words
from ontui.ui.widgets.alert_line import Columns, Help, alert_line, columns, hints, narrower, style
from ontui.ui.widgets.lines import Choices, Line, Row, cells, heading
from ontui.ui.widgets.other_line import middle, other_line

MOST_LINES = 200
"""More would only cost time to draw; the rest is counted, and a filter finds it."""


def row_key(entry: Alert | Crowd) -> str:
    """What a line of the board stands for."""
    return entry.rule.key if isinstance(entry, Alert) else entry.key


def _tone(entry: Alert | Crowd) -> str:
    return style(entry) if isinstance(entry, Alert) else others.style(entry.first)


class AlertBoard(Choices):
    """One line an alert."""

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self.state: State | None = None
        self.entries: tuple[Alert | Crowd, ...] = ()
        self.now = self.since = 0.0
        self.help: Mapping[str, Help] = {}
        self.hidden: tuple[Alert | Crowd, ...] = ()
        """Active alerts that a filter keeps from being shown, worst first."""
        self._widest = (0, 0, 0)
        """Of value, limit and life: they only grow while an alert stands here, so that nothing shifts."""

    def show(
        self, state: State, entries: Sequence[Alert | Crowd], now: float, since: float, help_: Mapping[str, Help],
        hidden: Sequence[Alert | Crowd] = (),
    ) -> None:  # fmt: skip
        """Draw what changed."""
        self.state, self.entries, self.now, self.since, self.help = state, tuple(entries), now, since, help_
        self.hidden = tuple(hidden)
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The heading and the alerts, or the one line that says there are none."""
        if self.state is None:
            return []
        count = sum(map(others.how_active, self.hidden))
        hidden = f"{others.count(count)} hidden by the filter" if count else ""
        tone = _tone(self.hidden[0]) if self.hidden else "quiet"
        if not self.entries and hidden:
            text = fit.cut(f"{hidden} · esc ends it", room - 4)
            return [Row(((f" {words.GLYPHS[Status.WARNING]} ", tone), (text, tone)))]
        if not self.entries:
            self._widest = (0, 0, 0)
            status, text = words.calm(self.state, self.now, self.since)
            sign = {Status.OK: "ok", Status.WARNING: "warning"}.get(status, "stale")
            return [Row(((f" {words.GLYPHS[status]} ", sign), (fit.cut(text, room - 4), "quiet")))]
        seen = [
            words.as_seen(a, self.state.indicators[a.rule.sli], self.state.standing(a.rule.sli, self.now))
            if isinstance(a, Alert) else a
            for a in self.entries[:MOST_LINES]
        ]
        grid = self._columns(seen, room)
        lines: list[Line] = []
        for narrow in narrower(grid):
            lines = [self._line(entry, narrow, room) for entry in seen]
            if all(cells(line) <= room for line in lines):
                break
        rows = [Row(line, row_key(entry)) for line, entry in zip(lines, seen, strict=True)]
        if (rest := len(self.entries) - len(seen)) > 0:
            rows.append(Row(((f"   and {rest} more lines · / finds them", "quiet"),)))
        return [Row(heading("Alerts", room, hidden, tone)), *rows]

    def _columns(self, seen: Sequence[Alert | Crowd], room: int) -> Columns:
        """What is there, and what was: a column only grows while an alert of ours stands here."""
        assert self.state is not None  # noqa: S101 — rows() looked
        grid = columns(self.state, seen, self.now, room)
        if not grid.value:   # nothing of ours
            self._widest = (0, 0, 0)
            crowds = [entry for entry in seen if isinstance(entry, Crowd)]
            return replace(grid, title=0, value=0, limit=max(0, middle(crowds, self.now, room, grid.name) - 1))
        value, limit, life = self._widest
        self._widest = max(value, grid.value), max(limit, grid.limit), max(life, grid.life)
        return replace(grid, value=self._widest[0], limit=self._widest[1], life=self._widest[2])

    def _line(self, entry: Alert | Crowd, grid: Columns, room: int) -> Line:
        assert self.state is not None  # noqa: S101 — rows() looked
        help_ = self.help.get(row_key(entry), Help())
        if isinstance(entry, Alert):
            return alert_line(self.state, entry, self.now, grid, room, help_)
        tails = (hints(help_, brief=False),) if room >= 110 else ()
        tails = (*tails, hints(help_, brief=True), ())
        return other_line(self.state, entry, self.now, grid, room, tails)
