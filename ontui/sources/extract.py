"""A program's output → what each SLI looks for in it; runs apart, for a pattern may take for ever on some text."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ontui.domain.text import one_line, without_escapes
from ontui.sources.apart_process import TooSlow, at_most, serve

MOST_MATCHES = 10_000
"""Rows taken from one output."""


class Ask(TypedDict):
    """What one SLI looks for."""

    json: str
    """JMESPath; or the next."""
    regex: str
    rows: bool


class Found(TypedDict, total=False):
    """What it found: one of these."""

    cell: Any
    """A number, or a text that may be one."""
    records: Any
    """JSON that rows are made of."""
    pairs: list[tuple[str | None, str | None]]
    """Names and values of rows."""
    nothing: str
    """Why there is nothing."""
    wrong: str
    """Why what there is does not fit."""


def extracted(text: str, asks: Mapping[str, Ask], within_s: float) -> dict[str, Found]:
    """What is found, by SLI; one that takes too long costs the others nothing."""
    plain = "\n".join(map(without_escapes, text.replace("\r\n", "\n").split("\n")))
    share_s = within_s / max(1, len(asks))
    return {sli: _found(plain, ask, share_s) for sli, ask in asks.items()}


def _found(text: str, ask: Ask, within_s: float) -> Found:
    try:
        with at_most(within_s):
            return _matched(text, ask) if ask["regex"] else _selected(text, ask)
    except TooSlow:
        return Found(wrong=f"it takes too long to look for {'it' if ask['json'] else 'the pattern'} in this output")


def _matched(text: str, ask: Ask) -> Found:
    # ^ and $ are meant for lines: output is read line by line.
    pattern = re.compile(ask["regex"], re.MULTILINE)
    if not ask["rows"]:
        match = pattern.search(text)
        if match is None:
            return Found(nothing="the pattern matches nothing in the output" if text.strip() else "no output")
        return Found(cell=match["value" if "value" in pattern.groupindex else 1])
    pairs: list[tuple[str | None, str | None]] = []
    for match in pattern.finditer(text):
        if len(pairs) == MOST_MATCHES:
            return Found(wrong=f"the pattern matches more than {MOST_MATCHES} times")
        pairs.append((match["name"], match["value"]))
    return Found(pairs=pairs)


def _selected(text: str, ask: Ask) -> Found:
    import jmespath
    import jmespath.exceptions

    if not text.strip():
        return Found(nothing="no output")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Found(nothing="the output is not JSON")
    shown = one_line(ask["json"], 60)
    try:
        found = jmespath.search(ask["json"], document)
    except (jmespath.exceptions.JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        return Found(wrong=one_line(f"{shown}: {error}", 200))
    if ask["rows"]:
        return Found(nothing=f"{shown} is null or missing") if found is None else Found(records=found)
    if found is None:
        return Found(nothing=f"{shown} is null or missing")
    if isinstance(found, list | dict):
        what = "a list" if isinstance(found, list) else "an object"
        return Found(wrong=f"{shown} is {what} of {len(found)}, not a number: length(…) counts, 'rows' shows them")
    return Found(cell=found)


def _answer(question: Sequence[Any]) -> dict[str, Found]:
    text, asks, within_s = question
    return extracted(text, asks, within_s)


def main() -> None:
    """The process."""
    serve(_answer)
