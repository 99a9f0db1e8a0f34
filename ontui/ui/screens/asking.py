"""What screens with a question share: only who could read it can have answered it."""

import math

from textual._time import get_time  # of the same clock as the times of keys
from textual.events import Key, Paste

from ontui.ui.screens.room import Room


class AskingRoom(Room):
    """A screen with a question."""

    note = ""
    """What has to be said above the question."""
    typed = ""
    """The answer so far, where it is typed."""
    _asked_at = math.inf

    def ask(self) -> None:
        """There is a new question, on the screen with the next picture."""
        self._asked_at = math.inf
        self.call_after_refresh(self._is_asked)

    def _is_asked(self) -> None:
        self._asked_at = get_time()

    def on_paste(self, event: Paste) -> None:
        """Nobody can have meant it as an answer, or cannot know what else it holds."""
        event.stop()
        self.typed = ""
        self.say("what is pasted is no answer: type it")

    def is_early(self, event: Key) -> bool:
        """Pressed before the question was on the screen, so not meant for it; whoever answered is told so."""
        early = event.time <= self._asked_at
        if early and not self.note and (event.is_printable or event.key == "enter"):
            self.say("a key came before the question was on the screen: not taken")
        return early
