"""What a health endpoint answered against what it should: status, JSON values, text."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from ontui.domain.dotted import MISSING, at_path
from ontui.domain.source import HttpSource
from ontui.domain.text import one_line
from ontui.sources.json_text import NotJson, read_json

_TELLING = ("error", "message", "reason", "detail", "status")
"""Keys under which a sick service says what ails it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole answer."""

    status: int
    media: str
    """The content type without its parameters, in lower case."""
    body: bytes
    whole: bool = True
    """False when the body went on past the cap."""
    location: str = ""
    clock: float | None = None
    """The server's clock when it answered, where it tells: in whole seconds."""
    copy_s: float | None = None
    """How old the copy is, where a cache answered."""

    @property
    def document(self) -> object:
        """The JSON in the body, MISSING when there is none."""
        if "json" not in self.media:
            return MISSING
        try:
            return read_json(self.body)
        except NotJson:
            return MISSING


def shortfall(source: HttpSource, seen: Seen) -> str:
    """The first expectation that is not met, in words; empty when all are."""
    if seen.status not in source.status:
        return _unexpected_status(source, seen)
    if not seen.whole and (source.json or source.contains):
        return "body too large"
    if source.json:
        document = seen.document
        if document is MISSING:
            return "answered HTML instead of JSON (a login page?)" if "html" in seen.media else "answered no valid JSON"
        for path, wanted in source.json.items():
            found = at_path(document, path)
            if found is MISSING:
                return f"the answer has no {one_line(path, 60)!r}"
            if not _same(found, wanted):
                return f"{one_line(path, 60)} is {_shown(found)}, expected {_shown(wanted)}"
    if source.contains and source.contains not in seen.body.decode("utf-8", "replace"):
        return f"the answer does not contain {one_line(source.contains, 60)!r}"
    return ""


def _same(found: object, wanted: object) -> bool:
    """Equal as JSON: true is not 1."""
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _shown(value: object) -> str:
    return one_line(json.dumps(value, ensure_ascii=False), 60)


def _unexpected_status(source: HttpSource, seen: Seen) -> str:
    try:
        named = f"{seen.status} {HTTPStatus(seen.status).phrase}"
    except ValueError:
        named = str(seen.status)
    wanted = " or ".join(map(str, source.status[:4]))
    if seen.location:
        return f"answered {named}, expected {wanted}: redirects to {one_line(seen.location, 80)}"
    detail = _own_words(seen)
    return f"answered {named}, expected {wanted}" + (f": {detail}" if detail else "")


def _own_words(seen: Seen) -> str:
    """What the body says is wrong."""
    document = seen.document
    if isinstance(document, dict):
        told = next((document[key] for key in _TELLING if isinstance(document.get(key), str)), None)
        return one_line(told, 120) if told is not None else ""
    if seen.media != "text/plain":
        return ""
    lines = seen.body[:500].decode("utf-8", "replace").strip().splitlines()
    return one_line(lines[0], 120) if lines else ""
