"""A vendor's own word about its health, polled into samples; whatever it says is shown as the vendor's."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ontui.domain.rows import reading_of
from ontui.domain.sample import FaultKind, Reading, Row, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import StatuspageSource
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.copies import copy_age_s, copy_words, judged_copy
from ontui.sources.failed import failed_read
from ontui.sources.statuspage_summary import MOST_LINES, Component, NotASummary, Summary, read_summary, summary_url
from ontui.sources.web import Unanswered
from ontui.sources.web_read import Page, Reader

BODY_CAP = 10 << 20
"""The longest summary that is read."""
COPY_OLD_S = 600.0
"""A copy in a cache that is older than this, and than three polls, is not news any more."""
SAYS = "vendor says"
MOST_INCIDENTS = 5


class StatuspagePoller:
    """Reads one vendor's summary."""

    def __init__(self, source: StatuspageSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._reader = Reader(summary_url(source.url), source.access, now, accept="application/json", cap=BODY_CAP)

    async def poll(self) -> Sample:
        """Look once."""
        sent = self._now()
        try:
            page = await self._reader.read(self.source.timeout_s)
            summary = _summary(page)
        except Unanswered as failure:
            return failed_read(self.source, self._slis, sent, self._now() - sent, failure.fault)
        latency_s = self._now() - sent
        copy_s = copy_age_s(page.headers)
        readings = {sli.id: self._reading(sli, summary, copy_s, sent) for sli in self._slis}
        server = f"{SAYS}: {summary.said or 'nothing'}" + (f" ({summary.page})" if summary.page else "")
        return Sample(self.source.id, sent, latency_s, readings, server=one_line(server, 120))

    async def close(self) -> None:
        """Drop the connection."""
        await self._reader.close()

    def _reading(self, sli: Sli, summary: Summary, copy_s: float | None, at: float) -> Reading:
        if sli.metric == "up":
            return Reading(1.0, at)
        said = _said(sli, summary, at)
        copied = "" if copy_s is None else copy_words(copy_s)
        noted = replace(said, note=" · ".join(filter(None, (said.note, copied))))
        reading = judged_copy(noted, copy_s, max(COPY_OLD_S, 3 * self.source.interval_s))
        if reading.value is None:
            return reading
        if reading.flaw is Status.STALE:
            return replace(reading, reason=f"{SAYS}: {reading.reason}")
        missed = sli.objective is not None and sli.objective.holds(reading, None) is False
        return replace(reading, caveat="; ".join(filter(None, (said.note, said.caveat)))) if missed else reading


def _said(sli: Sli, summary: Summary, at: float) -> Reading:
    """What the page says of one SLI, with whose word it is."""
    match sli.metric:
        case "status":
            return _overall(summary, at)
        case "components":
            return _all(sli, summary, at)
        case "incidents":
            shown = "; ".join(summary.incidents[:MOST_INCIDENTS]) or "no open incident"
            more = len(summary.incidents) - MOST_INCIDENTS
            note = f"{SAYS}: {shown}" + (f"; and {more} more" if more > 0 else "")
            return Reading(float(len(summary.incidents)), at, note=note, raw=summary.raw_incidents)
        case "" if sli.component:
            found = summary.find(sli.component)
            return _one(found, at) if isinstance(found, Component) else Reading.unknown(at, found)
    return Reading.unknown(at, f"a statuspage source has no metric {one_line(sli.metric, 40)!r}")


def _overall(summary: Summary, at: float) -> Reading:
    if not summary.indicator:
        return Reading.no_data(at, "the page tells no status", raw=summary.raw)
    if summary.level is None:
        return Reading.unknown(at, f"{SAYS} {summary.indicator!r}, a word nobody knows", raw=summary.raw)
    return Reading(summary.level, at, note=f"{SAYS}: {summary.said}", raw=summary.raw)


def _one(component: Component, at: float) -> Reading:
    if component.level is None:
        return Reading.unknown(at, f"{SAYS} {component.said!r}, a word nobody knows", raw=component.raw)
    note = f"{SAYS}: {component.long_name} {component.said}"
    return Reading(component.level, at, note=note, raw=component.raw)


def _all(sli: Sli, summary: Summary, at: float) -> Reading:
    rows = [
        Row(name, c.level, "" if c.level is not None else f"{SAYS} {c.said!r}, a word nobody knows")
        for name, c in summary.rows()
    ]
    troubled = [name for name, c in summary.rows() if c.level]
    shown = ", ".join(troubled[:MOST_INCIDENTS]) + (" …" if len(troubled) > MOST_INCIDENTS else "")
    note = f"{SAYS}: {len(troubled)} of {len(rows)} components not operational: {shown}" if troubled else (
        f"{SAYS}: all {len(rows)} components operational"
    )  # fmt: skip
    raw = "\n".join(f"{name}: {c.said}" for name, c in summary.rows()[:MOST_LINES])
    reason = "" if rows else "the page lists no components"
    return reading_of(sli, rows, Reading(None, at, reason=reason, note=note, raw=raw))


def _summary(page: Page) -> Summary:
    try:
        return read_summary(page.body)
    except NotASummary as failure:
        raise Unanswered(FaultKind.PROTOCOL, str(failure)) from None
