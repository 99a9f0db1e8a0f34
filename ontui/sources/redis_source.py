"""A Redis or Valkey server, polled into samples."""

import asyncio
from collections.abc import Callable, Sequence

from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import RedisSource
from ontui.domain.text import one_line
from ontui.sources.failed import Down, failed_poll
from ontui.sources.redis_info import CounterLog, Counts, Info
from ontui.sources.redis_keys import elements as count_elements
from ontui.sources.redis_link import Link, Refused
from ontui.sources.redis_metrics import REFUSING, Seen, grant, reading, what_is_wrong

COUNTED = (
    "hit_ratio", "evictions_per_minute", "expired_per_minute", "rejected_per_minute", "commands_per_second"
)  # fmt: skip
"""Metrics that two looks are needed for."""
LEAST_S = 0.9
"""The least distance of two looks at the counters."""
SETTLE_S = 1.0
"""How long one look waits for the second, where there will be no second poll."""
_RESERVE_S = 0.15


class RedisPoller:
    """Asks PING, INFO and for the keys that are named, and remembers the counters."""

    def __init__(
        self, source: RedisSource, slis: Sequence[Sli], now: Callable[[], float], *, one_shot: bool = False
    ) -> None:
        self.source = source
        self._slis = [sli for sli in slis if sli.source == source.id]
        self._now, self._one_shot = now, one_shot
        self._keys = tuple(dict.fromkeys(sli.key for sli in self._slis if sli.key))
        self._link = Link(source)
        self._counters = CounterLog(LEAST_S, 3 * source.interval_s + source.timeout_s)
        self._known: Info | None = None
        self._heard_at = float("-inf")

    async def poll(self) -> Sample:
        """Look once, with one deadline for all of it."""
        at = self._now()
        try:
            async with asyncio.timeout(self.source.timeout_s):
                seen = await self._look()
        except TimeoutError:
            word = "answer" if self._link.connected else "connection"
            await self._link.drop()
            return self._failed(at, Fault(FaultKind.TIMEOUT, f"no {word} within {self.source.timeout_s:g} s"))
        except Down as down:
            return self._failed(at, down.fault)
        news = self._changed(seen.info)
        return Sample(
            self.source.id,
            seen.at,
            seen.latency_s,
            {sli.id: reading(sli, seen) for sli in self._slis},
            server=one_line(", ".join(filter(None, (seen.info.product, seen.info.role)))),
            identity=seen.info.fields.get("run_id", ""),
            findings=tuple(self._link.hide(text) for text in what_is_wrong(seen, self._link.user)),
            news=tuple(news),
            skew_s=seen.skew_s,
        )

    async def close(self) -> None:
        """Drop the connection, also one that does not answer."""
        await self._link.close()

    async def _look(self) -> Seen:
        """Ask; a kept connection that turns out to be dead is replaced once."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.source.timeout_s
        kept = not await self._link.ready()
        try:
            seen = await self._ask()
        except Down as down:
            if not kept or down.fault.kind is not FaultKind.LOST:
                raise
            await self._link.ready()
            seen = await self._ask()
        wanted = any(sli.metric in COUNTED for sli in self._slis)
        if self._one_shot and wanted and self._counters.alone and end - loop.time() > SETTLE_S + _RESERVE_S:
            await asyncio.sleep(SETTLE_S)
            seen = await self._ask()
        return seen

    async def _ask(self) -> Seen:
        """PING, INFO and the keys, one after the other: PING waits for whatever keeps the server busy."""
        at, ping_refused, refusing = self._now(), "", ""
        try:
            if (answer := await self._link.ask("PING")) != "PONG":
                await self._link.drop()
                raise Down(Fault(FaultKind.PROTOCOL, f"does not speak Redis: PING was answered {answer[:40]!r}"))
        except Refused as refused:
            if refused.word in REFUSING:
                refusing = REFUSING[refused.word]
            elif refused.word == "NOPERM":
                ping_refused = grant(self._link.user, ["+ping"])
            elif refused.word != "LOADING":
                raise Down(refused.fault) from None
        latency_s = self._now() - at
        asked = self._now()
        info = await self._info()
        heard = self._now()
        if not info.refused:
            ours = {"keyspace_hits": self._link.own_hits, "keyspace_misses": self._link.own_misses}
            self._counters.add(Counts.of(info, heard, ours))
        server_at = info.count("server_time_usec") / 1e6
        skew_s = server_at - (asked + heard) / 2 if server_at else None
        elements = {key: await count_elements(self._link, key) for key in self._keys}
        return Seen(
            at, info, self._counters, latency_s, ping_refused, refusing, self._link.database, self._link.unselected,
            elements, skew_s,
        )  # fmt: skip

    async def _info(self) -> Info:
        try:
            info = Info.read(await self._link.ask("INFO"))
        except Refused as refused:
            if refused.word != "NOPERM":
                raise Down(refused.fault) from None
            return Info(refused=grant(self._link.user, ["+info"]))
        if info.fields.get("loading") == "1":
            raise Down(Fault(FaultKind.STARTING, _progress(info)))
        return info

    def _failed(self, at: float, fault: Fault) -> Sample:
        return failed_poll(self.source, self._slis, at, self._now() - at, fault)

    def _changed(self, info: Info) -> list[str]:
        """What is new since the last poll: a restart, another server, another role."""
        old, heard_at = self._known, self._heard_at
        self._known, self._heard_at = info, self._now()
        if old is None:
            return []
        news = []
        if old.fields.get("run_id") != info.fields.get("run_id"):
            young = info.count("uptime_in_seconds", otherwise=10**9) <= self._heard_at - heard_at + 1
            news.append("the server was restarted" if young else "another server answers now")
        if old.role != info.role and old.role and info.role:
            news.append(f"role changed: was {old.role}, is {info.role} now")
        return news


def _progress(info: Info) -> str:
    """How far a server is that reads its data."""
    percent, left_s = info.fields.get("loading_loaded_perc", ""), info.count("loading_eta_seconds")
    done = f"{one_line(percent, 12)} % of the data is in memory" if percent else "the data is being read into memory"
    return f"LOADING: {done}" + (f", about {format_duration(left_s)} to go" if left_s else "")
