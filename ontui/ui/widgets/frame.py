"""The full frame of a repair: what would run, where, on what, why; then what it said and whether it helped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ontui.domain.action import Asks, Danger, Means, Plan, Targets
from ontui.domain.state import System
from ontui.ui import fit
from ontui.ui.widgets.header import environment
from ontui.ui.widgets.lines import Line, Lines, Piece, Row, spread

WIDEST = 110
"""Columns of the frame on a wide screen."""
DANGER_STYLES = {Danger.READ: "ok", Danger.CHANGE: "warning", Danger.DESTROY: "critical"}
_MEANS = {Means.ARGV: "command", Means.SHELL: "shell script", Means.SQL: "SQL"}
_LABEL = 11
_FRACTION = re.compile(r"(?<=\d\d:\d\d:\d\d)\.\d+(?=[+-]\d\d|$)")
"""Of an instant: it only takes the room of what tells rows apart."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A plan in words."""

    plan: Plan | None = None
    title: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    """Label and value; a value may have several lines."""
    moved: frozenset[str] = frozenset()
    """Labels of what is not as it was shown before."""
    is_brief: bool = False
    """While it runs: only where and what."""


class ActionFrame(Lines):
    """The upper part: the plan."""

    def __init__(self, system: System) -> None:
        super().__init__(id="frame")
        self.system = system
        self.facts = Facts()

    def show(self, facts: Facts) -> None:
        """Draw what changed."""
        self.facts = facts
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Environment, title, facts."""
        wide = min(room - 2, WIDEST)
        facts, plan = self.facts, self.facts.plan
        where: Line = (
            ("  RUN IN  ", "title"), *environment(self.system), ("  ", "plain"), (self.system.id, "value"),
            (f"  {self.system.name}" if self.system.name != self.system.id else "", "quiet"),
        )  # fmt: skip
        kind: Line = ()
        if plan is not None:
            kind = ((str(plan.danger), DANGER_STYLES[plan.danger]), (f" · {_MEANS[plan.means]}", "quiet"))
        title = fit.cut(plan.title if plan else facts.title, wide - 26)
        lines: list[Line] = [
            (), where, (("  " + "─" * (wide - 2), "rule"),),
            spread((("  ", "plain"), (title, "strong")), kind, wide), (),
        ]  # fmt: skip
        for label, value in facts.rows:
            if not facts.is_brief or label in ("on", "runs", "hits"):
                lines += self._fact(label, value, wide)
        if facts.is_brief:
            lines.append((("  " + "─" * (wide - 2), "rule"),))
        return [Row(line) for line in lines]

    def _fact(self, label: str, value: str, wide: int) -> list[Line]:
        """A label and its value, lines of code kept as they are as far as they fit."""
        style = "value" if label in ("on", "runs", "hits") else "warning" if "stale" in value else "plain"
        mark: Piece = ("   ", "plain")
        if label in self.facts.moved:
            mark, style = (" ◆ ", "warning"), "warning"
        texts = fit.wrap(value, wide - _LABEL - 5, 3 if self.facts.is_brief else 200)
        lines: list[Line] = []
        for number, text in enumerate(texts):
            head: Line = (
                mark if number == 0 else ("   ", "plain"),
                ("  " + fit.left(label if number == 0 else "", _LABEL), "quiet"),
            )
            lines.append((*head, (text, style)))
        return lines


class TargetRows(Lines):
    """Every row a plan would hit, as far as they were read."""

    def __init__(self) -> None:
        super().__init__(id="targets")
        self.targets: Targets | None = None

    def show(self, targets: Targets | None) -> None:
        """Draw what changed."""
        self.targets = targets
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """A table."""
        if self.targets is None:
            return []
        table = [self.targets.columns, *(tuple(_FRACTION.sub("", c) for c in row) for row in self.targets.rows)]
        widths = [min(32, max(fit.width(row[n]) for row in table if n < len(row))) for n in range(len(table[0]))]
        rows = []
        for number, row in enumerate(table):
            text = "  ".join(fit.left(cell, wide) for cell, wide in zip(row, widths, strict=False))
            rows.append(Row((("     ", "plain"), (fit.cut(text, room - 6), "title" if number == 0 else "plain"))))
        if (rest := self.targets.count - len(self.targets.rows)) > 0:
            rows.append(Row(((f"     and {rest} more", "quiet"),)))
        return rows


@dataclass(frozen=True, slots=True)
class Said:
    """The lower part: a question, a progress, a result."""

    lines: tuple[Line, ...] = field(default=())
    keys: tuple[tuple[str, str], ...] = ()


class Prompt(Lines):
    """What is asked, or what goes on."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.said = Said()

    def show(self, said: Said) -> None:
        """Draw what changed."""
        self.said = said
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """The lines, then the keys."""
        keys: list[Piece] = [("  ", "plain")]
        for key, label in self.said.keys:
            keys += [(key, "key"), (f" {label}", "quiet"), ("   ", "plain")]
        rule: Line = (("  " + "─" * (min(room - 2, WIDEST) - 2), "rule"),)
        return [Row(line) for line in (rule, *self.said.lines, tuple(keys))]


def question(plan: Plan, typed: str) -> Line:
    """How a plan is confirmed."""
    if plan.asks is Asks.TYPE:
        return (
            ("  Type  ", "plain"), (f" {plan.type_text} ", "production"), ("  to run it:  ", "plain"),
            (typed, "strong"), ("▏", "accent"),
        )  # fmt: skip
    return (
        ("  Run it?  ", "plain"), ("y", "key"), (" / ", "quiet"), ("N", "strong"),
        ("  enter alone does nothing", "quiet"),
    )  # fmt: skip
