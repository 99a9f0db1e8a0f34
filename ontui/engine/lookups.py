"""Threads for name look-ups."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

RESOLVERS = 64
"""So many at once: a slow look-up must not make an innocent source wait."""


class Lookups(ThreadPoolExecutor):
    """Nobody waits for a look-up that is under way when the loop ends: a resolver may take half a minute."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002 — its signature
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def use_lookups() -> None:
    """Let the running loop resolve names in such threads; the program then has to end by `os._exit`."""
    asyncio.get_running_loop().set_default_executor(Lookups(RESOLVERS, thread_name_prefix="ontui"))
