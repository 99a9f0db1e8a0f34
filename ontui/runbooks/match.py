"""Which page belongs to an alert: names compared as people read them, and no answer rather than a doubtful one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ontui.runbooks.page import Heading, Page
from ontui.runbooks.place import Place, place_of

_NUMBERED = re.compile(
    r"^\W*(?:(?:issue|alert|incident|problem|runbook|scenario|case|step)\s*#?\d*\s*[:.)–—-]|\d+(?:\.\d+)*[.):])\s*",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_COUNT = re.compile(r"(?<=[A-Za-z]{2})(?=\d)")   # API 500, but p95
_SPLIT = re.compile(r"[\W_]+")
_EMPTY_WORDS = frozenset({
    "a", "alert", "an", "and", "are", "by", "for", "in", "incident", "is", "issue", "of", "on", "or", "page", "problem",
    "runbook", "the", "to", "with",
})
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.:-]*")
_MOST_EXTRA = 3
"""Words a heading may have beyond those of the alert and still be taken as named like it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A page or heading and the words of one of its names."""

    place: Place
    words: tuple[str, ...]
    key: str
    """All words run together, so that `HighLatency`, `high-latency` and `High latency` are the same."""


def words_of(name: str) -> tuple[str, ...]:
    """The telling words of a name: camel case split, numbering and asides dropped, plurals and case evened out."""
    bare = _NUMBERED.sub("", name) or name
    bare = _ASIDE.sub("", bare) or bare
    words = [word.casefold() for word in _SPLIT.split(_COUNT.sub(" ", _HUMP.sub(" ", bare))) if word]
    words = [word for word in words if re.search(r"[a-z0-9]", word)] or words   # a mis-decoded emoji is no word
    words = [word for word in words if word not in _EMPTY_WORDS] or words
    return tuple(map(_singular, words))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def names_in(pages: Iterable[Page]) -> tuple[Named, ...]:
    """All names in a library, in the order in which they win: pages by file and title first, then headings by level."""
    of_pages = [(place_of(page), name) for page in pages for name in dict.fromkeys((_stem(page), page.title))]
    headings = [(page, heading) for page in pages for heading in page.headings]
    headings.sort(key=lambda item: item[1].level)
    of_headings = [(place_of(page, head), head.title) for page, head in headings if head.title != page.title]
    words = [(place, words_of(name)) for place, name in of_pages + of_headings]
    return tuple(Named(place, found, "".join(found)) for place, found in words if found)


def match(names: Sequence[Named], pages: Sequence[Page], name: str, also: Sequence[str]) -> Place | None:
    """The place named like an alert, or that alone mentions it, or that is named like its SLI or group; else None."""
    hints = frozenset(word for text in also for word in words_of(text))
    return (
        _exact(names, name, hints)
        or _containing(names, name, hints)
        or _mention(pages, name)
        or next((place for text in also if (place := _exact(_for_hint(names, text), text, hints))), None)
        or next((place for text in also if (place := _containing(names, text, hints))), None)
    )


def _for_hint(names: Sequence[Named], text: str) -> Sequence[Named]:
    """A group's one word (`API`) names a page, but any heading could have it by chance."""
    return names if len(words_of(text)) > 1 else [named for named in names if named.place.heading is None]


def _exact(names: Sequence[Named], name: str, hints: frozenset[str]) -> Place | None:
    key = "".join(words_of(name))
    same = [named for named in names if key and named.key == key]
    return max(same, key=lambda named: _shared(named, hints)).place if same else None   # max keeps the first of equals


def _containing(names: Sequence[Named], name: str, hints: frozenset[str]) -> Place | None:
    """The name whose words include the alert's, or lie within them, two at least; the nearest, and only if it is alone.

    A word of the SLI's title or group is not held against a heading.
    """
    wanted = frozenset(words_of(name))
    nearest: dict[tuple[str, Heading | None], tuple[int, int, Named]] = {}
    for named in names:
        theirs = frozenset(named.words)
        extra = len((wanted ^ theirs) - hints)
        if len(wanted & theirs) >= 2 and (wanted <= theirs or theirs <= wanted) and extra <= _MOST_EXTRA:
            key = (named.place.page.name, named.place.heading)
            rank = (extra, -_shared(named, hints), named)
            nearest[key] = min(nearest.get(key, rank), rank, key=lambda rank: rank[:2])
    best = min((rank[:2] for rank in nearest.values()), default=None)
    alone = [rank[2] for rank in nearest.values() if rank[:2] == best]
    return alone[0].place if len(alone) == 1 else None


def _shared(named: Named, hints: frozenset[str]) -> int:
    return len(hints.intersection(named.words) | hints.intersection(words_of(_stem(named.place.page))))


def _mention(pages: Sequence[Page], name: str) -> Place | None:
    """Where the text itself names the alert (`HighLatency`), if that is under one heading only, code apart."""
    if not _IDENTIFIER.fullmatch(name) or len(words_of(name)) < 2:
        return None
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    places: dict[tuple[str, int], Place] = {}
    for page in pages:
        if name not in page.text:
            continue
        code = _code_lines(page)
        for number, line in enumerate(page.text.split("\n"), 1):
            if name in line and number not in code and pattern.search(line):
                heading = page.heading_at(number)
                places[(page.name, heading.line if heading else 0)] = place_of(page, heading)
                if len(places) > 1:
                    return None
    return next(iter(places.values()), None)


def _code_lines(page: Page) -> frozenset[int]:
    fences = [fence for section in page.sections for fence in section.fences]
    spans = [range(fence.line, fence.line + fence.text.count("\n") + 2) for fence in fences]
    return frozenset(number for span in spans for number in span)


def _stem(page: Page) -> str:
    return PurePosixPath(page.name).stem
