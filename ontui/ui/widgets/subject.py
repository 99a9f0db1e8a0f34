"""The alert or indicator that led to this screen, live: one sees the number move while reading."""

from collections.abc import Sequence

from ontui.domain.alert import Alert
from ontui.domain.state import State
from ontui.ui import format as words
from ontui.ui.widgets.alert_board import alert_status
from ontui.ui.widgets.chart import UP
from ontui.ui.widgets.lines import Lines, Row
from ontui.ui.widgets.sli_list import STATUS_STYLES, objective_words


class Subject(Lines):
    """One line."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.sli = ""
        self.alert: Alert | None = None
        self.now = 0.0

    def show(self, state: State, sli: str, alert: Alert | None, now: float) -> None:
        """Draw what changed."""
        self.state, self.sli, self.alert, self.now = state, sli, alert, now
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Severity and name of the alert where there is one, then the indicator as it is now."""
        if self.state is None or self.sli not in self.state.indicators:
            return []
        sli = self.state.system.slis[self.sli]
        standing = self.state.standing(self.sli, self.now)
        style = STATUS_STYLES.get(standing.status, "stale")
        pieces: list[tuple[str, str]] = [(" ", "plain")]
        limit = objective_words(sli) if sli.unit != UP else ""
        tail = standing.reason if standing.status != "ok" else "ok"
        if self.alert is not None:
            rule = self.alert.rule
            glyph = words.GLYPHS[alert_status(self.alert)]
            alert_style = style if self.alert.active else "ok"
            pieces += [(f"{glyph} {rule.severity.name} {rule.name}", alert_style), ("  ", "plain")]
            limit = words.limit(rule, sli.unit)
            tail = words.life(self.alert, self.now) if self.alert.active else "not firing"
        else:
            pieces.append((f"{words.GLYPHS[standing.status]} ", style))
        loud = style if style in ("critical", "warning") else "value"
        pieces += [
            (sli.title + "  ", "plain"),
            (words.value_words(standing), loud if standing.fresh else "stale"),
            (f"  {limit}", "quiet"),
            ("   " + words.cut(tail, max(10, room - 60)), style if standing.fresh and tail != "ok" else "quiet"),
        ]
        if not standing.fresh and self.alert is not None and standing.reason:
            pieces.append(("  " + standing.reason, "stale"))
        return [Row(tuple(pieces))]
