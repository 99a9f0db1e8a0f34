"""Which colours fit which terminal, and that all of them can be read."""

from collections.abc import Mapping

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from ontui.ui.app import OntuiApp
from ontui.ui.theme import DARK, LIGHT, SHORT, THEMES, choose
from ontui.ui.theme_names import THEME_NAMES
from tests.ui.still import Still


@pytest.mark.parametrize(
    ("wanted", "environ", "theme"),
    [
        (None, {"TERM": "xterm-256color"}, "ontui-dark"),
        (None, {"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "ontui-light"),
        (None, {"TERM": "xterm-256color", "COLORFGBG": "15;0"}, "ontui-dark"),
        (None, {"TERM": "xterm", "COLORTERM": "truecolor"}, "ontui-dark"),
        (None, {"TERM": "screen"}, "ontui-16"),
        (None, {"TERM": "linux"}, "ontui-16"),
        ("light", {"TERM": "xterm-256color"}, "ontui-light"),
        ("dark", {"TERM": "linux"}, "ontui-dark"),
        ("ansi-dark", {"TERM": "xterm-256color"}, "ontui-16"),
        ("ansi-light", {"TERM": "xterm-256color"}, "ontui-16"),
        ("nord", {"TERM": "xterm-256color"}, "nord"),
        ("light", {"TERM": "xterm-256color", "NO_COLOR": "1"}, "ontui-16"),
        (None, {"TERM": "xterm-256color", "NO_COLOR": ""}, "ontui-16"),
    ],
)
def test_the_theme_that_fits(wanted: str | None, environ: Mapping[str, str], theme: str) -> None:
    assert choose(wanted, environ) == theme


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: object) -> None:
    assert theme in (DARK, LIGHT)
    colours = DARK if theme is DARK else LIGHT
    background = Color.parse(colours.background or "")
    for name, least in (("value", 12.0), ("quiet", 3.6)):
        assert contrast(Color.parse(colours.variables[name]), background) >= least, name
    for colour in (colours.foreground, colours.success, colours.warning, colours.error, colours.accent):
        assert contrast(Color.parse(colour or ""), background) >= 4.5, colour


def contrast(one: Color, other: Color) -> float:
    """The ratio of WCAG 2."""

    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_names_known_without_textual_are_those_of_the_themes() -> None:
    assert set(THEME_NAMES) == {*THEMES, *SHORT, *BUILTIN_THEMES}


@pytest.mark.parametrize("theme", sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi))
async def test_numbers_can_be_read_under_a_theme_of_anothers_making(theme: str) -> None:
    app = OntuiApp(Still(), theme=theme)
    async with app.run_test() as pilot:
        await pilot.pause()
        variables = app.get_css_variables()
        background = Color.parse(variables["background"])
        for name in ("value", "quiet"):
            assert contrast(Color.parse(variables[name]), background) >= 2.5, name
