"""Repairs, each with what it would run and how it went last."""

from collections.abc import Sequence
from dataclasses import dataclass

from ontui.domain.action import Action
from ontui.domain.quantity import format_duration
from ontui.ui.fit import cut, left, wrap
from ontui.ui.widgets.frame import DANGER_STYLES
from ontui.ui.widgets.lines import Choices, Line, Row


@dataclass(frozen=True, slots=True)
class Choice:
    """One repair, in words."""

    action: Action
    runs: str
    last: str = ""
    after: str = ""
    cannot: str = ""


class ActionList(Choices):
    """A block of lines each."""

    def __init__(self) -> None:
        super().__init__(id="actions")
        self.choices: tuple[Choice, ...] = ()

    def show(self, choices: Sequence[Choice]) -> None:
        """Draw what changed."""
        self.choices = tuple(choices)
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The title with its danger; below, quietly, the rest."""
        rows: list[Row] = []
        wide = min(max((len(c.action.title) for c in self.choices), default=10), max(20, room - 40))
        for choice in self.choices:
            action = choice.action
            limit = f"within {format_duration(action.timeout_s)}"
            head: Line = (
                ("  ", "plain"), (left(action.title, wide) + "   ", "quiet" if choice.cannot else "value"),
                (left(str(action.danger), 8), "quiet" if choice.cannot else DANGER_STYLES[action.danger]),
                (f" {limit}", "quiet"),
            )  # fmt: skip
            rows += [Row(()), Row(head, action.id)]
            if choice.cannot:
                rows.append(Row(((f"    cannot run: {choice.cannot}", "warning"),)))
            rows += [Row(((f"    {text}", "code"),)) for text in wrap(choice.runs, room - 6, 4)]
            if action.inputs:
                asks = " · ".join(i.title or i.name for i in action.inputs)
                rows.append(Row(((cut(f"    asks for  {asks}", room - 2), "quiet"),)))
            rows += [Row(((cut(f"    {text}", room - 2), "quiet"),)) for text in (choice.after, choice.last) if text]
        return rows
