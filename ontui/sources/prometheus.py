"""A server that answers PromQL, polled into samples."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ontui.domain.quantity import format_age
from ontui.domain.sample import Fault, FaultKind, Point, Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import PrometheusSource
from ontui.domain.text import one_line
from ontui.sources.asking import PROBE
from ontui.sources.failed import failed_read
from ontui.sources.prometheus_age import DataAge
from ontui.sources.prometheus_answer import Answer, judge
from ontui.sources.prometheus_api import AT_ONCE, PrometheusApi, Rejected, ask
from ontui.sources.prometheus_baseline import Baselines
from ontui.sources.prometheus_history import LEAST_S, PastHour, long_past
from ontui.sources.prometheus_rules import RuleWatch, Told
from ontui.sources.web import Unanswered

SKEW_S = 5.0
"""Clocks may differ by this much before it is said."""
REST_POLLS = {Rejected: 10, Unanswered: 4}
"""The most polls that a failing query is left alone."""
RULES_SHARE = 0.6
"""How much of the deadline the rules may take: the values wait for them."""
BESIDE_S = 600.0
"""How often the server's name and scrape intervals are looked up."""
GRACE_S = 0.1
"""How long a sample waits for them once the values are there."""
ONE_SHOT_GRACE_S = 1.0
"""The same where there will be no later sample."""
Outcome = Answer | Rejected | Unanswered


@dataclass(slots=True)
class _Resting:
    """A query that failed: what it said, and how many polls it is left alone."""

    reason: str
    failures: int
    polls: int


