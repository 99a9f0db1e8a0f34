"""A runbook page: contents left, the section in view right, the alert that led here above, with its live value."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.widgets import Input

from ontui.domain.alert import Alert
from ontui.domain.sli import Sli
from ontui.runbooks.library import Hit
from ontui.runbooks.page import Page, Section
from ontui.runbooks.place import Place, RunbookError
from ontui.runbooks.search import MOST
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import LookingRoom
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.page_view import PageView
from ontui.ui.widgets.section_list import Entry, EntryList
from ontui.ui.widgets.subject import Subject
from ontui.ui.widgets.title_line import TitleLine


class RunbookScreen(LookingRoom):
    """One page, one section at a time."""

    ROOM = keys.RUNBOOK
    BINDINGS: ClassVar = bindings(keys.RUNBOOK)

    def __init__(self, desk: Desk, ref: str, *, alert: str = "", sli: str = "") -> None:
        super().__init__(desk)
        self.ref, self.alert_key, self.sli_id = ref, alert, sli
        self.page: Page | None = None
        self.section: Section | None = None
        self.trail: list[str] = []
        """The references one came from by links."""
        self.hits: tuple[Hit, ...] = ()
        self.hit = 0
        self._reading = 0
        """The line of the file that was in view when the search began."""

    def parts(self) -> ComposeResult:
        """The subject, the page's title, contents and text, and the search."""
        yield Subject()
        yield TitleLine()
        with Horizontal(id="body"):
            yield EntryList(id="contents")
            yield PageView()
        yield Field(id="search", placeholder="search this page · enter or ↓ next, ↑ back, esc ends")

    def arrive(self) -> None:
        """Open at the place asked for."""
        self.query_one("#search").display = False
        self.query_one(PageView).focus()
        super().arrive()
        if self.desk.library is not None:
            self.go(self.desk.library.find(self.ref))

    def on_resize(self, event: Resize) -> None:
        """Without room for both, the contents give way."""
        self.query_one("#contents").display = event.size.width >= 76

    @property
    def chosen_alert(self) -> Alert | None:
        """The alert that led here."""
        return self.state.alerts.get(self.alert_key)

    @property
    def chosen_sli(self) -> Sli | None:
        """The indicator that led here."""
        return self.state.system.slis.get(self.sli_id)

    def draw(self) -> None:
        """Only the subject moves."""
        self.query_one(Subject).show(self.state, self.sli_id, self.chosen_alert, self.now)

    # ── where one is ──

    def go(self, place: Place) -> None:
        """Show a place."""
        self.ref = place.ref
        if place.page is not self.page:
            self.desk.page_opened(place.ref)
        self.page = place.page
        self.show_section(place.section)
        view = self.query_one(PageView)
        if place.heading is not None and place.heading.line > place.section.line:
            line = place.heading.line
            self.call_after_refresh(lambda: view.go_to_line(line))

    def show_section(self, section: Section) -> None:
        """One of the page's sections."""
        assert self.page is not None  # noqa: S101 — go() set it
        self.section = section
        number = self.page.sections.index(section)
        view = self.query_one(PageView)
        view.show(self.masked(section.text), section.line, self.query_one("#search", Input).value.split())
        self.query_one(TitleLine).show(
            self.page.title, f"{self.page.name} · {number + 1} of {len(self.page.sections)}"
        )
        self._show_contents()

    def _show_contents(self) -> None:
        assert self.page is not None  # noqa: S101
        least = min((s.level for s in self.page.sections if s.level), default=0)
        entries = [
            Entry(str(n), s.title or self.page.title, max(0, s.level - least)) for n, s in enumerate(self.page.sections)
        ]
        current = str(self.page.sections.index(self.section)) if self.section else ""
        contents = self.query_one("#contents", EntryList)
        longest = max(len(entry.title) + 2 * entry.depth for entry in entries)
        scrolls = len(entries) > self.size.height - 6
        contents.styles.width = min(30 if self.size.width > 100 else 24, longest + 5 + scrolls)
        contents.show(entries, current)
        if not contents.has_focus:
            contents.choose(current, tell=False)
            self.call_after_refresh(contents.keep_in_view)   # on a long page it is far down

    @on(Choices.Moved, "#contents")
    def _other_section(self, message: Choices.Moved) -> None:
        if self.page is not None and message.key and message.control.has_focus:
            self.show_section(self.page.sections[int(message.key)])

    @on(Choices.Opened, "#contents")
    def _read_section(self) -> None:
        self.query_one(PageView).focus()

    @on(Choices.Opened, "#page")
    def _opened(self, message: Choices.Opened) -> None:
        """A link: pages open here, everything else is copied, never opened."""
        view = self.query_one(PageView)
        if message.key in view.prose.fences:
            self.action_copy()
            return
        href = view.prose.links.get(message.key, "")
        if not href or self.page is None or self.desk.library is None:
            return
        try:
            target = self.desk.library.link(self.page, href)
        except RunbookError as error:
            self.say(str(error))
            return
        if isinstance(target, str):
            self.cockpit.copy(self.masked(target), f"{target} is not opened from here: copied it")
        else:
            self.trail.append(self.ref)
            self.go(target)

    def action_back(self) -> None:
        """End the search, go back along the links, then leave the page."""
        if self.query_one("#search").display:
            self._end_search()
        elif self.trail and self.desk.library is not None:
            self.go(self.desk.library.find(self.trail.pop()))
        else:
            super().action_back()

    def action_copy(self) -> None:
        """The selected code, else the first in view."""
        code = self.query_one(PageView).code_in_view()
        if not code:
            self.say("no code is in view")
            return
        lines = code.count("\n") + 1
        self.cockpit.copy(self.masked(code), f"copied {lines} line{'s' * (lines > 1)}")

    # ── search ──

    def action_search(self) -> None:
        """Search this page, on from what is in view."""
        lines, top = self.query_one(PageView).prose.lines, self.query_one(PageView).scroll_offset.y
        self._reading = lines[min(top, len(lines) - 1)] if lines else 0
        field = self.query_one("#search", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        if self.desk.library is None or self.page is None:
            return
        found = self.desk.library.search(event.value, self.page) if event.value.strip() else ()
        self.hits = tuple(sorted(found, key=lambda hit: hit.line))
        self.hit = next((n for n, hit in enumerate(self.hits) if hit.line >= self._reading), 0)
        self._show_hit()

    @on(Input.Submitted, "#search")
    def _next(self) -> None:
        self._step(1)

    def on_key(self, event: Key) -> None:
        """While searching, the arrows go from hit to hit."""
        if self.query_one("#search").has_focus and event.key in ("up", "down"):
            event.stop()
            self._step(1 if event.key == "down" else -1)

    def _step(self, step: int) -> None:
        if self.hits:
            self.hit = (self.hit + step) % len(self.hits)
        self._show_hit()

    def _show_hit(self) -> None:
        field = self.query_one("#search", Input)
        if not self.hits:
            self.say("not found on this page" if field.value.strip() else "")
            if self.section:
                self.show_section(self.section)
            return
        hit = self.hits[self.hit]
        self.show_section(hit.place.section)
        view = self.query_one(PageView)
        self.call_after_refresh(lambda: view.go_to_line(hit.line))
        more = " of more" if len(self.hits) >= MOST else ""
        self.say(f"{self.hit + 1} of {len(self.hits)}{more}: {hit.place.section.title}", "quiet")

    def _end_search(self) -> None:
        field = self.query_one("#search", Input)
        field.value, field.display = "", False
        self.query_one(PageView).focus()
        if self.section:
            self.show_section(self.section)
