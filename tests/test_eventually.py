"""The deadline is kept, and a failure tells what was last seen."""

import itertools

import pytest

from tests.eventually import eventually, eventually_async


def test_returns_the_first_true_value() -> None:
    counter = itertools.count()
    assert eventually(lambda: max(next(counter) - 2, 0), within_s=5, every_s=0.001) == 1


def test_an_exception_is_not_yet() -> None:
    answers = iter([0, 4])
    assert eventually(lambda: 8 // next(answers), within_s=5) == 2


def test_tells_what_it_saw_last() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.05 s; last seen: ''"):
        eventually(lambda: "", within_s=0.05)
    with pytest.raises(AssertionError, match="ZeroDivisionError") as failure:
        eventually(lambda: 1 // 0, within_s=0.05)
    assert isinstance(failure.value.__cause__, ZeroDivisionError)


async def test_awaits_what_is_awaitable() -> None:
    counter = itertools.count()

    async def third() -> bool:
        return next(counter) == 2

    assert await eventually_async(third, within_s=5)
    assert await eventually_async(lambda: True)
    with pytest.raises(AssertionError, match="last seen: False"):
        await eventually_async(lambda: False, within_s=0.05)
