"""What stands on the alert board, worst first; one quiet line when nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ontui.domain.alert import Alert, Phase
from ontui.domain.severity import Level
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui.widgets.lines import Choices, Line, Row, cells, heading, spread


@dataclass(frozen=True, slots=True)
class Help:
    """What can be done about an alert from here."""

    page: bool = False
    actions: int = 0


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
    return (*pieces, (" ", "plain")) if pieces else ()


class AlertBoard(Choices):
    """One line an alert."""

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self.state: State | None = None
        self.alerts: tuple[Alert, ...] = ()
        self.now = self.since = 0.0
        self.help: Mapping[str, Help] = {}
        self.hidden = 0
        """Active alerts that a filter keeps from being shown."""

    def show(
        self, state: State, alerts: Sequence[Alert], now: float, since: float, help_: Mapping[str, Help],
        hidden: int = 0,
    ) -> None:  # fmt: skip
        """Draw what changed."""
        self.state, self.alerts, self.now, self.since, self.help = state, tuple(alerts), now, since, help_
        self.hidden = hidden
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The heading and the alerts, or the one line that says there are none."""
        if self.state is None:
            return []
        hidden = f"{self.hidden} alert{'s' * (self.hidden > 1)} hidden by the filter" if self.hidden else ""
        if not self.alerts and hidden:
            text = words.cut(f"{hidden} · esc ends it", room - 4)
            return [Row(((f" {words.GLYPHS[Status.WARNING]} ", "warning"), (text, "warning")))]
        if not self.alerts:
            status, text = words.calm(self.state, self.now, self.since)
            style = {Status.OK: "ok", Status.WARNING: "warning"}.get(status, "stale")
            return [Row(((f" {words.GLYPHS[status]} ", style), (words.cut(text, room - 4), "quiet")))]
        columns = _columns(self.state, self.alerts)
        return [Row(heading("Alerts", room, hidden)), *(Row(self._line(a, columns, room), a.rule.key) for a in self.alerts)]

    def _line(self, alert: Alert, columns: tuple[int, ...], room: int) -> Line:
        assert self.state is not None  # noqa: S101 — rows() looked
        severity, name, title, value_width, limit_width = columns
        rule, sli = alert.rule, self.state.system.slis[alert.rule.sli]
        style = _style(alert)
        loud = style if alert.phase is Phase.FIRING else "value" if alert.active else "quiet"
        stale = alert.frozen_at is not None and alert.active
        value = sli.words(alert.value) if alert.value is not None else "–"
        sign = "stale" if stale else "ok" if alert.phase is Phase.RESOLVED else style
        line: list[tuple[str, str]] = [
            (" ", "plain"), (words.GLYPHS[alert_status(alert)] + " ", sign),
            (words.left(rule.severity.name, severity) + " ", style),
            (words.left(rule.name, name) + "  ", "value" if alert.active else "quiet"),
        ]  # fmt: skip
        if room >= 100 and sli.title != rule.name:
            line.append((words.left(sli.title, title) + "  ", "plain" if alert.active else "quiet"))
        line += [
            (words.right(value, value_width), "stale" if stale else loud),
            (" " + words.left(words.limit(rule, sli.unit), limit_width) + "  ", "quiet"),
            (words.life(alert, self.now), "quiet" if alert.phase is Phase.RESOLVED else "stale" if stale else style),
        ]
        who = words.taken(alert, self.now)
        tail = hints(self.help.get(rule.key, Help()), brief=room < 110)
        spare = room - cells(tuple(line)) - cells(tail)
        if who and spare > len(who) + 4:
            line.append(("   " + who, "quiet"))
        elif alert.acknowledged and spare > 8:
            line.append(("  " + words.cut(who.partition(",")[0], spare - 4), "quiet"))
        return spread(tuple(line), tail, room)


def _columns(state: State, alerts: Sequence[Alert]) -> tuple[int, ...]:
    """Widths that fit what is there: severity, name, title, value, limit."""

    def widest(texts: list[str], most: int) -> int:
        return min(most, max(map(words.width, texts)))

    slis = [state.system.slis[a.rule.sli] for a in alerts]
    values = [s.words(a.value) for a, s in zip(alerts, slis, strict=True) if a.value is not None]
    limits = [words.limit(a.rule, s.unit) for a, s in zip(alerts, slis, strict=True)]
    return (
        widest([a.rule.severity.name for a in alerts], 8),
        widest([a.rule.name for a in alerts], 22),
        widest([s.title for s in slis], 24),
        widest([*values, "–"], 10),
        widest(limits, 20),
    )
