"""Pollers over a real Redis."""

import contextlib
import time
from collections.abc import AsyncIterator

from ontui.config.metrics import METRICS
from ontui.domain.sample import Sample
from ontui.domain.secret import Secret
from ontui.domain.sli import Sli
from ontui.domain.source import RedisSource
from ontui.sources.redis_source import RedisPoller

INTERVAL_S = 10.0
UP = ("up",)


def sli(metric: str, unit: str = "") -> Sli:
    """An SLI named after its metric."""
    return Sli(metric, metric, "", "cache", unit or METRICS["redis"][metric].unit, INTERVAL_S, 5.0, metric=metric)


def source(url: str, *, timeout_s: float = 5.0) -> RedisSource:
    """A source that points there."""
    return RedisSource(id="cache", type="redis", interval_s=INTERVAL_S, timeout_s=timeout_s, url=Secret(url))


@contextlib.asynccontextmanager
async def poller(
    url: str, *metrics: str, timeout_s: float = 5.0, one_shot: bool = False
) -> AsyncIterator[RedisPoller]:
    """A poller of these metrics, or of all there are, closed at the end."""
    slis = [sli(metric) for metric in metrics or METRICS["redis"]]
    made = RedisPoller(source(url, timeout_s=timeout_s), slis, time.time, one_shot=one_shot)
    try:
        yield made
    finally:
        await made.close()


async def polled(url: str, *metrics: str, timeout_s: float = 5.0, one_shot: bool = False) -> Sample:
    """One poll by a poller of its own."""
    async with poller(url, *metrics, timeout_s=timeout_s, one_shot=one_shot) as made:
        return await made.poll()
