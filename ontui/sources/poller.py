"""What the engine knows of a source."""

from typing import Protocol

from ontui.domain.sample import Sample
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
