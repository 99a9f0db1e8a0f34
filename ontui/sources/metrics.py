"""A /metrics endpoint, read directly and polled into samples."""

import asyncio
from collections.abc import Callable, Sequence

from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.selector import Selector, parse_selector
from ontui.domain.sli import STALE_FLOOR_S, Sli
from ontui.domain.source import MetricsSource
from ontui.domain.text import one_line
from ontui.sources.copies import copy_age_s, judged_copy
from ontui.sources.failed import failed_read
from ontui.sources.metrics_growth import LEAST_S, Counters
from ontui.sources.metrics_text import Exposition, Malformed, read_exposition
from ontui.sources.metrics_value import Moment, series_reading
from ontui.sources.one_thread import OneThread
from ontui.sources.web import Unanswered, warm
from ontui.sources.web_read import Page, Reader, server_clock

BODY_CAP = 10 << 20
"""The longest answer that is read."""
ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1"
"""Names are those that curl shows: in OpenMetrics some libraries change them."""
SLEPT_S = 2.0
"""A look that took so much longer than its deadline was interrupted by sleep."""
IN_TURNS = "several processes answer here in turn: their counters cannot be compared"
SETTLE_S = LEAST_S + 0.2
"""How far apart the two answers are where there will be no later poll."""
SOON_S = 0.1
"""With less time left nobody is asked once more."""


class MetricsPoller:
    """Reads one endpoint and remembers its counters."""

    def __init__(
        self, source: MetricsSource, slis: Sequence[Sli], now: Callable[[], float], *, one_shot: bool = False
    ) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now, self._one_shot = now, one_shot
        self._reader = Reader(source.url, source.access, now, accept=ACCEPT, cap=BODY_CAP)
        self._selectors = _selectors(self._slis)
        self._rated = [s for sli in self._slis if sli.rate for s in (sli.series, sli.over) if s]
        self._counters = Counters(3 * source.interval_s + source.timeout_s)
        self._thread: OneThread[Exposition] = OneThread()

    async def poll(self) -> Sample:
        """Look once; up to three times where a rate is wanted and there will be no later look."""
        await warm()
        end = asyncio.get_running_loop().time() + self.source.timeout_s
        sample = await self._look(end)
        short = any(r.early for r in sample.readings.values())
        left_s = end - asyncio.get_running_loop().time()
        if self._one_shot and short and left_s > SETTLE_S + 2 * sample.latency_s:
            await asyncio.sleep(SETTLE_S)
            sample = await self._look(end)
            left_s = end - asyncio.get_running_loop().time()
            if self._counters.doubtful and left_s > 3 * sample.latency_s + SOON_S:
                await asyncio.sleep(min(SETTLE_S, left_s / 3))
                sample = await self._look(end)
        return sample

    async def close(self) -> None:
        """Drop the connection."""
        await self._reader.close()

    async def _look(self, end: float) -> Sample:
        sent = self._now()
        try:
            page = await self._reader.read(end - asyncio.get_running_loop().time())
            latency_s = self._now() - sent
            seen = await self._parsed(page, end)
        except Unanswered as failure:
            return failed_read(self.source, self._slis, sent, self._now() - sent, failure.fault)
        copy_s = copy_age_s(page.headers)
        self._count(seen, sent, page.heard_at, copy_s)
        stale_after_s = max(3 * self.source.interval_s, STALE_FLOOR_S)
        moment = Moment(sent, server_clock(page.headers) or sent, stale_after_s, self._counters)
        server = one_line(page.headers.get("server", ""), 60)
        return Sample(
            self.source.id,
            sent,
            latency_s,
            {s.id: judged_copy(self._reading(s, seen, moment, latency_s), copy_s, stale_after_s) for s in self._slis},
            server=server,
            identity=server,
            findings=(IN_TURNS,) if self._counters.in_turns else (),
            news=(self._counters.news,) if self._counters.news else (),
        )

    async def _parsed(self, page: Page, end: float) -> Exposition:
        """In a thread, because a large answer takes a second."""
        left_s = end - asyncio.get_running_loop().time()
        try:
            return await self._thread.run(lambda: read_exposition(page.body, page.media, self._selectors), left_s)
        except Malformed as failure:
            raise Unanswered(FaultKind.PROTOCOL, str(failure)) from None
        except TimeoutError:
            size = f"{len(page.body) / (1 << 20):.1f} MiB of metrics"
            raise Unanswered(
                FaultKind.TIMEOUT, f"{size} could not be read within {self.source.timeout_s:g} s"
            ) from None

    def _count(self, seen: Exposition, sent: float, heard_at: float, copy_s: float | None) -> None:
        if self._now() - sent > self.source.timeout_s + SLEPT_S:
            self._counters.forget("interrupted")   # by sleep: nobody knows when the answer was made
        else:
            rated = [series for text in dict.fromkeys(self._rated) for series in seen.found[text]]
            self._counters.add(seen, rated, heard_at, copy_s)

    def _reading(self, sli: Sli, seen: Exposition, moment: Moment, latency_s: float) -> Reading:
        match sli.metric:
            case "up":
                return Reading(1.0, moment.at)
            case "latency":
                return Reading(latency_s, moment.at)
            case "":
                top = seen.found.get(sli.series, ())
                return series_reading(sli, top, seen.found.get(sli.over, ()), moment)
        return Reading.unknown(moment.at, f"a metrics source has no metric {one_line(sli.metric, 40)!r}")


def _selectors(slis: Sequence[Sli]) -> list[Selector]:
    return [parse_selector(text) for text in dict.fromkeys(t for sli in slis for t in (sli.series, sli.over) if t)]
