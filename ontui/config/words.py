"""What Pydantic found wrong → findings in people's words, each at its line and column."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ontui.config.address import plain_address
from ontui.config.finding import Finding, dotted, listed, shown, suggestion
from ontui.config.resolve import secret_place
from ontui.config.tree import MappingNode, Path, ScalarNode, SequenceNode, locate
from ontui.domain.secret import MASK, Secrets

LATER = {
    "": {
        "escalation", "contacts", "templates", "checklists", "links", "deploys", "journal", "incidents",
        "incident", "rules", "tabs",
    },
}  # fmt: skip
"""Keys that other versions of ontui know, by section."""
NOT_YET = "this version of ontui does not know it yet"
_HIDDEN = {("dsn",), ("url",), ("bearer",), ("basic",), ("headers",)}
"""Keys of a source whose values are not shown."""
_WANTED = {
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "finite": "a finite number",
}


class Words:
    """Makes findings about one file."""

    def __init__(self, file: str, root: MappingNode, foreign: set[Path], unseen: Secrets) -> None:
        self._file, self._root, self._foreign, self._unseen = file, root, foreign, unseen

    def at(self, path: Path, found: str, expected: str, hint: str = "", *, key: bool = False) -> Finding:
        """A finding at a path; `key`: at the key rather than at its value."""
        node, key_node = locate(self._root, path)
        place = key_node if key and key_node else node
        return Finding(self._file, place.line, place.column, dotted(path), found, expected, hint)

    def value(self, path: Path, expected: str, hint: str = "") -> Finding:
        """A finding about the value at a path."""
        return self.at(path, self.found(path), expected, hint)

    def found(self, path: Path) -> str:
        """The value at a path as it may be shown."""
        hidden = path in self._foreign or (path[:1] == ("sources",) and path[2:3] in _HIDDEN)
        node, _ = locate(self._root, path)
        if isinstance(node, MappingNode):
            return "found a mapping"
        if isinstance(node, SequenceNode):
            return "found a list"
        if hidden and node.value not in (None, ""):
            plain = plain_address(str(node.value)) if path not in self._foreign and path[2] in ("url", "dsn") else ""
            return shown(self._unseen.mask(plain)) if plain else f"found {MASK}"
        # Masked before it is cut, so that no first half of a secret is left.
        return shown(self._unseen.mask(node.value) if isinstance(node.value, str) else node.value)

    def of(self, error: ValidationError, model: type[BaseModel], base: Path) -> Iterator[Finding]:
        """Everything that is wrong with one entry."""
        details = error.errors(include_url=False, include_input=False)
        places = [tuple(detail["loc"]) for detail in details]
        for detail, loc in zip(details, places, strict=True):
            inside = any(len(place) > len(loc) and place[: len(loc)] == loc for place in places)
            if detail["type"] != "too_short" or not inside:   # an entry that is wrong counts as none
                yield self._finding(detail, model, base)

    def _finding(self, detail: ErrorDetails, model: type[BaseModel], base: Path) -> Finding:
        loc: Path = tuple(detail["loc"])
        path = base + loc
        ctx: Mapping[str, Any] = detail.get("ctx", {})
        match detail["type"]:
            case "missing":
                key = str(path[-1])
                return self.at(path, f"'{key}' is missing", "", _example(path))
            case "extra_forbidden":
                return self._unknown(path, keys_of(model_at(model, loc[:-1])))
            case "wrong":
                if loc and loc[-1] == "[key]":
                    return self.at(path[:-1], shown(str(path[-2])), str(ctx["expected"]), key=True)
                return self.at(path, ctx["found"] or self.found(path), str(ctx["expected"]), str(ctx["hint"]))
            case "literal_error" if path == ("version",):
                return self.value(path, "1, the version of the format this ontui reads")
            case "literal_error":
                among = [str(w).strip("'") for w in get_args(field_type(model, loc)) or ()]
                node, _ = locate(self._root, path)
                word = node.value if isinstance(node, ScalarNode) else None
                return self.value(path, listed(among), suggestion(word, among) if isinstance(word, str) else "")
            case kind:
                return self.value(path, _wanted(kind, ctx, path))

    def _unknown(self, path: Path, among: list[str]) -> Finding:
        key = str(path[-1])
        section = str(path[0]) if len(path) == 3 else ("" if len(path) == 1 else "?")
        found = f"unknown key {shown(key)[6:]}"
        if key in LATER.get(section, ()):
            return self.at(path, found, "", NOT_YET, key=True)
        hint = suggestion(key, among)
        return self.at(path, found, "" if hint else f"one of {listed(among, 20)}", hint, key=True)


def _wanted(kind: str, ctx: Mapping[str, Any], path: Path) -> str:
    bounds = {
        "greater_than_equal": ("ge", "{} or more"),
        "less_than_equal": ("le", "{} or less"),
        "greater_than": ("gt", "more than {}"),
        "too_short": ("min_length", "at least {}"),
    }
    if kind in bounds:
        name, text = bounds[kind]
        return text.format(ctx.get(name, ""))
    wanted = _WANTED.get(kind.partition("_")[0], "something else")
    if wanted == "text" and secret_place(path):
        return "text, {file: PATH} or {command: [PROGRAM, ARGUMENT]}"
    return wanted


def _example(path: Path) -> str:
    match path:
        case ("version",):
            return "add 'version: 1'"
        case ("system",):
            return "add 'system: {id: NAME}'"
        case ("actions", _, "danger"):
            return "say whether it can 'read', 'change' or 'destroy'"
        case (*_, "severity"):
            return "name one of the severities"
    return ""


def model_at(model: type[BaseModel], loc: Path) -> type[BaseModel] | None:
    """The model of the mapping at a path below another model."""
    current: object = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = _unwrapped(_annotation(current, str(part)))
        else:
            args = get_args(current)
            current = _unwrapped(args[0 if get_origin(current) is tuple else -1]) if args else None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def field_type(model: type[BaseModel], loc: Path) -> object:
    """The annotation of a key at a path below a model."""
    owner = model_at(model, loc[:-1])
    return _unwrapped(_annotation(owner, str(loc[-1]))) if owner and loc else None


def keys_of(model: type[BaseModel] | None) -> list[str]:
    """The keys of a model as they are written."""
    return [f.alias or name for name, f in model.model_fields.items()] if model else []


def _annotation(model: type[BaseModel], key: str) -> object:
    return next((f.annotation for name, f in model.model_fields.items() if (f.alias or name) == key), None)


def _unwrapped(annotation: object) -> object:
    """Without `Annotated` and `| None`."""
    args = [a for a in get_args(annotation) if a is not NoneType]
    if hasattr(annotation, "__metadata__"):
        return _unwrapped(args[0])
    if NoneType in get_args(annotation) and len(args) == 1 and get_origin(annotation) is not dict:
        return _unwrapped(args[0])
    return annotation
