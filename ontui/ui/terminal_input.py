"""What comes from the terminal: pasted text is text and never a key, alt+y is not y, and no byte is an error."""

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from textual._time import get_time
from textual._xterm_parser import SPECIAL_SEQUENCES, XTermParser
from textual.drivers import linux_driver
from textual.events import Key
from textual.message import Message

HOLD_S = 0.1
"""How long keys right after a paste wait: its text may have held the mark of its end, which some terminals let pass."""
_BEGINS, _ENDS = "\x1b[200~", "\x1b[201~"
_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-E]|\[M(?s:...)|\[[0-?]*[ -/]*[@-~]|O[0-9;]*[@-~])")
"""From an escape character to its end, by the rules of ECMA-48; and two that keep other rules."""
_REPORTS = (
    re.compile(r"\x1b\[(?:<[\d;-]+[mM]|M)"), re.compile(r"\x1b\[\?\d+;\d\$y"), re.compile(r"\x1b\[\d+;\d+R"),
    re.compile(r"\x1b\[48;[\d:;]+t"),
)  # fmt: skip
"""What a terminal says that is no key: the mouse, its modes, its cursor, its size."""
_MODIFIED = re.compile(
    r"\x1b\[(?:27;(?P<modifiers>\d{1,4});(?P<code>\d{1,7})~"
    r"|(?P<other>\d{1,7});(?P<others>\d{1,4})(?:;(?P<text>[\d:]*))?u)"
)
"""A key with modifiers, as xterm's modifyOtherKeys and as kitty spell it."""
_ELSE = 2 | 4 | 8 | 16 | 32
"""Alt, ctrl, super, hyper and meta among the modifiers; shift and the locks only choose the character."""


class InputParser(XTermParser):
    """Textual's, which makes keys of what follows an escape character in a paste; such keys could answer a question."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasting = False
        self._begun = ""
        """The part of a mark that has come: of the one that begins it is passed on, of the one that ends it waits."""
        self._held: str | None = None
        """What came since a paste ended, while that is news."""
        self._held_until = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Text as it comes, cut anywhere; an empty string is the end."""
        if not data:
            yield from self.release()
            yield from super().feed(data)
        elif harmless := "".join(self._harmless(data)):
            yield from super().feed(harmless)

    def tick(self) -> Iterable[Message]:
        """Called again and again."""
        if get_time() >= self._held_until:
            yield from self.release()
        yield from super().tick()

    def release(self) -> Iterable[Message]:
        """What was held was typed; but nobody types between two pastes that follow each other at once."""
        held, self._held = self._held or "", None
        _, found, rest = held.rpartition(_BEGINS)
        if typed := "".join(self._harmless(found + rest)):
            yield from super().feed(typed)

    def _harmless(self, data: str) -> Iterator[str]:
        while data:
            if self._held is not None:
                pasted, found, rest = (self._held + data).rpartition(_ENDS)
                if not found:
                    self._held = rest
                    return
                yield _BEGINS + _plain(pasted.replace(_BEGINS, "").replace(_ENDS, "")) + _ENDS
                self._hold()
                data = rest
            elif self._pasting:
                text, found, data = (self._begun + data).partition(_ENDS)
                self._begun = "" if found else text[len(text) - _part(text, _ENDS) :]
                yield _plain(text.removesuffix(self._begun)) + found
                if found:
                    self._pasting = False
                    self._hold()
            else:
                begun = self._begun
                text, found, data = (begun + data).partition(_BEGINS)
                self._begun = "" if found else text[len(text) - _part(text, _BEGINS) :]
                yield self._known((text + found)[len(begun) :])
                self._pasting = bool(found)

    def _known(self, typed: str) -> str:
        """Without whole sequences that mean nothing to Textual: it would take their characters for keys."""
        return _SEQUENCE.sub(lambda found: found[0] if self._means_something(found[0]) else "", typed)

    def _means_something(self, sequence: str) -> bool:
        if sequence in SPECIAL_SEQUENCES or any(form.match(sequence) for form in _REPORTS):
            return True
        return next(iter(self._sequence_to_key_events(sequence)), None) is not None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        """With alt, ctrl or the like a key is another one, whatever it is alone, and writes nothing."""
        if extended := _MODIFIED.fullmatch(sequence):
            code, modifiers = extended["code"] or extended["other"], extended["modifiers"] or extended["others"]
            if (int(modifiers) - 1) & _ELSE and _writes_itself(code, extended["text"]):
                sequence = f"\x1b[{code};{modifiers}u"   # without its text, and in one of the two spellings
        try:
            found = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):   # the number of a character there is not
            return
        for key in found:
            if alt or key.key.startswith("alt+"):
                yield Key("alt+" + key.key.removeprefix("alt+"), None)
            else:
                yield key

    def _hold(self) -> None:
        self._held, self._held_until = "", get_time() + HOLD_S


def _writes_itself(code: str, text: str | None) -> bool:
    """Not so where alt makes another character of it, as on keyboards that write @ with it."""
    if not text:
        return True
    codes = int(code), int(text) if text.isdigit() else 0
    return max(codes) <= sys.maxunicode and chr(codes[0]).lower() == chr(codes[1]).lower()


def _plain(text: str) -> str:
    return text.replace("\x1b", "")


def _part(text: str, mark: str) -> int:
    """How many characters at the end of the text begin the mark."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)


def decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """One that shows a byte which is no text as `\ufffd`: the driver's own ends the program, and what it runs."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def install() -> None:
    """The driver makes its parser and its decoder by these names, and has no other door."""
    vars(linux_driver)["XTermParser"] = InputParser
    vars(linux_driver)["getincrementaldecoder"] = decoder
