"""The line of an alert of others, or of many of one name, beside the lines of ours."""

from collections.abc import Iterator, Sequence
from itertools import product

from ontui.domain.crowd import Crowd
from ontui.domain.foreign import ForeignPhase
from ontui.domain.state import State
from ontui.ui import fit, others, promise
from ontui.ui.widgets.alert_line import Columns
from ontui.ui.widgets.lines import Line, cells, spread

LONGEST_ABOUT = 60
"""Columns of what they say of themselves where nothing of ours stands beside it."""


def about(crowd: Crowd) -> str:
    """What it says of itself; one that says nothing has a number, perhaps."""
    alert = crowd.first.alert
    number = others.value(alert) if len(crowd.members) == 1 and not alert.summary else ""
    return " ".join(filter(None, (number, others.about(crowd))))


def middle(crowds: Sequence[Crowd], now: float, room: int, name: int) -> int:
    """The columns for what they say of themselves, alike for all, where nothing of ours decides it."""
    wanted = max((fit.width(about(crowd)) for crowd in crowds), default=0)
    behind = max((fit.width(others.life(c.first, now)) + fit.width(others.sources(c)) for c in crowds), default=0)
    return max(0, min(wanted, LONGEST_ABOUT, room - name - behind - 20))


def other_line(
    state: State, crowd: Crowd, now: float, grid: Columns, room: int, hints: tuple[Line, ...]
) -> Line:  # fmt: skip
    """Severity, name, what it says of itself, its life, who has it, who tells it; `hints` in ever fewer words."""
    first = crowd.first
    tone, quiet = others.style(first), first.alert.phase is ForeignPhase.SUPPRESSED
    head: Line = (
        (" ", "plain"), (others.glyph(first) + " ", tone),
        (fit.left(first.severity.name, grid.severity) + " ", tone),
        (fit.left(fit.keep_end(crowd.name, others.multitude(crowd), grid.name), grid.name) + "  ",
         "quiet" if quiet else "value"),
    )  # fmt: skip
    life = others.life(first, now)
    wide = max(0, min(grid.between, room - cells(head) - fit.width(life) - 2))
    text = f"{fit.left(about(crowd), wide)}  " if wide else ""
    line: Line = (*head, (text, "quiet"), (life, tone))
    blank = " " * max(0, grid.life - fit.width(life))
    for owner, how, source, hint in _ends(state, crowd, now, hints, brief=grid.brief):
        end: Line = ((f"{blank}  {owner}" if owner else "", how), (f"  {source}" if source else "", "accent"))
        if cells(line) + cells(end) + cells(hint) < room:
            return spread((*line, *end), hint, room) if hint else (*line, *end)
    return line


def _ends(
    state: State, crowd: Crowd, now: float, hints: tuple[Line, ...], *, brief: bool
) -> Iterator[tuple[str, str, str, Line]]:  # fmt: skip
    """Who has it, who tells it, and what can be done, in ever fewer words: a clock outlives all of them."""
    who, tone = promise.others_owner(state, crowd, now, brief=brief)
    short, _ = promise.others_owner(state, crowd, now, brief=True)
    told = others.sources(crowd)
    for owner in dict.fromkeys((who, short, "")):
        for hint, source in product(hints[:-1], (told, told.removeprefix("from "), "")):
            yield owner, tone, source, hint
        yield owner, tone, "", ()
