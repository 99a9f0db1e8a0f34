"""Styled words flowing into lines, and words found in them made visible."""

import re
from collections.abc import Iterator, Sequence

from ontui.ui.fit import width
from ontui.ui.widgets.lines import Line, Piece

_WORD = re.compile(r"\s+|\S+")


def flow(pieces: Sequence[Piece], room: int) -> Iterator[Line]:
    """Lines of at most so many cells; a word longer than a line is broken, a newline ends one."""
    line: list[Piece] = []
    used = 0
    for word in _words(pieces):
        if word == [("\n", "")]:
            yield tuple(line)
            line, used = [], 0
            continue
        wide = sum(width(text) for text, _ in word)
        if word[0][0].isspace():
            if line and used + 1 <= room:
                line.append((" ", word[0][1]))
                used += 1
            continue
        if used + wide > room and line:
            yield _stripped(line)
            line, used = [], 0
        for text, style in word:
            while used + width(text) > room:
                head = text[: max(1, room - used)]
                yield (*line, (head, style))
                line, used, text = [], 0, text[len(head) :]
            line.append((text, style))
            used += width(text)
    if line:
        yield _stripped(line)


def _words(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Words that may change their style midway: `**bold**ly` is one."""
    word: list[Piece] = []
    for text, style in pieces:
        for match in _WORD.finditer(text):
            part = match[0]
            if part.isspace():
                if word:
                    yield word
                    word = []
                yield [("\n", "")] if part == "\n" else [(" ", style)]
            else:
                word.append((part, style))
    if word:
        yield word


def _stripped(line: list[Piece]) -> Line:
    while line and line[-1][0].isspace():
        line.pop()
    return tuple(line)


def found(line: Line, words: Sequence[str], style: str = "found") -> Line:
    """The line with every one of the words made visible, whatever their case."""
    if not words:
        return line
    pattern = re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    pieces: list[Piece] = []
    for text, old in line:
        at = 0
        for match in pattern.finditer(text):
            pieces += [(text[at : match.start()], old), (match[0], style)]
            at = match.end()
        pieces.append((text[at:], old))
    return tuple(piece for piece in pieces if piece[0])
