"""A heading of its own: `─ Title ────────── where ─`."""

from collections.abc import Sequence

from ontui.ui.fit import cut, width
from ontui.ui.widgets.lines import Lines, Row, heading


class TitleLine(Lines):
    """What a screen is about."""

    def __init__(self) -> None:
        super().__init__()
        self.text = self.end = ""

    def show(self, text: str, end: str = "") -> None:
        """Draw what changed."""
        self.text, self.end = text, end
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """One line."""
        end = self.end if width(self.text) + width(self.end) + 10 < room else ""
        return [Row(heading(cut(self.text, room - 6 - width(end)), room, end))]
