"""A line to type in; its cursor stands still, like everything that did not change."""

from textual.events import Paste
from textual.message import Message
from textual.widgets import Input


class Field(Input):
    """Without blinking, which would cost bytes twice a second."""

    class NotTaken(Message):
        """Several lines were pasted."""

    def __init__(self, value: str = "", *, id: str, placeholder: str = "", classes: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, classes=classes, compact=True)
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        """One line is taken, and nothing of several: Textual would take the first and not say so."""
        if len(event.text.strip().splitlines()) > 1:
            event.prevent_default()
            event.stop()
            self.post_message(self.NotTaken())
