"""Ending work on a database connection at its time, whatever the peer does.

Cancelling a psycopg query waits up to ten more seconds for a silent server, so queries are never cancelled: their
socket is shut down, and they end by themselves.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# It warns of every connection that is cut; with nobody listening, Python would write that over whatever is printed.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

GRACE_S = 0.3
"""How long work may take to notice that its socket is gone."""


class Late(Exception):
    """Work that was not done at its deadline, and was ended."""


async def within(work: Coroutine[Any, Any, T], timeout_s: float, reach: Callable[[], Connection | None]) -> T:
    """Await work for at most `timeout_s`, then cut the connection `reach` finds it on; also when we are cancelled."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        await abandon(task, reach())
        raise
    if not done:
        await abandon(task, reach())
        raise Late
    return task.result()


async def abandon(task: asyncio.Task[Any], connection: Connection | None) -> None:
    """End a task that may be waiting for a silent server; without a connection it is still connecting."""
    task.add_done_callback(_forget)
    if task.done():
        return
    if connection is None:
        task.cancel()
    else:
        cut(connection)
    await asyncio.wait({task}, timeout=GRACE_S)
    if not task.done():
        task.cancel()


def cut(connection: Connection) -> None:
    """Shut the socket down under whoever waits on it; the descriptor itself stays psycopg's to close."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as own:
        own.shutdown(socket.SHUT_RDWR)


def _forget(task: asyncio.Task[Any]) -> None:
    """Take the outcome of abandoned work, so that nobody complains that it was never looked at."""
    if not task.cancelled():
        task.exception()
