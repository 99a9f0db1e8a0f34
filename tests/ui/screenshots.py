"""`python -m tests.ui.screenshots` draws the README's pictures, from the very scenes that the tests look at."""

import asyncio
import re
from html import unescape
from pathlib import Path

from tests.ui.scenes import SCENES, Scene

FOLDER = Path(__file__).parents[2] / "screenshots"
PICTURES = {
    "dashboard-alerting-120x40": "dashboard-burning-120x40",
    "dashboard-calm-80x24": "dashboard-calm-80x24",
    "dashboard-light-120x40": "dashboard-light",
    "detail-120x40": "detail-120x40",
    "runbook-alerting-120x40": "runbook-120x40",
    "confirmation-destroy-120x40": "confirm-120x40",
    "run-recovered-120x40": "run-recovered",
}
"""Name of the file → name of the scene."""
CELL = 12.2
"""How wide the exporter draws a cell."""
FONTS = "'Fira Code','JetBrains Mono','Cascadia Mono','DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\n    \}", re.S)
_TEXT = re.compile(
    r'<text class="(?P<class>[\w-]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)"'
    r'(?P<rest>[^>]*)>(?P<text>[^<]*)</text>'
)
_KIND = re.compile(r"[\x20-\x7e\xa0-\xff]+|[\u2500-\u257f]+|[\u2580-\u259f]+|[\u2800-\u28ff]+|.")
"""Runs of characters that one font has: letters, box drawing, blocks, Braille; of the rest each by itself."""


def _in_cells(match: re.Match[str]) -> str:
    """A run of text in as many parts as it may need fonts, each at its own cell: no font's width moves another's."""
    text = unescape(match["text"])
    if len(text) != round(float(match["length"]) / CELL):
        return match[0]   # wide characters: the exporter's own measure holds
    parts = []
    for run in _KIND.finditer(text):
        if not run[0].strip():
            continue
        x, length = float(match["x"]) + run.start() * CELL, len(run[0]) * CELL
        shown = "".join(f"&#{ord(c)};" if c in "&<>\xa0" else c for c in run[0])
        parts.append(
            f'<text class="{match["class"]}" x="{x:.5g}" y="{match["y"]}" textLength="{length:.5g}"'
            f"{match['rest']}>{shown}</text>"
        )
    return "".join(parts)


def for_a_page(svg: str, name: str) -> str:
    """The exporter's picture without fonts from elsewhere, and with the same ids each time."""
    svg = _FONT_FACE.sub("", svg).replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    svg = re.sub(r"\bterminal-\d+-", f"{name}-", svg)
    svg = svg.replace("font-family: arial", "font-family: sans-serif")
    return "\n".join(line.rstrip() for line in _TEXT.sub(_in_cells, svg).splitlines()) + "\n"


async def drawn(name: str) -> str:
    """One of the pictures, as the program draws it now."""
    scene = next(s for s in SCENES if s.name == PICTURES[name])
    app = scene.app()
    async with app.run_test(size=scene.size) as pilot:
        await scene.before(pilot)
        return for_a_page(app.export_screenshot(title=_title(scene)), name)


def _title(scene: Scene) -> str:
    return f"ontui · {scene.size[0]} × {scene.size[1]}"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        path = FOLDER / f"{name}.svg"
        path.write_text(asyncio.run(drawn(name)), encoding="utf-8")
        print(path.relative_to(FOLDER.parent))


if __name__ == "__main__":
    main()
