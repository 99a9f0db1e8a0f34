"""The first line of every screen: where one is, how bad it is, whether anything can be changed, and the time."""

from collections.abc import Collection, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize

from ontui.domain.alert import Phase
from ontui.domain.quantity import format_age
from ontui.domain.state import State, System
from ontui.domain.status import Status
from ontui.ui import fit, others
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Lines, Row, cells, spread

SHORTER = (
    "pause age", "config words", "busy title", "muted for", "mode", "pending word", "firing word", "at", "filter",
    "gaps", "name", "pending", "no filter", "no config", "no busy", "no muted", "no mode", "production", "paused",
)  # fmt: skip
"""What gives way in a narrow window, in this order: that it is production, and how much fires or began to, never do."""
CLOCK_FROM, CLOCK_PAUSED_FROM = 40, 60
"""Columns from which the clock has its place."""


def environment(system: System, *, short: bool = False) -> Line:
    """Production as a block that stands out without colour; anything else as a plain word."""
    if system.production:
        name = system.environment.upper()
        return (("▐", "edge"), (name[:4] if short else name, "production"), ("▌", "edge"))
    return ((system.environment, "quiet"),)


def counts(state: State, less: Collection[str]) -> list[Line]:
    """How many alerts fire and pend, ours and those of others."""
    own = [a for a in state.alerts.values() if a.phase is Phase.FIRING and a.well_since is None]
    firing = len(own) + others.how_many(state, others.firing)
    pending = sum(a.phase is Phase.PENDING for a in state.alerts.values()) + others.how_many(state, others.pending)
    parts: list[Line] = []
    if firing:
        pages = any(a.pages for a in own) or any(c.first.pages for c in state.others)
        status = Status.CRITICAL if pages else Status.WARNING
        word = "" if "firing word" in less else " firing"
        style = "alarm" if status is Status.CRITICAL else "warned"
        parts.append(((f" {words.GLYPHS[status]} {firing}{word} ", style),))
    if pending and "pending" not in less:
        word = "" if "pending word" in less else " pending"
        parts.append(((f"{words.GLYPHS[Status.WARNING]} {pending}{word}", "warning"),))
    return parts


class Title(Lines):
    """The header without its clock, which ticks and therefore is a widget of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.read_only = False
        self.paused_at = ""
        """Since when the picture is held, as shown; empty while it is live."""
        self.paused_for = ""
        """How long that is."""
        self.begun = (0, Status.OK)
        """How many alerts began to fire that the held picture does not show, and how bad the worst is."""
        self.busy = ("", "")
        """What runs, and how far it is."""
        self.filter = ""
        """What keeps lines from being shown."""
        self.load_key = ""
        """The key that loads the config, when that is another one on disk."""
        self.muted = ""
        """For how long nothing is told aloud; empty while it is."""

    def rows(self, room: int) -> Sequence[Row]:
        """One line, as full as there is room for."""
        if self.state is None:
            return []
        for count in range(len(SHORTER) + 1):
            start, mode = self._line(self.state, room, SHORTER[:count])
            if cells(start) + cells(mode) < room:
                break
        return [Row(spread(start, mode, room))]

    def _line(self, state: State, room: int, less: Collection[str]) -> tuple[Line, Line]:
        parts: list[Line] = [] if "name" in less else [((state.system.id, "title"),)]
        parts.append(environment(state.system, short="production" in less))
        parts += counts(state, less)
        if self.filter and "no filter" not in less:
            parts.append(((fit.cut(self.filter, 10) if "filter" in less else self.filter, "accent"),))
        if self.paused_at and "paused" not in less:
            at = " " if "at" in less else " at "
            age = f", {self.paused_for}" if self.paused_for and "pause age" not in less else ""
            parts.append(((f" PAUSED{at}{self.paused_at}{age} ", "warned"),))
        if self.begun[0]:
            word = "new" if "firing word" in less else "new firing"
            tone = "alarm" if self.begun[1] is Status.CRITICAL else "warned"
            parts.append(((f" {self.begun[0]} {word} ", tone),))
        if self.load_key and "no config" not in less:
            told = "config" if "config words" in less else "config changed:"
            parts.append(((f"{words.GLYPHS[Status.WARNING]} {told} ", "warning"), (self.load_key, "key"),
                          ("" if "config words" in less else " loads it", "warning")))   # fmt: skip
        if self.muted and "no muted" not in less:
            parts.append(((f" MUTED{'' if 'muted for' in less else f' {self.muted}'} ", "warned"),))
        mode = self._mode(less)
        gap = (" " if "gaps" in less else "  ", "plain")
        if self.busy[1] and "no busy" not in less:
            used = sum(cells(part) + 2 for part in parts) + cells(mode) + cells(((self.busy[1], ""),)) + 7
            title = "" if "busy title" in less else self.busy[0]
            title = fit.cut(title, max(6, room - used)) + " " if title else ""
            parts.append((("▸ ", "accent"), (title, "value"), (self.busy[1], "value")))
        joined = [piece for part in parts for piece in (gap, *part)]
        return ((" ", "plain"), *joined[1:]), mode

    def _mode(self, less: Collection[str]) -> Line:
        if "no mode" in less:
            return ()
        if self.read_only:
            return (("RO" if "mode" in less else "READ-ONLY", "value"),)
        return (("RW" if "mode" in less else "READ-WRITE", "quiet"),)


class Clock(Lines):
    """The time, UTC: of all that is on the screen it moves most often, so it is small."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def rows(self, room: int) -> Sequence[Row]:
        """`  14:36:51Z `."""
        del room
        return [Row(((f"  {words.clock(self.at)} ", "quiet"),))]


class Header(Horizontal):
    """The line itself."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.clock = Title(), Clock()

    def compose(self) -> ComposeResult:
        """Title left, clock right."""
        yield self.title
        yield self.clock

    def on_resize(self, event: Resize) -> None:
        """In the narrowest windows the time gives way."""
        self._fit(event.size.width)

    def _fit(self, width: int) -> None:
        self.clock.display = width >= (CLOCK_PAUSED_FROM if self.title.paused_at else CLOCK_FROM)

    def take(
        self, state: State, at: float, *, read_only: bool, held_at: float | None, busy: tuple[str, str], filtered: str,
        load_key: str, muted: str, begun: tuple[int, Status] = (0, Status.OK),
    ) -> None:  # fmt: skip
        """What there is to draw: told before the first picture, so that none is without it."""
        title = self.title
        title.state, title.read_only, title.busy, title.filter = state, read_only, busy, filtered
        title.load_key, title.muted, title.begun = load_key, muted, begun
        title.paused_at = words.clock(held_at) if held_at is not None else ""
        title.paused_for = format_age(at - held_at) if held_at is not None else ""
        self.clock.at = at

    def paint(self) -> None:
        """Draw what changed."""
        self._fit(self.size.width)
        self.title.paint()
        self.clock.paint()
