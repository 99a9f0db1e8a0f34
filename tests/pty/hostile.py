"""Text that would steer a terminal or a program that parses markup, and a look at whether anything of it was obeyed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.cli.config_folder import ConfigFolder
from tests.pty.terminal import Terminal, ontui

MARK = "[/foo]"
"""Markup that would end a Textual program which parses it."""
HEAD = """version: 1
system: {id: shop, environment: test, production: false}
runbooks: {path: ./runbooks}
defaults: {every: 1s, timeout: 900ms}
"""
CHECK = HEAD + 'sources: {h: {type: http, url: "WEB/", down_after: 1}}\n'
# Textual's own: styles, places, private modes, its questions, the kitty keyboard, the shape of the pointer.
_OURS = re.compile(
    "\x1b\\[[\\d;]*[mH]|\x1b\\[\\?[\\d;]+[hl]|\x1b\\[\\?\\d+\\$p|\x1b\\[>\\d+u|\x1b\\[<u|\x1b\\]22;[a-z]+\x07"
)


def evil(door: str) -> str:
    """Every trick at once; what comes through names its door."""
    tricks = (
        f"{door}{MARK}\x1b]52;c;{door}\x07\x1b]8;;http://{door}/\x1b\\[@click=app.bell]go[/][bold red on green]",
        f"\x9b31m\x9d52;c;{door}\x9c\u202e\u2066\u200b\x1b[2J\x1b[7;7r\x1bc\x1b[5i\x0e\x00\x7f",
        f"{door}\rover\b\b\b\x0b\x0c\x85漢字e\u0301\U0001f469\u200d\U0001f4bb",
    )
    return "".join(tricks)


def short(door: str) -> str:
    """Without what ends a line, a link or a cell."""
    return f"{door}{MARK}\x1b]52;c;{door}\x07\x9b31m\u202e[@click=app.bell]go[/]"


def bare(text: str) -> str:
    """Where there can be no NUL."""
    return text.replace("\x00", "")


def quoted(text: str) -> str:
    """As YAML takes it, escapes and all."""
    safe = (c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(safe)}"'


def marked(*doors: str) -> list[str]:
    """How what came through these doors looks."""
    return [f"{door}{MARK}" for door in doors]


def obeyed(written: str) -> list[str]:
    """Sequences and characters in what was written that are not Textual's: each with what follows."""
    rest = _OURS.sub("", written)
    return [rest[n : n + 30] for n, character in enumerate(rest) if _steers(character)]


def _steers(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character not in "\r\n"


@contextmanager
def cockpit(place: ConfigFolder, first: str) -> Iterator[Terminal]:
    """Alive to the end, and nothing that came in was obeyed."""
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(first)
        yield terminal
        terminal.drain()
        assert terminal.process.poll() is None, terminal.text
        terminal.type("escape")
        terminal.type("escape")
        terminal.type("q")
        assert terminal.exit_code() == 0, terminal.text
        assert terminal.restored == []
        assert obeyed(terminal.written) == []


def look_into_each(terminal: Terminal, doors: Iterable[str]) -> None:
    """Open the detail of one indicator after the other, in the order of the list."""
    for door in doors:
        terminal.type("enter")
        terminal.wait("asked +")
        terminal.wait(re.escape(door))
        terminal.type("escape")
        terminal.type("down")
