"""What a repair and a silence share: a frame nothing else disturbs, and under it a question for y or for a word."""

from typing import ClassVar

from textual.events import Key

from ontui.domain.action import Asks
from ontui.ui.screens.asking import AskingRoom

LONGEST = 80
"""Characters an answer may have."""
_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class ConfirmingRoom(AskingRoom):
    """No header and no footer: while its question stands, nothing else moves, and keys are its answer."""

    DOES: ClassVar[str]
    """What y does to it, in words."""
    UNDONE: ClassVar[str]
    """What a wrong answer comes to, in words."""

    # ── for each screen to say ──

    @property
    def asked(self) -> tuple[Asks, str] | None:
        """How the question that stands wants to be answered, and what has to be typed for it; None while none does."""
        raise NotImplementedError

    def confirmed(self) -> None:
        """The answer is yes."""
        raise NotImplementedError

    def declined(self) -> None:
        """The answer is no."""
        self.action_back()

    def draw_question(self) -> None:
        """With what was typed, and what has to be said."""
        raise NotImplementedError

    def scroll_by(self, lines: int) -> None:
        """Move what is above the question."""
        raise NotImplementedError

    # ── what they share ──

    def draw_header(self) -> None:
        """There is none."""

    def say(self, text: str, tone: str = "warning") -> None:
        """There is no footer: said above the question."""
        del tone
        self.note = text
        self.draw_question()

    def on_key(self, event: Key) -> None:
        """While a question stands here, letters are its answer and nothing else."""
        if self.asked is None or event.key in ("escape", "ctrl+c", "ctrl+q"):
            return
        event.stop()
        event.prevent_default()
        if self.is_early(event) or self.takes(event):
            return
        asks, text = self.asked
        if event.key in _STEPS:
            self.scroll_by(_STEPS[event.key])
        elif asks is Asks.YES_NO:
            self._answer(event)
        elif event.key == "enter":
            self._compare(text)
        elif event.key in ("backspace", "ctrl+u"):
            self._type(self.typed[:-1] if event.key == "backspace" else "")
        elif event.character and event.is_printable and len(self.typed) < LONGEST:
            self._type(self.typed + event.character)

    def takes(self, event: Key) -> bool:
        """Whether a key does something else, though the question stands."""
        del event
        return False

    def _answer(self, event: Key) -> None:
        if event.character in ("y", "Y"):
            self.typed = "y"
            self.confirmed()
        elif event.character in ("n", "N"):
            self.declined()
        else:
            self.say(f"press y to {self.DOES} it, n or esc to leave it")

    def _type(self, text: str) -> None:
        self.typed, self.note = text, ""
        self.draw_question()

    def _compare(self, text: str) -> None:
        if self.typed == text:
            self.confirmed()
            return
        wrong = f"“{self.typed}” is not “{text}”" if self.typed else "nothing was typed"
        self.typed = ""
        self.say(f"{wrong}: {self.UNDONE}")

    def action_move_up(self) -> None:
        """One line back."""
        self.scroll_by(-1)

    def action_move_down(self) -> None:
        """One line on."""
        self.scroll_by(1)

    def action_page_up(self) -> None:
        """A screenful back."""
        self.scroll_by(-self.screenful)

    def action_page_down(self) -> None:
        """A screenful on."""
        self.scroll_by(self.screenful)

    def action_first(self) -> None:
        """To the top."""
        self.scroll_by(-1_000_000)

    def action_last(self) -> None:
        """To the bottom."""
        self.scroll_by(1_000_000)
