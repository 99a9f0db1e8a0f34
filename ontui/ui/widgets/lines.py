"""Lines of styled pieces, painted one by one: only those that changed are sent to the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from rich.style import Style
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ontui.ui.fit import cut_whole, width
from ontui.ui.spelling import spelled
from ontui.ui.widgets.changes import FILLED, changed

Piece = tuple[str, str]
"""A text and the name of its style, one of STYLES."""
Line = tuple[Piece, ...]

STYLES = (
    "plain", "value", "quiet", "rule", "title", "accent", "critical", "alarm", "warning", "warned", "ok", "stale",
    "spark", "trace", "production", "edge", "key", "code", "strong",
    "emphasis", "inline", "link", "found",
)  # fmt: skip
STYLE_CLASSES = frozenset(f"lines--{name}" for name in (*STYLES, "chosen", "chosen-far"))
"""The styles as a screen declares them, for all the lines on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line, and what it stands for."""

    line: Line
    key: str = ""
    """Empty for what cannot be selected: headings, blank lines."""


def cells(line: Line) -> int:
    """How wide a line is."""
    return sum(width(text) for text, _ in line)


def fitted(line: Line, room: int) -> Line:
    """At most so many cells that are not blank, and no part of a number: what is missing has its …"""
    if cells(line) <= room:
        return line
    text = "".join(piece for piece, _ in line)
    left = len(cut_whole(text.rstrip(), room))
    if left == len(text.rstrip()):
        return line
    kept: list[Piece] = []
    for piece, style in line:
        if left <= len(piece):
            return (*kept, (piece[: left - 1] + "…", style))
        kept.append((piece, style))
        left -= len(piece)
    return tuple(kept)


def spread(start: Line, end: Line, room: int, fill: Piece = (" ", "plain")) -> Line:
    """One part flush left, the other flush right."""
    gap = room - cells(start) - cells(end)
    return (*start, (fill[0] * max(gap, 1), fill[1]), *end) if gap > 0 else (*start, (" ", "plain"))


def heading(title: str, room: int, end: str = "", tone: str = "quiet") -> Line:
    """`─ Title ─────────── end ─`."""
    start: Line = (("─ ", "rule"), (title, "title"), (" ", "rule"))
    tail: Line = (((" ", "rule"), (end, tone), (" ─", "rule")) if end else ())
    return (*start, ("─" * max(0, room - cells(start) - cells(tail)), "rule"), *tail)


class Lines(ScrollView, can_focus=False, inherit_bindings=False):   # the arrows are the screens' own
    """Rows that draw themselves for the width at hand."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 — Textual's name
        super().__init__(id=id, classes=classes)
        self.painted: tuple[Row, ...] = ()
        """What is on the screen."""
        self._wanted: tuple[tuple[Row, ...], int] = ((), 0)
        """The rows it was made of, and the room there was for them."""

    def rows(self, room: int) -> Sequence[Row]:
        """What to draw in so many columns."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """The columns there are to draw in."""
        return self.scrollable_content_region.width

    @property
    def is_drawn(self) -> bool:
        """What is on the screen was made for the room there is."""
        return self.room in (0, self._wanted[1])

    def paint(self) -> None:
        """Draw again what is not as it was."""
        if not (room := self.room):
            return
        was, wanted = self.painted, (tuple(self.rows(room)), room)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        now = tuple(self._as_shown(row, room) for row in wanted[0])
        if now == was:
            return
        self.painted = now
        if len(was) != len(now):
            self.virtual_size = Size(room, len(now))
            self.refresh(layout=self.styles.auto_dimensions)
            self.on_rows_moved()
            return
        for y, (old, new) in enumerate(zip(was, now, strict=True)):
            if old.line != new.line:
                for start, end in changed(old.line, new.line):
                    self.refresh_row(y, start, end)
        if any(old.key != new.key for old, new in zip(was, now, strict=True)):
            self.on_rows_moved()

    def _as_shown(self, row: Row, room: int) -> Row:
        """In the characters the terminal has, and no wider than it is."""
        line = row.line
        if getattr(self.app, "is_ascii", False):
            texts = spelled([text for text, _ in line])
            line = tuple((text, style) for text, (_, style) in zip(texts, line, strict=True))
        line = fitted(line, room)
        return row if line == row.line else replace(row, line=line)

    def on_rows_moved(self) -> None:
        """Told when rows came, went or changed places."""

    def refresh_row(self, y: int, start: int = 0, end: int | None = None) -> None:
        """Send one line again, or some cells of it, if it is in view."""
        seen, end = y - self.scroll_offset.y, self.size.width if end is None else min(end, self.size.width)
        if 0 <= seen < self.size.height and start < end:
            self.refresh(Region(start, seen, end - start, 1))

    def on_resize(self, event: Resize) -> None:
        """Another width is another picture."""
        del event
        self.paint()

    def watch_show_vertical_scrollbar(self) -> None:
        """It takes a column, or gives it back: another width, of which no Resize tells."""
        self.call_next(self.paint)

    def overlay(self, y: int) -> str:
        """The style laid under a whole line, or nothing."""
        del y
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index = y + self.scroll_offset.y
        base = self.rich_style
        if index >= len(self.painted):
            return Strip.blank(self.size.width, base)
        if under := self.overlay(index):
            base += self.piece_style(under)
        pieces: list[Segment] = []
        for text, name in self.painted[index].line:
            style = base if text.isspace() and name not in FILLED else base + self.piece_style(name)
            pieces.append(Segment(text, style))
        return Strip(pieces).adjust_cell_length(self.size.width, base).simplify()

    def piece_style(self, name: str) -> Style:
        """A style by its name."""
        return self.screen.get_component_rich_style(f"lines--{name}", partial=True)


class Choices(Lines, can_focus=True):
    """Lines one of which is selected, by what it stands for and not by where it is."""

    class Moved(Message):
        """Another line is selected."""

        def __init__(self, choices: "Choices", key: str) -> None:
            super().__init__()
            self.choices, self.key = choices, key

        @property
        def control(self) -> "Choices":
            """The list."""
            return self.choices

    class Opened(Moved):
        """The selected line was opened."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.chosen = ""
        """The key of the selected row."""

    @property
    def keys(self) -> list[str]:
        """What can be selected, from top to bottom."""
        return [row.key for row in self.painted if row.key]

    def on_rows_moved(self) -> None:
        """Keep the selection on the same thing; when it went, on the nearest one left."""
        keys = self.keys
        if self.chosen not in keys:
            self.choose(keys[0] if keys else "", tell=True)
        else:
            self.keep_in_view()

    def choose(self, key: str, *, tell: bool = True) -> None:
        """Select a row by key."""
        if key == self.chosen:
            return
        was, self.chosen = self.chosen, key
        for y, row in enumerate(self.painted):
            if row.key and row.key in (was, key):
                self.refresh_row(y)
        self.keep_in_view()
        if tell:   # once the mark is where the eye looks for it: what stands beside takes longer to draw
            self.call_after_refresh(self.post_message, self.Moved(self, key))

    def keep_in_view(self) -> None:
        """Scroll so that the selected row is seen, and its heading with it where there is room."""
        index = next((y for y, row in enumerate(self.painted) if row.key == self.chosen), None)
        if index is None:
            return
        top = index - 1 if index and not self.painted[index - 1].key else index
        height = self.size.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif index >= self.scroll_offset.y + height > 0:
            self.scroll_to(y=index - height + 1, animate=False, immediate=True)

    def move(self, step: int) -> None:
        """Select the row so many selectable rows further, if there is one."""
        keys = self.keys
        at = keys.index(self.chosen) if self.chosen in keys else -1
        to = at + step
        if abs(step) > 1:
            to = min(max(to, 0), len(keys) - 1)
        if 0 <= to < len(keys):
            self.choose(keys[to])

    def enter(self, step: int) -> None:
        """Take the selection coming from above (1) or below (-1)."""
        if keys := self.keys:
            self.choose(keys[0] if step > 0 else keys[-1], tell=False)

    def open(self) -> None:
        """Say that the selected row is wanted."""
        if self.chosen:
            self.post_message(self.Opened(self, self.chosen))

    def overlay(self, y: int) -> str:
        """The selected row is marked; faintly while another part of the screen has the focus."""
        if not self.chosen or self.painted[y].key != self.chosen:
            return ""
        return "chosen" if self.has_focus else "chosen-far"

    def on_focus(self) -> None:
        """The mark grows strong."""
        self._refresh_chosen()

    def on_blur(self) -> None:
        """The mark fades."""
        self._refresh_chosen()

    def _refresh_chosen(self) -> None:
        for y, row in enumerate(self.painted):
            if row.key and row.key == self.chosen:
                self.refresh_row(y)

    def on_click(self, event: Click) -> None:
        """One click selects, one more opens."""
        index = event.y + self.scroll_offset.y
        if index < len(self.painted) and (key := self.painted[index].key):
            if key == self.chosen and event.chain > 1:
                self.open()
            self.choose(key)
