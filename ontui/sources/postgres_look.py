"""One poll of a server: only what the SLIs need is asked, cheap questions first."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import psycopg

from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.source import PostgresSource
from ontui.domain.status import Status
from ontui.sources.postgres_asks import (
    NEEDS,
    Activity,
    Amount,
    Ask,
    Counters,
    Follower,
    Locks,
    Replay,
)
from ontui.sources.postgres_counters import LEAST_S, CounterLog
from ontui.sources.postgres_faults import words_of
from ontui.sources.postgres_grants import grant_for
from ontui.sources.postgres_link import Link
from ontui.sources.postgres_login import Logins
from ontui.sources.postgres_metrics import reading
from ontui.sources.postgres_number import ask_number
from ontui.sources.postgres_seen import Failed, Followers, Seen
from ontui.sources.postgres_server import Cluster, Server
from ontui.sources.postgres_statements import EXTENSION, Statements

SIZE_EVERY_S = 60.0
"""Measuring a database walks through its files."""
SETTLE_S = 1.1
"""Backends report what they did about once a second: the least distance of two looks at the counters."""
_RESERVE_S = 0.15
"""Kept back from a user's statement, so that its end at the server is heard in time."""


@dataclass(slots=True)
class Look:
    """What one poll found out."""

    server: Server
    system: str
    """The cluster's identifier; empty where our role may not read it."""
    seen: Seen
    latency_s: float
    skew_s: float
    """How far the server's clock is ahead of ours."""
    reconnected: str = ""
    """Why the kept connection had to be replaced on the way."""
    grants: list[str] = field(default_factory=list)
    """What users' own statements lacked, as the SQL that would give it."""
    readings: dict[str, Reading] = field(default_factory=dict)


