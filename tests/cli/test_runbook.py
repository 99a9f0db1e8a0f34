"""`ontui runbook`: pages in the plain terminal."""

import pytest

from tests.cli.config_folder import HEAD, ConfigFolder

LATENCY = """# Latency

The API is slow.

## Diagnosis

Look at the *cache* first.

```sql
select 1
```

## Repair

Restart it, then read [the cache page](cache.md#restart).
"""


@pytest.fixture(autouse=True)
def _pages(place: ConfigFolder) -> None:
    place.write(HEAD)
    place.page("latency.md", LATENCY)
    place.page("cache.md", "# Cache\n\n## Restart\n\nTurn it off and on.\n")


def test_the_list_names_pages_and_sections(place: ConfigFolder) -> None:
    ended = place.run("runbook", "list")
    assert ended.code == 0
    assert "latency.md  Latency" in ended.out
    assert "    #diagnosis" in ended.out


def test_a_whole_page_and_one_section(place: ConfigFolder) -> None:
    whole = place.run("runbook", "show", "latency.md")
    assert whole.code == 0
    assert "The API is slow." in whole.out
    assert "select 1" in whole.out
    section = place.run("runbook", "show", "latency.md#repair")
    assert "Restart it" in section.out
    assert "The API is slow." not in section.out


@pytest.mark.parametrize("ref", ["latncy.md", "latency.md#repare", "../ontui.yaml"])
def test_a_page_that_is_not_there_is_one_and_a_plain_line(place: ConfigFolder, ref: str) -> None:
    ended = place.run("runbook", "show", ref)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("ontui: ")
    assert len(ended.err.splitlines()) == 1


def test_search_finds_all_words_or_says_so(place: ConfigFolder) -> None:
    found = place.run("runbook", "search", "cache", "first")
    assert found.code == 0
    assert found.out.startswith("latency.md#diagnosis:7: "), found.out
    none = place.run("runbook", "search", "cache", "unicorn")
    assert (none.code, none.out) == (1, "")


def test_without_pages_it_says_how_to_have_some(place: ConfigFolder) -> None:
    place.write(HEAD.replace("runbooks: {path: ./runbooks}\n", ""))
    ended = place.run("runbook", "list")
    assert ended.code == 1
    assert "runbooks: {path: ./runbooks}" in ended.err


def test_pages_are_cleaned_and_masked(place: ConfigFolder) -> None:
    place.write(HEAD.replace('url: "http://127.0.0.1:9/"', 'url: "http://127.0.0.1:9/", bearer: "${WORD}"'))
    place.environ["WORD"] = "hunter2-hunter2"
    place.page("evil.md", "# \x1b]52;c;Zm9v\x07 Evil hunter2-hunter2\n\n```sh\n\x9b31m\u202e hunter2-hunter2\n```\n")
    for ended in (place.run("runbook", "list"), place.run("runbook", "show", "evil.md"),
                  place.run("runbook", "search", "evil")):  # fmt: skip
        assert ended.code == 0
        assert "Evil" in ended.out
        assert not set(ended.out + ended.err) & {"\x1b", "\x9b", "\x07", "\u202e"}
        assert "hunter2" not in ended.out + ended.err
