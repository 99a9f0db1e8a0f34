"""Bytes → harmless lines."""

import pytest

from ontui.runbooks.decode import decode, defused, front_matter, is_binary, safe_line, safe_lines
from tests.runbooks.faulty import is_harmless


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbf# A\r\nb\rc\n", "# A\nb\nc\n"),
        ("# Ä\r\n".encode("utf-16"), "# Ä\n"),
        (b"\xff\xfe#\x00", "#"),
        (b"\xff\xfe#\x00x", "#\ufffd"),
    ],
)
def test_encodings_that_are_read_without_a_word(raw: bytes, text: str) -> None:
    assert decode(raw) == (text, None)


def test_what_is_not_utf8_is_replaced_and_said_with_its_line() -> None:
    text, problem = decode(b"# A\n\nStra\xdfe\n")
    assert text == "# A\n\nStra\ufffde\n"
    assert problem == "not UTF-8 from line 3 on, \ufffd where unreadable"


@pytest.mark.parametrize(("raw", "binary"), [(b"\x7fELF\0\0", True), ("a".encode("utf-16"), False), (b"text", False)])
def test_binary_files_are_told_from_text(raw: bytes, binary: bool) -> None:
    assert is_binary(raw) is binary


def test_an_unfinished_escape_sequence_swallows_nothing_after_its_line() -> None:
    lines = safe_lines("a\x1b]52;c;aGk=\n# still here\n\x9b31m\u202eb\x00\n\tkept")
    assert len(lines) == 4
    assert lines[1] == "# still here"
    assert lines[3] == "\tkept"
    assert is_harmless("\n".join(lines))


def test_spaces_a_shell_would_stumble_over_become_spaces() -> None:
    assert safe_line("kubectl\u00a0get\u200b pods\ufeff") == "kubectl get pods"


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("a &amp; b &nbsp; &#65; & &;", "a &amp; b &nbsp; &#65; & &;"),
        ("x&#x202e;y", "x\ufffdy"),
        ("x&#8238;y", "x\ufffdy"),
        ("x&rlm;y &#27;", "x\ufffdy \ufffd"),
        ("&#x1b;[2J", "\ufffd[2J"),
    ],
)
def test_entities_that_hide_a_control_character_are_defused(line: str, safe: str) -> None:
    assert defused(line) == safe


@pytest.mark.parametrize(
    ("text", "lines", "title"),
    [
        ("---\ntitle: \"High latency\"\ntags: [a]\n---\n# X", 4, "High latency"),
        ("+++\ntitle = 'T'\n+++\n", 3, "T"),
        ("---\nweight: 3\n...\ntext", 3, None),
        ("---\n\n# A rule opens this page\n\n---\n", 0, None),
        ("---\ntitle: never closed\n", 0, None),
        ("# A\n---\nb: c\n---\n", 0, None),
        ("", 0, None),
    ],
)
def test_front_matter(text: str, lines: int, title: str | None) -> None:
    assert front_matter(text.split("\n")) == (lines, title)
