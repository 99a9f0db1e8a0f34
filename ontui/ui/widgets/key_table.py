"""The key table, drawn."""

from collections.abc import Mapping, Sequence

from ontui.domain.status import Status
from ontui.ui import fit, keys
from ontui.ui import format as words
from ontui.ui.widgets.lines import Lines, Piece, Row, heading
from ontui.ui.widgets.sli_list import STATUS_STYLES

_MEANINGS = {
    Status.OK: "fresh, and within its objective",
    Status.WARNING: "objective missed, an alert pending, or one that only notes",
    Status.CRITICAL: "an alert that pages is firing",
    Status.STALE: "too old to trust: shown dimmed, with its age",
    Status.NO_DATA: "the source answered, with nothing",
    Status.UNKNOWN: "never seen, not permitted, or an error",
}


class KeyTable(Lines):
    """Keys of one screen, then all others, then the glyphs."""

    def __init__(self, about: str, keymap: Mapping[str, str]) -> None:
        super().__init__(id="keys")
        self.about, self.keymap = about, keymap
        self.warnings: tuple[str, ...] = ()

    def show(self, warnings: tuple[str, ...]) -> None:
        """Draw what changed."""
        self.warnings = warnings
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """One line a key."""
        here = [key for key in keys.KEYS if self.about in key.screens]
        rest = [key for key in keys.KEYS if self.about not in key.screens]
        rows = [row for key in here for row in self._row(key, room)]
        rows += [Row(()), Row(heading("Elsewhere", room))]
        rows += [row for key in rest for row in self._row(key, room, where=True)]
        rows += [Row(()), Row(heading("What the signs mean", room))]
        for status, meaning in _MEANINGS.items():
            style = STATUS_STYLES.get(status, "stale")
            line: tuple[Piece, ...] = (
                (f"  {words.GLYPHS[status]} {fit.left(words.WORDS[status], 12)}", style),
                (fit.cut(meaning, room - 20), "plain"),
            )
            rows.append(Row(line))
        if self.warnings:
            rows += [Row(()), Row(heading("What is wrong with the cockpit itself", room))]
            rows += [Row(((f"  {text}", "warning"),)) for w in self.warnings for text in fit.wrap(w, room - 4)]
        return rows

    def _row(self, key: keys.Key, room: int, *, where: bool = False) -> list[Row]:
        pressed = " ".join(keys.shown(k) for k in keys.keys_of(key, self.keymap)) or "not set"
        told = key.description + (f" ({', '.join(key.screens)})" if where else "")
        rows = []
        for number, text in enumerate(fit.wrap(told, max(20, room - 28))):
            first = number == 0
            rows.append(Row((
                ("  ", "plain"), (fit.left(pressed if first else "", 10), "key"),
                (fit.left(key.label if first else "", 14), "value"), (text, "quiet"),
            )))  # fmt: skip
        return rows
