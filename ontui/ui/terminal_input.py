"""What comes from the terminal: pasted text is text and never a key, alt+y is not y, and no byte is an error.

Textual's parser makes keys of whatever it does not understand, of what follows an escape character in a paste, and of
sequences that a slow line cuts. Keys could answer a question, so it is given whole keys and reports, and nothing else.
"""

import codecs
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial

from textual import constants
from textual._time import get_time
from textual._xterm_parser import SPECIAL_SEQUENCES, XTermParser
from textual.drivers import linux_driver
from textual.events import Key, Paste
from textual.message import Message

HOLD_S = 0.1
"""How long keys right after a paste wait: its text may have held the mark of its end, which some terminals let pass."""
CUT_S = 2.0
"""How long the rest of a sequence is waited for, on a slow line; what is no sequence by then is nothing."""
_BEGINS, _ENDS = "\x1b[200~", "\x1b[201~"
_BAD = "\ufffd"
"""What the decoder makes of a byte that is no text."""
_TEXT = re.compile(rf"[^\x1b{_BAD}]+")
_WHOLE = re.compile(
    r"\x1b(?:"
    r"\x1b?\[\[[A-E]"   # function keys of the Linux console
    r"|\x1b?\[M(?s:...)"   # the mouse, as it once was
    r"|\x1b?\[(?![\[M])[0-?]*[ -/]*[@-~]"
    r"|\x1b?O[0-9;]*[@-~]"
    r"|\](?s:.*?)(?:\x07|\x1b\\)|[PX^_](?s:.*?)\x1b\\"   # strings: titles, colours, versions
    r"|[ -/]+[0-~]"
    r"|(?![\[O\]PX^_ -/\x1b])(?s:.)"   # with alt
    r")"
)
"""A sequence by the rules of ECMA-48, and two that keep other rules; a second escape character before it is alt."""
_CUT = re.compile(r"\x1b(?:[\]PX^_](?s:.*)|[ -/]+|\x1b?(?:\[(?:\[|M(?s:.{0,2})|[0-?]*[ -/]*)|O[0-9;]*|))")
"""The beginning of one."""
_REPORTS = (
    re.compile(r"\x1b\[(?:<[\d;-]+[mM]|M)"), re.compile(r"\x1b\[\?\d+;\d\$y"), re.compile(r"\x1b\[\d+;\d+R"),
    re.compile(r"\x1b\[48(?:;\d[\d:]*){4}t"),
)  # fmt: skip
"""What a terminal says that is no key: the mouse, its modes, its cursor, its size."""
_MODIFIED = re.compile(r"\x1b\[[\d:]*;(\d+)[\d:;]*[A-Za-z~]")
_XTERM = re.compile(r"\x1b\[27;(\d+);(\d+)~")
"""The same as xterm's modifyOtherKeys spells it."""
_ELSE = 2 | 4 | 8 | 16 | 32
"""Alt, ctrl, super, hyper and meta among the modifiers; shift and the locks only choose the character."""


