"""What PgBouncer's console says about its pools: numbers, rows, and what is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ontui.domain.quantity import format_duration
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.found import Flawed, Found, measured, scale

Record = Mapping[str, str | None]
"""A row of the console's answer."""
_WHOLE = re.compile(r"\d{1,15}", re.A)
CONSOLE = "pgbouncer"
"""The pseudo-database of the console itself."""
MOST = 5
"""Pools that are named in findings."""
NO_POOL = "no pool is in use"
LONG_S = 1.0
"""A wait that is told although the pool is not full."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The server connections that one user's clients of one database share."""

    database: str
    user: str
    record: Record
    size: int | None
    """The most connections it may have; None where the console does not tell."""

    @property
    def name(self) -> str:
        """`shop/app`."""
        return f"{self.database}/{self.user}"

    def number(self, column: str, otherwise: str | None = None) -> int:
        """A column; raises Flawed without one, unless older versions may lack it."""
        found = self.record.get(column, otherwise)
        if found is None:
            raise Flawed(Status.UNKNOWN, f"SHOW POOLS has no {column}")
        return whole(found, column)

    @property
    def used(self) -> int:
        """Connections that nobody else can have now; `sv_used` counts idle ones, which only want to be tested first."""
        canceling = self.number("sv_active_cancel", "0") + self.number("sv_being_canceled", "0")
        return sum(self.number(f"sv_{word}") for word in ("active", "tested", "login")) + canceling

    @property
    def wait_s(self) -> float:
        """How long the client that waits longest has waited."""
        return self.number("maxwait") + self.number("maxwait_us", "0") / 1e6


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything one poll found out."""

    at: float
    pools: tuple[Pool, ...]
    databases: tuple[Record, ...]
    clients: int | None
    """Connected to PgBouncer, all databases together."""
    most_clients: int | None
    """How many may be (`max_client_conn`)."""
    state: str = ""
    """`paused` or `suspended` where PgBouncer as a whole is, and is new enough to tell."""


def whole(found: str, column: str) -> int:
    """A number of the console; raises Flawed."""
    if not _WHOLE.fullmatch(found):
        raise Flawed(Status.UNKNOWN, f"{column} is {one_line(found, 40)!r}, not a number")
    return int(found)


def read_pools(pools: Sequence[Record], databases: Sequence[Record], users: Sequence[Record]) -> tuple[Pool, ...]:
    """Those of real databases; since 1.24 a user's own pool_size goes before that of the database."""
    sizes = {str(record.get("name")): record.get("pool_size") for record in databases}
    own = _own_sizes(users)

    def read(database: str, user: str, record: Record) -> Pool:
        size = own[user] if user in own else _size(sizes.get(database))
        return Pool(one_line(database, 60), one_line(user, 60), record, size)

    named = [(str(record.get("database")), str(record.get("user")), record) for record in pools]
    return tuple(read(*each) for each in named if each[0] != CONSOLE)


def _own_sizes(users: Sequence[Record]) -> dict[str, int | None]:
    """The pool sizes of users who have their own; None where that cannot be told.

    SHOW USERS says the size of the user before also of a user who has none.
    """
    sizes: dict[str, int | None] = {}
    before = ""
    for record in users:
        told = (record.get("pool_size") or "").strip()
        if told:
            sizes[str(record.get("name"))] = None if told == before else _size(told)
        before = told
    return sizes


def _size(found: str | None) -> int | None:
    return int(found) if found and _WHOLE.fullmatch(found) else None


def _used_ratio(pool: Pool) -> float:
    if not pool.size:
        raise Flawed(Status.UNKNOWN, f"PgBouncer does not tell the pool_size of {pool.name}")
    return pool.used / pool.size


_MEASURES: Mapping[str, tuple[Callable[[Pool], float], bool]] = {
    "clients_active": (lambda pool: pool.number("cl_active"), True),
    "clients_waiting": (lambda pool: pool.number("cl_waiting"), True),
    "servers_active": (lambda pool: pool.number("sv_active"), True),
    "servers_idle": (lambda pool: pool.number("sv_idle") + pool.number("sv_used"), True),
    "longest_wait": (lambda pool: pool.wait_s, False),
    "pool_used_ratio": (_used_ratio, False),
}
"""What is measured of a pool, and whether several pools are added up rather than judged by the worst."""
_ROWS: Mapping[str, Callable[[Pool], str]] = {
    "database": lambda pool: pool.database,
    "user": lambda pool: pool.user,
    "pool": lambda pool: pool.name,
}


