"""Everything known, as one frozen value; samples and events are folded into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ontui.domain.action import Action, Effect, Outcome, Run, Verdict
from ontui.domain.alert import Acknowledgement, Alert, Phase
from ontui.domain.crowd import Crowd, crowd_key, rank
from ontui.domain.cut_off import CutOff, cut_off, is_believed
from ontui.domain.deadline import BusinessHours
from ontui.domain.episode import Episodes
from ontui.domain.event import Event, EventKind
from ontui.domain.foreign import Foreign, ForeignAlert
from ontui.domain.hearsay import told
from ontui.domain.judging import answered, unanswered
from ontui.domain.sample import Sample
from ontui.domain.severity import Severity
from ontui.domain.sli import Indicator, Sli, Standing
from ontui.domain.source import Source
from ontui.domain.source_health import SourceHealth
from ontui.domain.status import Status, worst

REPLAY_SLACK_S = 60.0
"""History is coarser than live samples: an alert judged from it may seem to begin so much later."""


@dataclass(frozen=True, slots=True)
class System:
    """What the config says of a system, as far as it does not change while running."""

    id: str
    name: str
    environment: str
    production: bool
    read_only: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)
    slis: Mapping[str, Sli] = field(default_factory=dict)
    """In the order of the config."""
    severities: tuple[Severity, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)
    timezone: str = "UTC"
    hours: BusinessHours = field(default_factory=BusinessHours)
    """When `1 business day` counts."""

    @property
    def pages(self) -> list[str]:
        """Every page that an SLI or alert names, as it is written, each once."""
        slis = self.slis.values()
        return list(dict.fromkeys(ref for s in slis for ref in (s.runbook, *(a.runbook for a in s.alerts)) if ref))


@dataclass(frozen=True, slots=True)
class State:
    """The whole picture at an instant; equal pictures are equal."""

    system: System
    sources: Mapping[str, SourceHealth]
    indicators: Mapping[str, Indicator]
    alerts: Mapping[str, Alert]
    """By AlertRule.key, in the order of the config."""
    runs: Mapping[str, Run] = field(default_factory=dict)
    """The last run of each action, by action id."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By run id, of the runs kept in `runs`."""
    acknowledgements: Mapping[str, Acknowledgement] = field(default_factory=dict)
    """The last one of each alert key; it counts for an alert that was active at the time."""
    episodes: Episodes = field(default_factory=Episodes)
    """What fires by the record."""
    foreign: Mapping[str, Foreign] = field(default_factory=dict)
    """What others raise, by the source that tells it."""
    others: tuple[Crowd, ...] = ()
    """The same as lines of the board, each alert once, worst first."""
    cut_off: CutOff | None = None
    """Set while no source is heard at all: what failed polls say of them is then not believed."""
    heard_again_at: float = float("-inf")
    """When the last such time ended."""

    @classmethod
    def empty(cls, system: System) -> "State":
        """Nothing seen yet."""
        return cls(
            system=system,
            sources={s.id: SourceHealth(s) for s in system.sources.values()},
            indicators={s.id: Indicator(s) for s in system.slis.values()},
            alerts={r.key: Alert(r) for s in system.slis.values() for r in s.alerts},
        )

    def standing(self, sli: str, now: float) -> Standing:
        """How one SLI stands now."""
        indicator = self.indicators[sli]
        standing = indicator.standing(self.alerts_of(sli), now)
        lost, seen, fault = self.cut_off, indicator.reading, self.sources[indicator.sli.source].fault
        if lost is None or seen is None or seen.at < lost.since or not fault or not standing.fresh:
            return standing
        return Standing(Status.UNKNOWN, None, "?", standing.age_s, f"{fault.text} (local network?)", None, False)

    def alerts_of(self, sli: str) -> list[Alert]:
        """The alerts of one SLI, in the order of the config."""
        return [self.alerts[r.key] for r in self.system.slis[sli].alerts]

    def board(self) -> list[Alert]:
        """What stands on the alert board: firing worst first, then pending or unsteady, then just resolved."""
        shown = [a for a in self.alerts.values() if a.phase is not Phase.INACTIVE]
        return sorted(shown, key=_rank)

    def lineup(self) -> list[Alert | Crowd]:
        """What stands on the alert board, ours and that of others, worst first."""
        own = [(_rank(alert), alert) for alert in self.board()]
        joint: list[tuple[tuple[int, int, float], Alert | Crowd]] = [*own, *((rank(c), c) for c in self.others)]
        return [entry for _, entry in sorted(joint, key=lambda pair: pair[0])]

    def taken(self, alert: ForeignAlert) -> Acknowledgement | None:
        """Who took an alert of others since it began, by itself or with all of its name."""
        found = [t for key in (alert.key, crowd_key(alert.name)) if (t := self.acknowledgements.get(key))]
        latest = max(found, key=lambda t: t.at, default=None)
        return latest if latest and latest.at >= (alert.since or 0.0) - REPLAY_SLACK_S else None

    def status(self, now: float) -> Status:
        """The system as a whole: as bad as its worst SLI or alert of others, and as a source that no SLI speaks for."""
        spoken_for = {sli.source for sli in self.system.slis.values()} - self.foreign.keys()
        mute = [s.status(now) for id_, s in self.sources.items() if id_ not in spoken_for]
        # What fired and is not renewed is dimmed on the board, and takes nothing back.
        others = [Status.CRITICAL if crowd.first.pages else crowd.first.status for crowd in self.others]
        return worst([*(self.standing(sli, now).status for sli in self.indicators), *others, *mute])

    def after(self, seen: Sample | Event) -> "State":
        """The state after one sample or one event."""
        return self._after_sample(seen) if isinstance(seen, Sample) else self._after_event(seen)

    def _after_sample(self, sample: Sample) -> "State":
        health = self.sources.get(sample.source)
        if health is None:
            return self
        sources = {**self.sources, sample.source: health.after(sample)}
        lost, heard_again_at = cut_off(sources.values()), self.heard_again_at
        if self.cut_off and not lost:
            heard_again_at = sample.at + sample.latency_s
        believed = is_believed(health, sources, sample, heard_again_at)
        indicators, alerts = dict(self.indicators), dict(self.alerts)
        for indicator in [i for i in self.indicators.values() if i.sli.source == sample.source]:
            sli = indicator.sli
            reading, fault = sample.readings.get(sli.id), sample.fault
            if reading is not None:
                indicators[sli.id] = indicator.after(reading)
            elif fault is not None:
                indicators[sli.id] = indicator.failed(sample.at, fault)
            for rule in sli.alerts:
                alert = judged = alerts[rule.key]
                if reading is not None:
                    judged = answered(alert, indicators[sli.id], reading) if believed else alert.frozen(sample.at)
                elif fault is not None:
                    judged = unanswered(alert, indicator, sample, health, believed=believed)
                alerts[rule.key] = _acknowledged(self.episodes.carried_on(judged, alert), self.acknowledgements)
        seen = replace(
            self, sources=sources, indicators=indicators, alerts=alerts, cut_off=lost, heard_again_at=heard_again_at
        )
        return told(seen, sample)

    def _after_event(self, event: Event) -> "State":
        return replace(self._done(event), episodes=self.episodes.after(event))

    def _done(self, event: Event) -> "State":
        match event.kind:
            case EventKind.ACKNOWLEDGED:
                taken = {**self.acknowledgements, event.subject: Acknowledgement(event.who, event.at)}
                alert = self.alerts.get(event.subject)
                if alert is None:   # one of others, perhaps not seen yet
                    return replace(self, acknowledgements=taken)
                alerts = {**self.alerts, event.subject: _acknowledged(alert, taken)}
                return replace(self, acknowledgements=taken, alerts=alerts)
            case EventKind.RUN_STARTED:
                run = _run_from(event)
                return replace(self, runs={**self.runs, run.action: run})
            case EventKind.RUN_ENDED:
                started = self.runs.get(event.subject)
                if started is None or started.id != event.data.get("run"):
                    return self
                ended = replace(
                    started,
                    outcome=Outcome(str(event.data.get("outcome", Outcome.LOST))),
                    ended_at=event.at,
                    detail=str(event.data.get("detail", "")),
                )
                return replace(self, runs={**self.runs, event.subject: ended})
            case EventKind.VERDICT:
                verdict = _verdict_from(event)
                return replace(self, verdicts={**self.verdicts, verdict.run: verdict})
            case _:
                return self


