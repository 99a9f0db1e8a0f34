"""Quitting while something runs is asked about, and what becomes of it is said."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Key

from ontui.domain.action import Means, OnDisconnect, Outcome
from ontui.ui import format as words
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk, Execution
from ontui.ui.screens.room import Room
from ontui.ui.widgets.frame import Prompt, Said
from ontui.ui.widgets.note_line import NoteLine


class LeaveScreen(Room):
    """y leaves, anything else stays."""

    ROOM = keys.FORM
    BINDINGS: ClassVar = bindings(keys.FORM)

    def __init__(self, desk: Desk, execution: Execution) -> None:
        super().__init__(desk)
        self.execution = execution

    def parts(self) -> ComposeResult:
        """What runs, and the question."""
        run, plan = self.execution.run, self.execution.plan
        goes_on = plan.on_disconnect is OnDisconnect.DETACH and plan.means is not Means.SQL
        fate = "It goes on without you, and the journal tells how it ended." if goes_on else "Leaving ends it."
        elapsed = words.minutes(self.desk.now() - run.started_at)
        yield NoteLine(f"\n{run.title} is running for {elapsed} on {plan.target}. {fate}", "value")
        yield Prompt()

    def draw(self) -> None:
        """It may end by itself while one thinks."""
        if self.execution.run.outcome is not Outcome.RUNNING:
            self.app.pop_screen()
            return
        question = (("  Leave?  ", "plain"), ("y", "key"), (" / ", "quiet"), ("N", "strong"))
        self.query_one(Prompt).show(Said((question,), (("esc", "stay"), ("o", "shows its output"))))

    def on_key(self, event: Key) -> None:
        """Only y leaves."""
        if event.key == "escape":
            return
        event.stop()
        if event.character in ("y", "Y"):
            self.app.exit(return_code=0)
        elif event.character == "o":
            from ontui.ui.screens.action import ActionScreen

            self.app.switch_screen(ActionScreen.of(self.desk, self.execution))
        elif event.key != "enter":
            self.app.pop_screen()
