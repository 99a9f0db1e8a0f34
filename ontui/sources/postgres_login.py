"""Whether a server still lets somebody in: our own session, opened long ago, cannot tell."""

import asyncio
from collections.abc import Callable

from ontui.domain.quantity import format_duration
from ontui.sources.postgres_deadline import Connection
from ontui.sources.postgres_probe import greeted

EVERY_S = 10.0
"""A login costs the server a process; while it lets nobody in, it is asked at every poll."""


class Logins:
    """Asks beside the polls, which never wait for it; what it found out is told with the next one."""

    def __init__(self, now: Callable[[], float], timeout_s: float) -> None:
        self._now, self._timeout_s = now, timeout_s
        self._asking: asyncio.Task[str] | None = None
        self._asked_at = float("-inf")
        self._found = ""

    def told(self, connection: Connection | None) -> str:
        """What is wrong with new logins to the server of this connection, as last seen; empty when nothing is."""
        if self._asking is not None and self._asking.done():
            self._found, self._asking = self._asking.result(), None
        due = self._found or self._now() - self._asked_at >= EVERY_S
        if connection is not None and self._asking is None and due:
            host = connection.info.hostaddr or connection.info.host
            self._asked_at = self._now()
            self._asking = asyncio.create_task(self._ask(host, connection.info.port), name="login")
        return self._found

    def forget(self) -> None:
        """Begin again: somebody was let in just now, or there is nobody to ask."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self._found, self._asked_at = None, "", self._now()

    async def _ask(self, host: str, port: int) -> str:
        try:
            await greeted(host, port, self._timeout_s)
        except TimeoutError:
            within = format_duration(self._timeout_s)
            return f"NEW LOGINS HANG: no answer to one within {within}; our session still works"
        except (OSError, asyncio.IncompleteReadError):
            return "NEW LOGINS ARE REFUSED; our session still works"
        return ""
