"""The repairs for an alert or an indicator: what each would do, how dangerous it is, and why one cannot run."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from ontui.domain.action import Action, Danger, Outcome
from ontui.domain.quantity import format_duration
from ontui.ui import format as words
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.looking import begin
from ontui.ui.screens.room import Room
from ontui.ui.widgets.action_list import ActionList, Choice
from ontui.ui.widgets.lines import Choices
from ontui.ui.widgets.subject import Subject
from ontui.ui.widgets.title_line import TitleLine


class ActionsMenu(Room):
    """A list; nothing runs from here without its plan being shown."""

    ROOM = keys.MENU
    BINDINGS: ClassVar = bindings(keys.MENU)

    def __init__(self, desk: Desk, sli: str, alert: str) -> None:
        super().__init__(desk)
        self.sli_id, self.alert_key = sli, alert

    def parts(self) -> ComposeResult:
        """What it is about, and the list."""
        yield Subject()
        yield TitleLine()
        yield ActionList()

    def arrive(self) -> None:
        """The list has the keys."""
        super().arrive()
        self.query_one(ActionList).focus()

    def draw(self) -> None:
        """The subject moves, and the ages of the last runs."""
        state, now = self.state, self.now
        sli, alert = state.system.slis[self.sli_id], state.alerts.get(self.alert_key)
        self.query_one(Subject).show(state, self.sli_id, alert, now)
        self.query_one(TitleLine).show(f"Repairs for {alert.rule.name if alert else sli.title}")
        actions = self.desk.actions_for(alert=alert, sli=sli)
        self.query_one(ActionList).show([self._choice(action, now) for action in actions])

    def _choice(self, action: Action, now: float) -> Choice:
        run = self.state.runs.get(action.id)
        last = ""
        if run is not None and run.outcome is Outcome.RUNNING:
            last = f"running for {words.minutes(now - run.started_at)}, started by {run.who.partition('@')[0]}"
        elif run is not None:
            who, detail = run.who.partition("@")[0], f", {run.detail}" if run.detail else ""
            last = f"last run {words.ago(run.ended_at or run.started_at, now)} by {who}: {run.outcome}{detail}"
        after = ""
        if (verify := action.verify) and verify.sli in self.state.system.slis:
            after = f"then watches {self.state.system.slis[verify.sli].title} for {format_duration(verify.within_s)}"
        return Choice(
            action, runs=self.masked(self._runs(action)), last=last, after=after, cannot=self._cannot(action),
        )  # fmt: skip

    def _runs(self, action: Action) -> str:
        return action.sql or action.script or " ".join(action.argv)

    def _cannot(self, action: Action) -> str:
        if self.desk.read_only and action.danger is not Danger.READ:
            return "read-only: it may change something"
        return ""

    @on(Choices.Opened)
    def _opened(self, message: Choices.Opened) -> None:
        action = self.state.system.actions[message.key]
        if reason := self._cannot(action):
            self.say(f"{action.title} cannot run: {reason}")
            return
        begin(self, self.desk, action, sli=self.sli_id, alert=self.alert_key)