def reading(sli: Sli, seen: Seen) -> Reading:
    """The reading of an SLI that names a built-in metric, with rows where it wants them."""
    if sli.metric == "up":
        return Reading(1.0, seen.at)
    if sli.metric not in _MEASURES:
        return Reading.unknown(seen.at, f"no built-in metric {one_line(sli.metric, 40)!r}")
    raw = one_line("; ".join(_raw(pool) for pool in seen.pools), 1000)
    if not sli.rows or not seen.pools:
        return measured(sli, seen.at, lambda: _found(sli.metric, seen.pools), raw)
    naming = _ROWS.get(sli.rows)
    if naming is None:
        return Reading.unknown(seen.at, f"rows are named by database, user or pool, not by {one_line(sli.rows, 40)!r}")
    groups: dict[str, list[Pool]] = {}
    for pool in seen.pools:
        groups.setdefault(naming(pool), []).append(pool)
    rows = [_row(sli, name, pools) for name, pools in groups.items()]
    return reading_of(sli, rows, Reading(None, seen.at, raw=raw))


def _row(sli: Sli, name: str, pools: Sequence[Pool]) -> Row:
    try:
        return Row(name, _found(sli.metric, pools).value * scale(sli))
    except Flawed as flawed:
        return Row(name, None, flawed.reason)


def _found(metric: str, pools: Sequence[Pool]) -> Found:
    measure, added = _MEASURES[metric]
    if not pools:
        if metric == "pool_used_ratio":
            raise Flawed(Status.NO_DATA, NO_POOL)
        return Found(0.0, NO_POOL)
    if added:
        return Found(sum(measure(pool) for pool in pools), f"{len(pools)} pools" if len(pools) > 1 else "")
    worst = max(pools, key=measure)
    beside = f"{worst.used} of {worst.size}" if metric == "pool_used_ratio" else f"{worst.number('cl_waiting')} wait"
    return Found(measure(worst), f"{worst.name}: {beside}")


def _raw(pool: Pool) -> str:
    numbers = {k: v for k, v in pool.record.items() if k.startswith(("cl_", "sv_", "maxwait")) and str(v) != "0"}
    return " ".join([pool.name, *(f"{k}={v}" for k, v in numbers.items()), f"pool_size={pool.size}"])


def what_is_wrong(seen: Seen) -> list[str]:
    """In words for people, the gravest first."""
    return [*_clients(seen), *list(_waits(seen))[:MOST], *_shut(seen)]


def _clients(seen: Seen) -> Iterator[str]:
    if seen.clients is not None and seen.most_clients and seen.clients >= seen.most_clients:
        yield f"TOO MANY CLIENTS: {seen.clients} of {seen.most_clients} (max_client_conn), new ones are refused"


def _waits(seen: Seen) -> Iterator[str]:
    """Pools whose clients wait, the longest first."""
    held = {str(d.get("name")) for d in seen.databases if _flag(d, "paused")}
    for pool in sorted(seen.pools, key=lambda p: -_or_zero(lambda: p.wait_s)):
        try:
            waiting, used = pool.number("cl_waiting"), pool.used
        except Flawed:
            continue
        if not waiting:
            continue
        wait = format_duration(pool.wait_s)
        if pool.size is not None and used >= pool.size:
            yield f"POOL EXHAUSTED: {pool.name} uses {used} of {pool.size}, {waiting} wait, the longest for {wait}"
        elif pool.wait_s > LONG_S and pool.database not in held and not seen.state:
            why = "PgBouncer is paused, or the server lets nobody in"
            yield f"{waiting} of {pool.name} wait for {wait} although its pool is not full: {why}"


def _or_zero(number: Callable[[], float]) -> float:
    try:
        return number()
    except Flawed:
        return 0.0


def _shut(seen: Seen) -> Iterator[str]:
    if seen.state:
        yield f"{seen.state.upper()}: clients wait in every database"
    for word, means in (("paused", "PAUSED: clients wait"), ("disabled", "DISABLED: clients are refused")):
        names = [one_line(record.get("name"), 60) for record in seen.databases if _flag(record, word)]
        if names:
            more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
            yield f"{means} in {', '.join(names[:MOST])}{more}"


def _flag(record: Record, column: str) -> bool:
    return record.get(column) not in (None, "", "0", "no")
