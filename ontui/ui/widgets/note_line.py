"""A few words between other widgets."""

from collections.abc import Sequence

from ontui.ui.fit import wrap
from ontui.ui.widgets.lines import Lines, Row


class NoteLine(Lines):
    """Text in one style; a newline is one."""

    def __init__(self, text: str, style: str, *, extra: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.text, self.tone, self.extra = text, style, extra

    def on_mount(self) -> None:
        """There is a text from the start."""
        self.call_after_refresh(self.paint)

    def say(self, text: str) -> None:
        """Another text."""
        self.text = text
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The text, and something quiet behind its last line."""
        if not self.text:
            return []
        lines = wrap(self.text, room - 2)
        rows = [Row(((f" {line}", self.tone),)) for line in lines]
        rows[-1] = Row((*rows[-1].line, (self.extra, "quiet")))
        return rows
