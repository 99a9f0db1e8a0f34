"""The past of a query: its last hour, fetched once so that charts are full and `for:` is judged from real history; and
as far back as somebody wants to look."""

import asyncio
import math
from collections.abc import Callable, Container, Mapping, Sequence

from ontui.domain.rows import reading_of
from ontui.domain.sample import FaultKind, Point, Reading, Row
from ontui.domain.sli import HISTORY_S, Sli
from ontui.domain.text import one_line
from ontui.sources.asking import PROBE
from ontui.sources.poller import NoHistory
from ontui.sources.prometheus_answer import Malformed, Refusal, history, parse_range
from ontui.sources.prometheus_api import PrometheusApi, Rejected, ask
from ontui.sources.web import Unanswered

Pairs = list[tuple[float, float | None]]
"""One series: server time and value."""
FINEST_S = 15.0
"""The smallest step asked for."""
STEPS_S = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
"""Steps of a longer past: such as people count in."""
MOST_POINTS = 360
"""More than a chart has columns for."""
MOST_SERIES = 200
"""Rows beyond which their worst is not looked for at every step."""
TRIES = 3
LEAST_S = 10.0
"""The shortest deadline of a history that nobody waits for."""


class PastHour:
    """Fetches what is missing, few queries at a time; `take` hands out what has come, once."""

    def __init__(self, api: PrometheusApi, slis: Sequence[Sli], *, at_once: int) -> None:
        self._api = api
        self._wanted = {sli.query: max(sli.interval_s, FINEST_S) for sli in slis if sli.query}
        # Of those that share a query, the one with rows makes one history of many series.
        self._asker = {sli.query: sli for sli in sorted(slis, key=lambda sli: bool(sli.rows)) if sli.query}
        self._turns = asyncio.Semaphore(at_once)
        self._tries = 0
        self._task: asyncio.Task[None] | None = None
        self._found: dict[str, tuple[Point, ...]] = {}
        self._lost: dict[str, str] = {}
        """By query, why its past could not be had."""
        self._spans = _spans(slis)
        self._began = math.inf

    def begin(self, server_at: float, skew_s: float, timeout_s: float) -> None:
        """Start fetching in the background what has not come yet; a few times only."""
        if self._task is None and self._wanted and self._tries < TRIES:
            self._tries += 1
            until = asyncio.get_running_loop().time() + max(timeout_s, LEAST_S)
            self._task = asyncio.create_task(self.fetch(server_at, skew_s, until), name="history")

    async def fetch(self, server_at: float, skew_s: float, until: float) -> None:
        """Fetch every missing history up to `server_at` on the server's clock."""
        self._began = min(server_at, self._began)
        await asyncio.gather(*(self._fetch(query, server_at, skew_s, until) for query in dict(self._wanted)))

    def take(self) -> Mapping[str, tuple[Point, ...]]:
        """By query, when the fetching is over; empty while it lasts. A bug in it is raised here."""
        if self._task is not None:
            if not self._task.done():
                return {}
            task, self._task = self._task, None
            task.result()
        found, self._found = self._found, {}
        return found

    def findings(self, server_at: float, resting: Container[str]) -> tuple[str, ...]:
        """That alerts are judged without their past, until they have been watched for as long as they must hold."""
        watched_s = server_at - self._began
        blind = [q for q, span_s in self._spans if q in self._lost and q not in resting and watched_s < span_s]
        if not blind:
            return ()
        noun = "indicator" if len(blind) == 1 else "indicators"
        why = self._lost[blind[0]]
        return (f"the past of {len(blind)} {noun} is not known: {why}; what is pending may be older",)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fetch(self, query: str, server_at: float, skew_s: float, until: float) -> None:
        step_s = self._wanted[query]
        try:
            async with self._turns:
                series = await _asked(self._api, query, HISTORY_S, step_s, server_at, until)
            self._found[query] = history(_one(self._asker[query], series), step_s, skew_s)
        except Unanswered as failure:
            self._lost[query] = _unanswered(failure)
            return
        except (Rejected, Malformed, Refusal, NoHistory) as failure:
            self._lost[query] = one_line(failure, 200)
        else:
            self._lost.pop(query, None)
        del self._wanted[query]


