"""What a PromQL query reads: its selectors and how far back it looks, found without understanding the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ontui.domain.quantity import DURATIONS
from ontui.sources.number_text import number_in

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
  | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:ms|[smhdwy]))+(?![\w.])|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
  | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<sign>.)
    """,
    re.X | re.S,
)
_LABEL_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "default", "if", "ifnot", "keep_metric_names"}
"""Words that stand where a metric name could; the last four are MetricsQL's."""
_ABSENCE = {"absent", "absent_over_time"}
_LENIENT = {"or", "vector", "default", "offset", "@"}
_PART = re.compile(r"(\d+)(ms|[smhdwy])", re.A)
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_YEAR_S = 365 * 86400.0


@dataclass(frozen=True, slots=True)
class Reads:
    """What a query reads."""

    selectors: tuple[str, ...] = ()
    """As written, without range, offset and `@`; each once, in order."""
    window_s: float = 0.0
    """The longest range in brackets."""
    about_absence: bool = False
    """It asks for what is missing, so that a missing target is its answer and not its flaw."""
    needs_current: bool = True
    """Without current samples its value is left over; not so when it says what to do then or looks back on purpose."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def reads(query: str) -> Reads:
    """Find the selectors of a query; of a malformed one, those before the fault."""
    tokens = _tokens(query)
    selectors: dict[str, None] = {}
    window_s, at = 0.0, 0
    while at < len(tokens):
        token, following = tokens[at], _text(tokens, at + 1)
        if token.text == "[":
            end = _closing(tokens, at)
            window_s = max(window_s, seconds(_text(tokens, at + 1)))
            at = end + 1
        elif token.text == "{":
            at = _select(query, tokens, at, at, selectors)
        elif token.kind != "name":
            at += 1
        elif following == "{":
            at = _select(query, tokens, at, at + 1, selectors)
        elif token.text.lower() in _LABEL_LISTS:
            at = _closing(tokens, at + 1) + 1 if following == "(" else at + 1
        elif following == "(" or following.lower() in ("by", "without"):
            at += 1
        else:
            if token.text.lower() not in _WORDS:
                selectors[token.text] = None
            at += 1
    words = {token.text.lower() for token in tokens if token.kind != "string"}
    absence = not words.isdisjoint(_ABSENCE)
    lenient = not words.isdisjoint(_LENIENT) or any(word.endswith("_over_time") for word in words)
    return Reads(tuple(selectors), window_s, absence, not absence and not lenient)


def _tokens(query: str) -> list[_Token]:
    found = (_Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in _TOKEN.finditer(query))
    return [token for token in found if token.kind != "space"]


def _text(tokens: Sequence[_Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) and tokens[at].kind != "string" else ""


def _select(query: str, tokens: Sequence[_Token], first: int, brace: int, selectors: dict[str, None]) -> int:
    """Keep the selector that ends with the braces; returns where to go on."""
    end = _closing(tokens, brace)
    if end < len(tokens):
        selectors[query[tokens[first].start : tokens[end].end]] = None
    return end + 1


def _closing(tokens: Sequence[_Token], opening: int) -> int:
    """Where the bracket at `opening` is closed; past the end when it is not."""
    wanted = _CLOSING[tokens[opening].text]
    depth = 0
    for at in range(opening, len(tokens)):
        if tokens[at].kind == "sign":
            depth += (tokens[at].text == tokens[opening].text) - (tokens[at].text == wanted)
            if depth == 0:
                return at
    return len(tokens)


def seconds(text: str) -> float:
    """Prometheus' durations: `15s`, `1h30m`, `1y`, `90`; 0 for what is none."""
    parts = _PART.findall(text)
    if parts:
        return sum(float(n) * (_YEAR_S if unit == "y" else DURATIONS[unit]) for n, unit in parts)
    try:
        return max(0.0, number_in(text))
    except ValueError:
        return 0.0
