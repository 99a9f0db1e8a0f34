"""Markdown inside a line → the words a person reads."""

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ontui.runbooks.decode import safe_line

LONGEST = 20_000
"""Characters of one paragraph that are parsed; more than that is shown as it stands (hostile nesting costs time)."""

_INLINE = MarkdownIt("commonmark").enable("strikethrough")
_SPECIAL = re.compile(r"[*_`~\[\]<>&\\!\n]")
_SIMPLE = re.compile(r"\*\*(\w(?:[^*_`~\[\]<>&\\!\n]*\S)?)\*\*(?=[\s:.,;)]|$)|(?<!`)`([^*_`~\[\]<>&\\!\n]+)`(?!`)")
_TAG_NAMES = (
    "a|abbr|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|font|hr|i|img|ins|kbd|li|mark|ol|p|pre|s|small|span|strong|"
    "sub|summary|sup|table|tbody|td|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def plain_words(content: str, env: MutableMapping[str, Any] | None = None, *, links: bool = False) -> str:
    """The text of a paragraph without its markup; with `links`, each link is followed by its real target.

    Soft line breaks become spaces, hard ones newlines. `<placeholder>`, which is no HTML, stays: a command needs it.
    """
    if len(content) > LONGEST or not _SPECIAL.search(content):
        return content.replace("\n", " ")
    if not links and not _SPECIAL.search(simple := _SIMPLE.sub(r"\1\2", content)):
        return simple.strip()   # bold and code alone, which is most of a runbook, without the cost of a parser
    return safe_line(_words(_tokens(content, env), links).strip())


def without_tags(markup: str) -> str:
    """An HTML block's text: comments and known tags gone, everything else kept."""
    return _TAG.sub("", _COMMENT.sub("", markup))


def _tokens(content: str, env: MutableMapping[str, Any] | None) -> list[Token]:
    """Flat: emphasis may be nested thousands deep, so nothing here recurses."""
    return [child for token in _INLINE.parseInline(content, env) for child in token.children or []] if content else []


def _words(tokens: list[Token], links: bool) -> str:
    words: list[str] = []
    opened: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append((str(token.attrGet("href") or ""), len(words)))
        elif token.type == "link_close" and opened:
            href, start = opened.pop()
            if links and href and href.removeprefix("mailto:") != "".join(words[start:]):
                words.append(f" ({href})")
        else:
            words.append(_word(token, links))
    return "".join(words)


def _word(token: Token, links: bool) -> str:
    match token.type:
        case "text" | "text_special":
            return token.content
        case "code_inline":
            return f"`{token.content}`" if links else token.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "image":
            return f"[image: {token.content}]" if links else token.content
        case "html_inline":
            return "\n" if token.content.lower().startswith("<br") else without_tags(token.content)
        case _:
            return ""