async def long_past(
    api: PrometheusApi, sli: Sli, span_s: float, now: Callable[[], float], until: float
) -> tuple[Point, ...]:
    """The last `span_s` seconds up to the server's own now, by our clock; raises NoHistory."""
    if not sli.query:
        raise NoHistory("the source keeps no history of it")
    step_s = step_for(span_s, sli.interval_s)
    try:
        sent = now()
        server_at = (await ask(api, PROBE, until)).server_at
        if server_at is None:
            raise NoHistory("the server does not tell its time")
        skew_s = server_at - (sent + now()) / 2
        whole, newest = await asyncio.gather(
            _asked(api, sli.query, span_s, step_s, server_at, until), _at(api, sli.query, server_at, until)
        )
    except Unanswered as failure:
        raise NoHistory(_unanswered(failure)) from failure
    except (Rejected, Malformed, Refusal) as failure:
        raise NoHistory(one_line(failure)) from failure
    pairs = _one(sli, whole)
    until_at = max((at for at, _ in pairs), default=-math.inf)
    return history([*pairs, *(pair for pair in _one(sli, newest) if pair[0] > until_at)], step_s, skew_s)


def _unanswered(failure: Unanswered) -> str:
    """Why; where it took too long, its text names the deadline of a poll, which is shorter."""
    return "no answer in time" if failure.fault.kind is FaultKind.TIMEOUT else failure.fault.text


def _spans(slis: Sequence[Sli]) -> tuple[tuple[str, float], ...]:
    """The query of each SLI whose alerts must hold for a while, and the longest such while."""
    found = []
    for sli in slis:
        held = [max(r.hold_s, r.in_a_row * sli.interval_s) for r in sli.alerts if r.hold_s > 0 or r.in_a_row > 1]
        if sli.query and held:
            found.append((sli.query, max(held)))
    return tuple(found)


def step_for(span_s: float, interval_s: float) -> float:
    """How far apart the points of a past are asked for."""
    least_s = max(span_s / MOST_POINTS, interval_s)
    return next((step_s for step_s in STEPS_S if step_s >= least_s), least_s)


async def _asked(
    api: PrometheusApi, query: str, span_s: float, step_s: float, server_at: float, until: float
) -> list[Pairs]:
    """Aligned to the step, so that two views show the same points; never past the server's own now."""
    end = math.floor(server_at / step_s) * step_s
    return await _range(api, query, end - math.floor(span_s / step_s) * step_s, end, step_s, until)


async def _at(api: PrometheusApi, query: str, server_at: float, until: float) -> list[Pairs]:
    """At the server's own now, which whole steps miss by up to one: what is younger than that shows all the same."""
    at = math.floor(server_at)
    return await _range(api, query, at, at, FINEST_S, until)


async def _range(
    api: PrometheusApi, query: str, start: float, end: float, step_s: float, until: float
) -> list[Pairs]:
    form = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_s:.3f}"}
    return parse_range((await api.ask("/api/v1/query_range", form, until)).body)


def _one(sli: Sli, series: list[Pairs]) -> Pairs:
    """The only series, if there is any, or those that took turns; of many rows, the worst at each instant."""
    if len(series) < 2:
        return [pair for pairs in series for pair in pairs]
    if (course := _in_turns(series)) is not None:
        return course
    if not sli.rows or len(series) > MOST_SERIES:
        raise NoHistory(f"{len(series)} series have no single history")
    by_instant: dict[float, list[Row]] = {}
    for n, pairs in enumerate(series):
        for at, value in pairs:
            by_instant.setdefault(at, []).append(Row(str(n), value))
    return [(at, reading_of(sli, rows, Reading(None, at)).value) for at, rows in by_instant.items()]


def _in_turns(series: list[Pairs]) -> Pairs | None:
    """Series of which never two have a value at once, as one: a pod and the one that came after it."""
    merged: dict[float, float | None] = {}
    for pairs in series:
        for at, value in pairs:
            if value is None:
                merged.setdefault(at, None)
            elif merged.get(at) is not None:
                return None
            else:
                merged[at] = value
    return list(merged.items())
