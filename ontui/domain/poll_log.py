"""How the last polls of a source went."""

from dataclasses import dataclass

from ontui.domain.sample import Fault, Sample

KEPT = 100


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll."""

    at: float
    """When it was sent."""
    took_s: float
    fault: Fault | None = None
    note: str = ""
    """Why it asked nothing: something else needed the connection."""
    left_out: int = 0
    """Turns before it at which the source was not asked: it was left to rest, or we were asleep or too busy."""


def logged(log: tuple[Poll, ...], sample: Sample, interval_s: float) -> tuple[Poll, ...]:
    """The log with one more poll, the newest last."""
    apart_s = sample.at - log[-1].at if log else 0.0
    left_out = max(0, round(apart_s / interval_s) - 1) if apart_s > 1.5 * interval_s else 0
    note = "; ".join(sample.findings) if not sample.readings and sample.fault is None else ""
    return (*log[1 - KEPT :], Poll(sample.at, sample.latency_s, sample.fault, note, left_out))
