"""Sends the cells that changed: Textual itself sends a changed line again from the left edge of its widget on."""

from rich.console import Console
from textual._compositor import ChopsUpdate  # its only door to what is sent; the tests of this module watch it


class Sparing(ChopsUpdate):
    """The same update, cut on both sides."""

    @classmethod
    def of(cls, update: ChopsUpdate) -> "Sparing":
        """What is to be sent, sent sparingly."""
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """Each span from its first cell to its last; where the cursor goes is always said, so no line needs an end."""
        sequences: list[str] = []
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                start, stop = max(x, x1), min(end, x2)
                part = strip if (start, stop) == (x, end) else strip.crop(start - x, stop - x)
                sequences += [f"\x1b[{y + 1};{start + 1}H", part.render(console)]
        return "".join(sequences)
