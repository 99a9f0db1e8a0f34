"""A health endpoint, polled into samples."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ontui.domain.quantity import format_number
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.sli import STALE_FLOOR_S, Sli
from ontui.domain.source import HttpSource
from ontui.domain.status import Status
from ontui.domain.text import clean, one_line
from ontui.sources.copies import judged_copy
from ontui.sources.extract import Found
from ontui.sources.finder import Finder
from ontui.sources.http_expect import Seen, shortfall
from ontui.sources.http_health import Health
from ontui.sources.http_probe import Check, Probe
from ontui.sources.table import plain_number, records_reading

DAY_S = 86400.0
SOON_DAYS = 14.0
"""A certificate that ends sooner is a finding."""
SLEPT_S = 2.0
"""A check that took so much longer than its deadline was interrupted by sleep, and says nothing."""
RAW_CHARS = 2000
LEAST_S = 1.0
"""What looking into the answer may take, however long it was in coming."""


class HttpPoller:
    """Checks one endpoint and remembers how the last checks went."""

    def __init__(self, source: HttpSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._health = Health(source.down_after)
        self._probe = Probe(source, any(sli.metric == "cert_days" for sli in self._slis))
        self._finder = Finder(self._slis, "answer")

    async def poll(self) -> Sample:
        """Check once; a check that is cancelled, interrupted or our own fault does not count."""
        sent = self._now()
        check, _ = await asyncio.gather(self._probe.check(), self._finder.begin(self.source.timeout_s))
        fault = check.fault or self._unmet(check.seen)
        up = self._judged(sent, fault)
        found = await self._found(check.seen, sent)
        # Without an answer only this is known: whether it is up, and what the handshake showed of its certificate.
        told = [s for s in self._slis if check.seen is not None or s.metric in ("up", "cert_days")]
        said = {sli.id: (sli, self._reading(sli, up, check, found, fault, sent)) for sli in told}
        readings = {id_: self._judged_copy(sli, reading, check) for id_, (sli, reading) in said.items()}
        return Sample(
            self.source.id,
            sent,
            check.latency_s,
            readings,
            fault,
            server=check.server,
            identity=check.server,
            findings=self._findings(check, sent),
            skew_s=_skew_s(check, sent),
        )

    def _judged_copy(self, sli: Sli, reading: Reading, check: Check) -> Reading:
        """What an old copy says is stale, also that all is well; how long it took and its certificate are of now."""
        if check.seen is None or sli.metric in ("latency", "cert_days"):
            return reading
        return judged_copy(reading, check.seen.copy_s, max(3 * self.source.interval_s, STALE_FLOOR_S))

    async def close(self) -> None:
        """Drop the connection, and end what looks into answers."""
        await self._probe.close()
        await self._finder.close()

    def _unmet(self, seen: Seen | None) -> Fault | None:
        text = shortfall(self.source, seen) if seen is not None else ""
        if not text or seen is None:
            return None
        return Fault(FaultKind.AUTH if seen.status in (401, 403) else FaultKind.PROTOCOL, text)

    def _judged(self, sent: float, fault: Fault | None) -> Reading:
        if fault is not None and fault.kind in (FaultKind.CONFIG, FaultKind.BUG):
            return Reading.unknown(sent, fault.text)
        if self._now() - sent > self.source.timeout_s + SLEPT_S:
            return Reading.unknown(sent, "the check was interrupted")
        return self._health.failed(sent, fault.text) if fault is not None else self._health.passed(sent)

    async def _found(self, seen: Seen | None, sent: float) -> Mapping[str, Found]:
        """What stands in the answer."""
        if seen is None:
            return {}
        if not seen.whole:
            return self._finder.wrong("body too large")
        within_s = max(LEAST_S, self.source.timeout_s - (self._now() - sent))
        return await self._finder.find(seen.body.decode("utf-8", "replace"), within_s)

    def _reading(
        self, sli: Sli, up: Reading, check: Check, found: Mapping[str, Found], fault: Fault | None, at: float
    ) -> Reading:  # fmt: skip
        """What one SLI has of a check; what was answered counts, also where it is not what was expected."""
        if sli.metric == "up":
            notes = " · ".join(filter(None, (check.phases, up.note)))
            raw = clean(check.seen.body[: RAW_CHARS * 2].decode("utf-8", "replace"), RAW_CHARS) if check.seen else ""
            caveat = up.caveat or ("body too large: the rest was not read" if _cut(check.seen) and not fault else "")
            return replace(up, at=at, caveat=caveat, raw=raw, note=notes)
        if sli.metric == "cert_days":
            return self._certificate(check, fault, at)
        if sli.json_path:
            return _in_answer(sli, found.get(sli.id, Found()), fault, at)
        assert check.seen is not None  # noqa: S101 - the others are told of answers only
        caveat = fault.text if fault is not None else ""  # a wrong answer is quick, and may hold any number
        if sli.metric == "latency":
            return Reading(check.latency_s, at, caveat=caveat, note=check.phases)
        if sli.metric == "status":
            expected = check.seen.status in self.source.status
            return Reading(float(check.seen.status), at, caveat="" if expected else caveat, note=check.phases)
        return Reading.unknown(at, f"an http source has no metric {one_line(sli.metric, 40)!r}")

    def _certificate(self, check: Check, fault: Fault | None, at: float) -> Reading:
        if check.expires_at is None:
            plain = not self.source.url.lower().startswith("https:")
            reason = "not an https address" if plain else fault.text if fault is not None else "no certificate seen"
            return Reading.no_data(at, reason)
        distrusted = fault is not None and fault.kind is FaultKind.TLS
        caveat = fault.text if fault is not None and distrusted else ""
        return Reading((check.expires_at - at) / DAY_S, at, caveat=caveat)

    def _findings(self, check: Check, at: float) -> tuple[str, ...]:
        if check.expires_at is None:
            return ()
        days = (check.expires_at - at) / DAY_S
        if days >= SOON_DAYS:
            return ()
        return (f"the certificate ends in {days:.0f} days" if days >= 0 else "the certificate has expired",)


def _skew_s(check: Check, sent: float) -> float | None:
    """How far the server's clock is ahead of ours, half a second either way."""
    if check.seen is None or check.seen.clock is None:
        return None
    return check.seen.clock + 0.5 - (sent + check.latency_s / 2)


def _cut(seen: Seen | None) -> bool:
    return seen is not None and not seen.whole


def _in_answer(sli: Sli, found: Found, fault: Fault | None, at: float) -> Reading:
    """What stands in the JSON, with what is wrong with the answer; that alone where nothing stands there."""
    match found:
        case {"cell": cell}:
            reading = _number(sli.json_path, cell, at)
        case {"records": records}:
            reading = records_reading(sli, records, plain_number, Reading(None, at))
        case {"nothing": str(reason)}:
            reading = Reading.no_data(at, reason)
        case _:
            reading = Reading.unknown(at, str(found.get("wrong", "no answer")))
    if fault is None:
        return reading
    if reading.value is None:
        return replace(reading, flaw=Status.UNKNOWN, reason=fault.text)
    return replace(reading, caveat="; ".join(filter(None, (fault.text, reading.caveat))))


def _number(path: str, cell: object, at: float) -> Reading:
    if not isinstance(cell, int | float):
        return Reading.unknown(at, f"{one_line(path, 60)} is {one_line(repr(cell), 60)}, not a number")
    value = float(cell)
    return Reading(value, at) if math.isfinite(value) else Reading.no_data(at, format_number(value))
