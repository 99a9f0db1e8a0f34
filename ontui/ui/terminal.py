"""The terminal: whether there is one, what it can show, and leaving it as it was found, whatever happens."""

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from ontui.domain.action import Outcome
from ontui.ui.desk import Desk

if TYPE_CHECKING:
    from ontui.ui.app import OntuiApp
    from ontui.ui.outlet import Outlet

GOODBYE_S = 0.3
"""The longest that leaving waits for the desk to end what runs and close its connections."""
ENDING_S = 10.0
"""The same while a run is being ended: TERM, its grace, KILL, and the line in the journal."""
LAST_RESORT_S = 4.0
"""After a signal the program is gone by then, even when a dead terminal holds a write for ever, or the loop is kept."""
WATCH_S = 1.0
"""How often the terminal is asked whether it is still there."""
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""What says which characters there are; the first that is not empty holds."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def refusal(environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO) -> str:
    """Why the cockpit cannot start here, in plain words; empty when it can."""
    for name, stream in (("input", stdin), ("output", stdout), ("error output", stderr)):
        if stream is None or stream.closed or not stream.isatty():
            return f"ontui needs a terminal, and its standard {name} is none; try `ontui status` in scripts and pipes"
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return f"ontui needs a terminal it can draw on, and TERM is {term or 'not set'}; try `ontui status`"
    return ""


def no_terminal() -> str:
    """Why the cockpit cannot start on this process's own streams; empty when it can."""
    return refusal(os.environ, sys.stdin, sys.stdout, sys.stderr)


def is_ascii_only(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether only ASCII can be shown: the locale as it was given decides, as Python makes UTF-8 of a C locale."""
    if environ.get("TERM") == "linux":
        return True   # the console's font has neither Braille nor most of our signs
    given = [environ[name] for name in _LOCALE if name in environ]
    if not given:
        return not _is_utf8(stream.encoding or "ascii")
    locale = next(filter(None, given), "C")
    return not _is_utf8(locale.partition("@")[0].rpartition(".")[2])


def _is_utf8(codeset: str) -> bool:
    return codeset.lower().replace("-", "").replace("_", "").startswith("utf8")


def given_environ() -> Mapping[str, str]:
    """The environment the program was started with: Python adds an LC_CTYPE of its own to a C locale."""
    try:
        pairs = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return os.environ
    return {name: value for name, _, value in (os.fsdecode(pair).partition("=") for pair in pairs)}


def hung_up(fd: int) -> bool:
    """Whether the terminal behind a descriptor went away."""
    poll = select.poll()
    poll.register(fd, 0)   # hang-up and error are always reported
    try:
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    except OSError:
        return True


def run_app(desk: Desk, *, mouse: bool, theme: str | None, on_ready: Callable[[], None] | None = None) -> int:
    """Run the cockpit on this terminal until it is left; the exit code is 0, or 128 + the signal that ended it."""
    if reason := no_terminal():
        sys.stderr.write(reason + "\n")
        return 2
    from ontui.ui.theme import choose

    chosen = choose(theme, os.environ)
    return asyncio.run(_run(desk, chosen, mouse, on_ready))


async def _run(desk: Desk, theme: str, mouse: bool, on_ready: Callable[[], None] | None) -> int:
    from ontui.ui.app import OntuiApp
    from ontui.ui.outlet import Outlet, driver_onto

    is_ascii = is_ascii_only(given_environ(), sys.stderr)
    app, outlet = OntuiApp(desk, theme=theme, is_ascii=is_ascii), Outlet(sys.stderr)
    app.driver_class = driver_onto(outlet)
    engine: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()

    def painted() -> None:
        """Poll only once the first picture is out: connecting takes imports that would hold it up."""
        engine.append(loop.create_task(desk.run(), name="desk"))
        engine[0].add_done_callback(lambda task: _ended(app, task))
        if on_ready is not None:
            on_ready()

    def leaving() -> None:
        """Only once: a second cancellation would cut short the end of what runs, and its record."""
        outlet.leave()
        for task in engine:
            if not task.cancelling():
                task.cancel()

    app.on_painted, app.on_leaving = painted, leaving
    with _Leaver(app, outlet, loop):
        try:
            await app.run_async(mouse=mouse)
        except OSError:
            if not hung_up(sys.stdin.fileno()):   # else there is nobody to tell our last words to
                raise
        finally:
            leaving()
            if engine:
                await asyncio.wait(engine, timeout=ENDING_S if is_busy(desk) else GOODBYE_S)
    return app.return_code or 0


def is_busy(desk: Desk) -> bool:
    """Something runs."""
    return any(execution.run.outcome is Outcome.RUNNING for execution in desk.executions)


class _Leaver:
    """Ends the app on a signal and when the terminal goes: not through the loop alone, which may be kept too busy."""

    def __init__(self, app: "OntuiApp", outlet: "Outlet", loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._outlet, self._loop = app, outlet, loop
        self._over = threading.Event()
        self._last_resort: list[threading.Timer] = []
        self._before: list[Any] = []

    def __enter__(self) -> None:
        self._before = [signal.signal(number, self._told) for number in _SIGNALS]
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for timer in self._last_resort:
            timer.cancel()
        for number, handler in zip(_SIGNALS, self._before, strict=True):
            signal.signal(number, handler)

    def _told(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._leave(number)

    def _watch(self) -> None:
        """Leave when the terminal went without a word: the reader of a dead terminal would spin for ever."""
        while not self._over.wait(WATCH_S):
            if self._outlet.gone or hung_up(sys.stdin.fileno()):
                self._leave(signal.SIGHUP)
                return

    def _leave(self, number: int) -> None:
        timer = threading.Timer(LAST_RESORT_S + (ENDING_S if is_busy(self._app.desk) else 0.0), self._end, (number,))
        timer.daemon = True
        self._last_resort.append(timer)
        timer.start()
        self._loop.call_soon_threadsafe(self._app.exit, None, 128 + number)

    def _end(self, number: int) -> None:
        self._outlet.give_back()
        os._exit(128 + number)


def _ended(app: "OntuiApp", task: asyncio.Task[None]) -> None:
    """The desk never ends by itself; when it does, that is an error to be shown."""
    if not task.cancelled() and (error := task.exception()) is not None:
        app.crash(error)
