"""A file's bytes → lines that are safe to draw, one for one with the lines of the file."""

import codecs
import html
import re
import unicodedata

from ontui.domain.text import clean

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_FRONT_MATTER_FENCE = {"---": {"---", "..."}, "+++": {"+++"}}
_FRONT_MATTER_KEY = re.compile(r"^[\w.\-\"']+\s*[:=]")
_TITLE = re.compile(r"^title\s*[:=]\s*(.+?)\s*$")
_TYPOGRAPHIC = str.maketrans({
    0x00A0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " ",   # spaces that a shell does not take for a space
    0x00AD: None, 0x200B: None, 0x200D: None, 0xFEFF: None,  # invisible joints of words and emoji
})


def decode(raw: bytes) -> tuple[str, str | None]:
    """The text, byte order mark gone and line ends unified, and what was wrong with its encoding, if anything."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _unix_lines(raw.decode("utf-16", "replace")), None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return _unix_lines(raw.decode("utf-8")), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return _unix_lines(raw.decode("utf-8", "replace")), f"not UTF-8 from line {line} on, � where unreadable"


def is_binary(raw: bytes) -> bool:
    """Whether this is no text at all: a NUL early on, in anything but UTF-16."""
    return b"\0" in raw[:8192] and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def safe_lines(text: str) -> list[str]:
    """The lines of a text, each cleaned, so that an unfinished escape sequence cannot swallow the lines after it."""
    return [line if line.isprintable() else safe_line(line) for line in text.split("\n")]


def safe_line(line: str) -> str:
    """One line cleaned whatever its length; tabs stay."""
    return clean(line.translate(_TYPOGRAPHIC), len(line) + 1)


def defused(line: str) -> str:
    """A line of prose without the entities that would become a character `clean` had refused (`&#x202e;`)."""
    return _ENTITY.sub(_defuse, line) if "&" in line else line


def _defuse(entity: re.Match[str]) -> str:
    decoded = html.unescape(entity.group()) or "\0"   # it answers with nothing for most control characters
    for character in decoded:
        if not character.isprintable() and unicodedata.category(character) != "Zs" and character not in "\n\t":
            return "�"
    return entity.group()


def front_matter(lines: list[str]) -> tuple[int, str | None]:
    """How many lines at the top are metadata (YAML or TOML) and the title they give."""
    ends = _FRONT_MATTER_FENCE.get(lines[0].rstrip()) if lines else None
    if ends is None:
        return 0, None
    keys = [line for line in lines[1:4] if line.strip()]
    if not keys or not _FRONT_MATTER_KEY.match(keys[0]):
        return 0, None   # a rule that opens the page, not metadata
    title = None
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ends:
            return number + 1, title
        if title is None and (found := _TITLE.match(line)):
            title = found.group(1).strip("\"'") or None
    return 0, None
