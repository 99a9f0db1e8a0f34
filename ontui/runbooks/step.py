"""What a page tells one to do: its code fences, numbered and check-list items, in the order they are read."""

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markdown_it.token import Token

from ontui.domain.text import one_line
from ontui.runbooks.inline import plain_words

COMMAND_LANGUAGES = frozenset({
    "bash", "bat", "cmd", "console", "fish", "ksh", "mysql", "powershell", "promql", "ps1", "psql", "pwsh", "redis",
    "sh", "shell", "shell-session", "shellsession", "sql", "terminal", "zsh",
})
"""A fence in one of these is a step of its own; one in another language, or none, is an illustration or a template."""

_LANGUAGE = re.compile(r"\{\.?([\w+#-]+)[\s,}]|([\w+#.-]+)")
_CHECKBOX = re.compile(r"\[[ xX]\]\s+")
_COMMENT = re.compile(r"(?:#|--|//|\$|>)\s+")


@dataclass(frozen=True, slots=True)
class Fence:
    language: str
    """Lower case; empty for an indented block or a fence that names none."""
    info: str
    """All that stands after the opening marks."""
    text: str
    """The code as in the file, less the indent of its list and its last newline: pasting must not run it."""
    line: int
    """Of the opening marks; of the first line of code in an indented block."""


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    """Counted from 1 through the section, whatever the lists on the page say."""
    text: str
    """The first line of the item, or of what introduces the fence, as plain words."""
    fence: Fence | None
    """The first fence inside the item."""
    line: int


@dataclass(slots=True)
class _Item:
    level: int
    text: str
    line: int
    fence: Fence | None = None


def fence_of(token: Token) -> Fence:
    """The fence a `fence` or `code_block` token stands for."""
    info = one_line(token.info)
    found = _LANGUAGE.match(info)
    language = (found.group(1) or found.group(2)).lower() if found else ""
    return Fence(language=language, info=info, text=token.content.removesuffix("\n"), line=_line(token))


def steps_of(tokens: Sequence[Token], env: MutableMapping[str, Any]) -> list[Step]:
    """A page's steps, not yet numbered: outermost numbered or check-list items, and command fences outside of them."""
    steps: list[Step] = []
    lists: list[str] = []
    item: _Item | None = None
    later: list[Step] = []
    label = ""
    for index, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(token.type)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                label = ""
            case "list_item_open":
                text = _item_text(tokens, index, lists[-1] == "ordered_list_open", env) if item is None else None
                item = _Item(token.level, text, _line(token)) if text is not None else item
            case "list_item_close" if item is not None and token.level == item.level:
                steps += [Step(0, item.text, item.fence, item.line), *later]
                item, label = None, ""
                later.clear()
            case "inline":
                label = token.content
            case "fence":
                fence = fence_of(token)
                if item is not None and item.fence is None:
                    item.fence = fence
                elif fence.language in COMMAND_LANGUAGES:
                    own = Step(0, _fence_text(fence, label, env), fence, fence.line)
                    (steps if item is None else later).append(own)
                label = ""
            case "paragraph_open" | "paragraph_close" | "heading_open" | "heading_close":
                pass
            case _:
                label = ""
    return steps


def numbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of one section, counted."""
    return tuple(replace(step, number=number) for number, step in enumerate(steps, 1))


def _item_text(tokens: Sequence[Token], index: int, is_ordered: bool, env: MutableMapping[str, Any]) -> str | None:
    """The first line of a list item that is a step; None for an ordinary bullet and for an empty item."""
    content = ""
    if index + 2 < len(tokens) and tokens[index + 1].type == "paragraph_open":
        content = tokens[index + 2].content
    box = _CHECKBOX.match(content)
    if not is_ordered and box is None:
        return None
    return _first_line(content[box.end():] if box else content, env).rstrip(":")


def _fence_text(fence: Fence, label: str, env: MutableMapping[str, Any]) -> str:
    introduced = _first_line(label.rsplit("\n", 1)[-1], env).rstrip(":").rstrip()
    if introduced:
        return introduced
    first = next((line.strip() for line in fence.text.split("\n") if line.strip()), fence.language)
    return one_line(_COMMENT.sub("", first, count=1))


def _first_line(content: str, env: MutableMapping[str, Any]) -> str:
    return one_line(plain_words(content.split("\n", 1)[0][:1000], env))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1
