"""How a run ended."""

from collections.abc import Callable
from typing import NamedTuple

from ontui.domain.action import Outcome

OnLine = Callable[[str], None]
"""Takes one line of output: cleaned, masked, without its line end."""


class Ended(NamedTuple):
    """The end of a run."""

    outcome: Outcome
    detail: str
    """`exit 0`, `signal 15`, `11 sessions ended`: one line for people."""
