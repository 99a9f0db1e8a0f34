"""One indicator: the large chart, what is asked, what came back, its alerts, its repairs, its links, its rows."""

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from ontui.domain.alert import Alert
from ontui.domain.past import Past
from ontui.domain.sli import Sli
from ontui.domain.text import one_line
from ontui.ui import fit, keys
from ontui.ui import format as words
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import SPANS_S, LookingRoom
from ontui.ui.screens.memory import Memory
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.sheet import BigChart, Sheet
from ontui.ui.widgets.subject import Subject
from ontui.ui.widgets.title_line import TitleLine


class DetailScreen(LookingRoom):
    """All that is known of one indicator."""

    ROOM = keys.DETAIL
    BINDINGS: ClassVar = bindings(keys.DETAIL)
    SPANS_S: ClassVar = (*SPANS_S, 21_600.0, 86_400.0, 604_800.0)

    def __init__(self, desk: Desk, sli: str, alert: str = "") -> None:
        super().__init__(desk)
        self.sli_id, self.alert_key = sli, alert
        self.memory = Memory()
        self._about: Sli | None = None
        """The indicator as it was when it was last drawn."""
        self.words = ""
        """The filter of the rows."""

    def parts(self) -> ComposeResult:
        """The line it stands on, the chart, and the sheet below."""
        yield Subject()
        yield TitleLine()
        yield BigChart()
        yield Sheet()
        yield Field(id="filter", placeholder="only rows with …")

    def arrive(self) -> None:
        """The sheet has the keys; the filter stays hidden until it is asked for."""
        super().arrive()
        self.query_one("#filter").display = False
        self.query_one(Sheet).focus()

    @property
    def stands(self) -> bool:
        """The indicator is in the config."""
        return self.sli_id in self.state.system.slis

    @property
    def chosen_sli(self) -> Sli | None:
        """The indicator."""
        return self.state.system.slis[self.sli_id]

    @property
    def chosen_alert(self) -> Alert | None:
        """Its worst alert."""
        return self.worst_alert(self.sli_id)

    def draw(self) -> None:
        """Everything about it."""
        if not self.stands:   # another config was just loaded
            return
        state, now, span_s = self.state, self.now, self.span_s
        sli = state.system.slis[self.sli_id]
        alert = self.chosen_alert
        if sli != self._about:   # another config was loaded: its past may be that of another question
            self._about, self.memory = sli, Memory()
        self._look_back(span_s)
        story = self.story(sli, alert)
        whole = self.memory.whole(story.item.indicator, span_s)
        self.query_one(Subject).show(state, self.sli_id, None, now)
        self.query_one(TitleLine).show(sli.title, self._reach(sli, span_s))
        charted = replace(story, item=replace(story.item, indicator=whole), gap_s=self.memory.gap_s(span_s))
        self.query_one(BigChart).show(charted, now, span_s)
        asked = self.masked(self.desk.question(self.sli_id))
        self.query_one(Sheet).show(story, state.sources[sli.source], now, state.runs, self.masked, asked, self.words)

    def _reach(self, sli: Sli, span_s: float) -> str:
        """How far back the chart reaches, and how that is known; the group gives way to it."""
        known = self.memory.words(self.state.indicators[self.sli_id], span_s, self.now)
        room = self.size.width - fit.width(sli.title) - 12
        reach = " · ".join(filter(None, (words.last(span_s), known)))
        whole = " · ".join(filter(None, (sli.group, reach)))
        return whole if fit.width(whole) <= room else fit.cut(reach, room)

    # ── a longer past ──

    def _look_back(self, span_s: float) -> None:
        """Ask the source for what we do not remember ourselves; what nobody waits for any more ends."""
        now = self.desk.now()
        if self.memory.is_due(self.state.indicators[self.sli_id], span_s, now):
            self.memory.began(span_s, now)
            asking = self._ask_back(self.memory, span_s)
            self.run_worker(asking, name=f"{span_s}", group="past", exclusive=True, exit_on_error=False)

    async def _ask_back(self, memory: Memory, span_s: float) -> None:
        try:
            memory.ended(span_s, await self.desk.history(self.sli_id, span_s))
        except asyncio.CancelledError:
            memory.forget(span_s)
            raise
        self.draw()

    @on(Worker.StateChanged)
    def _failed_to_ask(self, event: Worker.StateChanged) -> None:
        """A bug: said, and no more than that."""
        worker = event.worker
        if worker.group == "past" and event.state is WorkerState.ERROR:
            reason = one_line(f"ontui failed to ask: {worker.error!r}")
            self.memory.ended(float(worker.name), Past(reason=reason))
            self.draw()

    # ── rows ──

    def action_filter(self) -> None:
        """Type to see fewer rows."""
        reading = self.state.indicators[self.sli_id].reading
        if reading is None or not reading.rows:
            self.say("it has no rows to filter")
            return
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        self.words = event.value
        self.draw_header()
        self.draw()
        self.query_one(Sheet).scroll_to(y=0, animate=False, immediate=True)   # the worst that is left

    @on(Input.Submitted, "#filter")
    def _settled(self) -> None:
        self.query_one("#filter").display = bool(self.words)
        self.query_one(Sheet).focus()

    def action_back(self) -> None:
        """End the filter, else leave."""
        field = self.query_one("#filter", Input)
        if not (self.words or field.display):
            super().action_back()
            return
        field.value, field.display, self.words = "", False, ""
        self.query_one(Sheet).focus()
        self.draw_header()
        self.draw()

    @property
    def filtered(self) -> str:
        """Always said while it is so."""
        return f"/{self.words}" if self.words else ""

    # ── keys ──

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        """The page, a repair, or a link, which is copied and not opened."""
        kind, _, rest = message.key.partition(":")
        if kind == "page":
            self.action_runbook()
        elif kind == "action":
            alert = self.chosen_alert
            self.begin(self.state.system.actions[rest], sli=self.sli_id, alert=alert.rule.key if alert else "")
        elif kind == "link":
            self.cockpit.copy(rest, f"{rest} is not opened from here: copied it")

    def action_copy(self) -> None:
        """The question, as the source gets it."""
        self.cockpit.copy(self.masked(self.desk.question(self.sli_id)), "copied the query")

    def action_copy_command(self) -> None:
        """The question, as a person repeats it in a shell."""
        line = self.desk.as_command(self.sli_id)
        if not line:
            sli = self.state.system.slis[self.sli_id]
            self.say(f"there is no command line for this kind of source: {self.state.sources[sli.source].source.type}")
            return
        shown = self.masked(line)
        left_out = ", without what is secret in it" if shown != line else ""
        self.cockpit.copy(shown, f"copied a command line that asks the same{left_out}")
