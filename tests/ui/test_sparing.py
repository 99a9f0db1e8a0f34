"""What is sent in small parts gives the same picture."""

import random

import pyte
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from ontui.ui.sparing import Sparing

WIDE, HIGH, EDGE = 40, 6, 17
"""Two widgets side by side, the right one from column 17."""
CONSOLE = Console(width=WIDE, color_system=None)


def strips(text: str) -> dict[int, Strip | None]:
    """A line, cut at the edge."""
    return {0: Strip([Segment(text[:EDGE])]), EDGE: Strip([Segment(text[EDGE:])])}


def sent(lines: list[str], spans: list[tuple[int, int, int]]) -> str:
    """What goes to the terminal."""
    update = ChopsUpdate([strips(line) for line in lines], spans, [[EDGE, WIDE]] * HIGH)
    return Sparing.of(update).render_segments(CONSOLE)


def test_only_the_span_is_sent() -> None:
    lines = ["abcdefghijklmnopqrstuvwxyz0123456789-+*/"] * HIGH
    assert sent(lines, [(2, 5, 8)]) == "\x1b[3;6Hfgh"
    assert sent(lines, [(0, 15, 19)]) == "\x1b[1;16Hpq\x1b[1;18Hrs"
    assert sent(lines, [(5, 17, 40)]) == "\x1b[6;18H" + lines[0][17:]


def test_the_picture_is_the_same() -> None:
    chance = random.Random(7)
    screen = pyte.Screen(WIDE, HIGH)
    stream = pyte.Stream(screen)
    stream.feed(sent(["." * WIDE] * HIGH, [(y, 0, WIDE) for y in range(HIGH)]))
    wanted = ["." * WIDE] * HIGH
    for _ in range(300):
        new = ["".join(chance.choices("abcdefgh", k=WIDE)) for _ in range(HIGH)]
        spans = []
        for y in sorted(chance.sample(range(HIGH), 3)):
            start = chance.randrange(WIDE)
            end = chance.randrange(start, WIDE) + 1
            spans.append((y, start, end))
            wanted[y] = wanted[y][:start] + new[y][start:end] + wanted[y][end:]
        stream.feed(sent(new, spans))
        assert screen.display == wanted
