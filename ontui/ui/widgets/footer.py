"""The last line: the keys of this screen, or what a key had to say."""

from collections.abc import Sequence

from ontui.ui.fit import cut
from ontui.ui.widgets.lines import Line, Lines, Piece, Row, cells, spread


class Footer(Lines):
    """Keys from the key table; for some seconds, an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: Sequence[tuple[str, str]] = ()
        self.at_the_end: Sequence[str] = ()
        self.said = ""
        self.tone = "warning"

    def show(self, keys: Sequence[tuple[str, str]], at_the_end: Sequence[str] = ()) -> None:
        """The keys to show, and which of them stand at the right whatever the width."""
        self.keys, self.at_the_end = keys, at_the_end
        self.paint()

    def say(self, text: str, tone: str = "warning") -> None:
        """Show an answer instead, until it is taken back with an empty one."""
        self.said, self.tone = text, tone
        self.paint()

    def rows(self, room: int) -> Sequence[Row]:
        """As many keys as fit; what comes last in the table goes first."""
        if self.said:
            return [Row(((" ", "plain"), (cut(self.said, room - 2), self.tone)))]
        last = [_piece(key, label) for key, label in self.keys if key in self.at_the_end]
        end = tuple(p for piece in last for p in piece)
        line: list[Piece] = [(" ", "plain")]
        for key, label in self.keys:
            piece = _piece(key, label)
            if key in self.at_the_end:
                continue
            if cells(tuple(line)) + cells(piece) + cells(end) >= room:
                break
            line += piece
        return [Row(spread(tuple(line), end, room))]


def _piece(key: str, label: str) -> Line:
    return ((key, "key"), (f" {label}", "quiet"), ("  ", "plain"))
