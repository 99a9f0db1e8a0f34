"""One page: Markdown → sections of about a screenful, headings, fences and steps. Line numbers count from 1."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import MutableMapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, TypeVar

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from ontui.domain.text import one_line
from ontui.runbooks.decode import decode, defused, front_matter, safe_lines
from ontui.runbooks.inline import plain_words
from ontui.runbooks.slug import own_anchor, unique_slugs
from ontui.runbooks.step import Fence, Step, fence_of, numbered, steps_of

__all__ = ["Fence", "Heading", "Page", "Section", "Step", "parse_page"]

SCREENFUL = 6_000
"""Characters above which a section is cut again, at its sub-headings: with a widget a block it would open slowly."""

_BLOCKS = MarkdownIt("commonmark").disable(["inline", "text_join"])   # the structure alone: five times as fast
_CODE = {"fence", "code_block"}
_RULES = {"", "---", "***", "___"}
_ATX = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,200})\]")
_Placed = TypeVar("_Placed", Fence, Step)
_Cut = tuple[int, int]   # 0-based line of a heading, its level


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    level: int
    """1 to 6."""
    slug: str
    """The GitHub anchor, unique in its page."""
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    level: int
    """Of its heading; 0 for what stands before the first heading."""
    slug: str
    """Empty at level 0."""
    line: int
    text: str
    """Markdown that stands on its own: link definitions from elsewhere in the page are appended."""
    fences: tuple[Fence, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    """Relative path with forward slashes."""
    title: str
    sections: tuple[Section, ...]
    """Never empty. A first heading with nothing below it is the page's title and no section."""
    sha256: str
    """Of the bytes in the file."""
    text: str
    """The whole file, cleaned, line for line."""
    headings: tuple[Heading, ...]

    def section_at(self, line: int) -> Section:
        """The section a line of the file belongs to; the first for anything above it."""
        index = bisect_right(self.sections, line, key=lambda section: section.line) - 1
        return self.sections[max(index, 0)]

    def heading_at(self, line: int) -> Heading | None:
        """The nearest heading at or above a line."""
        index = bisect_right(self.headings, line, key=lambda heading: heading.line) - 1
        return self.headings[index] if index >= 0 else None


def parse_page(name: str, raw: bytes) -> Page:
    """Read any bytes as a page; never raises, and no control character but newline and tab comes out."""
    lines = safe_lines(decode(raw)[0])
    start, given_title = front_matter(lines)
    env: dict[str, Any] = {}
    tokens = _BLOCKS.parse("\n".join([""] * start + lines[start:]), env)
    _defuse_prose(lines, tokens)
    headings, cuts = _headings(tokens, env)
    title = next((heading.title for heading in headings if heading.level == 1), given_title or "")
    title = one_line(title) or one_line(PurePosixPath(name).stem)
    heads = {heading.line: heading for heading in headings}
    fences = [fence_of(token) for token in tokens if token.type in _CODE]
    steps = steps_of(tokens, env)
    definitions = _definitions(lines, env)
    sections = []
    for first, end in _pieces(lines, start, cuts):
        head = heads.get(first + 1)
        sections.append(Section(
            title=head.title if head else title,
            level=head.level if head else 0,
            slug=head.slug if head else "",
            line=first + 1,
            text=_with_definitions("\n".join(lines[first:end]).strip("\n"), first, end, definitions),
            fences=tuple(_within(fences, first, end)),
            steps=numbered(_within(steps, first, end)),
        ))
    sha256 = hashlib.sha256(raw).hexdigest()
    return Page(name, title, tuple(sections), sha256, "\n".join(lines), tuple(headings))


