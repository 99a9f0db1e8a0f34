"""Keys that come faster than they can be handled, as they do when a slow line delivers several at once."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ScreenStackError
from textual.events import Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from ontui.ui.app import OntuiApp

PATIENCE_S = 5.0
"""How long a key may take before the next one is handled all the same."""


class TypeAhead:
    """Lets one key through at a time: Textual alone would give each to whatever was in focus when it arrived."""

    def __init__(self, app: "OntuiApp") -> None:
        self._app = app
        self._waiting: deque[Key | Paste] = deque()
        self._now: Key | Paste | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Every key that came has done what it does."""
        return self._now is None

    def holds(self, event: Key | Paste) -> bool:
        """True when it has to wait: it comes again by itself."""
        if self._now is not None and event is not self._now:
            self._waiting.append(event)
            return True
        self._now = event
        return False

    def handed_on(self) -> None:
        """The key is on its way to whom it is for; the next one follows when all that came of it is done."""
        self._task = asyncio.create_task(self._let_the_next_through())

    async def _let_the_next_through(self) -> None:
        with contextlib.suppress(TimeoutError, ScreenStackError):   # the latter: the app is ending
            async with asyncio.timeout(PATIENCE_S):
                await self._done()
        self._now = self._waiting.popleft() if self._waiting else None
        if self._now is not None:
            self._app.post_message(self._now)

    async def _done(self) -> None:
        """A key rises from the widget in focus to the app, and what it was taken for may rise after it."""
        before = self._app.screen
        await self._rise()
        await self._rise()
        if self._app.screen is not before:   # it comes into focus with its first picture
            await _handled(self._app.screen.call_after_refresh)

    async def _rise(self) -> None:
        node: MessagePump | None = self._app.focused or self._app.screen
        while node is not None:
            await _handled(node.call_later)
            node = node._parent


async def _handled(call: Callable[[Callable[[], None]], bool]) -> None:
    """What was in the queue before is done."""
    done = asyncio.Event()
    if call(done.set):
        await done.wait()