def _acknowledged(alert: Alert, taken: Mapping[str, Acknowledgement]) -> Alert:
    """The alert with the acknowledgement that was made while it was active, if there is one."""
    last = taken.get(alert.rule.key)
    counts = last is not None and alert.active and alert.since is not None and last.at >= alert.since - REPLAY_SLACK_S
    return replace(alert, acknowledged=last if counts else None)


def _rank(alert: Alert) -> tuple[int, int, float]:
    """Where one of ours stands on the board, as `foreign.rank` says of others."""
    phases = {Phase.FIRING: 0 if alert.well_since is None else 1, Phase.PENDING: 1}
    return phases.get(alert.phase, 2), alert.rule.severity.rank, alert.since or 0.0


def _run_from(event: Event) -> Run:
    pid = event.data.get("pid")
    return Run(
        id=str(event.data.get("run", "")),
        action=event.subject,
        title=str(event.data.get("title", event.subject)),
        who=event.who,
        started_at=event.at,
        pid=int(pid) if isinstance(pid, int) else None,
        timeout_s=float(event.data.get("timeout_s") or 0.0),
    )


def _verdict_from(event: Event) -> Verdict:
    data = event.data
    return Verdict(
        run=str(data.get("run", "")),
        sli=str(data.get("sli", "")),
        effect=Effect(str(data.get("effect", Effect.CANNOT_TELL))),
        before=str(data.get("before", "")),
        after=str(data.get("after", "")),
        took_s=float(data.get("took_s") or 0.0),
        reason=str(data.get("reason", "")),
    )
