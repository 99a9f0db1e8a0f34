"""Colours: one dark, one light, and one made of the terminal's own sixteen; which of them fits a terminal."""

from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from ontui.ui.spelling import ascii_text

DARK = Theme(
    name="ontui-dark",
    primary="#7aa2f7",
    accent="#7aa2f7",
    secondary="#7aa2f7",
    foreground="#a3acb9",
    background="#0f1216",
    surface="#0f1216",
    panel="#1b2027",
    boost="#1b2027",
    success="#6fae7c",
    warning="#e6b450",
    error="#ff6a64",
    variables={
        "value": "#e9edf3",
        "quiet": "#69727f",
        "rule": "#2b323c",
        "chosen": "#1e2631",
        "chosen-far": "#161b22",
        "spark": "#46607d",
        "trace": "#7ba0cc",
        "block-cursor-background": "#1e2631",
        "block-cursor-foreground": "#eef1f6",
        "input-cursor-background": "#eef1f6",
        "input-selection-background": "#2b3a55",
    },
)
LIGHT = Theme(
    name="ontui-light",
    primary="#2457c5",
    accent="#2457c5",
    secondary="#2457c5",
    foreground="#3c434d",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eef0f1",
    boost="#eef0f1",
    success="#2a7a3b",
    warning="#9a6200",
    error="#c6232b",
    dark=False,
    variables={
        "value": "#0b0e12",
        "quiet": "#737c87",
        "rule": "#d3d8dd",
        "chosen": "#e2e9f5",
        "chosen-far": "#eff1f3",
        "spark": "#8fa9cc",
        "trace": "#3a6cb5",
        "block-cursor-background": "#e2e9f5",
        "block-cursor-foreground": "#0b0e12",
        "input-cursor-background": "#0b0e12",
        "input-selection-background": "#c4d5f5",
    },
)
SIXTEEN = Theme(
    name="ontui-16",
    ansi=True,
    primary="ansi_cyan",
    accent="ansi_cyan",
    secondary="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    variables=BUILTIN_THEMES["ansi-dark"].variables
    | {
        "value": "ansi_default",
        "quiet": "ansi_default",
        "rule": "ansi_default",
        "chosen": "ansi_default",
        "chosen-far": "ansi_default",
        "spark": "ansi_default",
        "trace": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, SIXTEEN)}
_OWN_COLOURS = ("16", "ansi", "ansi-dark", "ansi-light")
SHORT = {"dark": DARK.name, "light": LIGHT.name} | dict.fromkeys(_OWN_COLOURS, SIXTEEN.name)
"""Other names of ours; the terminal's own colours are light or dark as the terminal is."""


def fallback_variables(*, dark: bool) -> dict[str, str]:
    """Our variables under a theme of another's making."""
    return dict(DARK.variables if dark else LIGHT.variables)


def choose(wanted: str | None, environ: Mapping[str, str]) -> str:
    """The theme asked for, else the one that fits the terminal; the terminal's own colours under NO_COLOR."""
    if "NO_COLOR" in environ:
        return SIXTEEN.name
    if wanted:
        return SHORT.get(wanted, wanted)
    term = environ.get("TERM", "")
    rich = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "256" in term or "direct" in term
    kitty = term.startswith(("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm"))
    if not (rich or kitty):
        return SIXTEEN.name
    return LIGHT.name if _is_light(environ.get("COLORFGBG", "")) else DARK.name


def _is_light(colorfgbg: str) -> bool:
    """`15;0` is white on black, `0;15` black on white, as rxvt, Konsole and others say."""
    background = colorfgbg.rpartition(";")[2]
    return background in ("7", "15")


class AsciiFilter(LineFilter):
    """Draws everything in ASCII, cell for cell, where the locale cannot do more."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Every segment's text, folded."""
        del background
        return [Segment(ascii_text(s.text), s.style, s.control) for s in segments]
