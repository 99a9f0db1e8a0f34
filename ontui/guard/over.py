"""What the guard says of the end of what it started."""

import contextlib
from typing import NamedTuple


class Over(NamedTuple):
    """The end of a run, as its guard saw it."""

    why: str
    """`exited` by itself, `overdue`, or `told` to end."""
    code: int | None
    """Exit code, a signal as a negative number; None where even KILL did not end it."""
    behind: int
    """Processes the program left behind, which were ended."""
    stuck: str
    """Processes that could not be ended."""
    at: float


def read_over(words: list[str]) -> Over | None:
    """From the words of the guard's last line; None from anything else."""
    with contextlib.suppress(ValueError):
        over, why, code, behind, stuck, at = words
        if over == "over":
            return Over(why, None if code == "-" else int(code), int(behind), stuck.strip("-"), float(at))
    return None
