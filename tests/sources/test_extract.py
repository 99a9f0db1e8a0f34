"""What is looked for in output is found or said to be missing, whatever was printed."""

import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.domain.quantity import QuantityError, parse_quantity
from ontui.sources.extract import MOST_MATCHES, Ask, Found, extracted
from ontui.sources.printed_number import printed_number

UNITS = ["count", "seconds", "bytes", "ratio", "percent", "cores", "per_second", "up", "jobs", ""]
PATHS = ["a", "a.b", "[0]", "a[*].b", "length(@)", "max(a)", "sort_by(@, &a)", "keys(@)", "to_number(a)",
         "a[?b>`1`]", "sum(@)", "avg(a)", "@"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)


def looked(
    text: str, *, json_path: str = "", regex: str = "", match: str = "", rows: bool = False, within_s: float = 2.0
) -> Found:
    ask = Ask(json=json_path, regex=regex, match=match, rows=rows, what="output")
    return extracted(text, {"x": ask}, within_s)["x"]


@pytest.mark.parametrize(
    ("cell", "unit", "number"),
    [
        ("0", "count", 0), (" +7. ", "count", 7), (".5", "count", 0.5), ("1e3", "count", 1000), (3, "count", 3),
        ("12", "ratio", 12), ("12%", "ratio", 0.12), ("12%", "percent", 12), ("12%", "count", None),
        ("250m", "cores", 0.25), ("1500u", "cpu", 0.0015), ("2", "cores", 2), ("250m", "bytes", 0.25),
        ("64Ki", "bytes", 65536), ("128Mi", "bytes", 2**27), ("1.5GiB", "bytes", 1.5 * 2**30), ("1M", "bytes", 1e6),
        ("12.3 kB", "bytes", 12300), ("7K", "bytes", None), ("128Mi", "count", None), ("250m", "count", None),
        ("3.5s", "seconds", 3.5), ("250m", "seconds", 15000), ("1h30m", "seconds", 5400), ("3d4h", "seconds", 273600),
        ("350µs", "seconds", 350e-6), ("2m3.5s", "seconds", 123.5), ("soon", "seconds", None), ("-5s", "seconds", -5),
        ("5/s", "per_second", 5), ("5/min", "per_second", None), ("9 jobs", "jobs", 9), ("9 job", "jobs", 9),
        (True, "up", 1), (False, "up", 0), (True, "count", None), ("1,500", "count", None), ("1_500", "count", None),
        ("1,5", "count", None), ("١٢", "count", None), ("0x10", "count", None), ("1 2", "count", None),
        ("", "count", None), (None, "count", None), ([1], "count", None), ("--5", "count", None),
        ("NaN", "count", math.nan), ("-inf", "count", -math.inf), (10**400, "count", math.inf),
        ("9" * 99, "count", float("9" * 99)), ("9" * 101, "count", None),
    ],
)  # fmt: skip
def test_numbers_as_programs_print_them(cell: object, unit: str, number: float | None) -> None:
    assert printed_number(cell, unit) == (pytest.approx(number, nan_ok=True) if number is not None else None)


@given(st.text(alphabet="0123456789.,eE+-_ %/msKMGiBhdnau\x00\x1b٣", max_size=20), st.sampled_from(UNITS))
def test_no_text_breaks_a_number_and_none_is_read_otherwise_than_a_limit_is(text: str, unit: str) -> None:
    number = printed_number(text, unit)
    try:
        limit = parse_quantity(text, unit)
    except (QuantityError, ValueError, OverflowError):
        return
    assert number is None or number == pytest.approx(limit, nan_ok=True)


@given(st.text(max_size=200), st.sampled_from([r"(\d+)", r"^(.*)$", r"(?P<name>\w+)=(?P<value>\S*)", r"(a+)+b"]))
def test_whatever_was_printed_a_pattern_answers(text: str, regex: str) -> None:
    for rows in {False, "name" in regex}:
        found = looked(text, regex=regex, rows=rows)
        assert len(found.keys() - {"beside"}) == 1
        json.dumps(found)


