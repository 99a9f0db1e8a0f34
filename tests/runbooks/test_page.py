"""Pages and their sections."""

import subprocess
import sys

import pytest

from ontui.runbooks.page import SCREENFUL, Page, parse_page
from tests.runbooks import faulty


def page(text: str, name: str = "some/name.md") -> Page:
    return parse_page(name, text.encode())


def outline(read: Page) -> list[tuple[int, str, int]]:
    return [(section.level, section.slug, section.line) for section in read.sections]


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("", [(0, "", 1)]),
        ("just text\nand more", [(0, "", 1)]),
        ("# T\n\n## A\na\n## B\nb", [(2, "a", 3), (2, "b", 5)]),
        ("# T\n\nintro\n\n## A\na", [(1, "t", 1), (2, "a", 5)]),
        ("before\n\n# T\n\n## A\na", [(0, "", 1), (1, "t", 3), (2, "a", 5)]),
        ("T\n=\n\nA\n-\na\n\nB\n---\nb", [(2, "a", 4), (2, "b", 8)]),
        ("# T\n### C\nc\n### D\nd", [(1, "t", 1)]),
        ("# T\nx\n# U\ny", [(1, "t", 1), (1, "u", 3)]),
        ("# T", [(1, "t", 1)]),
        ("## A\n\n## B\nb", [(2, "a", 1), (2, "b", 3)]),
        ("## A\n> ## quoted\n- ## listed\n", [(2, "a", 1)]),
        ("## A\n```\n## in a fence\n```\n    ## in code\n<!--\n## in a comment\n-->\n## B", [(2, "a", 1), (2, "b", 9)]),
        ("## A\n```bash\nnever closed\n## B\n", [(2, "a", 1)]),
        ("---\ntitle: X\n---\n## A\na", [(2, "a", 4)]),
        ("##No space\n## A\na", [(0, "", 1), (2, "a", 2)]),
        ("####### seven\n", [(0, "", 1)]),
        ("## A\r\na\r\n\r\n## B\r\nb", [(2, "a", 1), (2, "b", 4)]),
    ],
)
def test_pages_are_cut_at_their_second_level(text: str, sections: list[tuple[int, str, int]]) -> None:
    assert outline(page(text)) == sections


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# **High** `api` [latency](x) &amp; more\n", "High api latency & more"),
        ("Setext\ntitle\n=====\n", "Setext title"),
        ("---\ntitle: From above\n---\n## A", "From above"),
        ("## A\n", "name"),
        ("", "name"),
        ("#\n", "name"),
        ("# a\u202eb\x1b]0;x\x07\n", "a\ufffdb\ufffd]0;x\ufffd"),
        ("# Restart <service> <br>now", "Restart <service> now"),
        ("# Own {#anchor}\n", "Own"),
    ],
)
def test_titles_are_words_without_markup(text: str, title: str) -> None:
    assert page(text).title == title


def test_every_heading_has_an_anchor_and_lies_in_its_section() -> None:
    read = page("# T\n\n## A\n### Same\n## B\n### Same\n> #### Quoted\n")
    assert [(heading.slug, heading.level, heading.line) for heading in read.headings] == [
        ("t", 1, 1), ("a", 2, 3), ("same", 3, 4), ("b", 2, 5), ("same-1", 3, 6), ("quoted", 4, 7),
    ]
    assert [read.section_at(heading.line).slug for heading in read.headings] == ["a", "a", "a", "b", "b", "b"]


def test_the_nearest_heading_above_a_line() -> None:
    read = page("text\n\n## A\na\n### C\nc\n")
    assert read.heading_at(2) is None
    assert [heading.slug for line in (3, 4, 5, 99) if (heading := read.heading_at(line))] == ["a", "a", "c", "c"]


def test_a_section_longer_than_a_screen_is_cut_again_and_no_part_is_an_empty_heading() -> None:
    cases = "".join(f"### Case {number}\n\n{'words ' * 300}\n\n" for number in range(5))
    read = page(f"# T\n\n## Cases\n\n{cases}## Short\n\n### Stays\n\ntext\n")
    assert [section.slug for section in read.sections] == ["cases", "case-1", "case-2", "case-3", "case-4", "short"]
    assert "### Case 0" in read.sections[0].text
    assert all(len(section.text) <= SCREENFUL for section in read.sections)
    assert "### Stays" in read.sections[-1].text


