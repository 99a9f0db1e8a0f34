"""Quitting while something runs is asked about, and what becomes of it is said."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Key

from ontui.domain.action import Means, OnDisconnect, Outcome
from ontui.ui import format as words
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk, Execution
from ontui.ui.screens.asking import AskingRoom
from ontui.ui.widgets.frame import Prompt, Said
from ontui.ui.widgets.note_line import NoteLine


class LeaveScreen(AskingRoom):
    """y leaves, n and esc stay, and nothing else is an answer."""

    ROOM = keys.FORM
    BINDINGS: ClassVar = bindings(keys.FORM)

    def __init__(self, desk: Desk, execution: Execution) -> None:
        super().__init__(desk)
        self.execution = execution
        """The one whose output is shown first."""

    def arrive(self) -> None:
        """Ask."""
        super().arrive()
        self.ask()

    @property
    def running(self) -> list[Execution]:
        """All that leaving would end, oldest first."""
        return [e for e in self.desk.executions if e.run.outcome is Outcome.RUNNING]

    def parts(self) -> ComposeResult:
        """What runs, and the question."""
        yield NoteLine(self._told(), "value")
        yield Prompt()

    def _told(self) -> str:
        """Every run, each with what becomes of it."""
        return "\n" + "\n".join(self._fate(execution) for execution in self.running)

    def _fate(self, execution: Execution) -> str:
        run, plan = execution.run, execution.plan
        goes_on = plan.on_disconnect is OnDisconnect.DETACH and plan.means is not Means.SQL
        fate = "It goes on without you, and the journal tells how it ended." if goes_on else "Leaving ends it."
        elapsed = words.minutes(self.desk.now() - run.started_at)
        return f"{run.title} is running for {elapsed} on {plan.target}. {fate}"

    def draw(self) -> None:
        """They may end by themselves while one thinks."""
        if not self.running:
            self.app.pop_screen()
            return
        self.query_one(NoteLine).say(self._told())
        if self.execution.run.outcome is not Outcome.RUNNING:
            self.execution = self.running[-1]
        question = (("  Leave?  ", "plain"), ("y", "key"), (" / ", "quiet"), ("N", "strong"))
        note = ((("  ", "plain"), (self.note, "warning")),) if self.note else ()
        self.query_one(Prompt).show(Said((*note, question), (("esc", "stay"), ("o", "shows its output"))))

    def say(self, text: str, tone: str = "warning") -> None:
        """Said above the question."""
        del tone
        self.note = text
        self.draw()

    def on_key(self, event: Key) -> None:
        """Only y leaves."""
        if event.key == "escape":
            return
        event.stop()
        if self.is_early(event):
            return
        if event.character in ("y", "Y"):
            self.app.exit(return_code=0)
        elif event.character == "o":
            from ontui.ui.screens.action import ActionScreen

            self.app.switch_screen(ActionScreen.of(self.desk, self.execution))
        elif event.character in ("n", "N"):
            self.app.pop_screen()
        else:
            self.say("press y to leave, n or esc to stay")
