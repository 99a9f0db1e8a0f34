"""What the tests of the Prometheus source share."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from ontui.domain.sample import Sample
from ontui.domain.sli import Sli
from ontui.domain.source import HttpAccess, PrometheusSource
from ontui.sources.prometheus import PrometheusPoller
from tests.servers.web import Reply, Request, json_reply


def sli(
    id_: str,
    query: str = "",
    *,
    metric: str = "",
    freshness: str = "",
    baseline_query: str = "",
    unit: str = "count",
    interval_s: float = 5.0,
) -> Sli:
    """An SLI of the source `metrics`."""
    return Sli(
        id=id_,
        title=id_,
        group="",
        source="metrics",
        unit=unit,
        interval_s=interval_s,
        timeout_s=2.0,
        metric=metric,
        query=query,
        freshness=freshness,
        baseline_query=baseline_query,
    )


def source(
    url: str,
    *,
    timeout_s: float = 2.0,
    access: HttpAccess | None = None,
    stale_after_s: float | None = None,
) -> PrometheusSource:
    """The source `metrics`."""
    return PrometheusSource(
        id="metrics",
        type="prometheus",
        interval_s=5.0,
        timeout_s=timeout_s,
        url=url,
        access=access or HttpAccess(),
        stale_after_s=stale_after_s,
    )


@asynccontextmanager
async def polling(
    where: PrometheusSource | str,
    *slis: Sli,
    now: Callable[[], float] = time.time,
    history_first: bool = False,
) -> AsyncIterator[PrometheusPoller]:
    """A poller that is closed in the end, promptly."""
    asked = source(where) if isinstance(where, str) else where
    poller = PrometheusPoller(asked, slis, now, history_first=history_first)
    try:
        yield poller
    finally:
        async with asyncio.timeout(1):
            await poller.close()


async def once(where: PrometheusSource | str, *slis: Sli, now: Callable[[], float] = time.time) -> Sample:
    """One sample of a fresh poller."""
    async with polling(where, *slis, now=now) as poller:
        return await poller.poll()


def vector(*values: str, at: float | None = None, labels: list[dict[str, str]] | None = None) -> Reply:
    """An instant vector as Prometheus sends it."""
    at = time.time() if at is None else at
    named = labels or [{"n": str(n)} for n in range(len(values))]
    result = [{"metric": metric, "value": [at, value]} for metric, value in zip(named, values, strict=True)]
    return json_reply({"status": "success", "data": {"resultType": "vector", "result": result}})


def question(request: Request) -> str:
    """The PromQL of a request."""
    text = request.body.decode() if request.method == "POST" else request.query
    return parse_qs(text).get("query", [""])[0]


def by_query(**answers: Reply) -> Callable[[Request], Reply]:
    """Answer each query, by its first word, as told; all others with 422."""

    def answer(request: Request) -> Reply:
        asked = question(request)
        for start, reply in answers.items():
            if asked.startswith(start):
                return reply
        return json_reply({"status": "error", "errorType": "execution", "error": "unknown function"}, 422)

    return answer
