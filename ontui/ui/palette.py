"""The command palette: every key, indicator, page and repair by typing; foreign names are never markup."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from ontui.ui import keys
from ontui.ui.screens.looking import LookingRoom

if TYPE_CHECKING:
    from ontui.ui.app import OntuiApp

Entry = tuple[str, str, Callable[[], object]]


class Palette(CommandPalette):
    """Textual's, for lines on which keys come faster than lists are laid out."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError):   # there are options and no lines of them yet: Textual looks one up
            super()._action_command_list(action)


class Everything(Provider):
    """All that can be opened or done from the screen in view."""

    def _entries(self) -> Iterator[Entry]:
        room = self.screen
        if not isinstance(room, LookingRoom):
            return
        app = cast("OntuiApp", self.app)
        desk = app.desk
        for key in keys.KEYS:
            if room.ROOM in key.screens and not key.id.startswith(("move_", "page_", "first", "last", "palette")):
                pressed = ", ".join(map(keys.shown, keys.keys_of(key, desk.config.keymap)))
                yield f"{key.label}  [{pressed}]", key.description, getattr(room, f"action_{key.id}")
        for sli in desk.state.system.slis.values():
            yield f"{sli.title}", f"indicator · {sli.group}", partial(room.open_detail, sli)
        for source in desk.state.system.sources.values():
            yield source.id, f"source · {source.type}", partial(room.open_source, source.id)
        for page in desk.library.pages if desk.library else ():
            yield page.title, f"page · {page.name}", partial(room.open_place, page.name, None, None)
        for action in desk.state.system.actions.values():
            yield action.title, f"repair · {action.danger}", partial(room.begin, action)

    async def discover(self) -> Hits:
        """Before anything is typed."""
        for title, help_, run in self._entries():
            yield DiscoveryHit(Content(title), run, text=title, help=Content(help_))  # type: ignore[arg-type]

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher, words = self.matcher(query), query.lower().split()
        for title, help_, run in self._entries():
            if all(word in title.lower() for word in words):
                yield Hit(2.0, Content(title), run, text=title, help=Content(help_))  # type: ignore[arg-type]
            elif all(word in f"{title} {help_}".lower() for word in words):
                yield Hit(1.5, Content(title), run, text=title, help=Content(help_))  # type: ignore[arg-type]
            elif (score := matcher.match(title)) > 0.5:
                yield Hit(min(score, 1.0), Content(title), run, text=title, help=Content(help_))  # type: ignore[arg-type]
