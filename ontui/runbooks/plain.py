"""A page for a plain terminal or a pipe: no colours, ASCII marks, code left exactly as it is and easy to copy."""

import unicodedata
from collections.abc import Iterable, MutableMapping
from itertools import zip_longest
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ontui.runbooks.inline import plain_words, without_tags
from ontui.runbooks.page import Page, Section

NARROWEST = 20
"""Columns; a narrower request is taken as this."""

_BLOCKS = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
_UNDERLINES = {1: "=", 2: "-", 3: "~"}
_GAP = "  "

Env = MutableMapping[str, Any]


def render_plain(what: Section | Page, width: int = 80) -> str:
    """Readable text no wider than `width` cells, except code and single words that are longer; ends in a newline."""
    width = max(width, NARROWEST)
    if isinstance(what, Section):
        lines = _render(what.text, width)
    else:
        title = _headline(what.title, 1, width) if what.sections[0].level != 1 else []
        parts = [title, *(_render(section.text, width) for section in what.sections)]
        lines = _apart(part for part in parts if part)
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _render(markdown: str, width: int) -> list[str]:
    env: Env = {}
    return _blocks(SyntaxTreeNode(_BLOCKS.parse(markdown, env)).children, width, env)


def _apart(parts: Iterable[list[str]]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if lines else part
    return lines


def _blocks(nodes: Iterable[SyntaxTreeNode], width: int, env: Env) -> list[str]:
    return _apart(part for node in nodes if (part := _block(node, max(width, NARROWEST), env)))


def _block(node: SyntaxTreeNode, width: int, env: Env) -> list[str]:
    match node.type:
        case "heading":
            return _headline(_text(node, env), int(node.tag[1]), width)
        case "paragraph":
            return wrap(_text(node, env), width)
        case "fence" | "code_block":
            return _code(node, width)
        case "bullet_list" | "ordered_list":
            return _list(node, width, env)
        case "blockquote":
            return [f"> {line}" for line in _blocks(node.children, width - 2, env)]
        case "hr":
            return ["-" * min(width, 40)]
        case "table":
            return _table(node, width, env)
        case "html_block":
            return [line for raw in without_tags(node.content).split("\n") for line in wrap(raw, width)]
        case _:
            return []


def _text(node: SyntaxTreeNode, env: Env) -> str:
    """The words of the inline content right below a block."""
    return "\n".join(plain_words(child.content, env, links=True) for child in node.children if child.type == "inline")


def _headline(title: str, level: int, width: int) -> list[str]:
    lines = wrap(title, width)
    mark = _UNDERLINES.get(level)
    return [*lines, mark * max(map(cells, lines))] if mark and lines else lines


def _code(node: SyntaxTreeNode, width: int) -> list[str]:
    language = plain_words(node.info.strip().split(" ", 1)[0])[:40] if node.info else "code"
    head = f"---- {language} "
    body = ["    " + line for line in node.content.removesuffix("\n").split("\n")]
    length = min(width, 60)
    return [head.ljust(length, "-"), *body, "-" * length]


def _list(node: SyntaxTreeNode, width: int, env: Env) -> list[str]:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    marks = [f"{first + index}. " if node.type == "ordered_list" else "- " for index in range(len(node.children))]
    indent = max(map(len, marks))
    items = []
    for mark, item in zip(marks, node.children, strict=True):
        parts = [part for child in item.children if (part := _block(child, max(width - indent, NARROWEST), env))]
        tight = all(child.type != "paragraph" or child.hidden for child in item.children)
        lines = [line for part in parts for line in part] if tight and not _has_code(item) else _apart(parts)
        hang = " " * indent
        items.append([(hang if index else mark.rjust(indent)) + line for index, line in enumerate(lines or [""])])
    is_loose = any(len(item) > 1 and _has_code(child) for item, child in zip(items, node.children, strict=True))
    return _apart(items) if is_loose else [line for item in items for line in item]


def _has_code(node: SyntaxTreeNode) -> bool:
    return any(child.type in {"fence", "code_block", "table"} for child in node.children)


def _table(node: SyntaxTreeNode, width: int, env: Env) -> list[str]:
    """Columns side by side if they fit, else each row as `head: cell` lines."""
    raw_rows = [row.children for part in node.children for row in part.children]
    rows = [[_text(cell, env).replace("\n", " ") for cell in row] for row in raw_rows]
    widths = [max(cells(text) for text in column) for column in zip_longest(*rows, fillvalue="")]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        rule = _GAP.join("-" * size for size in widths)
        padded = [[text + " " * (size - cells(text)) for text, size in zip(row, widths, strict=False)] for row in rows]
        head, *body = [_GAP.join(row) for row in padded]
        return [head, rule, *body]
    titled = [zip_longest(rows[0], row, fillvalue="") for row in rows[1:]]
    named = [[f"{title}: {text}" for title, text in row if text] for row in titled]
    return _apart([line for text in row for line in wrap(text, width, "    ")] for row in named)


def wrap(text: str, width: int, hang: str = "") -> list[str]:
    """Lines of whole words, at most `width` cells; a longer word has its own line. Later ones begin with `hang`."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0
        for word in paragraph.split():
            size = cells(word)
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = hang, len(hang)
            glue = "" if not line or line == hang else " "
            line, used = line + glue + word, used + len(glue) + size
        if line:
            lines.append(line)
    return lines


def cells(text: str) -> int:
    """How many terminal columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
