"""Full-text search: all words, headings before lines, lines before what is merely near."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ontui.domain.text import one_line
from ontui.runbooks.page import Heading, Page
from ontui.runbooks.place import Place, place_of

MOST = 200
"""Hits handed back."""
_LINES_PER_HEADING = 3
_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Hit:
    place: Place
    line: int
    """In the file, from 1."""
    excerpt: str
    """The line, cut around the first word found."""


def search(pages: Iterable[Page], words: str) -> tuple[Hit, ...]:
    """Hits for all of the words, whatever their case: in a heading, in one line, or spread below one heading."""
    wanted = words.casefold().split()
    if not wanted:
        return ()
    ranked = [(rank, hit) for page in pages for rank, hit in _in_page(page, wanted)]
    ranked.sort(key=lambda item: item[0])   # stable: pages by name, then lines
    return tuple(hit for _, hit in ranked[:MOST])


def _in_page(page: Page, wanted: list[str]) -> Iterator[tuple[int, Hit]]:
    folded = page.text.casefold()
    title = f"{page.name} {page.title}".casefold()
    if all(word in title for word in wanted):
        yield 0, Hit(place_of(page), 1, one_line(page.title, _WIDTH))
    if not all(word in folded for word in wanted):
        return
    lines, folded_lines = page.text.split("\n"), folded.split("\n")
    spans: list[Heading | None] = [None, *page.headings]
    starts = [0, *(heading.line - 1 for heading in page.headings)]
    for heading, (first, end) in zip(spans, pairwise([*starts, len(lines)]), strict=True):
        yield from _below(page, heading, first, lines[first:end], folded_lines[first:end], wanted)


def _below(
    page: Page, heading: Heading | None, first: int, lines: list[str], folded: list[str], wanted: list[str]
) -> Iterator[tuple[int, Hit]]:
    """The hits from a heading down to the next one."""
    place = place_of(page, heading)
    if heading is not None and all(word in heading.title.casefold() for word in wanted):
        if heading.title != page.title:   # the page itself was a hit already
            yield 0, Hit(place, heading.line, one_line(heading.title, _WIDTH))
        return
    full = [index for index, line in enumerate(folded) if all(word in line for word in wanted)]
    for index in full[:_LINES_PER_HEADING]:
        yield 1, Hit(place, first + index + 1, _excerpt(lines[index], folded[index], wanted))
    if not full and all(any(word in line for line in folded) for word in wanted):
        index = max(range(len(folded)), key=lambda index: sum(word in folded[index] for word in wanted))
        yield 2, Hit(place, first + index + 1, _excerpt(lines[index], folded[index], wanted))


def _excerpt(line: str, folded: str, wanted: list[str]) -> str:
    at = min((folded.find(word) for word in wanted if word in folded), default=0)
    start = max(0, at - _WIDTH // 3) if len(line) > _WIDTH else 0
    return ("…" if start else "") + one_line(line[start:], _WIDTH)
