"""All processes of a run: found by their session, so that one that forked away is not forgotten."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

KILL_S = 2.0
"""How long killed processes are waited for."""


def members(session: int) -> list[int]:
    """The living processes of a session; without /proc only whether its first group lives."""
    if not Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError):
            os.killpg(session, 0)
            return [-session]
        return []
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - a hundred times a run: no objects for it
        if not name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[3]) == session and fields[0] not in (b"Z", b"X"):
            found.append(int(name))
    return found


def send(session: int, number: signal.Signals) -> list[int]:
    """Signal every process of a session; those that were there are returned."""
    present = members(session)
    for pid in present:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
    return present


async def end_session(session: int, grace_s: float) -> None:
    """TERM to all, grace, KILL until none is left; those we have no right to end stay, after KILL_S."""
    send(session, signal.SIGTERM)
    send(session, signal.SIGCONT)  # a stopped process would not see TERM
    if not await until(lambda: not members(session), grace_s):
        await until(lambda: not send(session, signal.SIGKILL), KILL_S)


async def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to hold within that time: for what the kernel does not announce."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not holds():
        if loop.time() >= end:
            return False
        await asyncio.sleep(0.02)
    return True
