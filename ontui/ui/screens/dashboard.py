"""The dashboard: what is wrong first, then every indicator, and the selected one beside it."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.widgets import Input

from ontui.domain.alert import Alert
from ontui.domain.crowd import Crowd
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.ui import keys, others
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import LookingRoom
from ontui.ui.widgets.alert_board import MOST_LINES, AlertBoard, row_key
from ontui.ui.widgets.alert_line import Help
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.lines import Choices, Row, heading
from ontui.ui.widgets.other_sheet import facts
from ontui.ui.widgets.preview import Preview
from ontui.ui.widgets.sli_list import Item, SliList
from ontui.ui.widgets.source_strip import SourceStrip

PREVIEW_FROM = 100
"""Columns from which the preview is shown."""
TINY = (60, 15)
"""Below this, one line an indicator and nothing else."""


class Dashboard(LookingRoom):
    """The first screen."""

    ROOM = keys.DASHBOARD
    BINDINGS: ClassVar = bindings(keys.DASHBOARD)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.only_wrong = False
        self.words = ""
        """The filter."""
        self.untouched = True
        """No key was pressed yet: the cursor may still go to the worst alert by itself."""
        self._left: tuple[Choices, str] | None = None
        """Where the selection was when the filter was asked for."""

    def parts(self) -> ComposeResult:
        """Sources, alerts, indicators and the preview."""
        yield SourceStrip()
        yield AlertBoard()
        with Horizontal(id="body"):
            yield SliList()
            yield Preview()
        yield Field(id="filter", placeholder="only lines with …")

    def arrive(self) -> None:
        """The filter stays hidden until it is asked for."""
        self.query_one("#filter").display = False
        self.query_one(SliList).focus()
        super().arrive()

    def on_resize(self, event: Resize) -> None:
        """Fit the parts to the room there is."""
        tiny = event.size.width < TINY[0] or event.size.height < TINY[1]
        self.query_one(AlertBoard).display = not tiny   # else as there are alerts of others
        preview = self.query_one(Preview)
        preview.display = event.size.width >= PREVIEW_FROM and not tiny
        preview.styles.width = event.size.width * (54 if event.size.width >= 120 else 47) // 100
        self.query_one(AlertBoard).styles.max_height = max(3, event.size.height // 3)
        self.call_after_refresh(self.draw)

    @property
    def tiny(self) -> bool:
        """There is room for little more than the list."""
        return self.size.width < TINY[0] or self.size.height < TINY[1]

    # ── drawing ──

    def draw(self) -> None:
        """Everything below the header."""
        state, now = self.state, self.now
        self.query_one(SourceStrip).show(state, now, self.desk.warnings, brief=self.tiny)
        wanted = [(entry, self._is_wanted(entry)) for entry in state.lineup()]
        alerts = [entry for entry, is_in in wanted if is_in]
        hidden = [entry for entry, is_in in wanted if not is_in and others.how_active(entry)]
        board = self.query_one(AlertBoard)
        if self.tiny:   # our own are lines of the list
            alerts, hidden = [entry for entry in alerts if isinstance(entry, Crowd)], []
            board.display = bool(alerts)
        help_ = {row_key(entry): self._help(entry) for entry in alerts[:MOST_LINES]}
        board.show(state, alerts, now, self.desk.started_at, help_, hidden)
        items = self.items()
        grouped = self.size.height >= len(items) + len({i.sli.group for i in items}) + len(alerts) + 6
        layout = "flat" if self.tiny else "grouped" if grouped else "column"
        slis = self.query_one(SliList)
        slis.show(items, now, span_s=self.span_s, layout=layout, empty=self._nothing())
        self.draw_preview()
        board.can_focus = bool(board.keys)
        if self.untouched and board.keys and not self.tiny and self.focused is not board:
            board.enter(1)
            board.focus()
        if self.focused is None or (self.focused is board and not board.keys):
            slis.focus()

    def draw_preview(self) -> None:
        """The selected indicator."""
        preview = self.query_one(Preview)
        if preview.display:
            sli, crowd = self.chosen_sli, self.chosen_crowd
            preview.other = self._told(crowd) if crowd else None
            preview.show(self.story(sli, self.chosen_alert) if sli else None, self.now, self.span_s)

    def _told(self, crowd: Crowd) -> Callable[[int], list[Row]]:
        place = self.desk.place_of(crowd.first.alert)
        page, state, now = place.ref if place else "", self.state, self.now
        title = f"{crowd.first.severity.name} {others.title(crowd)}"
        return lambda room: [Row(heading(title, room)), *facts(state, crowd, now, page, room)]

    def items(self) -> list[Item]:
        """The indicators that pass the filters, in the order of the config."""
        state, now = self.state, self.now
        found = [
            Item(i, state.standing(i.sli.id, now), tuple(state.alerts_of(i.sli.id))) for i in state.indicators.values()
        ]
        wrong = [i for i in found if not self.only_wrong or i.standing.status is not Status.OK]
        return [i for i in wrong if self._wanted("", i.sli)]

    def _is_wanted(self, entry: Alert | Crowd) -> bool:
        if isinstance(entry, Alert):
            return self._wanted(entry.rule.name, self.state.system.slis[entry.rule.sli])
        return others.holds(entry, self.words.lower().split())

    def _wanted(self, name: str, sli: Sli) -> bool:
        text = f"{name} {sli.id} {sli.title} {sli.group} {sli.source}".lower()
        return all(word in text for word in self.words.lower().split())

    def _nothing(self) -> str:
        if self.words:
            return f"nothing matches “{self.words}” · esc ends the filter"
        if self.only_wrong:
            return "nothing is wrong · f shows everything"
        return "no indicators are configured"

    def _help(self, alert: Alert | Crowd) -> Help:
        if isinstance(alert, Crowd):
            page = self.desk.place_of(alert.first.alert) is not None
            return Help(page, silence=not self.desk.silences.why_not)
        sli = self.state.system.slis[alert.rule.sli]
        page = self.desk.place_for(alert=alert, sli=sli) is not None
        return Help(page, 0 if self.desk.read_only else len(self.desk.actions_for(alert=alert, sli=sli)))

    # ── what is selected ──

    @property
    def chosen_alert(self) -> Alert | None:
        """The alert under the cursor, else the worst one of the indicator under it."""
        board = self.query_one(AlertBoard)
        if self.focused is board and board.chosen:
            return self.state.alerts.get(board.chosen)
        return self.worst_alert(self.query_one(SliList).chosen)

    @property
    def chosen_crowd(self) -> Crowd | None:
        """The alert of others under the cursor, or many of one name."""
        board = self.query_one(AlertBoard)
        if self.focused is not board:
            return None
        return next((crowd for crowd in self.state.others if crowd.key == board.chosen), None)

    @property
    def chosen_sli(self) -> Sli | None:
        """The indicator under the cursor, or that of the alert under it."""
        board, slis = self.query_one(AlertBoard), self.query_one(SliList)
        if self.chosen_crowd is not None:
            return None
        alert = self.state.alerts.get(board.chosen) if self.focused is board else None
        return self.state.system.slis.get(alert.rule.sli if alert else slis.chosen)

    def on_key(self, event: Key) -> None:
        """From now on the cursor is the person's."""
        del event
        self.untouched = False

    @on(Choices.Moved)
    def _moved(self) -> None:
        self.draw_preview()

    def on_descendant_focus(self) -> None:
        """The selection is in the part that has the focus."""
        if self.query(Preview):
            self.draw_preview()

    @on(Choices.Opened)
    def _opened(self) -> None:
        if (crowd := self.chosen_crowd) is not None:
            from ontui.ui.screens.other import OtherScreen

            self.app.push_screen(OtherScreen(self.desk, crowd))
        elif sli := self.chosen_sli:
            self.open_detail(sli)

    # ── keys ──

    @property
    def lists(self) -> list[Choices]:
        """Those with something to select, from top to bottom."""
        both: list[Choices] = [self.query_one(AlertBoard), self.query_one(SliList)]
        return [choices for choices in both if choices.display and choices.keys]

    def _move(self, step: int) -> None:
        """Within a list, and from the last alert down into the indicators: at once, for the next key is on its way."""
        lists, here = self.lists, self.list_in_focus
        if here not in lists:
            return
        to = lists.index(here) + (1 if step > 0 else -1)
        if here.chosen == here.keys[-1 if step > 0 else 0] and 0 <= to < len(lists):
            self._go_to(lists[to], step)
        else:
            here.move(step)

    def _go_to(self, choices: Choices, step: int) -> None:
        choices.enter(step)
        self.set_focus(choices)
        self.draw_preview()

    def action_move_up(self) -> None:
        """One line up."""
        self._move(-1)

    def action_move_down(self) -> None:
        """One line down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A screenful up."""
        self._move(-self.screenful)

    def action_page_down(self) -> None:
        """A screenful down."""
        self._move(self.screenful)

    def action_first(self) -> None:
        """To the first alert, or the first indicator where there is none; the worst indicator is in view then."""
        self.query_one(SliList).come_back()
        if lists := self.lists:
            self._go_to(lists[0], 1)

    def action_last(self) -> None:
        """To the last indicator."""
        if lists := self.lists:
            self._go_to(lists[-1], -1)

    def action_copy(self) -> None:
        """Two things could be meant here, and a query is not in view."""
        self.say("nothing to copy here: y copies on a detail or runbook page")

    def action_filter(self) -> None:
        """Type to see less."""
        if (here := self.list_in_focus) is not None:
            self._left = (here, here.chosen)
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def _filtered(self, event: Input.Changed) -> None:
        self.words = event.value
        self.draw_header()
        self.draw()

    @on(Input.Submitted, "#filter")
    def _settled(self) -> None:
        self.query_one("#filter").display = bool(self.words)
        slis, board = self.query_one(SliList), self.query_one(AlertBoard)
        self.set_focus(board if board.keys and not slis.keys else slis)

    def action_back(self) -> None:
        """End the filters; what is selected stays so, and comes back where one was just typing."""
        field = self.query_one("#filter", Input)
        if not (self.words or self.only_wrong or field.display):
            self.say("nothing to go back to")
            return
        typing = self.focused is field
        field.value, field.display = "", False
        self.words, self.only_wrong = "", False
        self.draw()
        if typing:
            choices, key = self._left or (self.query_one(SliList), "")
            if key in choices.keys:
                choices.choose(key)
            self.set_focus(choices if choices.keys else self.query_one(SliList))
        self.draw_header()

    def action_only_wrong(self) -> None:
        """Hide what is ok, or show it again."""
        self.only_wrong = not self.only_wrong
        self.draw_header()
        self.draw()
        self.say("only what is wrong · f shows everything" if self.only_wrong else "", "quiet")

    def show_alert(self, key: str) -> None:
        """Put the cursor on an alert."""
        board = self.query_one(AlertBoard)
        if key in board.keys:
            board.choose(key)
            board.focus()

    @property
    def filtered(self) -> str:
        """Always said while it is so."""
        return "only wrong" if self.only_wrong else f"/{self.words}" if self.words else ""
