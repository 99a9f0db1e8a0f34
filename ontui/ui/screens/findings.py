"""What is wrong with a config that was not loaded."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from ontui.ui import fit, keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.lines import Row
from ontui.ui.widgets.reading import Reading
from ontui.ui.widgets.title_line import TitleLine


class Findings(Reading):
    """One below the other, whole."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__(id="sheet")
        self.found = found

    def rows(self, room: int) -> Sequence[Row]:
        """Wrapped."""
        rows = []
        for text in self.found:
            for number, line in enumerate(fit.wrap(text, room - 4)):
                rows.append(Row(((" ◆ " if number == 0 else "   ", "warning"), (line, "plain"))))
        return rows


class FindingsScreen(Room):
    """Every finding, and that the config in force is still the old one."""

    ROOM = keys.HELP
    BINDINGS: ClassVar = bindings(keys.HELP)

    def __init__(self, desk: Desk, found: Sequence[str]) -> None:
        super().__init__(desk)
        self.found = [self.desk.config.secrets.mask(text) for text in found]

    def parts(self) -> ComposeResult:
        """A title and the findings."""
        yield TitleLine()
        yield Findings(self.found)

    def arrive(self) -> None:
        """Ready to scroll."""
        super().arrive()
        self.query_one(Findings).focus()

    def draw(self) -> None:
        """They do not change."""
        count = f"{len(self.found)} findings" if len(self.found) != 1 else "1 finding"
        self.query_one(TitleLine).show("The config was not loaded: the old one stays in force", count)
        self.query_one(Findings).paint()

    def action_leave(self) -> None:
        """Here q only goes back, as in the help."""
        self.action_back()
