"""What all screens share: the header, the footer, one tick a second, and the keys that work anywhere."""

import math
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from ontui.domain.action import Outcome
from ontui.domain.hearsay import late_at, without_late
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.ui import format as words
from ontui.ui import keys
from ontui.ui.desk import Desk
from ontui.ui.unseen import begun
from ontui.ui.widgets.field import Field
from ontui.ui.widgets.footer import Footer
from ontui.ui.widgets.header import Header
from ontui.ui.widgets.lines import STYLE_CLASSES, Choices

if TYPE_CHECKING:
    from ontui.ui.app import OntuiApp

SAID_S = 5.0
"""How long an answer of a key stays in the footer."""
LOOK_S, LOOK_FOR_S = 0.05, 10.0
"""How often, and how long after the start at most, first answers are looked for between two seconds."""


class Room(Screen[None]):
    """A screen with header and footer that draws the desk's picture once a second."""

    ROOM: ClassVar[str] = keys.DASHBOARD
    AUTO_FOCUS = ""
    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLE_CLASSES)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._timer: Timer | None = None
        self._drawn: State | None = None
        """The desk's picture when it was last drawn."""
        self._aged: tuple[State, tuple[str, ...], State] | None = None
        """The last picture, the sources that were late in it, and how it is drawn therefore."""
        self._due = 0.0
        """When it is drawn again, whatever was seen."""
        self._said_until = 0.0

    @property
    def cockpit(self) -> "OntuiApp":
        """The app, typed."""
        return cast("OntuiApp", self.app)

    @property
    def state(self) -> State:
        """The picture to draw: the desk's, or the one held by `pause`; alerts of others are as old as their source."""
        state, now = self.cockpit.held or (self.desk.state, self.desk.now())
        late = late_at(state, now)
        if not late:
            return state
        if self._aged is None or self._aged[0] is not state or self._aged[1] != late:
            self._aged = state, late, without_late(state, late, now)
        return self._aged[2]

    @property
    def now(self) -> float:
        """The instant the picture is of."""
        return self.cockpit.held[1] if self.cockpit.held else self.desk.now()

    def compose(self) -> ComposeResult:
        """Header, the screen's own parts, footer."""
        header = Header()
        self._tell(header)
        yield header
        yield from self.parts()
        yield Footer()

    def parts(self) -> ComposeResult:
        """What is between header and footer."""
        return iter(())

    def on_mount(self) -> None:
        """Once: handlers of a base class are always called too, so what screens change is `arrive`."""
        self.arrive()

    def on_screen_resume(self) -> None:
        """In view again."""
        self.come_back()

    def arrive(self) -> None:
        """Draw at once, then tick."""
        self.show_keys()
        self.call_after_refresh(self.tick)

    def show_keys(self) -> None:
        """Those of this screen, as they are mapped."""
        keymap = self.desk.config.keymap
        ends = [keys.shown(k) for k in keys.keys_of(keys.BY_ID["help"], keymap)]
        for footer in self.query(Footer):
            footer.show(keys.footer(self.ROOM, keymap, () if not self.desk.silences.why_not else ("silence",)), ends)

    @property
    def stands(self) -> bool:
        """What it is about is still in the config."""
        return True

    def come_back(self) -> None:
        """Draw what changed while this was out of view."""
        if self._timer is None:
            self.call_after_refresh(self.tick)

    def on_screen_suspend(self) -> None:
        """Out of view: nothing to draw."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def on_unmount(self) -> None:
        """Let go of what was painted: for colours they asked, Textual remembers 1024 painters and their pictures."""
        StylesCache.get_inner_outer.cache_clear()

    def tick(self) -> None:
        """Draw what changed and come back just after the next full second, when the clock moves."""
        if self._timer is not None:
            self._timer.stop()
        now, self._drawn = self.desk.now(), self.desk.state
        wait_s = max(0.05, 1.02 - now % 1)
        if self._is_first(now):
            self._due = now + wait_s
            self._timer = self.set_timer(LOOK_S, self._look)
        else:
            self._timer = self.set_timer(wait_s, self.tick)
        if self._said_until and now >= self._said_until:
            self.say("")
        self.cockpit.look_at_size()
        self.draw_header()
        self.draw()

    def _is_first(self, now: float) -> bool:
        """Some source has not answered yet, and one has just started: nobody should wait for a number that is here."""
        unheard = any(source.tried_at is None for source in self.desk.state.sources.values())
        return unheard and now - self.desk.started_at < LOOK_FOR_S

    def _look(self) -> None:
        """Draw as soon as there is something new."""
        if self.desk.state is not self._drawn or self.desk.now() >= self._due:
            self.tick()
        else:
            self._timer = self.set_timer(LOOK_S, self._look)

    def draw(self) -> None:
        """Hand the values to the widgets."""

    def draw_header(self) -> None:
        """The line every screen has."""
        header = self.query_one(Header)
        self._tell(header)
        header.paint()

    def _tell(self, header: Header) -> None:
        held = self.cockpit.held
        loads = keys.keys_of(keys.BY_ID["load_config"], self.desk.config.keymap) if self.desk.config_changed else ()
        header.take(
            self.state, self.desk.now(), read_only=self.desk.read_only,
            held_at=held[1] if held else None, busy=self.busy(), filtered=self.filtered,
            load_key=keys.shown(loads[0]) if loads else "", muted=self.muted,
            begun=begun(held[0], self.desk.state) if held else (0, Status.OK),
        )  # fmt: skip

    @property
    def muted(self) -> str:
        """For how long nothing is told aloud; empty while it is."""
        until = self.desk.muted_until
        return f"{math.ceil((until - self.desk.now()) / 60)}m" if until is not None else ""

    @property
    def filtered(self) -> str:
        """Why not every line is shown."""
        return ""

    def busy(self) -> tuple[str, str]:
        """What runs right now, or is watched after it ran."""
        running = [e for e in self.desk.executions if e.run.outcome is Outcome.RUNNING]
        if len(running) > 1:
            return "", f"{len(running)} running"
        execution = running[0] if running else self.desk.execution
        if execution is None:
            return "", ""
        run = execution.run
        if run.outcome is Outcome.RUNNING:
            elapsed = words.minutes(self.desk.now() - run.started_at)
            return run.title, f"{elapsed} of {words.minutes(run.timeout_s)}"
        return (run.title, "watching") if execution.watching else ("", "")

    def say(self, text: str, tone: str = "warning") -> None:
        """Answer a key in the footer: why it cannot act, or that it did."""
        self._said_until = self.desk.now() + SAID_S if text else 0.0
        self.query_one(Footer).say(text, tone)

    @on(Field.NotTaken)
    def _say_not_taken(self) -> None:
        self.say("several lines were pasted: none was taken")

    def masked(self, text: str) -> str:
        """Without secrets."""
        return self.desk.config.secrets.mask(text)

    # ── keys that work alike everywhere ──

    @property
    def list_in_focus(self) -> Choices | None:
        """The list the arrow keys move in."""
        return self.focused if isinstance(self.focused, Choices) else None

    @property
    def screenful(self) -> int:
        """Lines that a page moves by in that list; more than one, which is a step."""
        return max(2, self.list_in_focus.size.height - 1) if self.list_in_focus else 2

    def action_move_up(self) -> None:
        """One line up."""
        if choices := self.list_in_focus:
            choices.move(-1)

    def action_move_down(self) -> None:
        """One line down."""
        if choices := self.list_in_focus:
            choices.move(1)

    def action_page_up(self) -> None:
        """A screenful up."""
        if choices := self.list_in_focus:
            choices.move(-self.screenful)

    def action_page_down(self) -> None:
        """A screenful down."""
        if choices := self.list_in_focus:
            choices.move(self.screenful)

    def action_first(self) -> None:
        """To the top."""
        if choices := self.list_in_focus:
            choices.enter(1)

    def action_last(self) -> None:
        """To the bottom."""
        if choices := self.list_in_focus:
            choices.enter(-1)

    def action_open(self) -> None:
        """What is selected."""
        if choices := self.list_in_focus:
            choices.open()

    def action_back(self) -> None:
        """To the screen this one came from."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def action_help(self) -> None:
        """The keys."""
        from ontui.ui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.desk, self.ROOM))

    def action_palette(self) -> None:
        """Find anything by typing."""
        self.app.action_command_palette()

    def action_leave(self) -> None:
        """Quit, or ask while something runs."""
        self.cockpit.leave()

    def action_poll_now(self) -> None:
        """Ask every source."""
        self.desk.poll_now()
        self.say("asking every source now", "quiet")

    def action_pause(self) -> None:
        """Hold the picture, or let it go on."""
        self.cockpit.hold()
        self.tick()

    def action_mute(self) -> None:
        """Silence for an hour, or sound again."""
        self.desk.mute()
        self.draw_header()
        self.say("muted for an hour: alerts are shown, not told" if self.muted else "alerts are told aloud again", "ok")

    def action_latest_run(self) -> None:
        """The latest run and its output."""
        if self.desk.execution is None:
            self.say("nothing was run in this session")
            return
        from ontui.ui.screens.action import ActionScreen

        self.app.push_screen(ActionScreen.of(self.desk, self.desk.execution))
