"""A ring as the terminal hears it: a bell, and the escape sequence its desktop is told with."""

from ontui.domain.notice import Desktop, Notify, Ring
from ontui.domain.text import one_line

BELL = "\a"
LONGEST = 250
"""Characters of a notification; desktops cut longer ones."""


def sequence(ring: Ring, notify: Notify) -> str:
    """What is written to the terminal for a ring; empty where nothing is asked for.

    Foreign names stand in it: nothing of them can end the sequence or begin another, nor add a part to it.
    """
    bell = BELL if notify.bell and ring.fires else ""
    title, text = _plain(ring.system, 60), _plain(ring.text, LONGEST)
    match notify.desktop:
        case Desktop.OSC9:
            return f"\x1b]9;{title}: {text}\x1b\\{bell}"
        case Desktop.OSC777:
            return f"\x1b]777;notify;{title};{text}\x1b\\{bell}"
        case _:
            return bell


def _plain(text: str, limit: int) -> str:
    """One printable line without a separator; a number at its front would be another command of some terminals."""
    return one_line(text, limit).replace(";", ",")
