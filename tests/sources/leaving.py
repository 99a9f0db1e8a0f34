"""That a poll under way holds nobody up who leaves."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ontui.sources.poller import Poller
from tests.servers.proxy import FaultProxy

PROMPT_S = 0.6


async def leaves_promptly(way: FaultProxy, polling: Callable[[], AbstractAsyncContextManager[Poller]]) -> None:
    """Close, and cancel and close, while an answer is waited for that never comes."""
    for how in ("close", "cancel"):
        way.heal()
        async with polling() as made:
            await made.poll()
            way.black_hole()
            poll = asyncio.create_task(made.poll())
            await asyncio.sleep(0.1)
            began = time.monotonic()
            if how == "cancel":
                poll.cancel()
            await made.close()
            await asyncio.wait({poll}, timeout=5)
            assert time.monotonic() - began < PROMPT_S
            assert poll.done()
