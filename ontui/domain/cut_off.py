"""Whether our own view is bad: when every host falls silent at once, the network here is likelier than all of them.

A failed poll says that its source is down; an alert believes that once another host was heard since. A host that
refuses is heard, and to this machine itself no network leads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ontui.domain.quantity import format_age
from ontui.domain.sample import FaultKind, Sample
from ontui.domain.source import CommandSource, EnvSource, LogSource, Source
from ontui.domain.source_health import SourceHealth

UNHEARD = frozenset({FaultKind.TIMEOUT, FaultKind.UNREACHABLE, FaultKind.DNS, FaultKind.LOST})
"""Faults that a network could cause; with any other the source was heard."""
HERE = (CommandSource, EnvSource, LogSource)
"""What they look at may be on this machine: that they answer says nothing of the network."""
PATIENCE_S = 15.0
"""The longest that an alert waits for another source to be heard."""
QUIET_S = 5.0
"""Sources that were not asked for so long are asked when another falls silent."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """All sources fail, and most of them since the same moment."""

    since: float
    """When the first of those failed."""
    count: int
    """How many sources there are beyond this machine."""

    def words(self, now: float) -> str:
        """One line for people."""
        which = "both" if self.count == 2 else f"all {self.count}"
        return f"{which} sources on the network fail at once, since {format_age(now - self.since)}: local network?"


def cut_off(sources: Iterable[SourceHealth]) -> CutOff | None:
    """None while any source is heard, if only to refuse; and where they fell silent one after the other."""
    everyone = [s for s in sources if not _is_here(s.source)]
    fell_silent = [s.failing_since for s in everyone if _unheard(s) and s.failing_since is not None]
    if len(fell_silent) < len(everyone) or len({_place(s.source) for s in everyone}) < 2:
        return None
    window_s = PATIENCE_S + max(s.source.timeout_s for s in everyone)
    together = [at for at in fell_silent if max(fell_silent) - at <= window_s]
    return CutOff(min(together), len(everyone)) if len(together) > 1 else None


def is_believed(
    before: SourceHealth, sources: Mapping[str, SourceHealth], sample: Sample, heard_again_at: float
) -> bool:
    """Whether alerts may take a source for as bad as this sample says; `sources` are as they are after it."""
    health = sources[sample.source]
    since = health.failing_since
    if _is_here(health.source):
        return True
    if since is None:   # it answers; that it was down until now counts only if that was believed
        return before.failing_since is None or before.failing_since > heard_again_at
    others = [s for id_, s in sources.items() if id_ != sample.source and not _is_here(s.source)]
    elsewhere = [s for s in others if _place(s.source) != _place(health.source)]
    if not _unheard(health) or not elsewhere:
        return True
    if sample.at < heard_again_at:
        return False
    # It may have fallen silent at any moment of its first failed poll, but for one that never answered.
    silent_at = since if health.ok_at is None else since + health.source.timeout_s
    if any(_heard_at(other) >= silent_at for other in others):
        return True
    return sample.at - since > PATIENCE_S and cut_off(sources.values()) is None


def witnesses(before: SourceHealth, sources: Mapping[str, SourceHealth], sample: Sample, now: float) -> list[str]:
    """Whom to ask out of turn, now that a source has fallen silent: whoever would else not be heard for a while."""
    if before.failing_since is not None or not _unheard(sources[sample.source]):
        return []
    others = [s for id_, s in sources.items() if id_ != sample.source and s.fault is None]
    return [s.source.id for s in others if s.tried_at is not None and now - s.tried_at > QUIET_S]


def _is_here(source: Source) -> bool:
    """Whether it is on this machine."""
    return isinstance(source, HERE) or (bool(source.address) and not source.host)


def _place(source: Source) -> str:
    """Several sources on one host fail together because of it."""
    return source.host or source.id


def _unheard(health: SourceHealth) -> bool:
    return health.fault is not None and health.fault.kind in UNHEARD


def _heard_at(health: SourceHealth) -> float:
    """When its last answer came."""
    at = health.tried_at if health.fault is not None and not _unheard(health) else health.ok_at
    return float("-inf") if at is None else at + (health.latency_s or 0.0)
