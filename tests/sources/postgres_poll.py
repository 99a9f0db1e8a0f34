"""Pollers over real servers, and what a superuser says to the same questions."""

import contextlib
import time
from collections.abc import AsyncIterator

from ontui.domain.sample import Reading, Sample
from ontui.domain.secret import Secret
from ontui.domain.sli import Sli
from ontui.domain.source import PostgresSource
from ontui.sources.postgres import PostgresPoller

INTERVAL_S = 10.0


def sli(metric: str = "", *, sql: str = "", unit: str = "count", baseline: str = "") -> Sli:
    """An SLI named after its metric, or `own` for SQL."""
    name = metric or "own"
    return Sli(name, name, "", "db", unit, INTERVAL_S, 5.0, metric=metric, sql=sql, baseline_query=baseline)


def source(dsn: str, *, timeout_s: float = 5.0) -> PostgresSource:
    """A source that points there."""
    return PostgresSource(id="db", type="postgres", interval_s=INTERVAL_S, timeout_s=timeout_s, dsn=Secret(dsn))


@contextlib.asynccontextmanager
async def poller(dsn: str, *slis: Sli, timeout_s: float = 5.0, one_shot: bool = False) -> AsyncIterator[PostgresPoller]:
    """A poller, closed at the end."""
    made = PostgresPoller(source(dsn, timeout_s=timeout_s), slis, time.time, one_shot=one_shot)
    try:
        yield made
    finally:
        await made.close()


async def polled(dsn: str, *slis: Sli, timeout_s: float = 5.0, one_shot: bool = False) -> Sample:
    """One poll by a poller of its own."""
    async with poller(dsn, *slis, timeout_s=timeout_s, one_shot=one_shot) as made:
        return await made.poll()


async def asked(dsn: str, sql: str, *, timeout_s: float = 5.0) -> Reading:
    """The reading of one `sql:`."""
    sample = await polled(dsn, sli(sql=sql), timeout_s=timeout_s)
    assert sample.fault is None, sample.fault
    return sample.readings["own"]


def values(sample: Sample) -> dict[str, float | None]:
    """The values of a good sample by SLI."""
    assert sample.fault is None, sample.fault
    return {name: reading.value for name, reading in sample.readings.items()}