def _headings(tokens: list[Token], env: MutableMapping[str, Any]) -> tuple[list[Heading], list[_Cut]]:
    """All headings, and where a page may be cut: those that are not inside a list or a quotation."""
    found = [(token, tokens[index + 1].content) for index, token in enumerate(tokens) if token.type == "heading_open"]
    titles = [one_line(plain_words(content[:1000], env)) for _, content in found]
    headings, cuts = [], []
    for (token, _), title, slug in zip(found, titles, unique_slugs(titles), strict=True):
        line, level = (token.map or [0])[0], int(token.tag[1])
        headings.append(Heading(own_anchor(title)[0], level, slug, line + 1))
        if token.level == 0:
            cuts.append((line, level))
    return headings, cuts


def _pieces(lines: list[str], start: int, cuts: list[_Cut]) -> list[tuple[int, int]]:
    """Where sections begin and end: at headings of level 1 and 2, deeper only inside what exceeds a screenful."""
    starts = sorted({start, *(line for line, level in cuts if level <= 2)})
    wide = pairwise([*starts, len(lines)])
    pieces = [piece for first, end in wide for piece in _cut_again(lines, first, end, cuts, 2)]
    is_title = not cuts or cuts[0][0] >= pieces[0][1] or cuts[0][1] == 1
    return pieces[1:] if len(pieces) > 1 and is_title and _is_bare(lines, *pieces[0]) else pieces


def _cut_again(lines: list[str], first: int, end: int, cuts: list[_Cut], above: int) -> list[tuple[int, int]]:
    """One piece, or its parts at the highest headings below level `above`, each of them cut again in turn."""
    inside = [cut for cut in cuts[bisect_right(cuts, (first, 9)) : bisect_right(cuts, (end, 0))] if cut[1] > above]
    if not inside or sum(map(len, lines[first:end])) <= SCREENFUL:
        return [(first, end)]
    highest = min(level for _, level in inside)
    starts = [line for line, level in inside if level == highest]
    if _is_bare(lines, first, starts[0]):
        starts[0] = first   # the heading above shares the first part: alone it would be an empty page
    else:
        starts.insert(0, first)
    parts = pairwise([*starts, end])
    return [piece for part, until in parts for piece in _cut_again(lines, part, until, cuts, highest)]


def _is_bare(lines: list[str], first: int, end: int) -> bool:
    """Whether a piece holds nothing, or a heading and nothing below it."""
    body = [line for line in lines[first:end] if line.strip() not in _RULES]
    if len(body) == 2:
        return set(body[1].strip()) == {"="}
    return not body or (len(body) == 1 and _ATX.match(body[0]) is not None)


def _defuse_prose(lines: list[str], tokens: list[Token]) -> None:
    """Take the sting out of entities, in place and everywhere but in code, where they are just letters."""
    at = 0
    for token in tokens:
        if token.type in _CODE and token.map:
            lines[at : token.map[0]] = map(defused, lines[at : token.map[0]])
            at = token.map[1]
    lines[at:] = map(defused, lines[at:])


def _definitions(lines: list[str], env: MutableMapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Label → (0-based line, Markdown) of each `[label]: target` of the page."""
    references: dict[str, dict[str, Any]] = env.get("references", {})
    places = {label: (found["map"][0], found["map"][1]) for label, found in references.items()}
    return {label: (first, "\n".join(lines[first:end]).strip()) for label, (first, end) in places.items()}


def _with_definitions(text: str, first: int, end: int, definitions: dict[str, tuple[int, str]]) -> str:
    """A section's Markdown, completed by the definitions its reference links need and that stand outside of it."""
    if not definitions:
        return text
    labels = dict.fromkeys(normalizeReference(label) for label in _BRACKETS.findall(text))
    missing = [definitions[label] for label in labels if label in definitions]
    outside = [markdown for line, markdown in missing if not first <= line < end]
    return "\n\n".join([text, "\n".join(outside)]) if outside else text


def _within(items: list[_Placed], first: int, end: int) -> list[_Placed]:
    """Those whose line lies in a piece."""
    low = bisect_right(items, first, key=lambda item: item.line)
    return items[low : bisect_right(items, end, key=lambda item: item.line)]
