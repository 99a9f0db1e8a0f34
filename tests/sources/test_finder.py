"""Where things are looked for: dotted paths here, and only what may take for ever in a process of its own."""

from dataclasses import replace

import psutil
import pytest

from ontui.domain.sli import Sli
from ontui.sources.extract import Found
from ontui.sources.finder import Finder

BASE = Sli("x", "x", "", "c", "count", 15.0, 5.0)
DOTTED = replace(BASE, json_path="a.b")
JMESPATH = replace(BASE, id="y", json_path="a.* | [0]")
PATTERN = replace(BASE, regex=r"(\d)")
TEXT = '{"a": {"b": 7}}'


@pytest.mark.parametrize(
    ("slis", "found", "processes"),
    [
        ([DOTTED], {"x": Found(cell=7)}, 0),
        ([DOTTED, JMESPATH], {"x": Found(cell=7), "y": Found(cell=7)}, 1),
        ([PATTERN], {"x": Found(cell="7")}, 1),
    ],
)
async def test_a_process_is_there_only_for_what_may_take_for_ever(
    slis: list[Sli], found: dict[str, Found], processes: int
) -> None:
    before = len(psutil.Process().children())
    finder = Finder(slis, "output")
    await finder.begin(10)
    assert await finder.find(TEXT, 10) == found
    assert len(psutil.Process().children()) - before == processes
    await finder.close()
    assert len(psutil.Process().children()) == before


async def test_what_cannot_be_read_is_said_of_each() -> None:
    finder = Finder([DOTTED, JMESPATH], "output")
    assert await finder.find(" ", 10) == dict.fromkeys("xy", Found(wrong="the output is empty, not JSON"))
    await finder.close()
