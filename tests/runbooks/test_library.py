"""A folder of pages: reading it, finding places in it, following links."""

import os
from pathlib import Path

import pytest

from ontui.runbooks.folder import LARGEST
from ontui.runbooks.library import Library, Place, RunbookError
from ontui.runbooks.page import parse_page
from tests.runbooks import faulty


def library(**texts: str) -> Library:
    return Library(tuple(parse_page(name, texts[name].encode()) for name in sorted(texts)))


def on_disk(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def names(read: Library) -> list[str]:
    return [page.name for page in read.pages]


def test_every_page_below_the_folder_is_read_in_order(tmp_path: Path) -> None:
    on_disk(tmp_path, {"z.md": "z", "a/b.md": "b", "A.MD": "a", "notes.txt": "no", ".hidden.md": "no"})
    read = Library.load(tmp_path)
    assert names(read) == ["A.MD", "a/b.md", "z.md"]
    assert read.problems == ()


def test_pages_are_kept_as_they_were_loaded(tmp_path: Path) -> None:
    read = Library.load(on_disk(tmp_path, {"a.md": "# Before"}))
    on_disk(tmp_path, {"a.md": "# After"})
    assert read.find("a").page.title == "Before"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"big.md": b"x" * (LARGEST + 1)}, "big.md: larger than 1024 KiB (1024 KiB), left out"),
        ({"bin.md": b"\x7fELF\0\0\0"}, "bin.md: not text but binary, left out"),
        ({".secret/a.md": "a"}, ".secret: hidden folder, left out"),
    ],
)
def test_what_is_left_out_is_said(tmp_path: Path, files: dict[str, str | bytes], problem: str) -> None:
    read = Library.load(on_disk(tmp_path, {"ok.md": "# ok", **files}))
    assert names(read) == ["ok.md"]
    assert read.problems == (problem,)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "odd.md: the page is empty"),
        (b" \n\n", "odd.md: the page is empty"),
        (b"a\n\xff\n", "odd.md: not UTF-8 from line 2 on, \ufffd where unreadable"),
    ],
)
def test_doubtful_pages_are_read_and_said(tmp_path: Path, raw: bytes, problem: str) -> None:
    read = Library.load(on_disk(tmp_path, {"odd.md": raw}))
    assert names(read) == ["odd.md"]
    assert read.problems == (problem,)


def test_version_control_and_mounted_config_maps_are_no_news(tmp_path: Path) -> None:
    on_disk(tmp_path, {".git/HEAD.md": "x", "..2026_01/page.md": "# Mounted"})
    (tmp_path / "..data").symlink_to("..2026_01")
    (tmp_path / "page.md").symlink_to("..data/page.md")
    read = Library.load(tmp_path)
    assert [page.title for page in read.pages] == ["Mounted"]
    assert read.problems == ()


def test_links_and_special_files_cannot_lead_out_or_hold_us(tmp_path: Path) -> None:
    outside = on_disk(tmp_path / "outside", {"secret.md": "# secret"})
    root = on_disk(tmp_path / "root", {"a.md": "# A", "sub/b.md": "# B"})
    (root / "out.md").symlink_to(outside / "secret.md")
    (root / "gone.md").symlink_to("nowhere.md")
    (root / "loop.md").symlink_to("loop.md")
    (root / "inside.md").symlink_to("sub/b.md")
    (root / "away").symlink_to(outside)
    (root / "again").symlink_to(root)
    (root / "folder.md").mkdir()
    os.mkfifo(root / "pipe.md")
    read = Library.load(root)
    assert names(read) == ["a.md", "inside.md", "sub/b.md"]
    assert sorted(read.problems) == [
        "again: link to a folder is not followed, left out",
        "away: link to a folder leaves the runbook folder, left out",
        "gone.md: cannot be read (no such file or directory), left out",
        "loop.md: cannot be read (too many levels of symbolic links), left out",
        "out.md: link that leaves the runbook folder, left out",
        "pipe.md: not a regular file, left out",
    ]


def test_hostile_file_names_come_out_harmless(tmp_path: Path) -> None:
    (tmp_path / "a\x1b]0;x\x07\n.md").write_text("# A")
    with open(os.fsencode(tmp_path) + b"/\xff.md", "wb") as file:   # noqa: PTH123 - a name that is no text
        file.write(b"\xff")
    read = Library.load(tmp_path)
    assert all(faulty.is_harmless(text) and "\n" not in text for text in [*names(read), *read.problems])
    assert len(read.pages) == 2


@pytest.mark.parametrize("make", ["missing", "file"])
def test_no_folder_is_one_clear_line(tmp_path: Path, make: str) -> None:
    root = tmp_path / "books"
    if make == "file":
        root.write_text("x")
    reason = {"missing": "no such file or directory", "file": "not a directory"}[make]
    with pytest.raises(RunbookError, match=f"^runbook folder .*books cannot be read: {reason}$"):
        Library.load(root)


def test_a_folder_without_pages_says_so(tmp_path: Path) -> None:
    read = Library.load(tmp_path)
    assert read.pages == ()
    assert read.problems == (f"no Markdown page (*.md) in {tmp_path}",)