class InputParser(XTermParser):
    """Textual's, given only what it understands."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._rest = ""
        """The beginning of a sequence."""
        self._rest_until = 0.0
        self._pasted: str | None = None
        """What came of a paste that has not ended."""
        self._held: str | None = None
        """What came since a paste ended, while that is news."""
        self._held_until = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Text as it comes, cut anywhere; an empty string is the end."""
        if data:
            yield from self._expire()
            yield from self._read(data)
        else:
            yield from self.release()
            yield from self._expire(at_once=True)
            yield from super().feed(data)

    def tick(self) -> Iterable[Message]:
        """Called again and again."""
        if get_time() >= self._held_until:
            yield from self.release()
        yield from self._expire()
        yield from super().tick()

    def release(self) -> Iterator[Message]:
        """What was held was typed; but nobody types between two pastes that follow each other at once."""
        held, self._held = self._held or "", None
        _, found, rest = held.rpartition(_BEGINS)
        yield from self._read(found + rest)

    def _read(self, data: str) -> Iterator[Message]:
        while data:
            if self._held is not None:
                pasted, found, data = (self._held + data).rpartition(_ENDS)
                if not found:
                    self._hold(data)
                    return
                yield from _paste(pasted.replace(_BEGINS, "").replace(_ENDS, ""))
                self._hold("")
            elif self._pasted is not None:
                text, found, data = (self._pasted + data).partition(_ENDS)
                self._pasted = None if found else text
                if found:
                    yield from _paste(text)
                    self._hold("")
            else:
                data = yield from self._typed(re.sub("[\x80-\x9f]", _in_seven_bits, self._rest + data))

    def _typed(self, data: str) -> Generator[Message, None, str]:
        """Tell the first of it; what remains is returned."""
        begun_at, self._rest = self._rest, ""
        if text := _TEXT.match(data):
            yield from self._told(text[0])
            return data[text.end() :]
        if data[0] == _BAD:   # with a byte that is no text, what came with it is none either, up to a paste
            return "".join(data.partition(_BEGINS)[1:])
        if whole := _WHOLE.match(data):
            yield from self._sequence(whole[0])
            return data[whole.end() :]
        cut = _CUT.match(data)
        end = cut.end() if cut else 1
        if end < len(data):   # no sequence goes on like this
            return data[end:] if data[end] == "\x1b" else data[end + 1 :]
        if not begun_at:
            self._rest_until = get_time() + (CUT_S if data.strip("\x1b") else constants.ESCAPE_DELAY)
        elif data.strip("\x1b") and not begun_at.strip("\x1b"):
            self._rest_until = get_time() + CUT_S
        self._rest = data
        return ""

    def _sequence(self, sequence: str) -> Iterator[Message]:
        if sequence.endswith(_BEGINS):   # also after an escape of its own
            self._pasted = ""
        elif len(sequence) == 2:
            yield from self._sequence_to_key_events(sequence[1], alt=True)
        elif sequence != _ENDS and not sequence.startswith("\x1b\x1b") and self._means_something(sequence):
            yield from self._told(sequence)

    def _means_something(self, sequence: str) -> bool:
        if sequence in SPECIAL_SEQUENCES or any(form.match(sequence) for form in _REPORTS):
            return True
        return next(iter(self._sequence_to_key_events(sequence)), None) is not None

    def _told(self, text: str) -> Iterator[Message]:
        yield from super().feed(text)
        if any(size is not None and 0 in tuple(size) for size in (self.terminal_size, self.terminal_pixel_size)):
            self.mouse_pixels = False   # a terminal that does not know it: Textual would divide by it

    def _expire(self, *, at_once: bool = False) -> Iterator[Message]:
        """Escape alone is a key after a moment; what is longer was cut, and its end is not coming."""
        if self._rest and (at_once or get_time() >= self._rest_until):
            rest, self._rest = self._rest, ""
            if not rest.strip("\x1b"):
                yield from (Key("escape", "\x1b") for _ in rest)

    def _hold(self, text: str) -> None:
        self._held, self._held_until = text, get_time() + HOLD_S

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterator[Key]:
        """With alt, ctrl or the like a key is another one, whatever it is alone, and writes nothing but signs."""
        sequence = _XTERM.sub("\x1b[\\2;\\1u", sequence)
        try:
            found = list(super()._sequence_to_key_events(sequence, alt))
            modified = _MODIFIED.fullmatch(sequence)
            is_other = alt or (modified is not None and bool((int(modified[1]) - 1) & _ELSE))
        except (ValueError, OverflowError):   # the number of a character there is not
            return
        for key in found:
            if key.character is not None and "\ud800" <= key.character <= "\udfff":
                continue   # half a character
            if not (is_other or key.key.startswith("alt+")) or (not alt and _is_sign(key.character)):
                yield key
            else:
                has_name = "+" in key.key and not key.key.startswith("shift+")
                yield Key(key.key if has_name else f"alt+{key.key}", None)


def _is_sign(character: str | None) -> bool:
    """What keyboards write with alt: `@`, `{`, `é`."""
    return bool(character) and len(character or "") == 1 and str(character).isprintable() and not (
        str(character).isascii() and str(character).isalnum()
    )  # fmt: skip


def _paste(text: str) -> Iterator[Paste]:
    if text := text.replace("\x1b", "").replace("\x00", ""):
        yield Paste(text)


def _in_seven_bits(control: re.Match[str]) -> str:
    return "\x1b" + chr(ord(control[0]) - 0x40)


def decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """One that goes on after a byte which is no text: the driver's own ends the program, and what it runs."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def install() -> None:
    """The driver makes its parser and its decoder by these names, and has no other door."""
    vars(linux_driver)["XTermParser"] = InputParser
    vars(linux_driver)["getincrementaldecoder"] = decoder
