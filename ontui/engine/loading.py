"""Notices that the config is another one on disk, and loads it while everything goes on."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ontui.config import Config, ConfigError
from ontui.domain.event import Event, EventKind
from ontui.domain.rebase import ended, rebased

if TYPE_CHECKING:
    from ontui.engine.engine import Engine

LOOK_S = 2.0
"""How often it is looked whether the file changed."""


class Loading:
    """Of one engine."""

    def __init__(self, engine: "Engine", read: Callable[[], Config] | None) -> None:
        """`read` reads and checks the file as it is now, slowly; it raises ConfigError."""
        self._engine, self._read = engine, read
        self._under_way = False
        self._seen: tuple[int, ...] = ()
        self.changed = False
        """The file on disk is not the one that was loaded."""

    async def keep_looking(self) -> None:
        """Until cancelled; not at all where it could not be loaded."""
        while self._read is not None:
            await asyncio.sleep(LOOK_S)
            await asyncio.to_thread(self._look)

    def why_changed(self) -> str:
        """Why nothing may run from what was loaded; empty when the file is the same."""
        path = self._engine.config.path
        try:
            now = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            return f"{path} cannot be read any more: {error.strerror}"
        remedy = "load it" if self._read is not None else "restart ontui to load it"
        return "" if now == self._engine.config.sha256 else f"{path} changed on disk; {remedy}"

    async def load(self) -> tuple[str, ...]:
        """Load the file, or say everything that is wrong with it: then the old config stays as it is."""
        if self._read is None:
            return ("it cannot be loaded again here: restart ontui",)
        if self._under_way:
            return ("it is being loaded already",)
        self._under_way = True
        try:
            config = await asyncio.to_thread(self._read)
        except ConfigError as error:
            return tuple(map(str, error.findings))
        finally:
            self._under_way = False
        old = self._engine.system.id
        if config.system.id != old:
            return (f"{config.path}: it is of the system {config.system.id}, and this is {old}: restart ontui",)
        self._take(config)
        return ()

    def _look(self) -> None:
        """Read the file only when it was touched."""
        seen: tuple[int, ...] = ()
        with contextlib.suppress(OSError):
            found = self._engine.config.path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if seen != self._seen or not seen:
            self._seen, self.changed = seen, bool(self.why_changed())

    def _take(self, config: Config) -> None:
        """From now on this is the config; without an await in between, so that nobody sees half of it."""
        engine, old = self._engine, self._engine.config
        old.secrets.add_all(config.secrets)   # what was secret stays so, and the journal masks by these
        before, pages = engine.state, engine.pages
        engine.configure(replace(config, secrets=old.secrets))
        engine.state = rebased(before, engine.system)
        engine.warnings = tuple(text for text in engine.warnings if text not in pages.told)
        engine.pages.instead_of(pages)
        self.changed, self._seen = False, ()
        gone = ", ".join(f"{a.rule.name} ({a.phase})" for a in ended(before, engine.state))
        text = f"loaded {config.path.name}, sha256 {old.sha256[:12]} → {config.sha256[:12]}"
        text += f"; judged anew or no more: {gone}" if gone else ""
        data = {"old": old.sha256, "new": config.sha256}
        engine.record(Event(EventKind.CONFIG_LOADED, engine.now(), engine.actor, engine.system.id, text, data))
