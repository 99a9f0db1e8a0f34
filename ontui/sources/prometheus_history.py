"""The last hour of each query, fetched once so that charts are full and `for:` is judged from real history."""

import asyncio
import math
from collections.abc import Mapping, Sequence

from ontui.domain.sample import Point
from ontui.domain.sli import HISTORY_S, Sli
from ontui.sources.prometheus_answer import Malformed, Refusal, history, parse_range
from ontui.sources.prometheus_api import PrometheusApi, Rejected
from ontui.sources.web import Unanswered

FINEST_S = 15.0
"""The smallest step asked for."""
TRIES = 3
LEAST_S = 10.0
"""The shortest deadline of a history that nobody waits for."""


class PastHour:
    """Fetches what is missing, few queries at a time; `take` hands out what has come, once."""

    def __init__(self, api: PrometheusApi, slis: Sequence[Sli], *, at_once: int) -> None:
        self._api = api
        self._wanted = {sli.query: max(sli.interval_s, FINEST_S) for sli in slis if sli.query}
        self._turns = asyncio.Semaphore(at_once)
        self._tries = 0
        self._task: asyncio.Task[None] | None = None
        self._found: dict[str, tuple[Point, ...]] = {}

    def begin(self, server_at: float, skew_s: float, timeout_s: float) -> None:
        """Start fetching in the background what has not come yet; a few times only."""
        if self._task is None and self._wanted and self._tries < TRIES:
            self._tries += 1
            until = asyncio.get_running_loop().time() + max(timeout_s, LEAST_S)
            self._task = asyncio.create_task(self.fetch(server_at, skew_s, until), name="history")

    async def fetch(self, server_at: float, skew_s: float, until: float) -> None:
        """Fetch every missing history up to `server_at` on the server's clock."""
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

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fetch(self, query: str, server_at: float, skew_s: float, until: float) -> None:
        """Aligned to the step, so that two views show the same points; never past the server's own now."""
        step_s = self._wanted[query]
        end = math.floor(server_at / step_s) * step_s
        start = end - math.floor(HISTORY_S / step_s) * step_s
        form = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_s:.3f}"}
        try:
            async with self._turns:
                reply = await self._api.ask("/api/v1/query_range", form, until)
            series = parse_range(reply.body)
        except Unanswered:
            return
        except (Rejected, Malformed, Refusal):
            series = []
        del self._wanted[query]
        if len(series) == 1:
            self._found[query] = history(series[0], step_s, skew_s)
