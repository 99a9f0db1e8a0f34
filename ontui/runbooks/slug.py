"""Anchors as code hosts make them, and the forgiving form they are looked up by."""

import re
import unicodedata
from collections.abc import Iterable

_OWN_ANCHOR = re.compile(r"\s*\{#([\w.:-]+)[^{}]*\}\s*$")


def own_anchor(title: str) -> tuple[str, str | None]:
    """Split `Title {#anchor}`, as Hugo and MkDocs write it, into title and anchor."""
    found = _OWN_ANCHOR.search(title)
    return (title[: found.start()], found.group(1).lower()) if found else (title, None)


def slugify(title: str) -> str:
    """The GitHub anchor of a heading: lower case, punctuation and emoji dropped, each space a hyphen."""
    return "".join("-" if c == " " else c for c in title.strip().lower() if c in " -_" or _is_word(c))


def _is_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc"}


def unique_slugs(titles: Iterable[str]) -> list[str]:
    """Anchors of a page's headings in order; a repeated one gets `-1`, `-2`… as on GitHub."""
    seen: dict[str, int] = {}
    slugs = []
    for title in titles:
        title, slug = own_anchor(title)
        base = slug if slug is not None else slugify(title)
        unique = base
        while unique in seen:
            seen[base] += 1
            unique = f"{base}-{seen[base]}"
        seen[unique] = 0
        slugs.append(unique)
    return slugs


def loose(slug: str) -> str:
    """A slug without the words that hold no ASCII letter or digit, which is what is left of a mis-decoded emoji.

    A heading in another script keeps all of its words.
    """
    parts = [part for part in re.split(r"[-_\s]+", slug.lower()) if part]
    ascii_parts = [part for part in parts if re.search(r"[a-z0-9]", part)]
    return "-".join(ascii_parts or parts)
