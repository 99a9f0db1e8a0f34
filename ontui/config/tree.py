"""YAML text → a tree in which every node knows its line and column.

Built from the parser's events rather than by its composer, so that depth, aliases and duplicate keys are in our hands.
Scalars follow YAML 1.2: `no`, `on` and `12:30` are text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ontui.config.finding import ConfigError, Finding, shown
from ontui.domain.text import one_line

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

DEEPEST = 40
"""Levels of nesting past which a file is no config."""
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"0|[-+]?[1-9]\d*(?:_\d+)*", re.A)
_FLOAT = re.compile(
    r"[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.A
)
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {None, "!", *(_TAG + t for t in ("str", "int", "float", "bool", "null", "map", "seq"))}


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A text, number, truth or nothing."""

    line: int
    column: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    line: int
    column: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with values, in the order of the file."""

    line: int
    column: int
    entries: dict[str, tuple[ScalarNode, "Node"]] = field(default_factory=dict)


Node = ScalarNode | SequenceNode | MappingNode
Path = tuple[str | int, ...]


def locate(root: Node, path: Path) -> tuple[Node, ScalarNode | None]:
    """The deepest node on the path that exists, and its key where the whole path exists and ends in one."""
    node, key = root, None
    for part in path:
        if isinstance(node, MappingNode) and str(part) in node.entries:
            key, node = node.entries[str(part)]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            key, node = None, node.items[part]
        else:
            return node, None
    return node, key


def parse(text: str, file: str) -> tuple[MappingNode, list[Finding]]:
    """The tree of a file and what is wrong with its keys; ConfigError when it is no YAML mapping at all."""
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise ConfigError(
            [Finding(file, line, column, "", f"found the control character U+{ord(found[0]):04X}", "text")]
        )
    builder = _Builder(text, file)
    try:
        root = builder.document()
    except yaml.YAMLError as error:
        raise ConfigError([_syntax(error, text, file)]) from None
    if not isinstance(root, MappingNode):
        line, column = (root.line, root.column) if root else (1, 1)
        what = "found an empty file" if root is None or (isinstance(root, ScalarNode) and root.value is None) else (
            "found a list" if isinstance(root, SequenceNode) else "found a single value"
        )  # fmt: skip
        hint = "the smallest config has version, system, sources and slis"
        raise ConfigError([Finding(file, line, column, "", what, "a mapping that begins with 'version: 1'", hint)])
    return root, builder.findings


class _Builder:
    """Turns the events of one document into nodes."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=Loader)
        self._file = file
        self._anchors: dict[str, Node] = {}
        self.findings: list[Finding] = []

    def document(self) -> Node | None:
        """The only document, or None when there is none."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._add(event, "found a second document", "one document", "remove the line '---'")
                return root
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, 0)
        return root

    def _add(self, event: yaml.Event, found: str, expected: str, hint: str = "") -> None:
        self.findings.append(Finding(self._file, *_place(event), "", found, expected, hint))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > DEEPEST:
            self._add(event, f"found more than {DEEPEST} levels of nesting", "a config")
            raise ConfigError(self.findings)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag not in _PLAIN_TAGS:
            self._add(event, f"found the tag '{one_line(str(tag).removeprefix(_TAG), 40)}'", "a value without a tag")
        node: Node
        if isinstance(event, yaml.MappingStartEvent):
            node = MappingNode(*_place(event))
            self._fill(node, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = SequenceNode(*_place(event))
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                node.items.append(self._node(item, depth + 1))
        else:
            assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - there is no other
            plain = tag is None and event.implicit[0]
            node = ScalarNode(*_place(event), _resolve(event.value) if plain else event.value)
        if anchor := getattr(event, "anchor", None):
            self._anchors[anchor] = node
        return node

    def _alias(self, event: yaml.AliasEvent) -> Node:
        name = str(getattr(event, "anchor", ""))
        if name in self._anchors:
            return self._anchors[name]
        self._add(event, f"found *{one_line(name, 40)}", f"an anchor &{one_line(name, 40)} before it",
                  "quote a text that begins with *")  # fmt: skip
        return ScalarNode(*_place(event), None)

    def _fill(self, node: MappingNode, depth: int) -> None:
        merged: list[Node] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, ScalarNode) or not isinstance(event, yaml.ScalarEvent):
                hint = "quote a text that begins with { or ["
                self._add(event, "found a mapping, list or alias as a key", "a word", hint)
            elif event.value == "<<" and event.implicit[0]:
                merged += value.items if isinstance(value, SequenceNode) else [value]
            elif event.value in node.entries:
                first = node.entries[event.value][0].line
                self._add(event, f"found {shown(event.value)[6:]} a second time", "each key once",
                          f"the first is on line {first}")  # fmt: skip
            else:
                node.entries[event.value] = (key, value)
        for other in merged:
            if isinstance(other, MappingNode):
                node.entries.update({k: v for k, v in other.entries.items() if k not in node.entries})
            else:
                self.findings.append(
                    Finding(self._file, other.line, other.column, "", "found no mapping", "a mapping after <<")
                )


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _resolve(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 30:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(re.sub(r"\.(?=[a-zA-Z])", "", text))
    return text


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """What the parser could not read, with the usual cause."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Finding(file, 1, 1, "", "found what is not YAML", "YAML", one_line(error, 120))
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    problem = one_line(getattr(error, "problem", "") or "", 100)
    hint = ""
    if "\t" in line[: mark.column + 1]:
        hint = "tabs cannot indent YAML; use spaces"
    elif re.search(r":\s+>", line):
        hint = """quote comparisons: when: "> 800ms\""""
    elif "mapping values" in problem:
        hint = "put quotes round a text that holds ': ', and check the indentation"
    elif "cannot start any token" in problem:
        hint = "put quotes round a text that begins with %, @ or `"
    elif "end of stream" in problem:
        hint = "a quote is not closed"
    elif "expected ',' or" in problem:
        hint = "a bracket is not closed"
    return Finding(file, mark.line + 1, mark.column + 1, "", f"this is not YAML: {problem}", "", hint)
