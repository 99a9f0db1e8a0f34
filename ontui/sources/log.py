"""A file that grows and is rotated, followed and counted."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import LogSource
from ontui.domain.text import one_line, without_escapes
from ontui.sources.apart import Apart, NoAnswer
from ontui.sources.log_look import LATEST, Look
from ontui.sources.log_rate import Window

LINE_CHARS = 300
"""Of a line that is shown."""


class LogPoller:
    """Follows one file and remembers a minute of counts."""

    def __init__(self, source: LogSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._apart = Apart("ontui.sources.log_look", source.path)
        self._patterns = {sli.id: sli.match for sli in self._slis if sli.match}
        counted = [sli.id for sli in self._slis if sli.match or sli.metric == "lines_per_minute"]
        self._windows = {sli: Window() for sli in counted}
        self._latest: dict[str, deque[str]] = {sli: deque(maxlen=LATEST) for sli in counted}
        self._looked_at: float | None = None

    async def poll(self) -> Sample:
        """Look once; a disk that does not answer is a fault like others."""
        sent, timeout_s = self._now(), self.source.timeout_s
        try:
            look = cast("Look", await self._apart.ask((self._patterns, timeout_s * 0.7), timeout_s))
        except NoAnswer as error:
            self._looked_at = None
            text = f"the file was not read within {format_duration(timeout_s)}: {error}"
            return self._failed(Fault(FaultKind.TIMEOUT, text), sent)
        self._count(look, sent)
        if look["fault"]:
            kind = FaultKind.AUTH if look["denied"] else FaultKind.LOST
            return self._failed(Fault(kind, one_line(f"{self.source.address}: {look['fault']}")), sent)
        readings = {sli.id: self._reading(sli, look, sent) for sli in self._slis}
        return Sample(self.source.id, sent, self._now() - sent, readings, server=one_line(look["place"]))

    async def close(self) -> None:
        """End the process that reads."""
        await self._apart.close()

    def _failed(self, fault: Fault, at: float) -> Sample:
        return Sample(self.source.id, at, self._now() - at, fault=fault)

    def _count(self, look: Look, at: float) -> None:
        """Take note of what came since the last look, or in the past of a file that is first seen."""
        seconds = look["past_s"]
        if seconds is None and self._looked_at is not None and look["known"]:
            seconds = at - self._looked_at
        fresh = look["past_s"] is not None or self._looked_at is None or not look["known"]
        self._looked_at = at
        for sli, window in self._windows.items():
            if fresh or sli in look["slow"]:
                window.clear()
            if seconds is not None and sli not in look["slow"]:
                pieces = look["past"] or [{**look["matches"], "": look["lines"]}]
                for piece in pieces:
                    window.add(seconds / len(pieces), piece.get(sli, piece[""]), look["missed"])
            lines = look["latest"].get(sli, look["latest"][""])
            self._latest[sli].extend(one_line(without_escapes(line), LINE_CHARS) for line in lines)

    def _reading(self, sli: Sli, look: Look, at: float) -> Reading:
        age_s = look["age_s"]
        match sli.metric:
            case "size":
                return Reading(float(look["size"] or 0), at, note=one_line(look["place"]))
            case "last_line_age":
                reason = "nothing has been written yet"
                return Reading(age_s, at, data_age_s=age_s) if age_s is not None else Reading.no_data(at, reason)
        rate = self._windows[sli.id].rate()
        raw = "\n".join(self._latest[sli.id])
        if sli.id in look["slow"]:
            return Reading.unknown(at, "it takes too long to look for the pattern in these lines", raw=raw)
        said = f"{rate.count} line{'' if rate.count == 1 else 's'} in {format_duration(rate.seconds)}"
        if rate.per_minute is None:
            # Not even a moment was seen: whether somebody looks again, we cannot know.
            known = f"{said} so far" if rate.seconds else "the file does not tell of the one before"
            return Reading.unknown(at, f"collecting a minute: {known}", raw=raw, early=True)
        caveat = f"at least: {rate.missed}" if rate.missed else ""
        return Reading(rate.per_minute, at, caveat=caveat, raw=raw, note=said, data_age_s=age_s)