def test_a_megabyte_without_a_heading_is_one_section() -> None:
    read = page("one long line of text\n" * 50_000)
    assert len(read.sections) == 1
    assert len(read.sections[0].text) > 1_000_000


def test_sections_hold_all_the_text_there_is() -> None:
    for name, text in faulty.ALL.items():
        read = page(text, name)
        shown = "\n".join([f"# {read.title}", *(section.text for section in read.sections)])
        expected = [line.strip() for line in read.text.split("\n") if line.strip()]
        assert [line.strip() for line in shown.split("\n") if line.strip()][1:] == expected[1:]


def test_a_section_brings_the_link_targets_it_needs() -> None:
    definitions = "[the guide]: https://a.example 'x'\n[h]: b.md\n"
    read = page(f"## A\nsee [the Guide]\n\n## B\nsee [here][h] and [no]\n\n{definitions}")
    assert read.sections[0].text.endswith("see [the Guide]\n\n[the guide]: https://a.example 'x'")
    assert read.sections[1].text.count("[h]: b.md") == 1


@pytest.mark.parametrize(
    ("text", "language", "info", "code", "line"),
    [
        ("```bash\nls\n```", "bash", "bash", "ls", 1),
        ("text\n\n~~~ SQL run=yes\nselect 1;\n\n~~~\n", "sql", "SQL run=yes", "select 1;\n", 3),
        ("```{.sh name=x}\na\n```", "sh", "{.sh name=x}", "a", 1),
        ("``` { name=x }\na\n```", "", "{ name=x }", "a", 1),
        ("```bash{1,2}\na\n```", "bash", "bash{1,2}", "a", 1),
        ("```\n\tmake\n```", "", "", "\tmake", 1),
        ("```bash\nnever closed", "bash", "bash", "never closed", 1),
        ("- item\n  - deeper\n    ```sh\n    a\n      b\n    ```\n", "sh", "sh", "a\n  b", 3),
        ("> ```sh\n> a\n> ```\n", "sh", "sh", "a", 1),
        ("text\n\n    indented\n    code\n", "", "", "indented\ncode", 3),
        ("```sh\na &#x202e; &amp; \\\n```", "sh", "sh", "a &#x202e; &amp; \\", 1),
        ("```sh\nprintf '\x1b[31m'\n```", "sh", "sh", "printf '\ufffd[31m'", 1),
        ("```sh\n```", "sh", "sh", "", 1),
    ],
)
def test_fences_are_exact(text: str, language: str, info: str, code: str, line: int) -> None:
    (fence,) = page(text).sections[0].fences
    assert (fence.language, fence.info, fence.text, fence.line) == (language, info, code, line)


def test_fences_belong_to_the_section_they_stand_in() -> None:
    read = page("```\n0\n```\n## A\n```\n1\n```\n## B\n## C\n```\n2\n```\n")
    assert [[fence.text for fence in section.fences] for section in read.sections] == [["0"], ["1"], [], ["2"]]


def test_prose_is_defused_and_lines_stay_where_they_were() -> None:
    read = page("a &#x202e;\n```\n&#x202e;\n```\nb &#x202e;\n")
    assert read.text == "a \ufffd\n```\n&#x202e;\n```\nb \ufffd\n"


def test_the_hash_is_of_the_file() -> None:
    assert page("").sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert parse_page("a.md", b"\xef\xbb\xbfa").sha256 != parse_page("a.md", b"a").sha256


@pytest.mark.parametrize("name", faulty.ALL)
def test_pages_with_the_faults_of_real_ones_come_out_harmless(name: str) -> None:
    read = page(faulty.ALL[name], name)
    assert faulty.is_harmless(read.text)
    assert len(read.sections) >= 2
    assert all(faulty.is_harmless(section.title + section.text) for section in read.sections)


def test_what_makes_links_of_bare_words_is_not_loaded() -> None:
    program = "import ontui.runbooks.plain, sys; sys.exit('linkify_it.main' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
