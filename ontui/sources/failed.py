"""A poll that failed as a whole."""

from collections.abc import Sequence

from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import Source

_IS_DOWN = (
    FaultKind.TIMEOUT, FaultKind.REFUSED, FaultKind.UNREACHABLE, FaultKind.SATURATED, FaultKind.STARTING,
    FaultKind.LOST,
)  # fmt: skip
"""Faults that say something about the server, and not about our name, rights or configuration.

A server that answers everybody with a refusal is one of them: full, starting or busy with a script, PostgreSQL or
Redis, it serves nobody and is down. One that refuses a part (MISCONF, MASTERDOWN) is up, with that as its caveat.
"""


class Down(Exception):
    """The server cannot be asked; the fault says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


def failed_poll(source: Source, slis: Sequence[Sli], at: float, took_s: float, fault: Fault) -> Sample:
    """Its sample: that the server is down is known all the same, where that is what the fault says."""
    down = {}
    if fault.kind in _IS_DOWN:
        down = {sli.id: Reading(0.0, at, note=fault.text) for sli in slis if sli.metric == "up"}
    return Sample(source.id, at, took_s, down, fault)


def failed_read(source: Source, slis: Sequence[Sli], at: float, took_s: float, fault: Fault) -> Sample:
    """The same of what is read over HTTP: whatever comes instead of the answer, it is down, unless we are to blame."""
    ours = fault.kind in (FaultKind.CONFIG, FaultKind.BUG)
    up = Reading.unknown(at, fault.text) if ours else Reading(0.0, at, caveat=fault.text)
    return Sample(source.id, at, took_s, {sli.id: up for sli in slis if sli.metric == "up"}, fault)
