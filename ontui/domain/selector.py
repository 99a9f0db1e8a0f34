"""Selectors of series, as PromQL writes them: `http_requests_total{code=~"5..", path!="/health"}`."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from ontui.domain.text import one_line

NAME_LABEL = "__name__"
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_MATCHER = re.compile(
    r"""\s*(?P<label>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<sign>=~|!~|!=|=)\s*"""
    r"""(?:"(?P<double>(?:\\.|[^"\\\n])*)"|'(?P<single>(?:\\.|[^'\\\n])*)'|`(?P<raw>[^`]*)`)\s*""",
    re.S,
)
_ESCAPE = re.compile(
    r"""\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))""", re.S
)
_MEANT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class SelectorError(ValueError):
    """A text that selects no series; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """What one label must be; a label that is missing counts as empty."""

    label: str
    sign: str
    value: str
    pattern: re.Pattern[str] | None = None
    """Of `=~` and `!~`; it must match the whole of the label's value."""

    def fits(self, found: str) -> bool:
        """Whether a label's value is one of those meant."""
        same = found == self.value if self.pattern is None else self.pattern.fullmatch(found) is not None
        return same != self.sign.startswith("!")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which series are meant."""

    text: str
    """As written."""
    name: str = ""
    """The metric's name; empty where only matchers tell it."""
    matchers: tuple[Matcher, ...] = ()

    def fits_name(self, name: str) -> bool:
        """Whether a series of that name may be one of those meant."""
        return (not self.name or self.name == name) and all(
            m.fits(name) for m in self.matchers if m.label == NAME_LABEL
        )

    def fits(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a series is one of those meant."""
        return self.fits_name(name) and all(
            m.fits(labels.get(m.label, "")) for m in self.matchers if m.label != NAME_LABEL
        )


def parse_selector(text: str) -> Selector:
    """Read a name, matchers in braces, or both; raises SelectorError."""
    stripped = text.strip()
    found = _NAME.match(stripped)
    name = found[0] if found else ""
    rest = stripped[len(name) :].strip()
    if rest and not (rest.startswith("{") and rest.endswith("}")):
        raise SelectorError('the name of a series, with labels where it takes them: http_requests_total{code="500"}')
    matchers = tuple(_matchers(rest[1:-1])) if rest else ()
    if not name and not any(m.label == NAME_LABEL and not m.fits("") for m in matchers):
        raise SelectorError('the name of a series, or {__name__=~"…"}')
    if name and any(m.label == NAME_LABEL for m in matchers):
        raise SelectorError("the name of a series once: before the braces or as __name__")
    return Selector(stripped, name, matchers)


def _matchers(inner: str) -> list[Matcher]:
    found: list[Matcher] = []
    at = 0
    while inner[at:].strip():
        match = _MATCHER.match(inner, at)
        if match is None:
            raise SelectorError(f'label="value" (or !=, =~, !~) where {one_line(inner[at:], 40)!r} stands')
        found.append(_matcher(match))
        at = match.end()
        if at < len(inner):
            if inner[at] != ",":
                raise SelectorError(f"a comma before {one_line(inner[at:], 40)!r}")
            at += 1
    return found


def _matcher(match: re.Match[str]) -> Matcher:
    quoted = match["double"] if match["double"] is not None else match["single"]
    value = match["raw"] if quoted is None else _ESCAPE.sub(_unescaped, quoted)
    pattern = None
    if match["sign"].endswith("~"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")   # what may mean something else one day would be written on the screen
                pattern = re.compile(value, re.S)
        except (re.error, RecursionError, OverflowError) as error:
            raise SelectorError(f"a regular expression after {match['sign']} ({one_line(error, 60)})") from None
    return Matcher(match["label"], match["sign"], value, pattern)


def _unescaped(match: re.Match[str]) -> str:
    plain, octal, two, four, eight, other = match.groups()
    if plain:
        return _MEANT.get(plain, plain)
    code = int(octal, 8) if octal else int(two or four or eight or "", 16) if not other else -1
    if not 0 <= code <= 0x10FFFF:
        raise SelectorError(f"an escape that PromQL knows, not {one_line(match[0], 20)} (a backslash is \\\\)")
    return chr(code)
