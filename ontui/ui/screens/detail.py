"""One indicator: the large chart, what is asked, what came back, its alerts, its repairs, its links."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from ontui.domain.alert import Alert
from ontui.domain.sli import Sli
from ontui.ui import format as words
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import LookingRoom
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.sheet import BigChart, Sheet
from ontui.ui.widgets.subject import Subject
from ontui.ui.widgets.title_line import TitleLine


class DetailScreen(LookingRoom):
    """All that is known of one indicator."""

    ROOM = keys.DETAIL
    BINDINGS: ClassVar = bindings(keys.DETAIL)

    def __init__(self, desk: Desk, sli: str, alert: str = "") -> None:
        super().__init__(desk)
        self.sli_id, self.alert_key = sli, alert

    def parts(self) -> ComposeResult:
        """The line it stands on, the chart, and the sheet below."""
        yield Subject()
        yield TitleLine()
        yield BigChart()
        yield Sheet()

    def arrive(self) -> None:
        """The sheet has the keys."""
        super().arrive()
        self.query_one(Sheet).focus()

    @property
    def chosen_sli(self) -> Sli | None:
        """The indicator."""
        return self.state.system.slis[self.sli_id]

    @property
    def chosen_alert(self) -> Alert | None:
        """Its worst alert."""
        return self.worst_alert(self.sli_id)

    def draw(self) -> None:
        """Everything about it."""
        state, now, span_s = self.state, self.now, self.cockpit.span_s
        sli = state.system.slis[self.sli_id]
        alert = self.chosen_alert
        story = self.story(sli, alert)
        self.query_one(Subject).show(state, self.sli_id, None, now)
        self.query_one(TitleLine).show(sli.title, " · ".join(filter(None, (sli.group, words.last(span_s)))))
        self.query_one(BigChart).show(story, now, span_s)
        self.query_one(Sheet).show(story, state.sources[sli.source], now, state.runs, self.masked)

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        """The page, a repair, or a link, which is copied and not opened."""
        kind, _, rest = message.key.partition(":")
        if kind == "page":
            self.action_runbook()
        elif kind == "action":
            alert = self.chosen_alert
            self.begin(self.state.system.actions[rest], sli=self.sli_id, alert=alert.rule.key if alert else "")
        elif kind == "link":
            self.cockpit.copy(rest, f"{rest} is not opened from here: copied it")

    def action_copy(self) -> None:
        """The question, as the source gets it."""
        self.cockpit.copy(self.masked(self.desk.question(self.sli_id)), "copied the query")

    def action_copy_command(self) -> None:
        """The question, as a person repeats it in a shell."""
        line = self.desk.as_command(self.sli_id)
        if not line:
            sli = self.state.system.slis[self.sli_id]
            self.say(f"there is no command line for this kind of source: {self.state.sources[sli.source].source.type}")
            return
        shown = self.masked(line)
        left_out = " without what is secret in it" if shown != line else ""
        self.cockpit.copy(shown, f"copied a {line.partition(' ')[0]} command{left_out}")
