"""An alert of others: its labels and notes, who keeps it quiet, its page; or every alert of one name."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from ontui.domain.crowd import Crowd
from ontui.ui import keys, others
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import LookingRoom
from ontui.ui.widgets.lines import Choices, Row
from ontui.ui.widgets.other_sheet import OtherSheet, facts
from ontui.ui.widgets.title_line import TitleLine


class OtherScreen(LookingRoom):
    """Kept up to date while it is listed, and left as it was seen last when it is not."""

    ROOM = keys.ALERT
    BINDINGS: ClassVar = bindings(keys.ALERT)

    def __init__(self, desk: Desk, crowd: Crowd) -> None:
        super().__init__(desk)
        self.last = crowd
        self.is_listed = True

    def parts(self) -> ComposeResult:
        """The heading, and the sheet below."""
        yield TitleLine()
        yield OtherSheet()

    def arrive(self) -> None:
        """The sheet has the keys."""
        super().arrive()
        self.query_one(OtherSheet).focus()

    @property
    def chosen_crowd(self) -> Crowd | None:
        """What is in view; of many, the one under the cursor."""
        sheets = self.query(OtherSheet)
        key = sheets.first().chosen if sheets else ""
        found = self._found()
        return next((Crowd(m.alert.key, (m,)) for m in found.members if m.alert.key == key), found)

    def _found(self) -> Crowd:
        """The same line of the board now; a single alert also where it stands among many, or in another phase."""
        found = next((c for c in self.state.others if c.key == self.last.key), None)
        if found is None and len(self.last.members) == 1:
            key = self.last.first.alert.key
            members = (m for c in self.state.others for m in c.members if m.alert.key == key)
            found = next((Crowd(self.last.key, (m,)) for m in members), None)
        elif found is None:
            found = next((c for c in self.state.others if c.name == self.last.name and len(c.members) > 1), None)
        self.is_listed = found is not None
        self.last = found or self.last
        return self.last

    def draw(self) -> None:
        """Everything about it."""
        crowd = self._found()
        where = others.sources(crowd) if self.is_listed else "no longer listed: it ended"
        self.query_one(TitleLine).show(f"{crowd.first.severity.name} {others.title(crowd)}", where)
        place = self.desk.place_of(crowd.first.alert)
        self.query_one(OtherSheet).show(lambda room: self._rows(crowd, place.ref if place else "", room))

    def _rows(self, crowd: Crowd, page: str, room: int) -> list[Row]:
        return facts(self.state, crowd, self.now, page, room)

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        """The page, a link, which is copied and not opened, or one of many."""
        kind, _, rest = message.key.partition(":")
        if kind == "page":
            self.action_runbook()
        elif kind == "link":
            self.cockpit.copy(rest, f"{rest} is not opened from here: copied it")
        elif (crowd := self.chosen_crowd) is not None and len(crowd.members) == 1 and len(self.last.members) > 1:
            self.app.push_screen(OtherScreen(self.desk, crowd))

    def action_copy(self) -> None:
        """The matchers that tell it from others."""
        crowd = self._found()
        self.cockpit.copy(self.masked(", ".join(m.words for m in crowd.matchers)), "copied the matchers")
