"""How a source fares: what its last polls told."""

from dataclasses import dataclass, replace

from ontui.domain.poll_log import Poll, logged
from ontui.domain.sample import Fault, Sample
from ontui.domain.source import Source
from ontui.domain.status import Status


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as it was last seen."""

    source: Source
    ok_at: float | None = None
    """When the last good poll was sent."""
    tried_at: float | None = None
    latency_s: float | None = None
    fault: Fault | None = None
    """Why the last poll failed; None after a good one."""
    failing_since: float | None = None
    failures: int = 0
    """Failed polls in a row."""
    server: str = ""
    identity: str = ""
    findings: tuple[str, ...] = ()
    next_at: float | None = None
    skew_s: float | None = None
    """How far the server's clock was ahead of ours when it last told."""
    log: tuple[Poll, ...] = ()
    """The last polls, the newest last."""

    def status(self, now: float) -> Status:
        """ok, warning (it works, with findings), stale (late), critical (failing), or unknown (never answered)."""
        if self.tried_at is None:
            return Status.UNKNOWN
        if self.fault is not None:
            return Status.CRITICAL
        if self.ok_at is None or now - self.ok_at > 1.5 * self.source.interval_s + self.source.timeout_s:
            return Status.STALE
        return Status.WARNING if self.findings else Status.OK

    def after(self, sample: Sample) -> "SourceHealth":
        """With one more poll."""
        failed = sample.fault is not None
        return replace(
            self,
            ok_at=self.ok_at if failed else sample.at,
            tried_at=sample.at,
            latency_s=sample.latency_s,
            fault=sample.fault,
            failing_since=(self.failing_since or sample.at) if failed else None,
            failures=self.failures + 1 if failed else 0,
            server=sample.server or self.server,
            identity=sample.identity or self.identity,
            findings=(*self.source.findings, *sample.findings),
            next_at=sample.next_at,
            skew_s=sample.skew_s if sample.skew_s is not None else self.skew_s,
            log=logged(self.log, sample, self.source.interval_s),
        )
