"""What the guard says of the end of a run, and how that reads for people."""

import contextlib
from pathlib import Path
from typing import NamedTuple

from ontui.actions.ended import Ended
from ontui.domain.action import Outcome

LONGEST = 1000
"""Bytes the file of an end may have."""


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


def as_ended(over: Over, timeout_s: float) -> Ended:
    """The outcome, with a line for people."""
    left = f"; ended {over.behind} it left behind" if over.behind else ""
    if over.stuck:
        left = f"; could not end process {over.stuck.replace(',', ', ')}"
    match over.why, over.code:
        case "overdue", _:
            return Ended(Outcome.TIMED_OUT, f"after {timeout_s:g} s{left}")
        case "exited", int(code) if code >= 0:
            return Ended(Outcome.FAILED if code else Outcome.OK, f"exit {code}{left}")
        case "exited", int(code):
            return Ended(Outcome.SIGNALLED, f"signal {-code}{left}")
        case _:
            return Ended(Outcome.KILLED, f"stopped{left}")


def end_file(log: Path) -> Path:
    """Where the guard of a run that may be detached leaves its last line: beside the log."""
    return log.with_suffix(".end")


def left_end(log: Path) -> Over | None:
    """How a run ended that was left to its guard; None where nobody saw that."""
    try:
        with end_file(log).open("rb") as file:
            return read_over(file.read(LONGEST).decode(errors="replace").split())
    except OSError:
        return None
