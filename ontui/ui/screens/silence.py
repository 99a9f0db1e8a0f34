"""A silence, from what it would hit over its confirmation to what the server says it keeps."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import ClassVar

from textual.app import ComposeResult

from ontui.domain.action import Asks
from ontui.domain.silence import Matcher, Silence, SilenceFailed, SilencePlan, SilenceRefused, SilenceResult
from ontui.ui import keys, others
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.confirming import ConfirmingRoom
from ontui.ui.widgets.frame import Prompt, Said
from ontui.ui.widgets.silence_frame import SilenceFrame, ask


class Phase(Enum):
    """Where it is."""

    PLANNING = auto()
    CONFIRM = auto()
    DOING = auto()
    OVER = auto()


class SilenceScreen(ConfirmingRoom):
    """One silence, to be made or to be ended."""

    ROOM = keys.SILENCE
    BINDINGS: ClassVar = bindings(keys.SILENCE)
    DOES, UNDONE = "do", "nothing was done"

    def __init__(
        self, desk: Desk, matchers: Sequence[Matcher] = (), duration_s: float = 0.0, comment: str = "", *,
        source: str = "", ends: Silence | None = None,
    ) -> None:  # fmt: skip
        super().__init__(desk)
        self.matchers, self.duration_s, self.comment = tuple(matchers), duration_s, comment
        self.source, self.ends = source, ends
        self.phase = Phase.PLANNING
        self.plan: SilencePlan | None = None
        self.moved = False
        self.outcome = ("", "")
        """What came of it, and its tone."""

    def compose(self) -> ComposeResult:
        """The frame, and the question under it."""
        yield SilenceFrame(self.desk.state.system)
        yield Prompt()

    def arrive(self) -> None:
        """Read what it would hit."""
        self.call_after_refresh(self.tick)
        self.run_worker(self._plan(), exclusive=True)

    async def _plan(self) -> None:
        silences = self.desk.silences
        try:
            if self.ends is not None:
                self.plan = await silences.plan_end(self.ends, self.source)
            else:
                self.plan = await silences.plan(self.matchers, self.duration_s, self.comment, source=self.source)
        except SilenceFailed as failure:
            self._end("◆ it had already ended" if failure.ended else f"▲ nothing was done: {failure}",
                      "warning" if failure.ended else "critical")   # fmt: skip
            return
        except SilenceRefused as refusal:
            self._end(f"▲ nothing was done: {refusal}", "critical")
            return
        self.phase = Phase.CONFIRM
        self.draw()
        self.ask()

    async def _carry_out(self) -> None:
        """What it rests on is read once more; only when it hits the same is it done."""
        assert self.plan is not None  # noqa: S101 — there is a plan to confirm
        silences, shown = self.desk.silences, self.plan
        try:
            again = await silences.again(shown)
            if again.digest != shown.digest:
                self.plan, self.typed, self.phase, self.moved = again, "", Phase.CONFIRM, True
                self.note = "Other alerts than those you saw. Nothing was done. Look again."
                self.draw()
                self.ask()
                return
            result = await silences.carry_out(shown, self.typed)
        except SilenceRefused as refusal:
            self._end(f"▲ nothing was done: {refusal}", "critical")
        except SilenceFailed as failure:
            over = failure.ended and shown.ends is not None
            self._end("◆ it had already ended" if over else f"▲ {failure}", "warning" if over else "critical")
        else:
            self._end(self._told(shown, result), "ok")

    def _told(self, plan: SilencePlan, result: SilenceResult) -> str:
        if plan.ends is not None:
            return f"✓ ended: {others.count(result.alerts)} heard again"
        said = f"✓ silenced {others.count(result.alerts)} until {others.until(result.silence)}"
        missing = len(plan.hits) - result.alerts
        return said + (f" · {others.count(missing)} ended meanwhile" if missing > 0 else "")

    def _end(self, text: str, tone: str) -> None:
        self.phase, self.outcome, self.note = Phase.OVER, (self.masked(text), tone), ""
        self.desk.poll_now()
        self.draw()

    # ── drawing ──

    def draw(self) -> None:
        """The frame above, the question below, always in view."""
        if not self.query(Prompt):
            return
        frame, prompt = self.query_one(SilenceFrame), self.query_one(Prompt)
        frame.show(self.plan, moved=self.moved)
        prompt.show(self._said())
        frame.styles.max_height = max(3, self.size.height - len(prompt.painted))

    def on_resize(self) -> None:
        """Fit the frame to the room there is."""
        self.call_after_refresh(self.draw)

    def _said(self) -> Said:
        note = ((("  ", "plain"), (self.masked(self.note), "warning")),) if self.note else ()
        match self.phase:
            case Phase.PLANNING:
                return Said(((("  reading what it would hit …", "quiet"),),), (("esc", "leaves it"),))
            case Phase.CONFIRM if self.plan is not None:
                return Said((*note, ask(self.plan, self.typed)), (("esc", "leaves it"), ("↑↓", "scrolls")))
            case Phase.DOING:
                return Said(((("  asking the server, and reading back what it keeps …", "quiet"),),))
            case _:
                return Said(((("  ", "plain"), self.outcome),), (("esc", "back"),))

    # ── keys ──

    @property
    def asked(self) -> tuple[Asks, str] | None:
        """While the plan is on the screen."""
        standing = self.phase is Phase.CONFIRM and self.plan is not None
        return (self.plan.asks, self.plan.type_text) if standing and self.plan else None

    def confirmed(self) -> None:
        """What it hits is read once more, then it is done."""
        self.phase, self.note = Phase.DOING, ""
        self.draw()
        self.run_worker(self._carry_out(), exclusive=True)

    def draw_question(self) -> None:
        """With the frame, which leaves it room."""
        self.draw()

    def scroll_by(self, lines: int) -> None:
        """Among the alerts it hits."""
        frame = self.query_one(SilenceFrame)
        frame.scroll_to(y=frame.scroll_offset.y + lines, animate=False, immediate=True)

    @property
    def screenful(self) -> int:
        """Lines of the frame in view."""
        return self.query_one(SilenceFrame).size.height
