"""Values that must never be seen: kept apart by type, and masked by value wherever text leaves the program."""

from collections.abc import Iterable

from ontui.domain.text import CUT

MASK = "••••••"
SHORTEST = 4
"""Shorter values are not masked inside other text: they would blank innocent words."""

HEAD = 3
"""Characters of the beginning of a secret that are masked where a text is cut after them."""


class Secret(str):
    """A string that does not show itself in representations and tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return MASK


class Secrets:
    """All secret values of a program, to be masked in every text that leaves it."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: list[str] = []
        self.add(*values)

    def add(self, *values: str) -> None:
        """Remember more values; longest are masked first, so that a part never leaves its rest behind."""
        # Text is often shown line by line: each line of a key or a certificate is a secret of its own.
        parts = (part.strip() for value in values for part in (str(value), *str(value).splitlines()))
        found = {v for v in (*self._values, *parts) if len(v) >= SHORTEST}
        self._values = sorted(found, key=len, reverse=True)

    def add_all(self, others: "Secrets") -> None:
        """Remember those of another config too."""
        self.add(*others._values)

    def mask(self, text: str) -> str:
        """The text with every known secret replaced, and the head of one where the text was cut within it."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return self._mask_heads(text) if CUT in text else text

    def _mask_heads(self, text: str) -> str:
        """Texts are cut where they enter, before they are masked."""
        pieces = text.split(CUT)
        for n, piece in enumerate(pieces[:-1]):
            if longest := max((_head_at_end(value, piece) for value in self._values), default=0):
                pieces[n] = piece[:-longest] + MASK
        return CUT.join(pieces)

    def __repr__(self) -> str:
        return f"Secrets({len(self._values)})"


def _head_at_end(value: str, text: str) -> int:
    """How many characters of the beginning of a value end a text; fewer than HEAD are told to nobody's harm."""
    for length in range(min(len(value), len(text)), HEAD - 1, -1):
        if text.endswith(value[:length]):
            return length
    return 0
