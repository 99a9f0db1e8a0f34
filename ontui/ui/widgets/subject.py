"""The alert or indicator that led to this screen, live: one sees the number move while reading."""

from collections.abc import Sequence

from ontui.domain.alert import Alert
from ontui.domain.quantity import YES_OR_NO
from ontui.domain.state import State
from ontui.ui import fit
from ontui.ui import format as words
from ontui.ui.widgets.alert_line import status_of
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
        trusted = words.is_trusted(self.state.indicators[self.sli], standing)
        style = STATUS_STYLES.get(standing.status, "stale")
        limit = objective_words(sli) if sli.unit not in YES_OR_NO else ""
        tail = standing.reason if standing.status != "ok" else "ok"
        name = f"{words.GLYPHS[standing.status]} "
        name_style = style
        if self.alert is not None:
            alert = words.as_seen(self.alert, self.state.indicators[self.sli], standing)
            name = f"{words.GLYPHS[status_of(alert)]} {alert.rule.severity.name} {alert.rule.name}  "
            name_style = style if alert.active else "ok"
            limit = words.against(alert, sli.unit)
            calm = "not firing" if trusted else "not firing when last seen"
            tail = words.life(alert, self.now) if alert.active else calm
        loud = style if style in ("critical", "warning") else "value"
        live: list[tuple[str, str]] = [
            (words.value_words(standing), loud if trusted else "stale"), (f"  {limit}", "quiet"),
        ]  # fmt: skip
        title = f"{sli.title}  "
        tone = style if standing.fresh and tail != "ok" else "quiet"
        tail = fit.cut_whole(tail, max(12, room - 60))
        spare = room - 4 - sum(fit.width(text) for text, _ in (*live, (tail, "")))   # names give way to numbers
        if fit.width(name) + fit.width(title) > spare:
            title = fit.left(sli.title, max(0, min(fit.width(sli.title), spare - fit.width(name) - 2)))
            title = f"{title}  " if fit.width(title) >= 6 else ""
            name = fit.cut(name.rstrip(), spare - fit.width(title) - 2) + "  "
        pieces: list[tuple[str, str]] = [(" ", "plain"), (name, name_style), (title, "plain"), *live]
        pieces.append(("   " + tail, tone))
        if not standing.fresh and self.alert is not None and standing.reason:
            pieces.append(("  " + standing.reason, "stale"))
        return [Row(tuple(pieces))]