class PrometheusPoller:
    """Asks every query of a source at once, with the age of the data behind it."""

    def __init__(
        self, source: PrometheusSource, slis: Sequence[Sli], now: Callable[[], float], *, history_first: bool = False
    ) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now = now
        self._api = PrometheusApi(source)
        self._age = DataAge(source, self._slis)
        self._rules = RuleWatch(source, now) if source.alerts else None
        self._past = PastHour(self._api, self._slis, at_once=AT_ONCE if history_first else 2)
        self._history_first = history_first
        self._resting: dict[str, _Resting] = {}
        self._baselines = Baselines(self._api, self._slis, source.interval_s)
        self._looking_back: asyncio.Task[None] | None = None
        self._server = ""
        self._beside: tuple[asyncio.Task[None], ...] = ()
        self._beside_at = -math.inf

    async def poll(self) -> Sample:
        """Ask for the values, what they are made of and, now and then, who answers; all within one deadline."""
        sent, loop = self._now(), asyncio.get_running_loop()
        until = loop.time() + self.source.timeout_s
        self._ask_beside(loop.time(), until)
        queries = self._due()
        outcomes, told, *_ = await asyncio.gather(
            self._ask_all(queries, until), self._look_at_rules(until), self._baselines.look(sent, until),
            self._age.look(self._api, until),
        )  # fmt: skip
        latency_s = self._now() - sent
        faults = [o.fault for o in outcomes.values() if isinstance(o, Unanswered)]
        if len(faults) == len(outcomes):
            # A server that breaks under one question may refuse the next: what it answered tells more than that.
            return self._failed(sent, latency_s, min(faults, key=lambda fault: fault.kind is not FaultKind.PROTOCOL))
        if underway := [task for task in self._beside if not task.done()]:
            grace_s = ONE_SHOT_GRACE_S if self._history_first else GRACE_S
            await asyncio.wait(underway, timeout=max(0.0, min(grace_s, until - loop.time())))
        self._rest(outcomes)
        server_at = next((o.server_at for o in outcomes.values() if isinstance(o, Answer) and o.server_at), None)
        skew_s = server_at - (sent + latency_s / 2) if server_at else 0.0
        if server_at:
            await self._look_back(sent, server_at, until)
        readings = {sli.id: self._reading(sli, outcomes, sent, server_at) for sli in self._slis}
        if server_at:
            readings = await self._with_history(readings, server_at, skew_s, until)
        findings = (*self._refusal(outcomes), *told.findings, *self._clock(skew_s, latency_s), *self._age.findings)
        if server_at:
            findings = (*findings, *self._past.findings(server_at, self._resting))
        return Sample(
            self.source.id, sent, latency_s, readings, server=self._server, identity=self._server, findings=findings,
            foreign=told.alerts, skew_s=skew_s if server_at else None,
        )  # fmt: skip

    async def history(self, sli: Sli, span_s: float) -> tuple[Point, ...]:
        """The past of a query from the server itself; raises NoHistory."""
        until = asyncio.get_running_loop().time() + max(self.source.timeout_s, LEAST_S)
        return await long_past(self._api, sli, span_s, self._now, until)

    async def close(self) -> None:
        """Cancel what is under way and drop the connections."""
        under_way = [*self._beside, *([self._looking_back] if self._looking_back else [])]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, self._past.close(), return_exceptions=True)
        await self._api.close()

    # ── asking ──

    def _due(self) -> list[str]:
        """Every query once, but for those that rest; never nothing."""
        for resting in self._resting.values():
            resting.polls -= 1
        queries = dict.fromkeys(sli.query for sli in self._slis if sli.query)
        return [q for q in queries if q not in self._resting or self._resting[q].polls < 0] or [PROBE]

    async def _ask_all(self, queries: Iterable[str], until: float) -> dict[str, Outcome]:
        asked = list(queries)
        return dict(zip(asked, await asyncio.gather(*(self._ask(q, until) for q in asked)), strict=True))

    async def _ask(self, query: str, until: float) -> Outcome:
        try:
            return await ask(self._api, query, until)
        except (Rejected, Unanswered) as failure:
            return failure

    async def _look_at_rules(self, until: float) -> Told:
        """Alerts that the server itself evaluates, where they are wanted."""
        if self._rules is None:
            return Told()
        return await self._rules.look(self._api, until - (1 - RULES_SHARE) * self.source.timeout_s)

    async def _look_back(self, sent: float, server_at: float, until: float) -> None:
        """What was last week comes from old blocks and may take its time: with a later sample, if there is one."""
        if not self._baselines.about_past:
            return
        if self._looking_back is None:
            asking = self._baselines.look_back(sent, server_at, until)
            self._looking_back = asyncio.create_task(asking, name="baselines")
        patience_s = until - asyncio.get_running_loop().time() if self._history_first else GRACE_S
        await asyncio.wait({self._looking_back}, timeout=max(0.0, patience_s))
        if self._looking_back.done():
            task, self._looking_back = self._looking_back, None
            task.result()

    def _ask_beside(self, at: float, until: float) -> None:
        """Start asking what is good to know; nobody waits long for it."""
        if at - self._beside_at >= BESIDE_S and all(task.done() for task in self._beside):
            self._beside_at = at
            if self._beside:   # what was refused may have been put right, or another server stand there
                self._age.unlearn()
            self._beside = (
                asyncio.create_task(self._learn_name(until), name="buildinfo"),
                asyncio.create_task(self._learn_targets(until), name="targets"),
            )

    async def _learn_name(self, until: float) -> None:
        data = await self._api.look("/api/v1/status/buildinfo", until)
        if isinstance(data, dict):
            version = one_line(data.get("version", ""), 60)
            application = one_line(data.get("application") or "Prometheus", 40) if version else "PromQL server"
            self._server = f"{application} {version}".strip()

    async def _learn_targets(self, until: float) -> None:
        self._age.learn_targets(await self._api.look("/api/v1/targets?state=active", until))

    # ── judging ──

    def _failed(self, sent: float, latency_s: float, fault: Fault) -> Sample:
        """No query was answered: nothing is known, but that the server does not answer."""
        self._beside_at = -math.inf
        return failed_read(self.source, self._slis, sent, latency_s, fault)

    def _refusal(self, outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
        """A finding where nothing at all is answered with numbers: that says nothing about any single question."""
        refused = [outcome for outcome in outcomes.values() if not isinstance(outcome, Answer)]
        if len(refused) < len(outcomes):
            return ()
        self._age.unlearn()
        return (f"every query is refused: {_words(refused[0])}",)

    def _rest(self, outcomes: Mapping[str, Outcome]) -> None:
        """Leave failing queries alone for longer and longer, and welcome back those that work."""
        for query, outcome in outcomes.items():
            if isinstance(outcome, Answer):
                self._resting.pop(query, None)
                continue
            failures = self._resting[query].failures + 1 if query in self._resting else 1
            polls = min(2 ** (failures - 1), REST_POLLS[type(outcome)]) - 1
            self._resting[query] = _Resting(_words(outcome), failures, polls)

    def _reading(self, sli: Sli, outcomes: Mapping[str, Outcome], at: float, server_at: float | None) -> Reading:
        if sli.metric == "up":
            return Reading(1.0, at)
        if not sli.query:
            return Reading.unknown(at, f"a prometheus source has no metric {one_line(sli.metric, 40)!r}")
        if sli.query in self._resting:
            return Reading.unknown(at, self._resting[sli.query].reason)
        answer = outcomes[sli.query]
        assert isinstance(answer, Answer)  # noqa: S101 — the others rest
        return self._baselines.beside(sli, self._age.judged(sli, judge(answer, at, sli), server_at))

    async def _with_history(
        self, readings: dict[str, Reading], server_at: float, skew_s: float, until: float
    ) -> dict[str, Reading]:
        if self._history_first:
            await self._past.fetch(server_at, skew_s, until)
        found = self._past.take()
        if not self._history_first:
            self._past.begin(server_at, skew_s, self.source.timeout_s)
        by_sli = {sli.id: found[sli.query] for sli in self._slis if sli.query in found}
        return {id_: replace(r, history=by_sli[id_]) if id_ in by_sli else r for id_, r in readings.items()}

    def _clock(self, skew_s: float, latency_s: float) -> tuple[str, ...]:
        if abs(skew_s) - latency_s / 2 <= SKEW_S:
            return ()
        return (f"clock differs by {format_age(abs(skew_s))}: the server is {'ahead' if skew_s > 0 else 'behind'}",)


def _words(failure: Rejected | Unanswered) -> str:
    return failure.fault.text if isinstance(failure, Unanswered) else one_line(str(failure), 300)
