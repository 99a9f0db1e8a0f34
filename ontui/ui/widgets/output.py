"""What a run prints, newest at the bottom; it follows until one scrolls up."""

from collections.abc import Sequence

from textual.events import Resize

from ontui.ui import fit
from ontui.ui.widgets.lines import Lines, Row


class Output(Lines):
    """Lines of a run, as kept."""

    def __init__(self) -> None:
        super().__init__(id="output")
        self.lines: tuple[str, ...] = ()
        self.count = 0
        self.follows = True

    def show(self, lines: Sequence[str], count: int) -> None:
        """Draw what came since."""
        if count == self.count and len(lines) == len(self.lines):
            return
        self.lines, self.count = tuple(lines), count
        self.paint()
        if self.follows:
            self.scroll_to(y=len(self.painted), animate=False, immediate=True)

    def rows(self, room: int) -> Sequence[Row]:
        """Long lines flow on; what is no longer kept is said."""
        rows = []
        if (gone := self.count - len(self.lines)) > 0:
            rows.append(Row(((f"  … {gone} earlier lines are not kept here", "quiet"),)))
        for line in self.lines:
            rows += [Row((("  ", "plain"), (part, "plain"))) for part in fit.wrap(line, max(10, room - 4), 50)]
        return rows

    def on_resize(self, event: Resize) -> None:
        """The newest line stays in view."""
        del event
        if self.follows:
            self.call_after_refresh(self.scroll_to, y=len(self.painted), animate=False, immediate=True)

    def move(self, step: int) -> None:
        """Scroll; at the bottom it follows again."""
        top = self.scroll_offset.y + step
        self.follows = top >= len(self.painted) - self.size.height
        self.scroll_to(y=top, animate=False, immediate=True)
