"""The cockpit on a config, kept going while a test breaks what it looks at, and what it shows meanwhile."""

import asyncio
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from textual.pilot import Pilot

from ontui.cli.report import to_json
from ontui.config import Config, ConfigError
from ontui.config.load import load
from ontui.engine import Engine
from ontui.engine.clock import SteadyClock
from ontui.engine.polling import SKIPPED_SHOWN_S
from ontui.journal import Journal
from ontui.sources.opening import open_source
from ontui.ui.app import OntuiApp
from ontui.ui.keys import BY_ID
from ontui.ui.screens.room import Room
from ontui.ui.widgets.lines import Lines
from tests.cli.config_folder import ConfigFolder
from tests.eventually import eventually
from tests.servers.background import Background

START_S = 20.0
"""The longest that the first picture may take on a busy machine."""


class Watch:
    """The real engine and the real screens, in a thread of their own, so that a test breaks things with plain calls."""

    def __init__(
        self, place: ConfigFolder, *, clock: SteadyClock | None = None, size: tuple[int, int] = (120, 40)
    ) -> None:
        self._place, self._size = place, size
        config = _loaded(place)
        folder = place.folder / "state" / "ontui"
        journal = Journal.open(folder / "journal.db", mask=config.secrets.mask)
        self.engine = Engine(config, journal=journal, folder=folder, clock=clock, seed=1)
        self._pilot: Pilot[None] | None = None
        self._painted, self._over = threading.Event(), asyncio.Event()
        self._loop = Background()
        self._living = self._loop.begin(self._live())
        if not self._painted.wait(START_S):
            self.close()
            raise AssertionError(f"no picture within {START_S:g} s")

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── what is seen ──

    @property
    def text(self) -> str:
        """What is on the screen, cell by cell as a terminal would get it."""
        return self._loop.run(self._text())

    @property
    def json(self) -> dict[str, Any]:
        """What `ontui status --json` prints of this picture."""
        return self._loop.run(self._json())

    def tones(self, pattern: str) -> set[str]:
        """The names of the styles in which a pattern is painted: `stale` is dimmed, `ok` is green."""
        return self._loop.run(self._tones(pattern))

    def shows(self, pattern: str, within_s: float = 20.0) -> str:
        """Wait until a pattern is on the screen, each line by itself; returns the line."""

        def seen() -> str:
            lines = self.text.splitlines()
            found = [line for line in lines if re.search(pattern, line)]
            assert found, f"{pattern!r} is not on the screen:\n" + "\n".join(line.rstrip() for line in lines)
            return found[0]

        return eventually(seen, within_s)

    def sli(self, id_: str, within_s: float = 20.0, **wanted: object) -> dict[str, Any]:
        """Wait until an SLI is as wanted, texts as patterns, and return it as `ontui status --json` tells it."""
        return self._until("slis", id_, within_s, wanted)

    def source(self, id_: str, within_s: float = 20.0, **wanted: object) -> dict[str, Any]:
        """Do the same for a source; that a busy machine skipped polls is said of it for a minute."""
        if wanted.get("error", ...) is None or wanted.get("status") == "ok":
            within_s += SKIPPED_SHOWN_S
        return self._until("sources", id_, within_s, wanted)

    def events(self) -> list[list[str]]:
        """The journal's lines: time, who, what, subject, result, words."""
        return self._place.events()

    # ── what is done ──

    def press(self, *keys: str) -> None:
        """Press keys as a person would, and wait until their effect is drawn."""
        self._loop.run(self._press(keys))

    def look_anew(self, source: str) -> None:
        """Ask a source with a poller that remembers nothing, and fold what it says."""
        self._loop.run(self._look_anew(source))

    def close(self) -> None:
        """End both, and raise what ended them before their time."""
        self._loop.run(self._leave())
        try:
            self._living.result(START_S)
        finally:
            self._loop.stop()

    # ── in the thread ──

    async def _live(self) -> None:
        app = OntuiApp(self.engine, theme="ontui-dark")
        async with app.run_test(size=self._size) as pilot:
            self._pilot = pilot
            engine = asyncio.create_task(self.engine.run(), name="desk")
            over = asyncio.create_task(self._over.wait())
            await pilot.pause()
            self._painted.set()
            await asyncio.wait({engine, over}, return_when=asyncio.FIRST_COMPLETED)
            engine.cancel()
            over.cancel()
        _, ended = await asyncio.gather(over, engine, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _leave(self) -> None:
        self._over.set()

    @property
    def _app(self) -> OntuiApp:
        assert self._pilot is not None
        assert isinstance(self._pilot.app, OntuiApp)
        return self._pilot.app

    async def _text(self) -> str:
        strips = self._app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def _json(self) -> dict[str, Any]:
        told = to_json(self.engine.state, self.engine.now())
        whole: dict[str, Any] = json.loads(json.dumps(told, allow_nan=False))
        return whole

    async def _tones(self, pattern: str) -> set[str]:
        rows = (row for lines in self._app.screen.query(Lines) if lines.display for row in lines.painted)
        return {tone for row in rows for piece, tone in row.line if re.search(pattern, piece)}

    async def _look_anew(self, source: str) -> None:
        config = self.engine.config
        slis = list(config.system.slis.values())
        poller = open_source(config.sources[source], slis, self.engine.now, history_first=True)
        try:
            sample = await poller.poll()
        finally:
            await poller.close()
        self.engine.fold(sample)
        room = self._app.screen
        assert isinstance(room, Room)
        room.tick()
        await asyncio.sleep(0)

    async def _press(self, keys: tuple[str, ...]) -> None:
        assert self._pilot is not None
        await self._pilot.press(*keys)
        await self._pilot.pause()

    def _until(self, kind: str, id_: str, within_s: float, wanted: Mapping[str, object]) -> dict[str, Any]:
        def as_wanted() -> dict[str, Any]:
            found = _one(self.json, kind, id_)
            for key, value in wanted.items():
                assert agrees(found[key], value), f"{key} of {id_} is {found[key]!r}, not {value!r}: {found}"
            return found

        return eventually(as_wanted, within_s)


def _loaded(place: ConfigFolder) -> Config:
    try:
        return load(place.config, os.environ | place.environ, key_ids=BY_ID, pages_must_exist=False)
    except ConfigError as error:
        raise AssertionError("\n".join(map(str, error.findings))) from error


def agrees(found: object, wanted: object) -> bool:
    """Equal; a text need only hold the pattern."""
    if isinstance(wanted, str):
        return isinstance(found, str) and re.search(wanted, found) is not None
    return found == wanted


@dataclass(frozen=True, slots=True)
class Told:
    """What one `ontui status --json` said."""

    code: int
    took_s: float
    json: Mapping[str, Any]

    def sli(self, id_: str) -> dict[str, Any]:
        """One SLI."""
        return _one(self.json, "slis", id_)

    def source(self, id_: str) -> dict[str, Any]:
        """One source."""
        return _one(self.json, "sources", id_)


def status(place: ConfigFolder, *options: str) -> Told:
    """Run the installed `ontui status --json` on a config, to its end."""
    ended = place.run("status", "--json", *options)
    assert ended.out, ended
    return Told(ended.code, ended.took_s, ended.json)


def _one(told: Mapping[str, Any], kind: str, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told[kind] if each["id"] == id_)
    return found


def peak_mb(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    told = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB", told, re.M)
    assert found is not None
    return int(found[1]) * 1024 / 1e6
