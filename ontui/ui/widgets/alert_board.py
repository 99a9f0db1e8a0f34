"""What stands on the alert board, ours and that of others, worst first; one quiet line when nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ontui.domain.alert import Alert, Phase
from ontui.domain.crowd import Crowd
from ontui.domain.severity import Level
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui import others, promise
from ontui.ui.widgets.lines import Choices, Line, Row, cells, heading, spread
from ontui.ui.widgets.other_line import middle, other_line

MOST_LINES = 200
"""More would only cost time to draw; the rest is counted, and a filter finds it."""


@dataclass(frozen=True, slots=True)
class Help:
    """What can be done about an alert from here."""

    page: bool = False
    actions: int = 0
    silence: bool = False


def row_key(entry: Alert | Crowd) -> str:
    """What a line of the board stands for."""
    return entry.rule.key if isinstance(entry, Alert) else entry.key


def alert_status(alert: Alert) -> Status:
    """The glyph an alert goes under."""
    if alert.phase is Phase.RESOLVED:
        return Status.OK
    if alert.active and alert.frozen_at is not None:
        return Status.STALE
    return Status.CRITICAL if alert.pages else Status.WARNING


def _style(alert: Alert) -> str:
    if alert.phase is Phase.RESOLVED:
        return "quiet"
    if alert.phase is Phase.PENDING:
        return "warning"
    return "critical" if alert.rule.severity.level is Level.CRITICAL else "warning"


def hints(help_: Help, brief: bool) -> Line:
    """`r page  x 2 actions`."""
    pieces: list[tuple[str, str]] = []
    if help_.page:
        pieces += [("r", "key"), ("" if brief else " page", "quiet")]
    if help_.actions:
        many = "s" if help_.actions > 1 else " "
        pieces += [("  " if pieces else "", "plain"), ("x", "key")]
        pieces += [("" if brief else f" {help_.actions} action{many}", "quiet")]
    if help_.silence:
        pieces += [("  " if pieces else "", "plain"), ("s", "key"), ("" if brief else " silence", "quiet")]
    return (*pieces, (" ", "plain")) if pieces else ()


class AlertBoard(Choices):
    """One line an alert."""

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self.state: State | None = None
        self.entries: tuple[Alert | Crowd, ...] = ()
        self.now = self.since = 0.0
        self.help: Mapping[str, Help] = {}
        self.hidden = 0
        """Active alerts that a filter keeps from being shown."""
        self._widths = (0, 0)
        """Of value and limit: they only grow while an alert stands here, so that nothing shifts."""

    def show(
        self, state: State, entries: Sequence[Alert | Crowd], now: float, since: float, help_: Mapping[str, Help],
        hidden: int = 0,
    ) -> None:  # fmt: skip
        """Draw what changed."""
        self.state, self.entries, self.now, self.since, self.help = state, tuple(entries), now, since, help_
        self.hidden = hidden
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The heading and the alerts, or the one line that says there are none."""
        if self.state is None:
            return []
        hidden = f"{self.hidden} alert{'s' * (self.hidden > 1)} hidden by the filter" if self.hidden else ""
        if not self.entries and hidden:
            text = words.cut(f"{hidden} · esc ends it", room - 4)
            return [Row(((f" {words.GLYPHS[Status.WARNING]} ", "warning"), (text, "warning")))]
        if not self.entries:
            self._widths = (0, 0)
            status, text = words.calm(self.state, self.now, self.since)
            style = {Status.OK: "ok", Status.WARNING: "warning"}.get(status, "stale")
            return [Row(((f" {words.GLYPHS[status]} ", style), (words.cut(text, room - 4), "quiet")))]
        seen = [
            words.as_seen(a, self.state.indicators[a.rule.sli], self.state.standing(a.rule.sli, self.now))
            if isinstance(a, Alert) else a
            for a in self.entries[:MOST_LINES]
        ]
        severity, name, title, value, limit = _columns(self.state, seen)
        if title:
            self._widths = value, limit = max(value, self._widths[0]), max(limit, self._widths[1])
        else:   # nothing of ours
            self._widths = (0, 0)
            value = middle([entry for entry in seen if isinstance(entry, Crowd)], self.now, room, name)
        lines: list[Line] = []
        for shorter in sorted({name, *range(8, name, 4)}, reverse=True):   # names give way before anything else
            lines = [self._any_line(a, (severity, shorter, title, value, limit), room) for a in seen]
            if all(cells(line) <= room for line in lines):
                break
        rows = [Row(line, row_key(entry)) for line, entry in zip(lines, seen, strict=True)]
        if (rest := len(self.entries) - len(seen)) > 0:
            rows.append(Row(((f"   and {rest} more lines · / finds them", "quiet"),)))
        return [Row(heading("Alerts", room, hidden)), *rows]

    def _any_line(self, entry: Alert | Crowd, columns: tuple[int, ...], room: int) -> Line:
        if isinstance(entry, Alert):
            return self._line(entry, columns, room)
        assert self.state is not None  # noqa: S101 — rows() looked
        severity, name, title, value, limit = columns
        wide = value + limit + 1 + (title + 2 if room >= 100 else 0) if title else value
        help_ = self.help.get(entry.key, Help())
        tails = (hints(help_, brief=False),) if room >= 110 else ()
        tails = (*tails, hints(help_, brief=True), ())
        return other_line(self.state, entry, self.now, (severity, name, wide), room, tails)

    def _line(self, alert: Alert, columns: tuple[int, ...], room: int) -> Line:
        assert self.state is not None  # noqa: S101 — rows() looked
        severity, name, title, value_width, limit_width = columns
        rule, sli = alert.rule, self.state.system.slis[alert.rule.sli]
        style = _style(alert)
        loud = style if alert.phase is Phase.FIRING else "value" if alert.active else "quiet"
        stale = alert.frozen_at is not None
        value = sli.words(alert.value) if alert.value is not None else "–"
        sign = "stale" if stale else "ok" if alert.phase is Phase.RESOLVED else style
        line: list[tuple[str, str]] = [
            (" ", "plain"), (words.GLYPHS[alert_status(alert)] + " ", sign),
            (words.left(rule.severity.name, severity) + " ", style),
            (words.left(rule.name, name) + "  ", "value" if alert.active else "quiet"),
        ]  # fmt: skip
        if room >= 100 and sli.title != rule.name:
            line.append((words.left(sli.title, title) + "  ", "plain" if alert.active else "quiet"))
        limit = words.number(words.against(alert, sli.unit), limit_width)
        life = words.life(alert, self.now)
        if room < 100:
            life = life.replace("firing (flapping)", "flapping")
        line += [
            (words.right(words.number(value, value_width), value_width), "stale" if stale else loud),
            (" " + words.left(limit, limit_width) + "  ", "quiet"),
            (life, "stale" if stale else "quiet" if alert.phase is Phase.RESOLVED else style),
        ]
        return self._with_owner(tuple(line), alert, room)

    def _with_owner(self, line: Line, alert: Alert, room: int) -> Line:
        """Who has it comes before what can be done; both in fewer words where there is less room."""
        help_ = self.help.get(alert.rule.key, Help())
        assert self.state is not None  # noqa: S101 — rows() looked
        who, tone = promise.owner(alert, self.state.system.hours, self.now)
        owners = [f"   {who}", f"  {who.partition(',')[0]}"] if who else [""]
        tails = [hints(help_, brief=True), ()]
        if room >= 110:
            tails.insert(0, hints(help_, brief=False))
        start = line
        for tail in tails:
            for owner in owners:
                start = (*line, (owner, tone)) if owner else line
                if cells(start) + cells(tail) < room:
                    return spread(start, tail, room)
        return start


def _columns(state: State, entries: Sequence[Alert | Crowd]) -> tuple[int, ...]:
    """Widths that fit what is there: severity, name, title, value, limit."""

    def widest(texts: list[str], most: int) -> int:
        return min(most, max(map(words.width, texts), default=0))

    alerts = [entry for entry in entries if isinstance(entry, Alert)]
    crowds = [entry for entry in entries if isinstance(entry, Crowd)]
    slis = [state.system.slis[a.rule.sli] for a in alerts]
    values = [s.words(a.value) for a, s in zip(alerts, slis, strict=True) if a.value is not None]
    limits = [words.against(a, s.unit) for a, s in zip(alerts, slis, strict=True)]
    return (
        widest([*(a.rule.severity.name for a in alerts), *(c.first.severity.name for c in crowds)], 8),
        widest([*(a.rule.name for a in alerts), *map(others.title, crowds)], 22),
        widest([s.title for s in slis], 24),
        widest([*values, "–"], 10),
        widest(limits, 20),
    )
