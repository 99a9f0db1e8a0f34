"""One source: what it is connected to, whether that works, and what is missing; and the list of all of them."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from ontui.ui import fit, keys
from ontui.ui import format as words
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import LookingRoom
from ontui.ui.screens.room import Room
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.section_list import Entry, EntryList
from ontui.ui.widgets.sli_list import Item
from ontui.ui.widgets.source_page import STATUS_WORDS, PollLog, SourceSheet
from ontui.ui.widgets.title_line import TitleLine

BESIDE_FROM = 100
"""Columns from which the polls stand beside the facts."""


class SourceScreen(LookingRoom):
    """All that is known of one source."""

    ROOM = keys.SOURCE
    BINDINGS: ClassVar = bindings(keys.SOURCE)

    def __init__(self, desk: Desk, source: str) -> None:
        super().__init__(desk)
        self.source_id = source

    def parts(self) -> ComposeResult:
        """Facts, and the polls beside or below them."""
        yield TitleLine()
        with Container(id="source"):
            yield SourceSheet()
            yield PollLog()

    def arrive(self) -> None:
        """The sheet has the keys."""
        super().arrive()
        self.query_one(SourceSheet).focus()

    def on_resize(self, event: Resize) -> None:
        """Beside where there is room, else below."""
        beside = event.size.width >= BESIDE_FROM
        self.query_one("#source").styles.layout = "horizontal" if beside else "vertical"
        log = self.query_one(PollLog)
        log.styles.width, log.styles.height = ("40%", "100%") if beside else ("100%", "35%")
        self.call_after_refresh(self.draw)

    @property
    def stands(self) -> bool:
        """The source is in the config."""
        return self.source_id in self.state.sources

    def draw(self) -> None:
        """Everything about it."""
        if not self.stands:   # another config was just loaded
            return
        state, now = self.state, self.now
        health, ids = state.sources[self.source_id], list(state.sources)
        at = f"{ids.index(self.source_id) + 1} of {len(ids)}"
        self.query_one(TitleLine).show(self.source_id, f"{health.source.type} · {at}")
        items = [
            Item(i, state.standing(id_, now)) for id_, i in state.indicators.items() if i.sli.source == self.source_id
        ]
        self.query_one(SourceSheet).show(health, items, now)
        self.query_one(PollLog).show(health)

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        """An indicator, or a finding: it is copied, with the remedy in it."""
        kind, _, rest = message.key.partition(":")
        if kind == "sli":
            self.open_detail(self.state.system.slis[rest])
        else:
            self.cockpit.copy(self.masked(self.state.sources[self.source_id].findings[int(rest)]), "copied the finding")

    def action_sources(self) -> None:
        """All of them, from here."""
        self.app.switch_screen(SourcesScreen(self.desk, self.source_id))


class SourcesScreen(Room):
    """Every source with how it is."""

    ROOM = keys.MENU
    BINDINGS: ClassVar = bindings(keys.MENU)

    def __init__(self, desk: Desk, source: str = "") -> None:
        super().__init__(desk)
        self.source_id = source

    def parts(self) -> ComposeResult:
        """A title and the list."""
        yield TitleLine()
        yield EntryList(id="pages")

    def arrive(self) -> None:
        """The list has the keys."""
        super().arrive()
        self.query_one(EntryList).focus()

    def draw(self) -> None:
        """One line each."""
        state, now = self.state, self.now
        entries, wide = [], min(30, max((fit.width(id_) for id_ in state.sources), default=0))
        for health in state.sources.values():
            status = health.status(now)
            reason = words.source_reason(health, now) or STATUS_WORDS[status]
            told = [f"{words.GLYPHS[status]} {reason}", words.source_speed(health), health.server]
            title = f"{fit.left(health.source.id, wide)}  {health.source.type}"
            entries.append(Entry(health.source.id, title, note=" · ".join(filter(None, told))))
        self.query_one(TitleLine).show("Sources", f"{len(entries)}")
        self.query_one(EntryList).show(entries, self.source_id, empty="no sources are configured")

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        self.app.switch_screen(SourceScreen(self.desk, message.key))
