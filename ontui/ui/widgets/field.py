"""A line to type in; its cursor stands still, like everything that did not change."""

from textual.widgets import Input


class Field(Input):
    """Without blinking, which would cost bytes twice a second."""

    def __init__(self, value: str = "", *, id: str, placeholder: str = "", classes: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, classes=classes, compact=True)
        self.cursor_blink = False