@settings(max_examples=200)
@given(JSON, st.sampled_from(PATHS), st.booleans())
def test_whatever_json_was_printed_a_path_answers(document: object, path: str, rows: bool) -> None:
    found = looked(json.dumps(document), json_path=path, rows=rows)
    assert len(found) == 1
    json.dumps(found)


@given(st.text(max_size=60))
def test_what_is_no_json_is_never_a_number(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        if not text.startswith("\ufeff"):
            assert set(looked(text, json_path="@")) in ({"wrong"}, {"nothing"})


def test_colours_are_no_part_of_what_is_looked_at_and_end_with_their_line() -> None:
    text = "\033[1mused\033[0m \033[31m7\033[m\r\n\033]0;title without an end\nfree 9\n"
    assert looked(text, regex=r"^used (\d)$") == {"cell": "7"}
    assert looked(text, regex=r"^free (\d)$") == {"cell": "9"}


def test_a_pattern_that_runs_wild_is_stopped() -> None:
    began = time.monotonic()
    found = looked("a" * 50 + "!", regex=r"^(a|aa)+$", within_s=0.3)
    assert "takes too long" in found["wrong"]
    assert time.monotonic() - began < 5


def test_more_rows_than_anybody_reads() -> None:
    found = looked("a=1\n" * (MOST_MATCHES + 1), regex="(?P<name>a)=(?P<value>1)", rows=True)
    assert found == {"wrong": "the pattern matches more than 10000 times"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("<html>", "the output is HTML, not JSON"),
        ('{"a": 1', "the output is not JSON"),
        ('{"a": 1}\n{"a": 2}\n', "the output is not JSON alone: more follows behind it"),
        ('{"a": 1} and then', "the output is not JSON alone: more follows behind it"),
        ("[" * 100_000, "the output is JSON nested too deep to read"),
        (f'{{"a": {"9" * 5000}}}', "a is too large a number"),
        (f'{{"a": -{"9" * 400}}}', "a is too large a number"),
        ('{"a": 1e999}', "a is too large a number"),
    ],
)
@pytest.mark.parametrize("path", ["a", "[a][0]"])
def test_what_cannot_be_read_is_not_the_same_as_nothing(text: str, wrong: str, path: str) -> None:
    assert looked(text, json_path=path) == {"wrong": wrong.replace("a is", f"{path} is")}


def test_a_number_too_large_spoils_nothing_beside_it() -> None:
    assert looked(f'\ufeff{{"a": {"9" * 5000}, "b": [3]}}', json_path="b.0") == {"cell": 3}


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.0.v", 7), ("a[0].v", 7), ("a.1", "missing"), ("n", "null"), ("a[1]", "null or missing"), ("x-y.z", 2)],
)
def test_dotted_paths_and_jmespath(path: str, found: object) -> None:
    text = '{"a": [{"v": 7}], "n": null, "x-y": {"z": 2}}'
    seen = looked(text, json_path=path)
    assert seen == ({"nothing": f"{path} is {found}"} if isinstance(found, str) else {"cell": found})


def test_the_first_of_several_matches_says_so() -> None:
    assert looked("n=1", regex=r"n=(\d)") == {"cell": "1"}
    assert looked("n=1\nn=2 n=3\n", regex=r"n=(\d)") == {"cell": "1", "beside": "the first of 3 matches"}
    many = looked("n=1\n" * (MOST_MATCHES + 5), regex=r"n=(\d)")
    assert many == {"cell": "1", "beside": "the first of more than 10000 matches"}


@pytest.mark.parametrize(
    ("text", "count", "lines"),
    [("", 0, 0), ("error\n", 1, 1), ("error error\r\nfine\n\033[31mERROR\033[0m", 2, 3), ("fine\n\n", 0, 2)],
)
def test_lines_that_match_are_counted(text: str, count: int, lines: int) -> None:
    assert looked(text, match="(?i)^error") == {"cell": count, "beside": f"{count} of {lines} lines"}
