"""A health endpoint, polled into samples."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import HttpSource
from ontui.domain.text import clean, one_line
from ontui.sources.http_expect import MISSING, Seen, at_path, shortfall
from ontui.sources.http_health import Health
from ontui.sources.http_probe import Check, Probe
from ontui.sources.table import plain_number, records_reading

DAY_S = 86400.0
SOON_DAYS = 14.0
"""A certificate that ends sooner is a finding."""
SLEPT_S = 2.0
"""A check that took so much longer than its deadline was interrupted by sleep, and says nothing."""
RAW_CHARS = 2000


class HttpPoller:
    """Checks one endpoint and remembers how the last checks went."""

    def __init__(self, source: HttpSource, slis: Sequence[Sli], now: Callable[[], float]) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._health = Health(source.down_after)
        self._probe = Probe(source, any(sli.metric == "cert_days" for sli in self._slis))

    async def poll(self) -> Sample:
        """Check once; a check that is cancelled, interrupted or our own fault does not count."""
        sent = self._now()
        check = await self._probe.check()
        fault = check.fault or self._unmet(check.seen)
        up = self._judged(sent, fault)
        readings = {sli.id: self._reading(sli, up, check, fault, sent) for sli in self._slis}
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

    async def close(self) -> None:
        """Drop the connection."""
        await self._probe.close()

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

    def _reading(self, sli: Sli, up: Reading, check: Check, fault: Fault | None, at: float) -> Reading:
        """What one SLI has of a check; what was answered counts, also where it is not what was expected."""
        if sli.metric == "up":
            notes = " · ".join(filter(None, (check.phases, up.note)))
            raw = clean(check.seen.body[: RAW_CHARS * 2].decode("utf-8", "replace"), RAW_CHARS) if check.seen else ""
            caveat = up.caveat or ("body too large: the rest was not read" if _cut(check.seen) and not fault else "")
            return replace(up, at=at, caveat=caveat, raw=raw, note=notes)
        if sli.metric == "cert_days":
            return self._certificate(check, fault, at)
        if check.seen is None:
            return Reading.no_data(at, fault.text if fault is not None else "no answer")
        caveat = fault.text if fault is not None else ""  # a wrong answer is quick, and may hold any number
        if sli.json_path:
            found = _rows(sli, check.seen, at) if sli.rows else _number(sli.json_path, check.seen, at)
            return replace(found, caveat="; ".join(filter(None, (caveat, found.caveat))))
        if sli.metric == "latency":
            return Reading(check.latency_s, at, caveat=caveat, note=check.phases)
        if sli.metric == "status":
            return Reading(float(check.seen.status), at, note=check.phases)
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


def _rows(sli: Sli, seen: Seen, at: float) -> Reading:
    """The rows of a list in the body."""
    if not seen.whole:
        return Reading.unknown(at, "body too large")
    found = at_path(seen.document, sli.json_path) if seen.document is not MISSING else MISSING
    if found is MISSING:
        return Reading.no_data(at, f"the answer has no {one_line(sli.json_path, 60)!r}")
    return records_reading(sli, found, plain_number, Reading(None, at))


def _number(path: str, seen: Seen, at: float) -> Reading:
    """The number at a path of the body."""
    if not seen.whole:
        return Reading.unknown(at, "body too large")
    document = seen.document
    if document is MISSING:
        return Reading.no_data(at, "the answer is not JSON")
    found = at_path(document, path)
    shown = one_line(path, 60)
    if found is MISSING:
        return Reading.no_data(at, f"the answer has no {shown!r}")
    if found is None:
        return Reading.no_data(at, f"{shown} is null")
    if not isinstance(found, int | float):
        return Reading.unknown(at, f"{shown} is {one_line(repr(found), 60)}, not a number")
    try:
        value = float(found)
    except OverflowError:
        return Reading.unknown(at, f"{shown} is too large a number")
    if not math.isfinite(value):
        return Reading.no_data(at, "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf")
    return Reading(value, at)
