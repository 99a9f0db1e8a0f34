"""Polling with a deadline: what tests do instead of sleeping for luck."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


class _Watch:
    """One wait: what was last seen and how long there is still hope."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._end = time.monotonic() + within_s
        self._seen: object = None

    def saw(self, outcome: object) -> None:
        self._seen = outcome
        if time.monotonic() > self._end:
            last = repr(outcome)
            cause = outcome if isinstance(outcome, BaseException) else None
            raise AssertionError(f"not within {self._within_s:g} s; last seen: {last}") from cause


def eventually(check: Callable[[], T], within_s: float = 10.0, every_s: float = 0.02) -> T:
    """Call ``check`` until it returns something true, and return that; its exceptions count as "not yet".

    Fails with what was last seen once ``within_s`` seconds are over.
    """
    watch = _Watch(within_s)
    while True:
        try:
            value = check()
        except Exception as not_yet:  # noqa: BLE001 - whatever the last one was is the cause of the failure
            watch.saw(not_yet)
        else:
            if value:
                return value
            watch.saw(value)
        time.sleep(every_s)


@overload
async def eventually_async(check: Callable[[], Awaitable[T]], within_s: float = 10.0, every_s: float = 0.02) -> T: ...
@overload
async def eventually_async(check: Callable[[], T], within_s: float = 10.0, every_s: float = 0.02) -> T: ...
async def eventually_async(check: Callable[[], Awaitable[T] | T], within_s: float = 10.0, every_s: float = 0.02) -> T:
    """Do as ``eventually`` without stopping the event loop; ``check`` may be plain or return an awaitable."""
    watch = _Watch(within_s)
    while True:
        try:
            outcome = check()
            value = await outcome if isinstance(outcome, Awaitable) else outcome
        except Exception as not_yet:  # noqa: BLE001 - whatever the last one was is the cause of the failure
            watch.saw(not_yet)
        else:
            if value:
                return value
            watch.saw(value)
        await asyncio.sleep(every_s)
