"""The values a repair needs: typed, bounded, checked before a plan is made of them."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Key
from textual.widgets import Input

from ontui.actions import check_inputs
from ontui.domain.action import Action, Refused
from ontui.domain.action import Input as Wanted
from ontui.ui import keys
from ontui.ui.bindings import bindings
from ontui.ui.desk import Desk
from ontui.ui.screens.room import Room
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.note_line import NoteLine
from ontui.ui.widgets.title_line import TitleLine


def allowed(wanted: Wanted) -> str:
    """What may be typed, in words."""
    match wanted.type:
        case "choice":
            return "one of " + ", ".join(wanted.choices) + " · ↑↓ choose"
        case "boolean":
            return "true or false · ↑↓ choose"
        case "integer" | "number":
            both = (("from", wanted.min), ("to", wanted.max))
            bounds = [f"{word} {bound:g}" for word, bound in both if bound is not None]
            return " ".join(["a whole number" if wanted.type == "integer" else "a number", *bounds])
        case _:
            return f"text like {wanted.pattern}" if wanted.pattern else "text"


class FormScreen(Room):
    """One field an input."""

    ROOM = keys.FORM
    BINDINGS: ClassVar = bindings(keys.FORM)

    def __init__(self, desk: Desk, action: Action, *, sli: str, alert: str) -> None:
        super().__init__(desk)
        self.action, self.sli_id, self.alert_key = action, sli, alert

    def parts(self) -> ComposeResult:
        """Label, field, what may be typed; then what is wrong."""
        yield TitleLine()
        with VerticalScroll(id="fields", can_focus=False):
            for number, wanted in enumerate(self.action.inputs):
                yield NoteLine(f"\n{wanted.title or wanted.name}", "value", extra=f"  {allowed(wanted)}")
                yield Field(value=wanted.default or "", id=f"field-{number}", classes="field")
            yield NoteLine("", "warning", id="wrong")

    def arrive(self) -> None:
        """The first field has the cursor."""
        super().arrive()
        self.query_one("#field-0").focus()

    def draw(self) -> None:
        """Nothing here moves."""
        self.query_one(TitleLine).show(f"{self.action.title}: values", "enter goes on")

    @property
    def values(self) -> dict[str, str]:
        """What was typed; an empty optional field is left out."""
        found = {w.name: self.query_one(f"#field-{n}", Input).value.strip() for n, w in enumerate(self.action.inputs)}
        return {name: value for name, value in found.items() if value}

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """On to the next field; after the last one, check them all."""
        at = int((event.input.id or "field-0").removeprefix("field-"))
        if at + 1 < len(self.action.inputs):
            self.query_one(f"#field-{at + 1}").focus()
            return
        try:
            check_inputs(self.action.inputs, self.values)
        except Refused as refusal:
            self.query_one("#wrong", NoteLine).say(f"\n{self.masked(str(refusal))}")
            return
        from ontui.ui.screens.action import ActionScreen

        self.app.switch_screen(
            ActionScreen(self.desk, self.action, self.values, sli=self.sli_id, alert=self.alert_key)
        )

    def on_key(self, event: Key) -> None:
        """Where there is a choice, the arrows go through it; else they go from field to field."""
        field = self.focused
        if not isinstance(field, Input) or event.key not in ("up", "down"):
            return
        event.stop()
        wanted = self.action.inputs[int((field.id or "field-0").removeprefix("field-"))]
        step = 1 if event.key == "down" else -1
        choices = wanted.choices or (("true", "false") if wanted.type == "boolean" else ())
        if choices:
            at = choices.index(field.value) if field.value in choices else -1
            field.value = choices[(at + step) % len(choices)]
        elif step > 0:
            self.focus_next()
        else:
            self.focus_previous()
