"""The keys, from the one table."""

from typing import ClassVar

from textual.app import ComposeResult

from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.key_table import KeyTable
from ontui.ui.widgets.title_line import TitleLine


class HelpScreen(Room):
    """What every key does, those of the screen one came from first; what the glyphs mean; what is wrong with us."""

    ROOM = keys.HELP
    BINDINGS: ClassVar = bindings(keys.HELP)

    def __init__(self, desk: Desk, about: str) -> None:
        super().__init__(desk)
        self.about = about

    def parts(self) -> ComposeResult:
        """A title and the table."""
        yield TitleLine()
        yield KeyTable(self.about, self.desk.config.keymap)

    def draw(self) -> None:
        """The table does not move."""
        self.query_one(TitleLine).show(f"Keys of the {self.about}")
        self.query_one(KeyTable).show(self.desk.warnings)

    def _scroll(self, step: int) -> None:
        table = self.query_one(KeyTable)
        table.scroll_to(y=table.scroll_offset.y + step, animate=False, immediate=True)

    def action_move_up(self) -> None:
        """Back."""
        self._scroll(-1)

    def action_move_down(self) -> None:
        """On."""
        self._scroll(1)

    def action_page_up(self) -> None:
        """Back by a screenful."""
        self._scroll(-self.query_one(KeyTable).size.height)

    def action_page_down(self) -> None:
        """On by a screenful."""
        self._scroll(self.query_one(KeyTable).size.height)

    def action_first(self) -> None:
        """To the top."""
        self._scroll(-10_000)

    def action_last(self) -> None:
        """To the bottom."""
        self._scroll(10_000)

    def action_leave(self) -> None:
        """Here q only goes back, as in a pager."""
        self.action_back()
