"""Full-text search."""

from ontui.runbooks.library import Library
from ontui.runbooks.page import parse_page

CACHE = b"# Cache\n\nWarm the pool\n\n## Connection pool\n\npool of connection\n\n## Far\n\npool\n\nconnection\n"
LIBRARY = Library((
    parse_page("cache.md", CACHE),
    parse_page("other.md", b"text without heading: Pool of CONNECTIONS\n\n## Cache of pools\nx\n"),
))


def hits(words: str, page: str | None = None) -> list[tuple[str, int, str]]:
    found = LIBRARY.search(words, LIBRARY.find(page).page if page else None)
    return [(hit.place.ref, hit.line, hit.excerpt) for hit in found]


def test_headings_come_first_then_lines_then_what_is_near() -> None:
    assert hits("connection pool") == [
        ("cache.md#connection-pool", 5, "Connection pool"),
        ("other.md", 1, "text without heading: Pool of CONNECTIONS"),
        ("cache.md#far", 11, "pool"),
    ]


def test_a_page_named_so_is_one_hit_at_its_beginning() -> None:
    assert hits("cache")[:2] == [("cache.md", 1, "Cache"), ("other.md#cache-of-pools", 3, "Cache of pools")]


def test_search_in_one_page() -> None:
    assert [ref for ref, *_ in hits("pool", "other")] == ["other.md#cache-of-pools", "other.md"]


def test_nothing_asked_and_nothing_found() -> None:
    assert hits("") == hits("  ") == hits("nowhere") == hits("pool nowhere") == []


def test_a_long_line_is_cut_around_the_word() -> None:
    line = "a " * 400 + "needle" + " b" * 400
    (hit,) = Library((parse_page("p.md", line.encode()),)).search("NEEDLE")
    assert "needle" in hit.excerpt
    assert len(hit.excerpt) <= 161
