"""Pages in a plain terminal."""

import pytest

from ontui.runbooks.page import parse_page
from ontui.runbooks.plain import cells, render_plain, wrap
from tests.runbooks import faulty


def shown(text: str, width: int = 40) -> str:
    return render_plain(parse_page("p.md", text.encode()).sections[0], width)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## A **b** `c`\n", "A b `c`\n-------\n"),
        ("one two\nthree\n\nfour\\\nfive\n", "one two three\n\nfour\nfive\n"),
        ("- a\n- b\n  - c\n", "- a\n- b\n  - c\n"),
        ("9. a\n10. b\n", " 9. a\n10. b\n"),
        ("- [ ] a\n- [x] b\n", "- [ ] a\n- [x] b\n"),
        (
            "1. a\n   ```sh\n   ls\n   ```\n2. b\n",
            "1. a\n\n   ---- sh -----------------------------\n       ls\n   " + "-" * 37 + "\n\n2. b\n",
        ),
        ("> quoted\n> text\n", "> quoted text\n"),
        ("[a](b.md) <https://x.example> ![i](u)\n", "a (b.md) https://x.example [image: i]\n"),
        ("git checkout <commit> <br>now <b>it</b>\n", "git checkout <commit>\nnow it\n"),
        ("<details>\n<summary>More</summary>\n\ntext\n</details>\n", "More\n\ntext\n"),
        ("a\n\n---\n\nb\n", "a\n\n" + "-" * 40 + "\n\nb\n"),
        ("| a | bb |\n|---|---|\n| `x` | y |\n", "a    bb\n---  --\n`x`  y\n"),
        ("[a]\n\n[a]: http://x.example\n", "a (http://x.example)\n"),
        ("", "\n"),
    ],
)
def test_blocks(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_code_is_framed_by_its_language_and_never_wrapped() -> None:
    command = "psql -c 'select pg_terminate_backend(pid) from pg_stat_activity'"
    assert shown(f"```sql\n{command}\n```\n").split("\n") == ["---- sql " + "-" * 31, f"    {command}", "-" * 40, ""]


def test_a_table_too_wide_becomes_named_lines() -> None:
    text = "| Level | Meaning |\n|---|---|\n| P1 | everything is down and nobody can pay |\n| P2 | some |\n"
    assert shown(text) == "Level: P1\nMeaning: everything is down and nobody\n    can pay\n\nLevel: P2\nMeaning: some\n"


def test_a_whole_page_has_its_title_and_all_sections_once() -> None:
    text = render_plain(parse_page("p.md", b"---\ntitle: x\n---\n# Title\n\n## A\na\n## B\nb\n"), 40)
    assert text == "Title\n=====\n\nA\n-\n\na\n\nB\n-\n\nb\n"
    assert render_plain(parse_page("p.md", b"# Title\ntext\n"), 40) == "Title\n=====\n\ntext\n"


@pytest.mark.parametrize("name", faulty.ALL)
@pytest.mark.parametrize("width", [40, 72])
def test_lines_of_prose_stay_within_the_width(name: str, width: int) -> None:
    text = render_plain(parse_page(name, faulty.ALL[name].encode()), width)
    code = [fence.text for section in parse_page(name, faulty.ALL[name].encode()).sections for fence in section.fences]
    for line in text.split("\n"):
        assert cells(line) <= width or any(line.strip() in block for block in code), line


def test_words_wider_than_the_line_stay_whole() -> None:
    assert wrap("a https://a.example/very/long b", 10) == ["a", "https://a.example/very/long", "b"]


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("\U0001f6a8", 2), ("", 0)])
def test_cells(text: str, columns: int) -> None:
    assert cells(text) == columns
