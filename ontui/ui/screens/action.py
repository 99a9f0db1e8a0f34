"""A repair, from the plan over its confirmation and output to the verdict, in one frame that nothing else disturbs."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Key
from textual.timer import Timer

from ontui.actions import describe
from ontui.domain.action import Action, Asks, Outcome, Plan, Refused
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk, Execution
from ontui.ui.screens.confirming import ConfirmingRoom
from ontui.ui.screens.moved import moved
from ontui.ui.screens.progress import progress
from ontui.ui.widgets.frame import ActionFrame, Facts, Prompt, Said, TargetRows, question
from ontui.ui.widgets.output import Output

FLUSH_S = 0.1
"""How often new output is drawn."""


class Phase(Enum):
    """Where a repair is."""

    PLANNING = auto()
    REFUSED = auto()
    CONFIRM = auto()
    CHECKING = auto()
    RUNNING = auto()


class ActionScreen(ConfirmingRoom):
    """One repair."""

    ROOM = keys.ACTION
    BINDINGS: ClassVar = bindings(keys.ACTION)
    DOES, UNDONE = "run", "not run"

    def __init__(
        self, desk: Desk, action: Action, inputs: Mapping[str, str], *, sli: str = "", alert: str = ""
    ) -> None:
        super().__init__(desk)
        self.action, self.inputs = action, dict(inputs)
        self.sli_id, self.alert_key = sli, alert
        self.phase = Phase.PLANNING
        self.plan: Plan | None = None
        self.execution: Execution | None = None
        self.moved: frozenset[str] = frozenset()
        self.shows_targets = False
        self._flush: Timer | None = None

    @classmethod
    def of(cls, desk: Desk, execution: Execution) -> "ActionScreen":
        """A run that is under way, or over."""
        plan = execution.plan
        made_of = Action(plan.action, plan.title, plan.danger, plan.means)   # where the config knows it no more
        screen = cls(desk, desk.state.system.actions.get(plan.action, made_of), {})
        screen.plan, screen.execution, screen.phase = execution.plan, execution, Phase.RUNNING
        return screen

    def compose(self) -> ComposeResult:
        """The frame, the rows it would hit, its output, and the question under them."""
        yield ActionFrame(self.desk.state.system)
        yield TargetRows()
        yield Output()
        yield Prompt()

    def arrive(self) -> None:
        """Make the plan."""
        self._arrange()
        if self.phase is Phase.PLANNING:
            self.run_worker(self._make_plan(), exclusive=True)
        else:
            self._follow()

    def come_back(self) -> None:
        """Only what runs moves."""
        if self.phase is Phase.RUNNING:
            self.call_after_refresh(self.tick)

    # ── plan, confirm, start ──

    async def _make_plan(self) -> None:
        try:
            self.plan = await self.desk.plan(
                self.action.id, self.inputs, alert=self.alert_key or None, sli=self.sli_id or None
            )
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        self.phase = Phase.CONFIRM
        if self.plan.asks is Asks.NOTHING:
            self._start(self.plan)
        self._arrange()
        self.ask()

    async def _check_again(self) -> None:
        """What it rests on is read once more; only when nothing moved does it run."""
        assert self.plan is not None  # noqa: S101 — there is a plan to confirm
        shown = self.plan
        try:
            again = await self.desk.recheck(shown)
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        if again.digest == shown.digest:
            self._start(shown)
        else:
            self.moved = moved(shown, again)
            self.plan, self.typed, self.phase = again, "", Phase.CONFIRM
            self.note = "Something moved: this is another plan. Nothing was run. Look again."
            self.ask()
        self._arrange()

    def _start(self, plan: Plan) -> None:
        try:
            self.execution = self.desk.start(plan, self.typed)
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        self.phase, self.note, self.moved, self.shows_targets = Phase.RUNNING, "", frozenset(), False
        self._follow()

    def _refuse(self, reason: str) -> None:
        self.phase, self.note = Phase.REFUSED, reason
        self._arrange()

    # ── drawing ──

    def on_resize(self) -> None:
        """Fit the frame to the room there is."""
        self.call_after_refresh(self.draw_question)

    def _follow(self) -> None:
        """From now on the frame lives: output ten times a second, time once."""
        if self._flush is None:
            self._flush = self.set_interval(FLUSH_S, self._draw_output)
        self.tick()

    def draw(self) -> None:
        """The progress, once a second."""
        self._draw_output()
        self.draw_question()
        execution = self.execution
        over = execution is not None and execution.run.outcome is not Outcome.RUNNING and not execution.watching
        if over and self._timer is not None:
            self._timer.stop()   # nothing moves any more
            if self._flush is not None:
                self._flush.stop()

    def _draw_output(self) -> None:
        if self.execution is not None and self.is_current:
            self.query_one(Output).show(list(self.execution.lines), self.execution.line_count)

    def _arrange(self) -> None:
        """Everything, for the phase at hand."""
        running = self.phase is Phase.RUNNING
        self.query_one(Output).display = running
        targets = self.query_one(TargetRows)
        targets.display = self.shows_targets and not running
        targets.show(self.plan.targets if self.plan else None)
        frame = self.query_one(ActionFrame)
        frame.set_class(running or self.shows_targets, "-brief")
        frame.show(Facts(
            self.plan, self.action.title, self._described(), self.moved, is_brief=running or self.shows_targets,
        ))  # fmt: skip
        self.draw_question()

    def _described(self) -> tuple[tuple[str, str], ...]:
        plan, system = self.plan, self.desk.state.system
        if plan is None:
            return ()
        last = self.desk.state.runs.get(plan.action) if self.execution is None else None
        watched = system.slis[plan.verify.sli].title if plan.verify and plan.verify.sli in system.slis else ""
        rows = describe(plan, last_run=last, now=self.desk.now(), watched=watched)
        return tuple((label, self.masked(value)) for label, value in rows)

    def draw_question(self) -> None:
        """As long as it is, what is above it makes room."""
        prompt, frame = self.query_one(Prompt), self.query_one(ActionFrame)
        prompt.show(self._said())
        room = max(3, self.size.height - len(prompt.painted))   # the question stays in view, whatever is above it
        is_brief = frame.has_class("-brief")
        frame.styles.max_height = room * 6 // 10 if is_brief else room
        for below in (self.query_one(TargetRows), self.query_one(Output)):
            below.styles.max_height = max(2, room - min(len(frame.painted), room * 6 // 10))

    def _said(self) -> Said:
        note = ((("  ", "plain"), (self.masked(self.note), "warning")),) if self.note else ()
        match self.phase:
            case Phase.PLANNING:
                return Said(((("  reading what it would hit …", "quiet"),),), (("esc", "leaves it"),))
            case Phase.REFUSED:
                text = (("  ▲ not run: ", "critical"), (self.masked(self.note), "value"))
                return Said((text,), (("esc", "back"),))
            case Phase.CHECKING:
                return Said(((("  checking that nothing moved …", "quiet"),),))
            case Phase.CONFIRM if self.plan is not None:
                has_rows = self.plan.targets is not None and bool(self.plan.targets.rows)
                key = "tab" if self._begins_with_p else "p"
                preview = ((key, "previews all"),) if has_rows and not self.shows_targets else ()
                leaves = "hides the rows" if self.shows_targets else "leaves it"
                return Said((*note, question(self.plan, self.typed)), (("esc", leaves), *preview))
            case _:
                if self.execution is None:
                    return Said()
                return progress(self.execution, self.desk.state, self.desk.now(), note=self.note)

    # ── keys ──

    @property
    def asked(self) -> tuple[Asks, str] | None:
        """While the plan is on the screen."""
        standing = self.phase is Phase.CONFIRM and self.plan is not None
        return (self.plan.asks, self.plan.type_text) if standing and self.plan else None

    def takes(self, event: Key) -> bool:
        """The preview, by a key that no answer begins with."""
        wanted = event.key == "tab" or (event.key == "p" and not self.typed and not self._begins_with_p)
        if wanted:
            self.action_preview()
        return wanted

    @property
    def _begins_with_p(self) -> bool:
        return self.plan is not None and self.plan.type_text.startswith("p")

    def confirmed(self) -> None:
        """What it rests on is read once more, then it runs."""
        self.phase, self.note = Phase.CHECKING, ""
        self._arrange()
        self.run_worker(self._check_again(), exclusive=True)

    def declined(self) -> None:
        """Also out of the preview."""
        self.shows_targets = False
        self.action_back()

    def action_back(self) -> None:
        """Close the preview, else leave: a question is answered with no, a run goes on."""
        if self.phase is Phase.CONFIRM and self.shows_targets:
            self.action_preview()
            return
        if self.phase is Phase.CONFIRM and self.plan is not None:
            self.desk.cancelled(self.plan)
        super().action_back()

    def action_preview(self) -> None:
        """Every row, or the facts again."""
        if self.plan is None or self.plan.targets is None or self.phase is not Phase.CONFIRM:
            return
        self.shows_targets = not self.shows_targets
        self._arrange()

    def action_stop(self) -> None:
        """End the run."""
        if self.execution is not None and self.execution.run.outcome is Outcome.RUNNING:
            self.execution.stop()
            self.note = "stopping it …"
            self.draw_question()

    def scroll_by(self, lines: int) -> None:
        """In the output, the rows it would hit, or the facts."""
        if self.phase is Phase.RUNNING:
            self.query_one(Output).move(lines)
            return
        shown = self.query_one(TargetRows) if self.shows_targets else self.query_one(ActionFrame)
        shown.scroll_to(y=shown.scroll_offset.y + lines, animate=False, immediate=True)

    @property
    def screenful(self) -> int:
        """Lines of output in view."""
        return self.query_one(Output).size.height
