"""A program's output or the body of an answer → what each SLI looks for in it.

It runs apart, for a pattern or JMESPath may take for ever on some text; a dotted path needs no such care.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypedDict

from ontui.domain.dotted import MISSING, at_path, is_dotted
from ontui.domain.text import one_line, without_escapes
from ontui.sources.apart_process import TooSlow, at_most, serve
from ontui.sources.json_text import NotJson, read_json, too_large

MOST_MATCHES = 10_000
"""Rows taken from one output."""


class Ask(TypedDict):
    """What one SLI looks for."""

    json: str
    """A dotted path or JMESPath; or one of the next two."""
    regex: str
    match: str
    """A pattern of which the matching lines are counted."""
    rows: bool
    what: str
    """How the text is called: `output`."""


class Found(TypedDict, total=False):
    """What it found: one of these."""

    cell: Any
    """A number, or a text that may be one."""
    beside: str
    """What is said beside it."""
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
    bare, share_s = plain(text), within_s / max(1, len(asks))
    return {sli: _found(bare, ask, share_s) for sli, ask in asks.items()}


def plain(text: str) -> str:
    """Without colours, its lines ended alike."""
    return "\n".join(map(without_escapes, text.replace("\r\n", "\n").split("\n")))


def in_document(text: str, asks: Mapping[str, Ask]) -> dict[str, Found]:
    """What stands at paths of the JSON in a text, by SLI."""
    what = next(ask["what"] for ask in asks.values())
    try:
        document = read_json(text)
    except NotJson as error:
        return {sli: Found(wrong=f"the {what} is {error}") for sli in asks}
    return {sli: _selected(document, ask) for sli, ask in asks.items()}


def _found(text: str, ask: Ask, within_s: float) -> Found:
    try:
        with at_most(within_s):
            if ask["match"]:
                return _counted(text, re.compile(ask["match"]))
            return _matched(text, ask) if ask["regex"] else in_document(text, {"": ask})[""]
    except TooSlow:
        sought = "it" if ask["json"] else "the pattern"
        return Found(wrong=f"it takes too long to look for {sought} in this {ask['what']}")


def _counted(text: str, pattern: re.Pattern[str]) -> Found:
    """The lines that match; no output is no line."""
    lines = text.removesuffix("\n").split("\n") if text else []
    count = sum(1 for line in lines if pattern.search(line))
    return Found(cell=count, beside=f"{count} of {len(lines)} lines")


def _matched(text: str, ask: Ask) -> Found:
    # ^ and $ are meant for lines: output is read line by line.
    pattern = re.compile(ask["regex"], re.MULTILINE)
    if not ask["rows"]:
        matches = pattern.finditer(text)
        match = next(matches, None)
        if match is None:
            what = ask["what"]
            return Found(nothing=f"the pattern matches nothing in the {what}" if text.strip() else f"no {what}")
        found = Found(cell=match["value" if "value" in pattern.groupindex else 1])
        count = _number_of(matches) + 1
        if count > 1:
            found["beside"] = f"the first of {count if count <= MOST_MATCHES else f'more than {MOST_MATCHES}'} matches"
        return found
    pairs: list[tuple[str | None, str | None]] = []
    for match in pattern.finditer(text):
        if len(pairs) == MOST_MATCHES:
            return Found(wrong=f"the pattern matches more than {MOST_MATCHES} times")
        pairs.append((match["name"], match["value"]))
    return Found(pairs=pairs)


def _number_of(matches: Iterator[re.Match[str]]) -> int:
    return sum(1 for _ in islice(matches, MOST_MATCHES))


def _selected(document: object, ask: Ask) -> Found:
    """What stands at a path of a document."""
    path, shown = ask["json"], one_line(ask["json"], 60)
    if is_dotted(path):
        found = at_path(document, path)
        if found is MISSING or found is None:
            return Found(nothing=f"{shown} is {'null' if found is None else 'missing'}")
        return _fitting(found, shown, rows=ask["rows"])
    import jmespath
    import jmespath.exceptions

    try:
        found = jmespath.search(path, document)
    except (jmespath.exceptions.JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        return Found(wrong=one_line(f"{shown}: {error}", 200))
    return _fitting(found, shown, rows=ask["rows"]) if found is not None else Found(
        nothing=f"{shown} is null or missing"
    )  # fmt: skip


def _fitting(found: Any, shown: str, *, rows: bool) -> Found:  # noqa: ANN401 - JSON
    if rows:
        return Found(records=found)
    if isinstance(found, list | dict):
        what = "a list" if isinstance(found, list) else "an object"
        return Found(wrong=f"{shown} is {what} of {len(found)}, not a number: length(…) counts, 'rows' shows them")
    return Found(wrong=f"{shown} is too large a number") if too_large(found) else Found(cell=found)


def _answer(question: Sequence[Any]) -> dict[str, Found]:
    text, asks, within_s = question
    return extracted(text, asks, within_s)


def main() -> None:
    """The process."""
    serve(_answer)