SEVERITY = "\u00fc\u00f6-severity-levels"   # of an emoji read as Mac Roman
TREE = library(**{
    "README.md": "# Start\n",
    "latency.md": "# Latency\n\n## Diagnosis\n### By host\nh\n## Diagnosis\n2\n## \u00fc\u00f6\u00ae Severity Levels\n",
    "db/latency-of-db.md": "# DB\n\n## Cure\nsee [x](../latency.md#by-host)\n",
    "db/index.md": "# Databases\n",
    "one/same.md": "1",
    "two/same.md": "2",
})


@pytest.mark.parametrize(
    ("ref", "place"),
    [
        ("latency.md", ("latency.md", "diagnosis", None)),
        ("latency", ("latency.md", "diagnosis", None)),
        ("  LATENCY.MD#Diagnosis ", ("latency.md", "diagnosis", "diagnosis")),
        ("latency#diagnosis-1", ("latency.md", "diagnosis-1", "diagnosis-1")),
        ("latency#by-host", ("latency.md", "diagnosis", "by-host")),
        ("latency#latency", ("latency.md", "diagnosis", "latency")),
        ("latency#", ("latency.md", "diagnosis", None)),
        ("latency#severity-levels", ("latency.md", SEVERITY, SEVERITY)),
        ("latency#-severity-levels", ("latency.md", SEVERITY, SEVERITY)),
        ("latency#%C3%BC%C3%B6-severity-levels", ("latency.md", SEVERITY, SEVERITY)),
        ("latency#By host", ("latency.md", "diagnosis", "by-host")),
        ("latency-of-db#cure", ("db/latency-of-db.md", "cure", "cure")),
        ("./db/latency-of-db.md", ("db/latency-of-db.md", "cure", None)),
        ("db/index", ("db/index.md", "databases", None)),
    ],
)
def test_find(ref: str, place: tuple[str, str, str | None]) -> None:
    found = TREE.find(ref)
    assert (found.page.name, found.section.slug, found.heading and found.heading.slug) == place
    assert TREE.find(found.ref).section == found.section


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("latncy.md", 'no page "latncy.md"; did you mean "latency.md"?'),
        ("latency-of-bd", 'no page "latency-of-bd"; did you mean "db/latency-of-db.md"?'),
        ("zzzz", 'no page "zzzz"'),
        ("latency#diagnossis", 'latency.md has no section "diagnossis"; did you mean "latency.md#diagnosis"?'),
        ("latency#zzzz", 'latency.md has no section "zzzz"'),
        ("#diagnosis", '"#diagnosis" names no page: write page.md#section'),
        ("", '"" names no page: write page.md#section'),
        ("same", '"same" could be one/same.md or two/same.md'),
        ("https://a.example/x.md", '"https://a.example/x.md" is a web address, not a page of the runbook folder'),
        ("../latency.md", 'no page "../latency.md"'),
    ],
)
def test_what_is_not_found_is_one_line_with_the_nearest(ref: str, message: str) -> None:
    with pytest.raises(RunbookError) as error:
        TREE.find(ref)
    assert str(error.value).startswith(message)
    if "did you mean" not in message and "zzzz" in message:
        assert str(error.value) == message


@pytest.mark.parametrize(
    ("page", "href", "target"),
    [
        ("latency", "#by-host", "latency.md#by-host"),
        ("db/latency-of-db", "../latency.md#by-host", "latency.md#by-host"),
        ("db/latency-of-db", "index.md", "db/index.md"),
        ("db/latency-of-db", "/latency.md", "latency.md"),
        ("latency", "db/", "db/index.md"),
        ("latency", "db", "db/index.md"),
        ("db/latency-of-db", "..", "README.md"),
        ("latency", "./db/latency%2Dof-db", "db/latency-of-db.md"),
        ("latency", "https://status.example/a?b#c", "https://status.example/a?b#c"),
        ("latency", "//cdn.example/x", "//cdn.example/x"),
        ("latency", "mailto:a@b.example", "mailto:a@b.example"),
        ("latency", "https://a.example/\x1b]0;x", "https://a.example/\ufffd]0;x"),
    ],
)
def test_links_lead_to_a_place_or_out(page: str, href: str, target: str) -> None:
    found = TREE.link(TREE.find(page).page, href)
    assert (found.ref if isinstance(found, Place) else found) == target


@pytest.mark.parametrize(
    ("href", "message"),
    [
        ("../ARCHITECTURE.md", '"../ARCHITECTURE.md" leads out of the runbook folder'),
        ("latncy.md", 'latency.md links to "latncy.md", which is no page here; did you mean "latency.md"?'),
        ("#nowhere", 'latency.md has no section "nowhere"'),
        ("db/index.md#nowhere", 'db/index.md has no section "nowhere"'),
        ("", "the link is empty"),
        ("#", "the link is empty"),
    ],
)
def test_links_that_lead_nowhere_say_so(href: str, message: str) -> None:
    with pytest.raises(RunbookError) as error:
        TREE.link(TREE.find("latency").page, href)
    assert str(error.value) == message
