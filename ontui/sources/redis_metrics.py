"""What a Redis' answers say about each built-in metric: a number, or why there is none; and what is wrong beside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ontui.domain.quantity import format_duration, format_number, format_value
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.counters import Log
from ontui.sources.found import Flawed, Found, measured
from ontui.sources.redis_info import CounterLog, Info, Stretch

REFUSING = {
    "MASTERDOWN": "MASTERDOWN: without its primary this replica refuses to serve",
    "MISCONF": "MISCONF: writes are refused, because saving to disk has failed",
}
"""Answers to PING that say what clients are refused."""
_FAILED = {
    "rdb_last_bgsave_status": "the last snapshot failed (rdb_last_bgsave_status:err)",
    "aof_last_write_status": "writing the append-only file failed (aof_last_write_status:err)",
    "aof_last_bgrewrite_status": "the last rewrite of the append-only file failed (aof_last_bgrewrite_status:err)",
}
FEWEST_LOOKUPS = 20
"""With fewer lookups than this, a hit ratio is taken over a longer stretch, if there is one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything one poll found out."""

    at: float
    info: Info
    counters: CounterLog
    latency_s: float
    """Of PING."""
    ping_refused: str = ""
    """Why PING says nothing."""
    refusing: str = ""
    """What is refused to clients although the server lives: PING tells, where it matters."""
    database: str | None = None
    """The only one whose keys are counted."""
    unselected: bool = False
    """Whether we may not go to `database`."""
    elements: Mapping[str, Found | Flawed] = field(default_factory=dict)
    """How many each key has that is asked for."""
    skew_s: float | None = None
    """How far the server's clock is ahead of ours."""

    def stretch(self, *names: str, of: Callable[[CounterLog], Stretch | None] = Log.latest) -> Stretch:
        """What happened lately, these counters being told; raises Flawed while that is not known."""
        for name in names:
            self.info.number(name)
        found = of(self.counters)
        if found is None:
            raise Flawed(Status.UNKNOWN, f"collecting: {self.counters.why}", early=True)
        return found


def reading(sli: Sli, seen: Seen) -> Reading:
    """The reading of an SLI that names a key or a built-in metric."""
    if sli.key:
        return measured(sli, seen.at, lambda: _elements(seen, sli.key))
    known = _MEASURES.get(sli.metric)
    if known is None:
        return Reading.unknown(seen.at, f"no built-in metric {one_line(sli.metric, 40)!r}")
    measure, names = known
    raw = " ".join(f"{name}:{seen.info.fields[name]}" for name in names if name in seen.info.fields)
    return measured(sli, seen.at, lambda: measure(seen), raw)


def used_slots(info: Info) -> int:
    """Connections that count against maxclients: replicas and the cluster's own are not among `connected_clients`."""
    return info.number("connected_clients") + info.count("connected_slaves") + info.count("cluster_connections")


def what_is_wrong(seen: Seen, user: str) -> list[str]:
    """In words for people, the gravest first; missing rights with the command that would give them."""
    info = seen.info
    found = [seen.refusing] if seen.refusing else []
    most = info.count("maxclients")
    if most and "connected_clients" in info.fields and used_slots(info) >= most:
        found.append(f"TOO MANY CLIENTS: {used_slots(info)} of {most} connections, new ones are refused")
    limit, uncounted = info.count("maxmemory"), info.count("mem_not_counted_for_evict")
    if 0 < limit <= info.count("used_memory") - uncounted and info.fields.get("maxmemory_policy") == "noeviction":
        found.append("OUT OF MEMORY: maxmemory is reached and nothing may be evicted: writes are refused")
    found += [text for name, text in _FAILED.items() if info.fields.get(name) == "err"]
    if info.cut_off:
        found.append("DISCONNECTED: this replica receives from no primary")
    rights = ("ping", seen.ping_refused), ("info", info.refused), ("select", seen.unselected)
    lacking = [f"+{word}" for word, why in rights if why]
    return found + ([grant(user, lacking)] if lacking else [])


def grant(user: str, lacking: list[str]) -> str:
    """What is missing, and how to give it."""
    return f"no permission: ACL SETUSER {one_line(user, 60)} {' '.join(lacking)}"


def _up(seen: Seen) -> Found:
    return Found(1.0, caveat=seen.refusing)


def _latency(seen: Seen) -> Found:
    if seen.ping_refused:
        raise Flawed(Status.UNKNOWN, seen.ping_refused)
    return Found(seen.latency_s, "PING, there and back")