class Looker:
    """Polls over a link and remembers what the next poll needs."""

    def __init__(
        self, source: PostgresSource, slis: Sequence[Sli], link: Link, now: Callable[[], float], *, one_shot: bool
    ) -> None:
        self._source, self._slis, self._link, self._now = source, slis, link, now
        self._one_shot = one_shot
        needed = {Ask.ACTIVITY, *(NEEDS.get(sli.metric) for sli in slis if not sli.sql)}  # a full server is always told
        if any(s.metric == "slow_statements" or EXTENSION in s.sql + s.baseline_query for s in slis):
            needed.add(Ask.STATEMENTS)
        self._asks = [ask for ask in Ask if ask in needed]
        least_s = SETTLE_S / 2 if one_shot else LEAST_S
        self._counters = CounterLog(least_s, 3 * source.interval_s + source.timeout_s)
        self._logins = Logins(now, source.timeout_s)
        self._size: tuple[float, Amount] | None = None
        self._system = ""
        self._flushed = False
        self._took_s: dict[str, float] = {}

    async def look(self) -> Look:
        """Ask everything; raises Down or psycopg.Error when the server as a whole cannot be asked."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._source.timeout_s
        look = await self._greet()
        for ask in self._asks:
            look.seen.answers[ask] = await self._asked(ask, look.seen)
        last = self._one_shot and Ask.COUNTERS in self._asks and self._counters.alone
        if last:
            await self._settle(look.seen, end - loop.time())
        built_in = [sli for sli in self._slis if not sli.sql]
        look.readings = {sli.id: reading(sli, look.seen) for sli in built_in}
        await self._ask_own([sli for sli in self._slis if sli.sql or sli.baseline_query], look, end)
        short = [sli for sli in built_in if NEEDS.get(sli.metric) is Ask.COUNTERS and look.readings[sli.id].flaw]
        if last and short:
            await self._settle(look.seen, end - loop.time())
            for sli in short:
                known, found = look.readings[sli.id], reading(sli, look.seen)
                look.readings[sli.id] = replace(
                    found, baseline=known.baseline, baseline_at=known.baseline_at, caveat=found.caveat or known.caveat
                )
        return look

    async def _greet(self) -> Look:
        """Who answers; a kept connection that turns out to be dead is replaced once."""
        new, why = await self._link.ready(), ""
        at = self._now()
        try:
            server = await self._link.one(Server, Server.SQL)
        except psycopg.Error as error:
            if new or not self._link.lost(error):
                raise
            why = words_of(error)
            self._link.drop()
            new = await self._link.ready()
            at = self._now()
            server = await self._link.one(Server, Server.SQL)
        heard = self._now()
        if new:
            self._flushed = False
            self._counters.forget("connected again")  # a crash sets counters to zero without saying so
            self._system = await self._identified()
            self._logins.forget()
        shut = "" if self._one_shot else self._logins.told(self._link.connection)
        seen = Seen(at, server, self._counters, shut=shut)
        return Look(server, self._system, seen, heard - at, server.now_s - (at + heard) / 2, why)

    async def _identified(self) -> str:
        try:
            return (await self._link.one(Cluster, Cluster.SQL)).identifier
        except psycopg.Error as error:
            if self._link.lost(error):
                raise
            return ""

    async def _asked(self, ask: Ask, seen: Seen) -> object:
        """The answer to one question; a question that fails takes only its own metrics along."""
        try:
            return await self._answer(ask, seen)
        except psycopg.Error as error:
            if self._link.lost(error):
                raise
            return Failed(words_of(error))

    async def _answer(self, ask: Ask, seen: Seen) -> object:
        link = self._link
        match ask:
            case Ask.ACTIVITY:
                return await link.one(Activity, Activity.SQL)
            case Ask.STATEMENTS:
                return await link.one(Statements, Statements.SQL)
            case Ask.LOCKS:
                return await link.one(Locks, Locks.SQL if seen.server.vnum >= 140000 else Locks.SQL_13)
            case Ask.COUNTERS:
                return await self._counted(seen)
            case Ask.REPLICATION if seen.server.replica:
                return await link.one(Replay, Replay.SQL)
            case Ask.REPLICATION:
                rows = tuple(await link.rows(Follower, Follower.SQL))
                unused = (await link.one(Amount, Follower.SLOTS_SQL)).value
                return Followers(rows, unused)
            case Ask.XID_AGE:
                return await link.one(Amount, Amount.XID_SQL)
            case Ask.SIZE:
                return await self._measured(seen)

    async def _counted(self, seen: Seen) -> Counters:
        if not self._flushed and seen.server.vnum >= 150000:
            self._flushed = True
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                await self._link.one(Amount, Counters.FLUSH_SQL)
        row = replace(await self._link.one(Counters, Counters.SQL), ours=self._link.transactions)
        self._counters.add(row)
        return row

    async def _measured(self, seen: Seen) -> Amount:
        if self._size is None or seen.at - self._size[0] >= SIZE_EVERY_S - self._source.interval_s / 2:
            self._size = (seen.at, await self._link.one(Amount, Amount.SIZE_SQL))
        seen.size_age_s = seen.at - self._size[0]
        return self._size[1]

    async def _settle(self, seen: Seen, left_s: float) -> None:
        """Look at the counters once more when there will be no second poll."""
        if left_s > SETTLE_S + _RESERVE_S:
            await asyncio.sleep(SETTLE_S)
            seen.answers[Ask.COUNTERS] = await self._asked(Ask.COUNTERS, seen)

    async def _ask_own(self, own: Sequence[Sli], look: Look, end: float) -> None:
        """The users' statements, the quick ones first.

        Nobody knows yet which is slow when they are first asked: each then gets its share of the time, and those for
        which that was too little get what is left over, so that a slow one does not silence those after it.
        """
        loop = asyncio.get_running_loop()
        late: list[Sli] = []
        for n, sli in enumerate(sorted(own, key=lambda s: self._took_s.get(s.id, 0.0))):
            began, first = loop.time(), sli.id not in self._took_s
            share_s = (end - began - _RESERVE_S) / (len(own) - n) if first else math.inf
            known = look.readings.get(sli.id)
            look.readings[sli.id] = await self._own(sli, look, min(end, began + share_s + _RESERVE_S), known)
            self._took_s[sli.id] = loop.time() - began
            if self._took_s[sli.id] > 0.9 * share_s and look.readings[sli.id].flaw is Status.UNKNOWN:
                late.append(sli)
        for sli in late:
            began = loop.time()
            if end - began - _RESERVE_S > 1.5 * self._took_s[sli.id]:
                look.readings[sli.id] = await self._own(sli, look, end, None)
                self._took_s[sli.id] = loop.time() - began

    async def _own(self, sli: Sli, look: Look, end: float, known: Reading | None) -> Reading:
        """A user's own statement, unless its answer is known, and the baseline's."""
        found = known or await self._number(sli.sql, look, end, sli.unit, sli if sli.rows else None)
        if not sli.baseline_query:
            return found
        baseline = await self._number(sli.baseline_query, look, end, sli.unit)
        missed = f"no baseline: {baseline.reason}" if baseline.value is None else ""
        caveat = "; ".join(filter(None, (found.caveat, missed)))
        return replace(found, baseline=baseline.value, baseline_at=look.seen.at, caveat=caveat)

    async def _number(self, sql: str, look: Look, end: float, unit: str, many: Sli | None = None) -> Reading:
        at, left_s = self._now(), end - asyncio.get_running_loop().time() - _RESERVE_S
        if left_s <= 0.05:
            return Reading.unknown(at, "not asked: no time was left after the other statements of this source")
        found = await ask_number(self._link, sql, at, int(left_s * 1000), unit, many)
        advice = await self._advice(sql, found.reason, look) if found.flaw is Status.UNKNOWN else ""
        return replace(found, reason=f"{found.reason}: {advice}") if advice else found

    async def _advice(self, sql: str, failure: str, look: Look) -> str:
        """What would mend a statement of a user that failed; empty when that is not known."""
        role, known = look.server.role, look.seen.answers.get(Ask.STATEMENTS)
        if EXTENSION in sql and isinstance(known, Statements) and (advice := known.advice(failure, role)):
            return advice
        try:
            grant = await grant_for(self._link, failure, role)
        except psycopg.Error as error:
            if self._link.lost(error):
                raise
            return ""
        if grant and grant not in look.grants:
            look.grants.append(grant)
        return grant

    def close(self) -> None:
        """Ask nobody any more."""
        self._logins.forget()
