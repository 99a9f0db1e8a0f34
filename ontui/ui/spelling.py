"""What a terminal without UTF-8 shows: the same number of cells in ASCII."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from ontui.ui.fit import width

_ASCII = {
    "✓": "+", "◆": "!", "▲": "#", "◌": "~", "∅": "0", "▌": "|", "▐": "|", "▏": "|", "·": "-", "…": "~", "→": ">",
    "–": "-", "—": "-", "≤": "<", "≥": ">", "≠": "!", "×": "x", "•": "*", "○": "o", "✗": "x", "�": "?", "▸": ">",
    "▾": "v", "↑": "^", "↓": "v", "⏎": "<", "“": '"', "”": '"', "‘": "'", "’": "'", "█": "#", "▀": "^", "▄": "_",
    "▔": "-", "▁": "_", "▂": "_", "▃": "_", "▅": "#", "▆": "#", "▇": "#",
    "▉": "#", "▊": "#", "▋": "#", "▍": "|", "▎": "|", "▕": "|",
}  # fmt: skip


_SPELLED = {"≤": "<=", "≥": ">=", "≠": "!="}
"""What one character of ASCII cannot say."""


def spelled(texts: Sequence[str]) -> list[str]:
    """The pieces of a line with such signs spelled out; the next blanks make up for it, so that columns stay."""
    found, owed, before = [], 0, ""
    for text in texts:
        piece = ""
        for character in text:
            if character in _SPELLED:
                owed += 1
            elif owed and character == before and character in " ─":
                owed -= 1
                continue
            piece += _SPELLED.get(character, character)
            before = character
        found.append(piece)
    return found


def ascii_lines(text: str) -> str:
    """A whole text in ASCII."""
    return ascii_text("\n".join(spelled([line])[0] for line in text.split("\n")))


@lru_cache(4096)
def ascii_text(text: str) -> str:
    """The same number of cells in ASCII, for terminals whose locale is not UTF-8."""
    return text if text.isascii() else "".join(c if c.isascii() else _ascii(c) for c in text)


def _ascii(character: str) -> str:
    if character in _ASCII:
        return _ASCII[character]
    if "─" <= character <= "╿":
        return "|" if character in "│┃┆┇┊┋║╎╏" else "-" if character in "─━┄┅┈┉═╌╍" else "+"
    if "⠀" <= character <= "⣿":
        bits = ord(character) - 0x2800
        if bits & 0x09 and bits & 0xC0:
            return "#"
        return " " if not bits else "'" if bits & 0x09 else "-" if bits & 0x36 else "_"
    folded = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return (folded or "?")[0] if width(character) == 1 else "??"
