"""The line of an alert of others, or of many of one name, beside the lines of ours."""

from ontui.domain.foreign import Crowd, ForeignPhase
from ontui.domain.state import State
from ontui.ui import format as words
from ontui.ui import others
from ontui.ui.widgets.lines import Line, cells, spread

LEAST_ABOUT = 8
"""Fewer columns of what it says of itself tell nothing."""


def other_line(
    state: State, crowd: Crowd, now: float, columns: tuple[int, int, int], room: int, hints: tuple[Line, ...]
) -> Line:
    """Severity, name, what it says of itself, its life, who tells it, who has it; `hints` in ever fewer words.

    The columns are those of severity, of the name, and of all that ours have between name and life, 0 for no wish.
    """
    severity, name, middle = columns
    first = crowd.first
    tone, quiet = others.style(first), first.alert.phase is ForeignPhase.SUPPRESSED
    head: Line = (
        (" ", "plain"), (words.GLYPHS[first.status] + " ", tone),
        (words.left(first.severity.name, severity) + " ", tone),
        (words.left(others.title(crowd), name) + "  ", "quiet" if quiet else "value"),
    )  # fmt: skip
    life = others.life(first, now)
    about = " ".join(filter(None, (others.value(first.alert) if len(crowd.members) == 1 else "", others.about(crowd))))
    who, source = others.taken_words(state, crowd, now), others.sources(crowd)
    ends: list[tuple[str, Line]] = [(f"  {owner}" if owner else "", hint)
                                    for hint in hints for owner in (who, who.partition(",")[0])]   # fmt: skip
    for shorter in (source, source.removeprefix("from ")):
        told = f"  {shorter}"
        for owner, hint in ends:
            spare = room - cells(head) - words.width(life) - words.width(told) - words.width(owner) - cells(hint) - 3
            wanted = middle or min(words.width(about), 60)
            if spare >= min(wanted, LEAST_ABOUT if middle else 0) or (owner, hint) == ends[-1]:
                width = max(0, min(wanted, spare))
                text = words.left(about, width) + "  " if width else ""
                line: Line = (*head, (text, "quiet"), (life, tone), (told, "accent"), (owner, "quiet"))
                if cells(line) + cells(hint) < room or shorter != source:
                    return spread(line, hint, room) if hint else line
    return head
