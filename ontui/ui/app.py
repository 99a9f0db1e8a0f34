"""The cockpit as a Textual program."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, ClassVar

from rich.console import RenderableType
from rich.segment import Segments
from rich.text import Text
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.events import Event, Key, Paste
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from ontui.domain.action import Outcome
from ontui.domain.notice import Ring
from ontui.domain.state import State
from ontui.domain.text import clean
from ontui.ui import keys, spelling
from ontui.ui.clipboard import LARGEST, keep, state_folder
from ontui.ui.desk import Desk
from ontui.ui.palette import Everything, Palette
from ontui.ui.ring import sequence
from ontui.ui.screens.dashboard import Dashboard
from ontui.ui.screens.looking import SPANS_S, LookingRoom
from ontui.ui.screens.room import Room
from ontui.ui.sparing import Sparing
from ontui.ui.theme import THEMES, AsciiFilter, fallback_variables
from ontui.ui.type_ahead import TypeAhead


class OntuiApp(App[None]):
    """Holds what the screens share: the desk, the held picture, the range of the charts."""

    CSS_PATH = "ontui.tcss"
    TITLE = "ontui"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {Everything}
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, desk: Desk, *, theme: str, is_ascii: bool = False) -> None:
        # Decided here for good: under a theme of colours Textual would turn the terminal's own into black on black.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.desk = desk
        self.span_s = SPANS_S[0]
        self.held: tuple[State, float] | None = None
        """The picture held by `pause`, and its instant."""
        self.on_painted: Callable[[], None] | None = None
        """Called once the first picture is on the screen."""
        self.on_leaving: Callable[[], None] | None = None
        """Called when the app is about to end."""
        for own in THEMES.values():
            self.register_theme(own)
        self.theme = theme if theme in self.available_themes else "ontui-dark"
        self.is_ascii = is_ascii
        """Only ASCII can be shown."""
        self.last_filters: list[LineFilter] = [AsciiFilter()] if is_ascii else []
        """What every line goes through in the end."""
        self.type_ahead = TypeAhead(self)
        self.map_keys()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, for themes that do not know them."""
        return fallback_variables(dark=self.current_theme.dark)

    def get_line_filters(self) -> list[LineFilter]:
        """Ours come last, so that everything passes through them."""
        filters = [f for f in super().get_line_filters() if not isinstance(f, Monochrome)]
        none = [NoColor()] if self.no_color else []   # Textual would send greys, chosen before our theme was known
        return [*filters, *none, *self.last_filters]

    def get_default_screen(self) -> Dashboard:
        """The dashboard is the floor of the stack."""
        return Dashboard(self.desk)

    async def on_event(self, event: Event) -> None:
        """Keys one after the other, each when the one before is done; what else happens as it comes."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif not self.type_ahead.holds(event):
            await super().on_event(event)
            self.type_ahead.handed_on()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send the cells that changed, and no others."""
        super()._display(screen, Sparing.of(renderable) if isinstance(renderable, ChopsUpdate) else renderable)

    def on_ready(self) -> None:
        """The screens are there; what they say is drawn after that, and painted after it was drawn."""
        self.desk.ring_with(self.ring)
        if self.on_painted is not None:
            self.screen.call_after_refresh(self.screen.call_after_refresh, self.on_painted)

    def ring(self, ring: Ring) -> None:
        """The bell, and what the desktop is told, as the config wants it."""
        config = self.desk.config
        told = config.secrets.mask(sequence(ring, config.notify))
        if told and self._driver is not None:
            self._driver.write(spelling.ascii_text(told) if self.is_ascii else told)

    def look_at_size(self) -> None:
        """Notice a terminal that has another size than was told."""
        if look := getattr(self._driver, "look_at_size", None):   # a terminal's driver, and not a test's
            look()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End, and let what is behind the screens end meanwhile; why it ends is what was said first."""
        if not self._exit:
            super().exit(result, return_code, message)
        if self.on_leaving is not None:
            self.on_leaving()

    def copy(self, text: str, said: str) -> None:
        """Ask the terminal to copy, keep it in a file too, and say so."""
        if len(text) <= LARGEST:
            self.copy_to_clipboard(text)
        where = ""
        try:
            where = f" · also in {keep(text, state_folder(os.environ))}"
        except OSError as error:
            where = f" · no file kept: {error.strerror}"
        if isinstance(self.screen, Room):
            self.screen.say(said + where, "quiet")

    def hold(self) -> None:
        """Hold the picture, or let it go on."""
        self.held = None if self.held else (self.desk.state, self.desk.now())

    def map_keys(self) -> None:
        """Keys as the config wants them."""
        wanted = self.desk.config.keymap
        self.set_keymap({name: keys_ for name, keys_ in wanted.items() if name in keys.BY_ID})

    async def load_config(self) -> None:
        """Take the config on disk, and leave the screens whose subject it does not know; or show what is wrong."""
        from ontui.ui.screens.findings import FindingsScreen

        if findings := await self.desk.load_config():
            self.push_screen(FindingsScreen(self.desk, findings))
            return
        self.held = None
        self.map_keys()
        rooms = [room for room in self.screen_stack if isinstance(room, Room)]
        for room in rooms:
            room.show_keys()
        fallen = next((n for n, room in enumerate(self.screen_stack) if isinstance(room, Room) and not room.stands), 0)
        while fallen and len(self.screen_stack) > fallen:
            await self.pop_screen()
        if isinstance(self.screen, Room):
            self.screen.tick()
            self.screen.say("the config is loaded", "ok")

    def leave(self) -> None:
        """Quit; while something runs, ask first."""
        running = [e for e in self.desk.executions if e.run.outcome is Outcome.RUNNING]
        if running:
            from ontui.ui.screens.leave import LeaveScreen

            self.push_screen(LeaveScreen(self.desk, running[-1]))
            return
        self.exit(return_code=0)

    def action_command_palette(self) -> None:
        """Only over screens that look: never over a question."""
        if isinstance(self.screen, LookingRoom):
            self.push_screen(Palette(id="--command-palette"))

    async def action_quit(self) -> None:
        """For ctrl+c and ctrl+q."""
        self.leave()

    def action_help_quit(self) -> None:
        """ctrl+c leaves; it does not explain how to leave."""
        self.leave()

    def crash(self, error: BaseException) -> None:
        """End because of an error outside of Textual's own loop."""
        self._return_code = 1
        self._report(error)

    def _handle_exception(self, error: Exception) -> None:
        """A screen that was still being built when we left finds its parts gone; the code we leave with stands."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual would print local variables, which may hold secrets."""
        self._report(self._exception or sys.exc_info()[1])

    def _report(self, error: BaseException | None) -> None:
        """Say what happened, without local variables and with known secrets masked, once the terminal is restored."""
        lines = "".join(traceback.format_exception(error)) if error is not None else "unknown error\n"
        report = clean(self.desk.config.secrets.mask(lines), 20_000)
        text = Text(f"{report}\nontui stopped because of an error in ontui itself; please report the lines above.")
        self._exit_renderables.append(Segments(self.console.render(text, self.console.options)))
        self._close_messages_no_wait()
