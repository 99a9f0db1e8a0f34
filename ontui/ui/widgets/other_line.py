"""The line of an alert of others, or of many of one name, beside the lines of ours."""

from collections.abc import Sequence

from ontui.domain.crowd import Crowd
from ontui.domain.foreign import ForeignPhase
from ontui.domain.state import State
from ontui.ui import format as words
from ontui.ui import others, promise
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
    wanted = max((words.width(about(crowd)) for crowd in crowds), default=0)
    behind = max((words.width(others.life(c.first, now)) + words.width(others.sources(c)) for c in crowds), default=0)
    return max(0, min(wanted, LONGEST_ABOUT, room - name - behind - 20))


def other_line(
    state: State, crowd: Crowd, now: float, columns: tuple[int, int, int], room: int, hints: tuple[Line, ...]
) -> Line:
    """Severity, name, what it says of itself, its life, who tells it, who has it; `hints` in ever fewer words.

    The columns are those of severity, of the name, and of all between name and life.
    """
    severity, name, wide = columns
    first = crowd.first
    tone, quiet = others.style(first), first.alert.phase is ForeignPhase.SUPPRESSED
    head: Line = (
        (" ", "plain"), (others.glyph(first) + " ", tone),
        (words.left(first.severity.name, severity) + " ", tone),
        (words.left(words.keep_end(crowd.name, others.multitude(crowd), name), name) + "  ",
         "quiet" if quiet else "value"),
    )  # fmt: skip
    life = others.life(first, now)
    left = room - cells(head) - words.width(life) - 3
    owner, how, hint = _end(state, crowd, now, left - wide, hints)
    source = f"  {others.sources(crowd)}"
    if wide + words.width(source) > left:
        source = f"  {others.sources(crowd).removeprefix('from ')}"
    wide = max(0, min(wide, left - words.width(source)))
    text = f"{words.left(about(crowd), wide)}  " if wide else ""
    line: Line = (*head, (text, "quiet"), (life, tone), (source, "accent"), (owner, how))
    return spread(line, hint, room) if hint else line


def _end(state: State, crowd: Crowd, now: float, left: int, hints: tuple[Line, ...]) -> tuple[str, str, Line]:
    """Who has it and what can be done, as much of both as there is room for behind who tells it."""
    who, tone = promise.others_owner(state, crowd, now)
    brief, _ = promise.others_owner(state, crowd, now, brief=True)
    left -= words.width(others.sources(crowd)) + 2
    for owner in dict.fromkeys((who, brief, "")):
        said = f"  {owner}" if owner else ""
        for hint in hints:
            if words.width(said) + cells(hint) <= left:
                return said, tone, hint
    return "", "quiet", ()
