"""Every runbook page, found by typing."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import Key
from textual.widgets import Input

from ontui.runbooks.library import Hit
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.section_list import Entry, EntryList
from ontui.ui.widgets.title_line import TitleLine


class PagesScreen(Room):
    """The folder of pages; words typed here search all of them."""

    ROOM = keys.MENU
    BINDINGS: ClassVar = bindings(keys.MENU)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.hits: tuple[Hit, ...] = ()

    def parts(self) -> ComposeResult:
        """A search over the list."""
        yield TitleLine()
        yield Field(id="words", placeholder="search every page …")
        yield EntryList(id="pages")

    def arrive(self) -> None:
        """Ready to type."""
        super().arrive()
        self.query_one("#words").focus()

    def draw(self) -> None:
        """All pages, or what was found."""
        library = self.desk.library
        if library is None:
            return
        self.query_one(TitleLine).show("Runbook pages", f"{len(library.pages)} pages")
        words = self.query_one("#words", Input).value
        if words.strip():
            entries = [
                Entry(f"{n}", f"{h.place.page.title} · {h.place.section.title}", note=self.masked(h.excerpt))
                for n, h in enumerate(self.hits[:200])
            ]
        else:
            entries = [Entry(page.name, page.title, note=page.name) for page in library.pages]
        self.query_one("#pages", EntryList).show(entries, empty="not found on any page")

    @on(Input.Changed, "#words")
    def _searched(self, event: Input.Changed) -> None:
        library = self.desk.library
        self.hits = library.search(event.value) if library and event.value.strip() else ()
        self.draw()

    @on(Input.Submitted, "#words")
    def _open_first(self) -> None:
        self.query_one("#pages", EntryList).open()

    def on_key(self, event: Key) -> None:
        """The arrows move in the list while one types."""
        if self.query_one("#words").has_focus and event.key in ("up", "down"):
            event.stop()
            self.query_one("#pages", EntryList).move(1 if event.key == "down" else -1)

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        from ontui.ui.screens.runbook import RunbookScreen

        is_hit = bool(self.query_one("#words", Input).value.strip())
        ref = self.hits[int(message.key)].place.ref if is_hit else message.key
        self.app.switch_screen(RunbookScreen(self.desk, ref))
