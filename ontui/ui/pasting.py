"""Pasted text is text: Textual's parser takes what follows an escape character in it for keys, which could answer."""

from collections.abc import Iterable, Iterator

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

_BEGINS, _ENDS = "\x1b[200~", "\x1b[201~"


class PasteParser(XTermParser):
    """The same, without the escape characters of what was pasted."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasting = False
        self._begun = ""
        """The part of a mark that has come: of the one that begins it is passed on, of the one that ends it waits."""

    def feed(self, data: str) -> Iterable[Message]:
        """Bytes as they come, cut anywhere; an empty string is the end."""
        harmless = "".join(self._harmless(data))
        return super().feed(harmless) if harmless or not data else ()

    def _harmless(self, data: str) -> Iterator[str]:
        while data:
            mark, begun = (_ENDS if self._pasting else _BEGINS), self._begun
            text, found, rest = (begun + data).partition(mark)
            self._begun = "" if found else text[len(text) - _part(text, mark) :]
            if self._pasting:
                yield text.removesuffix(self._begun).replace("\x1b", "") + found
            else:
                yield (text + found)[len(begun) :]
            self._pasting, data = self._pasting != bool(found), rest


def _part(text: str, mark: str) -> int:
    """How many characters at the end of the text begin the mark."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)


def install() -> None:
    """The driver makes its parser by this name, and has no other door."""
    vars(linux_driver)["XTermParser"] = PasteParser
