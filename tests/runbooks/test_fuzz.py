"""Any bytes are a page: nothing raises, and nothing a terminal would obey comes out."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.runbooks.library import Library, RunbookError
from ontui.runbooks.page import Page, parse_page
from ontui.runbooks.plain import render_plain
from tests.runbooks.faulty import is_harmless

_PIECES = st.sampled_from([
    "# ", "## ", "### ", "\n", "\n\n", "    ", "\t", "- ", "1. ", "- [ ] ", "> ", "```", "```bash\n", "~~~", "---\n",
    "===\n", "**", "`", "| a | b |\n", "|---|---|\n", "[a](b)", "[a]: b\n", "[a]", "<!--", "-->", "<div>", "<x>", "\\",
    "title: x\n", "{#own}", "High latency", "word ", "&#x202e;", "&rlm;", "&#27;", "\u00fc\u00f6\u00ae", "\U0001f6a8",
    "\x1b]52;c;x\x07", "\x9b2J", "\u202e", "\r", "\x00", "\u2028", "\x0b", "\x85",
])
_MARKDOWN = st.lists(_PIECES, max_size=40).map("".join).map(str.encode)


def all_text(page: Page) -> str:
    texts = [page.title, page.text]
    for heading in page.headings:
        texts += [heading.title, heading.slug]
    for section in page.sections:
        texts += [section.title, section.slug, section.text]
        texts += [part for fence in section.fences for part in (fence.language, fence.info, fence.text)]
        texts += [step.text for step in section.steps]
    return "\n".join(texts)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), _MARKDOWN))
def test_any_bytes_become_a_harmless_page(raw: bytes) -> None:
    page = parse_page("any.md", raw)
    assert is_harmless(all_text(page))
    assert page.sections
    assert [section.line for section in page.sections] == sorted({section.line for section in page.sections})
    assert len({heading.slug for heading in page.headings}) == len(page.headings)
    assert all(step.number == number for section in page.sections for number, step in enumerate(section.steps, 1))


@settings(max_examples=200, deadline=None)
@given(_MARKDOWN, st.integers(1, 120))
def test_any_page_can_be_printed_and_looked_up(raw: bytes, width: int) -> None:
    page = parse_page("any.md", raw)
    library = Library((page,))
    assert is_harmless(render_plain(page, width))
    for section in page.sections:
        assert is_harmless(render_plain(section, width))
    for heading in page.headings:
        if heading.slug:
            place = library.find(f"any.md#{heading.slug.replace('%', '%25')}")
            assert (place.page, place.heading) == (page, heading)
            assert place.section.line <= max(heading.line, page.sections[0].line)
    for hit in library.search("high latency"):
        assert is_harmless(hit.excerpt)
    library.match("HighLatency", "High latency")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20))
def test_any_reference_is_a_place_or_one_clear_line(ref: str, name: str) -> None:
    library = Library((parse_page("a/b.md", b"# T\n## High latency\n"),))
    look_ups: list[Callable[[], object]] = [lambda: library.find(ref), lambda: library.link(library.pages[0], ref)]
    for look_up in look_ups:
        try:
            look_up()
        except RunbookError as error:
            assert is_harmless(str(error))
            assert "\n" not in str(error)
    library.match(name, ref)
    library.search(name)
