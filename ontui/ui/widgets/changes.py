"""Which cells of a line are new: a single digit costs a hundredth of a whole line on its way to the terminal."""

import unicodedata
from collections.abc import Iterable, Iterator

from ontui.ui.fit import width

FILLED = frozenset({"alarm", "warned", "production", "found", "link"})
"""Styles that show on blanks too."""
APART = 10
"""So many equal cells between two changes are worth a jump of the cursor."""


def changed(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Where two lines differ, from left to right: the first cell, and the first after the last."""
    was, now = _cells(old), _cells(new)
    longest = max(len(was), len(now))
    was += [_BLANK] * (longest - len(was))
    now += [_BLANK] * (longest - len(now))
    differ = [n for n in range(longest) if was[n] != now[n]]
    while differ:
        start = end = differ[0]
        while differ and differ[0] - end <= APART:
            end = differ.pop(0)
        while start > 0 and "" in (was[start][0], now[start][0]):
            start -= 1   # never from the middle of a wide character
        while end + 1 < longest and "" in (was[end + 1][0], now[end + 1][0]):
            end += 1
        yield start, end + 1


_BLANK = (" ", "")


def _cells(line: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Character and style of each cell; the second half of a wide character is empty."""
    cells: list[tuple[str, str]] = []
    for text, style in line:
        if text.isascii():
            cells += [(c, style) if c != " " or style in FILLED else _BLANK for c in text]
            continue
        for character in text:
            if cells and unicodedata.combining(character):
                cells[-1] = (cells[-1][0] + character, style)
                continue
            cells.append((character, style) if character != " " or style in FILLED else _BLANK)
            if width(character) == 2:
                cells.append(("", style))
    return cells
