"""The contents of a page, or the pages there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from ontui.ui.fit import cut, left
from ontui.ui.widgets.lines import Choices, Row


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    key: str
    title: str
    depth: int = 0
    note: str = ""
    """Said quietly beside the title."""
    style: str = "plain"


class EntryList(Choices):
    """Titles, indented, one of which is selected."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.entries: tuple[Entry, ...] = ()
        self.current = ""
        """The one that is open."""
        self.empty = "nothing here"

    def show(self, entries: Sequence[Entry], current: str = "", empty: str = "nothing here") -> None:
        """Draw what changed."""
        self.entries, self.current, self.empty = tuple(entries), current, empty
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """One line each."""
        if not self.entries:
            return [Row(((f" {self.empty}", "quiet"),))]
        noted = any(e.note for e in self.entries)
        wide = min(max(len(e.title) + 2 * e.depth for e in self.entries), room - 4 if not noted else room * 2 // 3)
        rows = []
        for entry in self.entries:
            is_open = entry.key == self.current
            mark = ("▸ ", "accent") if is_open else ("  ", "plain")
            text = left("  " * entry.depth + entry.title, wide)
            note = cut(entry.note, room - wide - 6)
            style = "value" if is_open else entry.style
            rows.append(Row((mark, (text, style), ("  ", "plain"), (note, "quiet")), entry.key))
        return rows
