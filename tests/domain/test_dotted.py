"""Dotted paths into JSON, and what is none."""

import pytest

from ontui.domain.dotted import MISSING, at_path, is_dotted


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.0.b", 1), ("a.1", MISSING), ("a.-1", MISSING), ("a.x", MISSING), ("a.0.b.c", MISSING), ("", MISSING),
        ("a." + "0" * 5000, MISSING), ("a.٠", MISSING),
    ],
)  # fmt: skip
def test_paths(path: str, found: object) -> None:
    assert at_path({"a": [{"b": 1}]}, path) == found


@pytest.mark.parametrize("path", ["a", "a.0.b", "db-main.state", "components.cache:main", "ö.ä"])
def test_names_and_numbers_with_dots_between_them_are_dotted(path: str) -> None:
    assert is_dotted(path)


@pytest.mark.parametrize("path", ["a[0]", "@", "length(a)", "a.*", "a | b", "a && b", "{x: a}", '"a.b".c', "a > `1`"])
def test_the_rest_is_jmespath(path: str) -> None:
    assert not is_dotted(path)
