"""The full frame of a silence: what it would hit, for how long, why; then what the server keeps."""

from collections.abc import Sequence

from ontui.domain.action import Asks
from ontui.domain.foreign import ForeignPhase
from ontui.domain.quantity import format_age
from ontui.domain.silence import SilencePlan
from ontui.domain.state import System
from ontui.ui import fit, others
from ontui.ui.widgets.frame import WIDEST
from ontui.ui.widgets.header import environment
from ontui.ui.widgets.lines import Line, Lines, Row, spread

_LABEL = 11
MOST_HITS = 500


class SilenceFrame(Lines):
    """The plan, and every alert it hits."""

    def __init__(self, system: System) -> None:
        super().__init__(id="frame")
        self.system = system
        self.plan: SilencePlan | None = None
        self.moved = False

    def show(self, plan: SilencePlan | None, *, moved: bool) -> None:
        """Draw what changed."""
        self.plan, self.moved = plan, moved
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """Environment, title, facts, hits."""
        wide, plan = min(room - 2, WIDEST), self.plan
        ends = plan is not None and plan.ends is not None
        where: Line = (
            ("  END A SILENCE IN  " if ends else "  SILENCE IN  ", "title"), *environment(self.system), ("  ", "plain"),
            (self.system.id, "value"),
            (f"  {self.system.name}" if self.system.name != self.system.id else "", "quiet"),
        )  # fmt: skip
        lines: list[Line] = [(), where, (("  " + "─" * (wide - 2), "rule"),)]
        if plan is not None:
            what = "Let these alerts be heard again" if ends else "Keep these alerts quiet"
            kind: Line = (("change", "warning"), (" · HTTP", "quiet"))
            lines += [spread((("  ", "plain"), (what, "strong")), kind, wide), (), *self._facts(plan, wide)]
        return [Row(line) for line in lines]

    def _facts(self, plan: SilencePlan, wide: int) -> list[Line]:
        lines = [
            *_fact("on", f"{plan.source}   {plan.target}", wide, "value"),
            *_fact("matches", "\n".join(m.words for m in plan.matchers), wide, "value"),
        ]
        if plan.ends is not None:
            lines += _fact("until", f"{others.until(plan.ends)}, made by {plan.ends.created_by}", wide)
        else:
            lines += _fact("for", f"{format_age(plan.duration_s)} from now, by the server's clock", wide)
        lines += [*_fact("because", plan.comment, wide), *_fact("as", plan.who, wide)]
        tone = "warning" if self.moved or not plan.hits else "value"
        lines += _fact("hits", _count(plan), wide, tone)
        names = len({alert.name for alert in plan.hits}) > 1
        for alert in plan.hits[:MOST_HITS]:
            text = f"{alert.name + '  ' if names else ''}{others.own_labels(alert) or alert.name}"
            lines.append((("     " + " " * _LABEL, "plain"), (fit.cut(text, wide - _LABEL - 6), "quiet")))
        if (rest := len(plan.hits) - MOST_HITS) > 0:
            lines.append((("     " + " " * _LABEL, "plain"), (f"and {rest} more", "quiet")))
        return lines


def _count(plan: SilencePlan) -> str:
    """`37 alerts now, 7 of them already quiet`."""
    if not plan.hits:
        return "no alert now: only what comes later would be kept quiet" if plan.ends is None else "no alert now"
    quiet = sum(alert.phase is ForeignPhase.SUPPRESSED for alert in plan.hits)
    already = f", {quiet} of them already quiet" if quiet and plan.ends is None else ""
    return f"{others.count(len(plan.hits))} now{already}"


def _fact(label: str, value: str, wide: int, style: str = "plain") -> list[Line]:
    return [
        (("     " + fit.left(label if number == 0 else "", _LABEL), "quiet"), (text, style))
        for number, text in enumerate(fit.wrap(value, wide - _LABEL - 5, 60))
    ]


def ask(plan: SilencePlan, typed: str) -> Line:
    """How it is confirmed."""
    verb = "end it" if plan.ends is not None else "silence them"
    if plan.asks is Asks.TYPE:
        return (
            ("  Type  ", "plain"), (f" {plan.type_text} ", "production"), (f"  to {verb}:  ", "plain"),
            (typed, "strong"), ("▏", "accent"),
        )  # fmt: skip
    return (
        (f"  {verb.capitalize()}?  ", "plain"), ("y", "key"), (" / ", "quiet"), ("N", "strong"),
        ("  enter alone does nothing", "quiet"),
    )  # fmt: skip
