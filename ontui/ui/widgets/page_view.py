"""A section of a page: it scrolls like text, and its code and links can be selected."""

from collections.abc import Sequence

from ontui.ui.widgets.lines import Row
from ontui.ui.widgets.prose import Prose, render
from ontui.ui.widgets.reading import Reading
from ontui.ui.widgets.wrapping import found

WIDEST = 88
"""Columns beyond which prose is hard to read."""


class PageView(Reading):
    """The section in view."""

    def __init__(self) -> None:
        super().__init__(id="page")
        self.markdown, self.first_line = "", 1
        self.words: tuple[str, ...] = ()
        self.prose = Prose((), ())

    def show(self, markdown: str, first_line: int, words: Sequence[str] = ()) -> None:
        """Another section, or other words to make visible."""
        if (markdown, first_line) != (self.markdown, self.first_line):
            self.chosen = ""
            self.scroll_to(y=0, animate=False, immediate=True)
        self.markdown, self.first_line, self.words = markdown, first_line, tuple(words)
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The section, drawn for the width at hand."""
        self.prose = render(self.markdown, min(room, WIDEST), self.first_line)
        return [Row(found(row.line, self.words), row.key) if self.words else row for row in self.prose.rows]

    def go_to_line(self, line: int) -> None:
        """Scroll to a line of the file; to a word that was searched for, where it stands near."""
        near = [y for y, at in enumerate(self.prose.lines) if at <= line]
        if not near:
            return
        block = self.prose.lines[near[-1]]
        rows = [y for y in near if self.prose.lines[y] == block]
        marked = [y for y in rows if any(style == "found" for _, style in self.painted[y].line)]
        top = (marked or rows)[0]
        self.scroll_to(y=max(0, top - 2), animate=False, immediate=True)

    def code_in_view(self) -> str:
        """The selected code, else the first that is in view."""
        if self.chosen in self.prose.fences:
            return self.prose.fences[self.chosen]
        top = self.scroll_offset.y
        for row in self.painted[top : top + self.size.height]:
            if row.key in self.prose.fences:
                return self.prose.fences[row.key]
        return ""
