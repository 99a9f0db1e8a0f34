"""How the end of a run that its guard saw reads for people, and where it is left for the next ontui."""

from pathlib import Path

from ontui.actions.ended import Ended
from ontui.domain.action import Outcome
from ontui.guard.over import Over, read_over

LONGEST = 1000
"""Bytes the file of an end may have."""


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
