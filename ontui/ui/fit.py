"""How wide texts are, and how they are made to fit: nothing of a number is lost silently."""

import re
import unicodedata
from functools import lru_cache

_BETWEEN = re.compile(r"(; | · )")
"""What separates reasons."""


@lru_cache(16_384)
def width(text: str) -> int:
    """How many cells a text takes; cleaned text has no control or zero-width characters but combining marks."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def cut(text: str, cells: int) -> str:
    """At most so many cells, with … where something is missing."""
    if width(text) <= cells:
        return text
    kept, used = "", 0
    for character in text:
        used += width(character)
        if used > cells - 1:
            break
        kept += character
    return kept + "…" if cells > 0 else ""


def cut_whole(text: str, cells: int) -> str:
    """The same, but a word with a digit in it stays whole or goes whole: a part of a number is another number."""
    kept = cut(text, cells)
    if kept == text or not kept:
        return kept
    end = len(kept) - 1
    start = text.rfind(" ", 0, end) + 1
    word = text[start:].partition(" ")[0]
    is_torn = start + len(word) > end and any(map(str.isdigit, word))
    return (text[:start].rstrip() if is_torn else kept[:-1]) + "…"


def cut_reason(text: str, cells: int) -> str:
    """At most so many cells of a reason: what is to be done stays longer than what is wrong."""
    first, *more = _BETWEEN.split(text, maxsplit=1)   # a remedy belongs to its own reason, and to no other
    at = first.find("GRANT ")
    if width(text) > cells and at > 0:
        end = f"{more[0]}…" if more else ""
        short = f"{first.partition(':')[0]}: {first[at:]}" if ": " in first[:at] else first[at:]
        text = first + end if width(first + end) <= cells else short if width(short) <= cells else first[at:]
    return cut_whole(text, cells)


def cut_middle(text: str, cells: int) -> str:
    """At most so many cells; names that are made alike differ at their ends."""
    if width(text) <= cells:
        return text
    end = ""
    for character in reversed(text):
        if width(character + end) > (cells - 1) // 2:
            break
        end = character + end
    return cut(text, cells - width(end)) + end


def keep_end(text: str, end: str, cells: int) -> str:
    """At most so many cells; what gives way is not the end: `LongNa… ×4`."""
    return cut(text, max(1, cells - width(end))) + end if width(text + end) > cells else text + end


def left(text: str, cells: int) -> str:
    """Exactly so many cells, flush left."""
    fitting = cut(text, cells)
    return fitting + " " * (cells - width(fitting))


def right(text: str, cells: int) -> str:
    """Exactly so many cells, flush right."""
    fitting = cut(text, cells)
    return " " * (cells - width(fitting)) + fitting


def number(text: str, cells: int) -> str:
    """A number with its unit in at most so many cells: what is missing is missing before the unit."""
    digits, _, unit = text.rpartition(" ")
    if width(text) <= cells or not digits or width(unit) + 4 > cells:
        return cut(text, cells)
    return f"{cut(digits, cells - width(unit) - 1)} {unit}"


def wrap(text: str, cells: int, most: int = 1000) -> list[str]:
    """Lines of at most so many cells, broken at spaces where there are any; the last one ends in … when cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph.replace("\t", "    ")
        while width(rest) > cells > 0:
            piece = cut(rest, cells + 1)[:-1]
            space = piece.rfind(" ") if rest[len(piece) : len(piece) + 1] != " " else len(piece)
            head = rest[: space if space > cells // 3 else len(piece)] or rest[:1]
            lines.append(head)
            rest = rest[len(head) :].lstrip(" ")
        lines.append(rest)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut(lines[most - 1] + " …", cells) if most else ""]
