"""Work that blocks, in a thread; because a thread cannot be ended, never a second one before the first is over."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class OneThread(Generic[T]):
    """One piece of work at a time."""

    def __init__(self) -> None:
        self._under_way: asyncio.Future[T] | None = None

    async def run(self, work: Callable[[], T], within_s: float) -> T:
        """The result, or what the work raised; TimeoutError when it, or the work before it, takes too long."""
        if self._under_way is not None and not self._under_way.done():
            raise TimeoutError
        self._under_way = under_way = asyncio.get_running_loop().run_in_executor(None, work)
        under_way.add_done_callback(_heard)
        done, _ = await asyncio.wait({under_way}, timeout=max(0.0, within_s))
        if not done:
            raise TimeoutError
        return under_way.result()


def _heard(under_way: "asyncio.Future[T]") -> None:
    """Nobody waits any more for what comes late; asyncio would complain about an error that was not looked at."""
    if not under_way.cancelled():
        under_way.exception()
