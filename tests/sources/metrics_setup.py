"""What the tests of the metrics source share: SLIs, the text of an endpoint, and polls on a clock of theirs."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ontui.domain.condition import parse_condition
from ontui.domain.sample import Sample
from ontui.domain.sli import Sli
from ontui.domain.source import HttpAccess, MetricsSource
from ontui.sources.opening import open_source
from ontui.sources.poller import Poller
from tests.servers.web import Reply

TEXT = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
OPENMETRICS = {"Content-Type": "application/openmetrics-text; version=1.0.0; charset=utf-8"}


def sli(
    id_: str, series: str = "", *, over: str = "", rate: bool = False, combine: str = "", rows: str = "",
    unit: str = "count", metric: str = "", empty: float | None = None, objective: str = "",
) -> Sli:  # fmt: skip
    return Sli(
        id_, id_, "", "app", unit, 5.0, 2.0, series=series, over=over, rate=rate, combine=combine, rows=rows,
        metric=metric, empty=empty, objective=parse_condition(objective, unit) if objective else None,
    )  # fmt: skip


def source(url: str, *, timeout_s: float = 2.0, access: HttpAccess | None = None) -> MetricsSource:
    return MetricsSource(
        id="app", type="metrics", interval_s=5.0, timeout_s=timeout_s, url=url, access=access or HttpAccess()
    )


def text(body: str) -> Reply:
    return Reply(200, body.encode(), TEXT)


@dataclass(slots=True)
class Clock:
    """Instants that the test decides."""

    at: float = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def polling(
    of: MetricsSource, *slis: Sli, now: Callable[[], float] = time.time, one_shot: bool = False
) -> AsyncIterator[Poller]:
    poller = open_source(of, slis, now, history_first=one_shot)
    try:
        yield poller
    finally:
        await poller.close()


async def once(of: MetricsSource, *slis: Sli, now: Callable[[], float] = time.time) -> Sample:
    async with polling(of, *slis, now=now) as poller:
        return await poller.poll()
