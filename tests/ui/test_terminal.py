"""What a terminal is taken to be able to show."""

import io
from collections.abc import Mapping

import pytest

from ontui.ui.terminal import is_ascii_only


@pytest.mark.parametrize(
    ("environ", "is_ascii"),
    [
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, True),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LC_CTYPE": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C.utf8"}, False),
        ({"LANG": "de_DE.UTF-8@euro"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE"}, True),
        ({"LANG": ""}, True),
        ({}, False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
    ],
)
def test_the_locale_as_given_decides(environ: Mapping[str, str], is_ascii: bool) -> None:
    assert is_ascii_only(environ, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) is is_ascii


def test_without_a_locale_the_stream_decides() -> None:
    assert is_ascii_only({}, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
