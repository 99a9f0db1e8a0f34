"""Keeps time: when each source is asked."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.sli import STALE_FLOOR_S
from ontui.domain.text import one_line
from ontui.sources.poller import Poller

BACK_OFF_S = 30.0
"""A failing source is asked at least this often, or at its own interval if that is longer; never rarer than numbers
of its interval stay fresh, or a source that is well again would be called down for longer than one that is not."""
EARLY_S = (1.5, 5.0)
"""After the start a source is also asked at these instants: the past hour comes with the second answer, and a rate
needs two answers some seconds apart. Nobody who was paged waits a whole interval for that."""
SKIPPED_SHOWN_S = 60.0
"""How long it is said that polls were skipped."""
SLEPT_S = 5.0
"""A poll that took so much longer than its deadline was interrupted: the machine or we were asleep."""


class PollLoop:
    """Asks one source on a fixed grid; a poll never overlaps itself and a failing source is asked more rarely."""

    def __init__(
        self, poller: Poller, now: Callable[[], float], publish: Callable[[Sample], None], chance: random.Random
    ) -> None:
        self.poller = poller
        self._now, self._publish = now, publish
        self._phase_s = chance.uniform(0.0, 0.1) * poller.source.interval_s
        self._wanted = asyncio.Event()
        self._failures = 0
        self._skipped: tuple[tuple[float, int], ...] = ()
        """When polls that took longer than the interval ended, and how many turns had gone by."""
        self.answered = asyncio.Event()
        """Set by the first answer."""

    def poll_now(self) -> None:
        """Ask at once instead of at the next turn."""
        self._wanted.set()

    async def run(self) -> None:
        """Until cancelled."""
        began = self._now()
        start, early = began + self._phase_s, [began + s for s in EARLY_S]
        while True:
            self._wanted.clear()
            if sample := await self._ask():
                self.answered.set()
                self._failures = self._failures + 1 if sample.fault and not sample.readings else 0
                due = self._due(start)
                early = [at for at in early if self._now() < at < due]
                if early and not self._failures:
                    due = early.pop(0)
                self._publish(replace(sample, next_at=due))
            else:
                due = self._now()
            await self._wait_until(due)

    async def once(self) -> Sample | None:
        """Ask a single time, and publish nothing."""
        return await self._ask()

    async def _ask(self) -> Sample | None:
        """One poll; None when it was interrupted by sleep and says nothing about the source."""
        source, sent = self.poller.source, self._now()
        try:
            sample = await self.poller.poll()
        except Exception as error:  # noqa: BLE001 — a bug in one source makes its panels stale, never ends the program
            text = one_line(f"ontui failed to ask: {type(error).__name__}: {error}")
            sample = Sample(source.id, sent, self._now() - sent, fault=Fault(FaultKind.BUG, text))
        took_s = self._now() - sent
        return None if took_s > source.timeout_s + SLEPT_S else self._counted(sample, took_s)

    def _counted(self, sample: Sample, took_s: float) -> Sample:
        """With a finding where polls outlast their interval: turns are then skipped, never caught up on."""
        now, interval_s = self._now(), self.poller.source.interval_s
        if turns := int(took_s // interval_s):
            self._skipped = (*self._skipped, (now, turns))
        self._skipped = tuple((at, n) for at, n in self._skipped if now - at <= SKIPPED_SHOWN_S)
        if not self._skipped:
            return sample
        count = sum(n for _, n in self._skipped)
        polls = "1 poll" if count == 1 else f"{count} polls"
        text = f"{polls} skipped in the last minute: an answer took longer than {format_duration(interval_s)}"
        return replace(sample, findings=(*sample.findings, text))

    def _due(self, start: float) -> float:
        """The next turn on the grid; every failure in a row doubles the distance, up to the back-off limit."""
        source, interval_s = self.poller.source, self.poller.source.interval_s
        most = max(interval_s, min(BACK_OFF_S, max(3 * interval_s, STALE_FLOOR_S))) if source.is_spared else interval_s
        distance = min(interval_s * 2 ** max(0, min(self._failures, 8) - 1), most)
        earliest = self._now() if self._failures < 2 else self._now() + distance - interval_s
        turns = max(0.0, earliest - start) // interval_s + 1
        return start + turns * interval_s

    async def _wait_until(self, due: float) -> None:
        while (left := due - self._now()) > 0:
            try:
                async with asyncio.timeout(min(left, 1.0)):
                    await self._wanted.wait()
            except TimeoutError:
                continue
            return
