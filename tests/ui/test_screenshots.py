"""The pictures that the README shows are what the program draws."""

import re

import pytest

from tests.ui.screenshots import FOLDER, PICTURES, drawn, for_a_page


@pytest.mark.parametrize("name", PICTURES)
async def test_the_picture_is_what_is_drawn(name: str) -> None:
    path = FOLDER / f"{name}.svg"
    assert path.read_text(encoding="utf-8") == await drawn(name), "run: python -m tests.ui.screenshots, then look"


def test_there_is_no_other_picture() -> None:
    assert sorted(p.stem for p in FOLDER.iterdir()) == sorted(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_fetched_to_look_at_it(name: str) -> None:
    text = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert re.findall(r"url\((?!#)[^)]*\)|@font-face|@import|<script|href=", text) == []


def test_characters_of_other_fonts_keep_their_cells() -> None:
    text = '<text class="terminal-7-r1" x="12.2" y="20" textLength="61" clip-path="url(#c)">a&lt;⣀⣀b</text>'
    shown = for_a_page(text, "p")
    assert re.findall(r'x="([\d.]+)" y="20" textLength="([\d.]+)"[^>]*>([^<]*)<', shown) == [
        ("12.2", "24.4", "a&#60;"), ("36.6", "24.4", "⣀⣀"), ("61", "12.2", "b"),
    ]  # fmt: skip
    assert 'class="p-r1"' in shown
