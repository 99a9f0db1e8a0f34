"""Prometheus' own rules and alerts: what fires, which rule is broken, and whether they are evaluated at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.sample import FaultKind
from ontui.domain.source import PrometheusSource
from ontui.domain.text import one_line
from ontui.sources.foreign_answer import Rule, flat, rules
from ontui.sources.prometheus_answer import Answer, Malformed, Series
from ontui.sources.prometheus_api import PrometheusApi, Rejected, ask
from ontui.sources.promql import reads
from ontui.sources.web import Unanswered

MISSED = 3
"""Evaluations that may be missing before it is said."""
GRACE_S = 5.0
"""How late they may be besides: clocks and busy servers."""
MOST_LOOKED_INTO = 20
"""Alerts that ended for which it is looked whether their data ended, and selectors asked for that, at a time."""
MOST_FINDINGS = 5
DATA_WINDOW = "5m"
"""How far back a series is looked for that made an alert fire."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules say now."""

    alerts: tuple[ForeignAlert, ...] | None = None
    """None where the server tells of none at all."""
    findings: tuple[str, ...] = ()


class RuleWatch:
    """Looks at the rules again and again, and remembers what fired."""

    def __init__(self, source: PrometheusSource, now: Callable[[], float]) -> None:
        self._source, self._now = source, now
        self._began = now()
        self._fired: dict[str, tuple[ForeignAlert, str]] = {}
        """With the query of its rule, by key."""
        self._gone: dict[str, tuple[ForeignAlert, str]] = {}

    async def look(self, api: PrometheusApi, until: float) -> Told:
        """Ask for the rules, or for the alerts alone where the rules are refused; never raises."""
        try:
            data, date = await api.get("/api/v1/rules", until)
            found = rules(data, self._source.id)
        except (Rejected, Unanswered, Malformed) as refused:
            return await self._without_rules(api, until, refused)
        if not found:
            return Told(findings=("the server evaluates no rules: it tells of no alerts (is that vmalert's work?)",))
        server_at = date if date is not None else self._now()
        late = {rule.group: rule for rule in found if self._is_late(rule, server_at)}
        firing = [
            (replace(a, silent=rule.group in late), rule.query) for rule in found for a in rule.alerts
            if a.name != self._source.watchdog
        ]  # fmt: skip
        if not late:
            await self._miss(api, firing, until)
        alerts = (*(a for a, _ in firing), *(a for a, _ in self._gone.values()))
        watched = [a for rule in found for a in rule.alerts if a.name == self._source.watchdog]
        return Told(alerts, (*self._watched(watched), *self._broken(found), *self._unevaluated(late.values())))

    async def _without_rules(self, api: PrometheusApi, until: float, refused: Exception) -> Told:
        try:
            data, _ = await api.get("/api/v1/alerts", until)
            found = flat(data, self._source.id)
        except (Rejected, Unanswered, Malformed) as failure:
            return Told(findings=(f"its alerts cannot be read: {_words(failure)}",))
        blind = f"rules cannot be read, so a broken one would not be noticed: {_words(refused)}"
        shown = tuple(a for a in found if a.name != self._source.watchdog)
        return Told(shown, (*self._watched([a for a in found if a.name == self._source.watchdog]), blind))

    def _watched(self, found: Sequence[ForeignAlert]) -> tuple[str, ...]:
        name = self._source.watchdog
        if not name or any(a.phase is ForeignPhase.FIRING for a in found):
            return ()
        return (f"watchdog {name} does not fire: alerts may not be evaluated",)

    def _is_late(self, rule: Rule, server_at: float) -> bool:
        if rule.evaluated_at is None:   # just started, perhaps
            return self._now() - self._began > MISSED * rule.interval_s + GRACE_S
        return server_at - rule.evaluated_at > MISSED * rule.interval_s + GRACE_S

    def _broken(self, found: Iterable[Rule]) -> tuple[str, ...]:
        broken = [f"BROKEN RULE {r.name}: {r.error or 'it cannot be evaluated'}" for r in found if r.health == "err"]
        more = [f"and {len(broken) - MOST_FINDINGS} more broken rules"] if len(broken) > MOST_FINDINGS else []
        return (*broken[:MOST_FINDINGS], *more)

    def _unevaluated(self, late: Iterable[Rule]) -> tuple[str, ...]:
        found = []
        for rule in late:
            since = f"since {_clock(rule.evaluated_at)}" if rule.evaluated_at is not None else "at all"
            found.append(f"rules of group {rule.group} are not evaluated {since}")
        more = [f"nor are those of {len(found) - MOST_FINDINGS} more groups"] if len(found) > MOST_FINDINGS else []
        return (*found[:MOST_FINDINGS], *more)

    # ── alerts that ended ──

    async def _miss(self, api: PrometheusApi, firing: Sequence[tuple[ForeignAlert, str]], until: float) -> None:
        """An alert that ended because its target died is not over: nobody can say that."""
        now = {alert.key: (alert, query) for alert, query in firing}
        ended = [(k, old) for k, old in {**self._gone, **self._fired}.items() if k not in now]
        self._gone = {}
        downs = _Downs(api, until)
        for key, (alert, query) in ended[:MOST_LOOKED_INTO]:
            why = await downs.why(alert, query)
            if why:
                self._gone[key] = (replace(alert, phase=ForeignPhase.GONE, why_gone=why), query)
        self._fired = {k: pair for k, pair in now.items() if pair[0].phase is ForeignPhase.FIRING}


class _Downs:
    """Asks whether what a rule reads is still there, each selector once."""

    def __init__(self, api: PrometheusApi, until: float) -> None:
        self._api, self._until = api, until
        self._asked: dict[str, Answer | None] = {}

    async def why(self, alert: ForeignAlert, query: str) -> str:
        """Why the data of an alert ended; empty where it did not, or where that cannot be told."""
        about = reads(query)
        if about.about_absence:
            return ""
        for selector in about.selectors[:3]:
            fed = f"up and on (job, instance) last_over_time({selector}[{DATA_WINDOW}])"
            targets = [s for s in await self._series(fed) if _agrees(s.labels, alert)]
            if any(s.value == 0 for s in targets):
                return "no data: its target is down"
            if not targets and await self._is_empty(selector):
                return "no data: its series ended"
        return ""

    async def _is_empty(self, selector: str) -> bool:
        answer = await self._answer(f"count({selector})")
        return answer is not None and not answer.series

    async def _series(self, query: str) -> Sequence[Series]:
        answer = await self._answer(query)
        return answer.series if answer is not None else ()

    async def _answer(self, query: str) -> Answer | None:
        if query not in self._asked:
            if len(self._asked) >= MOST_LOOKED_INTO:
                return None
            try:
                self._asked[query] = await ask(self._api, query, self._until)
            except (Rejected, Unanswered):
                self._asked[query] = None
        return self._asked[query]


def _agrees(labels: Mapping[str, str], alert: ForeignAlert) -> bool:
    return all(alert.labels.get(name, labels.get(name)) == labels.get(name) for name in ("job", "instance"))


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}Z"


def _words(failure: Exception) -> str:
    if isinstance(failure, Unanswered):
        return "no answer in time" if failure.fault.kind is FaultKind.TIMEOUT else failure.fault.text
    return one_line(str(failure), 200)
