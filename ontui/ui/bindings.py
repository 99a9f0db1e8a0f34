"""The key table as the terminal library wants it."""

from textual.binding import Binding, BindingType

from ontui.ui.keys import KEYS


def bindings(screen: str) -> list[BindingType]:
    """The bindings of a screen; each has an id, so that `keymap:` can move it, and is the screen's `action_<id>`."""
    return [
        Binding(",".join(key.keys), key.id, key.description, show=False, id=key.id)
        for key in KEYS
        if screen in key.screens
    ]