def _hit_ratio(seen: Seen) -> Found:
    names = ("keyspace_hits", "keyspace_misses")
    whole = seen.stretch(*names, of=Log.whole)
    found = seen.counters.enough(lambda stretch: stretch.lookups >= FEWEST_LOOKUPS) or whole
    if not found.lookups:
        raise Flawed(Status.NO_DATA, f"idle: no lookups in {format_duration(found.seconds)}")
    hits = found.grown["keyspace_hits"]
    of = f"{format_number(hits)} of {format_number(found.lookups)} lookups"
    return Found(hits / found.lookups, f"{of} in {format_duration(found.seconds)}")


def _per_minute(name: str) -> Callable[[Seen], Found]:
    def measure(seen: Seen) -> Found:
        stretch = seen.stretch(name, of=Log.minute)
        grown = stretch.grown[name]
        return Found(grown * 60 / stretch.seconds, f"{format_number(grown)} in {format_duration(stretch.seconds)}")

    return measure


def _commands(seen: Seen) -> Found:
    stretch = seen.stretch("total_commands_processed")
    grown = stretch.grown["total_commands_processed"]
    return Found(grown / stretch.seconds, f"over {format_duration(stretch.seconds)}, our own among them")


def _memory_ratio(seen: Seen) -> Found:
    used, limit = seen.info.number("used_memory"), seen.info.number("maxmemory")
    if not limit:
        raise Flawed(Status.NO_DATA, "no limit is set (maxmemory 0)")
    policy = seen.info.fields.get("maxmemory_policy", "no word of a policy")
    return Found(used / limit, f"{format_value(used, 'bytes')} of {format_value(limit, 'bytes')}, {policy}")


def _clients_ratio(seen: Seen) -> Found:
    used, most = used_slots(seen.info), seen.info.number("maxclients")
    if not most:
        raise Flawed(Status.NO_DATA, "no limit is set (maxclients 0)")
    replicas = seen.info.count("connected_slaves")
    return Found(used / most, f"{used} of {most}" + (f", {replicas} of them replicas" if replicas else ""))


def _keys(seen: Seen) -> Found:
    keys = seen.info.keys()
    if seen.database is not None:
        return _of_replica(seen, Found(keys.get(seen.database, 0), f"in {seen.database}"))
    listed = ", ".join(f"{name} {format_number(n)}" for name, n in sorted(keys.items())[:8])
    return _of_replica(seen, Found(sum(keys.values()), listed or "all databases are empty"))


def _elements(seen: Seen, key: str) -> Found:
    found = seen.elements[key]
    if isinstance(found, Flawed):
        raise found
    return _of_replica(seen, found)


def _of_replica(seen: Seen, found: Found) -> Found:
    """Of data: a replica without its primary has none, or that of long ago."""
    return replace(found, caveat="the link to its primary is down") if seen.info.cut_off else found


def _replica_link(seen: Seen) -> Found:
    role = seen.info.word("role")
    if role == "master":
        raise Flawed(Status.NO_DATA, "a primary")
    if role != "slave":
        raise Flawed(Status.NO_DATA, f"neither primary nor replica: {one_line(role, 40)}")
    status = seen.info.word("master_link_status")
    down_s = seen.info.count("master_link_down_since_seconds")
    note = seen.info.role + (f", for {format_duration(down_s)}" if status != "up" and down_s else "")
    copying = "the data set is being copied from the primary" if seen.info.count("master_sync_in_progress") else ""
    return Found(1.0 if status == "up" else 0.0, note, copying)


def _field(name: str) -> Callable[[Seen], Found]:
    return lambda seen: Found(seen.info.number(name))


_MEASURES: Mapping[str, tuple[Callable[[Seen], Found], tuple[str, ...]]] = {
    "up": (_up, ("role", "uptime_in_seconds")),
    "latency": (_latency, ()),
    "hit_ratio": (_hit_ratio, ("keyspace_hits", "keyspace_misses")),
    "evictions_per_minute": (_per_minute("evicted_keys"), ("evicted_keys",)),
    "expired_per_minute": (_per_minute("expired_keys"), ("expired_keys",)),
    "rejected_per_minute": (_per_minute("rejected_connections"), ("rejected_connections",)),
    "commands_per_second": (_commands, ("total_commands_processed",)),
    "memory_used": (_field("used_memory"), ("used_memory",)),
    "memory_used_ratio": (_memory_ratio, ("used_memory", "maxmemory", "maxmemory_policy")),
    "clients": (_field("connected_clients"), ("connected_clients",)),
    "clients_used_ratio": (_clients_ratio, ("connected_clients", "connected_slaves", "maxclients")),
    "blocked_clients": (_field("blocked_clients"), ("blocked_clients",)),
    "keys": (_keys, tuple(f"db{n}" for n in range(16))),
    "replica_link": (_replica_link, ("role", "master_link_status", "master_host", "master_port")),
}
"""How each is computed, and the fields of INFO it is made of."""


