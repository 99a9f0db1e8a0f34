"""What is to be silenced: matchers, for how long, and why; checked before anything is asked of a server."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Key
from textual.widgets import Input

from ontui.domain.quantity import QuantityError, parse_duration
from ontui.domain.silence import Matcher, SilenceRefused, check_wish
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.note_line import NoteLine
from ontui.ui.widgets.title_line import TitleLine

USUAL = "2h"


class SilenceForm(Room):
    """A field for each matcher and one more, one for the time, one for the reason."""

    ROOM = keys.FORM
    BINDINGS: ClassVar = bindings(keys.FORM)

    def __init__(self, desk: Desk, name: str, matchers: Sequence[Matcher], *, source: str = "", note: str = "") -> None:
        super().__init__(desk)
        self.name_, self.matchers, self.source, self.note = name, tuple(matchers), source, note

    def parts(self) -> ComposeResult:
        """Fields under their labels; then what is wrong."""
        yield TitleLine()
        with VerticalScroll(id="fields", can_focus=False):
            yield NoteLine("\nAlerts with all of", "value", extra='  label="value", also =~ != !~ · empty: not asked')
            for number, matcher in enumerate(self.matchers):
                yield Field(matcher.words, id=f"matcher-{number}", classes="field")
            yield Field(id=f"matcher-{len(self.matchers)}", classes="field", placeholder='label="value"')
            yield NoteLine("\nFor", "value", extra="  30m, 2h, 1d")
            yield Field(USUAL, id="duration", classes="field")
            yield NoteLine("\nWhy", "value", extra="  for the others, and the record")
            yield Field(id="comment", classes="field")
            yield NoteLine("", "quiet", id="note")
            yield NoteLine("", "warning", id="wrong")

    def arrive(self) -> None:
        """What only a person knows comes first: the reason."""
        super().arrive()
        self.query_one("#comment").focus()

    def draw(self) -> None:
        """Nothing here moves, but whether there is a server to ask."""
        self.query_one(TitleLine).show(f"Silence {self.name_}", "enter shows what it hits")
        away = self._away()
        self.query_one("#note", NoteLine).say(f"\n{away or self.note}" if away or self.note else "")

    def _away(self) -> str:
        """Why nothing can be silenced just now; empty where the server answers."""
        asked = [s for s in self.state.sources.values() if s.source.type == "alertmanager"]
        asked = [s for s in asked if not self.source or s.source.id == self.source]
        if not asked or not all(health.fault for health in asked):
            return ""
        first = asked[0]
        why = first.fault.text if first.fault else ""
        return f"{first.source.id} does not answer, and nothing can be silenced until it does: {self.masked(why)}"

    @on(Input.Submitted)
    def _submitted(self) -> None:
        """Check it all; what is missing gets the cursor."""
        field = "#comment"
        try:
            texts = [self.query_one(f"#matcher-{n}", Input).value for n in range(len(self.matchers) + 1)]
            matchers = tuple(Matcher.parse(text) for text in texts if text.strip())
            comment, duration = self.query_one("#comment", Input).value, self.query_one("#duration", Input).value
            field = "#duration"
            duration_s = parse_duration(duration.strip())
            field = "#comment" if not comment.strip() else "#matcher-0"
            check_wish(matchers, duration_s, comment)
        except (SilenceRefused, QuantityError) as refusal:
            self.query_one("#wrong", NoteLine).say(f"\n{self.masked(str(refusal))}")
            self.query_one(field).focus()
            return
        from ontui.ui.screens.silence import SilenceScreen

        self.app.switch_screen(SilenceScreen(self.desk, matchers, duration_s, comment, source=self.source))

    def on_key(self, event: Key) -> None:
        """The arrows go from field to field."""
        if isinstance(self.focused, Input) and event.key in ("up", "down"):
            event.stop()
            self.focus_next() if event.key == "down" else self.focus_previous()
