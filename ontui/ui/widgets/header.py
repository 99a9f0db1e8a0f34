"""The first line of every screen: where one is, how bad it is, whether anything can be changed, and the time."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from ontui.domain.alert import Phase
from ontui.domain.state import State, System
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui.widgets.lines import Line, Lines, Row, cells, spread


def environment(system: System) -> Line:
    """Production as a block that stands out without colour; anything else as a plain word."""
    if system.production:
        return (("▐", "edge"), (system.environment.upper(), "production"), ("▌", "edge"))
    return ((system.environment, "quiet"),)


def counts(state: State) -> Line:
    """How many alerts fire and pend."""
    firing = [a for a in state.alerts.values() if a.phase is Phase.FIRING]
    pending = sum(a.phase is Phase.PENDING for a in state.alerts.values())
    pieces: list[tuple[str, str]] = []
    if firing:
        status = Status.CRITICAL if any(a.pages for a in firing) else Status.WARNING
        style = "alarm" if status is Status.CRITICAL else "warned"
        pieces += [(f" {words.GLYPHS[status]} {len(firing)} firing ", style), ("  ", "plain")]
    if pending:
        pieces += [(f"{words.GLYPHS[Status.WARNING]} {pending} pending", "warning"), ("  ", "plain")]
    return tuple(pieces)


class Title(Lines):
    """The header without its clock, which ticks and therefore is a widget of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State | None = None
        self.read_only = False
        self.paused_at = ""
        """Since when the picture is held, as shown; empty while it is live."""
        self.busy = ("", "")
        """What runs, and how far it is."""
        self.filter = ""
        """What keeps lines from being shown."""

    def rows(self, room: int) -> Sequence[Row]:
        """One line; what matters least goes first when it is narrow."""
        if self.state is None:
            return []
        system = self.state.system
        name: Line = ((" ", "plain"), (system.id, "title"), ("  ", "plain"), *environment(system), ("  ", "plain"))
        middle = counts(self.state)
        if self.filter:
            middle += ((self.filter, "accent"), ("  ", "plain"))
        if self.busy[1]:
            spare = room - cells(name) - cells(middle) - len(self.busy[1]) - 6
            title = f"{words.cut(self.busy[0], spare)} " if spare >= 6 else ""
            middle += (("▸ ", "accent"), (title, "value"), (self.busy[1], "value"), ("  ", "plain"))
        if self.paused_at:
            middle += ((f" PAUSED at {self.paused_at} ", "warned"),)
        mode: Line = (("READ-ONLY", "value"),) if self.read_only else (("READ-WRITE", "quiet"),)
        if cells(name) + cells(middle) + cells(mode) >= room:
            mode = (("RO", "value"),) if self.read_only else ()
        return [Row(spread((*name, *middle), mode, room))]


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

    def compose(self) -> ComposeResult:
        """Title left, clock right."""
        yield Title()
        yield Clock()

    def show(
        self, state: State, at: float, *, read_only: bool, paused_at: str, busy: tuple[str, str], filtered: str
    ) -> None:
        """Draw what changed."""
        title, clock = self.query_one(Title), self.query_one(Clock)
        title.state, title.read_only, title.paused_at, title.busy = state, read_only, paused_at, busy
        title.filter = filtered
        clock.at = at
        title.paint()
        clock.paint()
