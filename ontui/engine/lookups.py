"""Threads for name look-ups."""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

RESOLVERS = 64
"""So many at once: a slow look-up must not make an innocent source wait."""


class Lookups(ThreadPoolExecutor):
    """Nobody waits for a look-up that is under way when the loop ends: a resolver may take half a minute.

    Nobody asks again meanwhile either, but waits with whoever asked first: no name ever takes more than one thread.
    """

    def __init__(self) -> None:
        super().__init__(RESOLVERS, thread_name_prefix="ontui")
        self._lock = threading.Lock()
        self._under_way: dict[tuple[Any, ...], Future[Any]] = {}

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401 — its signature
        """Look a name up, or do whatever else there is to do in a thread."""
        if fn is not socket.getaddrinfo or kwargs:
            return super().submit(fn, *args, **kwargs)
        with self._lock:
            shared = self._under_way.get(args)
            if shared is None:
                shared = self._under_way[args] = super().submit(fn, *args)
        waiting: Future[T] = Future()
        shared.add_done_callback(lambda done: self._tell(args, done, waiting))
        return waiting

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002 — its signature
        super().shutdown(wait=False, cancel_futures=cancel_futures)

    def _tell(self, args: tuple[Any, ...], done: Future[T], waiting: Future[T]) -> None:
        with self._lock:
            if self._under_way.get(args) is done:
                del self._under_way[args]
        if done.cancelled():
            waiting.cancel()
        elif waiting.set_running_or_notify_cancel():
            if error := done.exception():
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())


def use_lookups() -> None:
    """Let the running loop resolve names in such threads; the program then has to end by `os._exit`."""
    asyncio.get_running_loop().set_default_executor(Lookups())
