"""What is usual for a query: another query, or the same one at another time. It moves slowly and is asked rarely."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ontui.domain.quantity import format_age
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.text import one_line
from ontui.sources.prometheus_answer import judge
from ontui.sources.prometheus_api import PrometheusApi, Rejected, ask
from ontui.sources.web import Unanswered

GOOD_FOR_S = 60.0
"""How long the answer to a baseline's query is good."""
PAST_GOOD_FOR_S = 300.0
"""The same for what was: it has happened, and what is asked about moves on as slowly as time."""
AGAIN_S = 60.0
"""How long after a failure it is asked again."""
KEPT = 6
"""So many times as long as it is good, an answer is used while no newer one can be had; its age is shown."""
Question = tuple[str, float]
"""A query, and how many seconds ago it is asked about; 0 for now."""


@dataclass(slots=True)
class _Known:
    """What is known of the answer to a question."""

    value: float | None = None
    at: float = -math.inf
    """When the value was asked for."""
    reason: str = "not answered yet"
    """Why there is none, or no newer one."""
    due_at: float = -math.inf


@dataclass(slots=True)
class Baselines:
    """Asks for what is usual, and puts it beside the readings."""

    api: PrometheusApi
    slis: Sequence[Sli]
    interval_s: float
    _known: dict[Question, _Known] = field(default_factory=dict)

    @property
    def about_past(self) -> bool:
        """Whether any of them is about another time."""
        return any(_pasts(sli) for sli in self.slis)

    async def look(self, sent: float, until: float) -> None:
        """Ask the queries that are baselines, where their answers are old."""
        await self._ask([(sli.baseline_query, 0.0) for sli in self.slis if sli.baseline_query], sent, 0.0, until)

    async def look_back(self, sent: float, server_at: float, until: float) -> None:
        """Ask what the queries themselves were, counted from the server's own now."""
        wanted = [question for sli in self.slis for question in _pasts(sli)]
        await self._ask(wanted, sent, server_at, until)

    def beside(self, sli: Sli, reading: Reading) -> Reading:
        """The reading with its baseline, or with the reason why there is none: what is compared with it is not ok."""
        questions = [(sli.baseline_query, 0.0)] if sli.baseline_query else _pasts(sli)
        if not questions:
            return reading
        known = [self._known.get(question, _Known()) for question in questions]
        good_s = KEPT * max(PAST_GOOD_FOR_S if sli.baseline_past else GOOD_FOR_S, self.interval_s)
        usable = [k for k in known if k.value is not None and reading.at - k.at <= good_s]
        values = [k.value for k in usable if k.value is not None]
        if not values:
            reason = next((k.reason for k in known if k.reason), "no answer")
            return replace(reading, caveat="; ".join(filter(None, (reading.caveat, f"no baseline: {reason}"))))
        from statistics import median

        note = f"{len(values)} of {len(known)} past values known" if len(values) < len(known) else ""
        notes = " · ".join(filter(None, (reading.note, note)))
        return replace(reading, baseline=median(values), baseline_at=min(k.at for k in usable), note=notes)

    async def _ask(self, questions: Iterable[Question], sent: float, server_at: float, until: float) -> None:
        due = [q for q in dict.fromkeys(questions) if self._known.setdefault(q, _Known()).due_at <= sent]
        await asyncio.gather(*(self._ask_one(question, sent, server_at, until) for question in due))

    async def _ask_one(self, question: Question, sent: float, server_at: float, until: float) -> None:
        query, ago_s = question
        known = self._known[question]
        known.due_at = sent + AGAIN_S
        when = f", {format_age(ago_s)} ago" if ago_s else ""
        try:
            answer = await ask(self.api, query, until, at=server_at - ago_s if ago_s else None)
        except Rejected as failure:
            known.value, known.reason = None, one_line(f"{failure}{when}", 300)
        except Unanswered as failure:
            known.reason = one_line(f"{failure.fault.text}{when}", 300)   # what was known stays so, and ages
        else:
            found = judge(answer, sent)
            known.value, known.at, known.reason = found.value, sent, f"{found.reason}{when}" if found.reason else ""
            known.due_at = sent + max(PAST_GOOD_FOR_S if ago_s else GOOD_FOR_S, self.interval_s)


def _pasts(sli: Sli) -> list[Question]:
    if sli.baseline_past is None or not sli.query:
        return []
    return [(sli.query, ago_s) for ago_s in sli.baseline_past.instants_s]
