"""What the engine knows of a source."""

from typing import Protocol, runtime_checkable

from ontui.domain.sample import Point, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import Source


class Poller(Protocol):
    """Looks at one source again and again, keeping what it needs between two looks."""

    @property
    def source(self) -> Source:
        """What is looked at."""

    async def poll(self) -> Sample:
        """Look once, within `source.timeout_s`; a foreseeable fault is a Sample with `fault`, only a bug raises."""

    async def close(self) -> None:
        """Let go of connections and of work in the background; prompt, and never hangs."""


class NoHistory(Exception):
    """The past could not be had; the message is one clean line that says why."""


@runtime_checkable
class KeepsHistory(Protocol):
    """A poller whose source remembers; optional."""

    async def history(self, sli: Sli, span_s: float) -> tuple[Point, ...]:
        """The last `span_s` seconds, oldest first, by our clock, gaps as points without a value; raises NoHistory.

        Where nothing was measured there are no points.
        Called rarely and beside the polls, which must not wait for it; it bounds itself and may be cancelled.
        """
