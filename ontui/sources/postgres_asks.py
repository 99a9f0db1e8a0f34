"""The questions a PostgreSQL server is asked, and the rows it answers with.

None of them takes a lock on a relation that anybody else can hold for long, and none uses now(), which stands still
inside a transaction.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ask(StrEnum):
    """The questions, in the order they are asked: cheap first."""

    ACTIVITY = "activity"
    LOCKS = "locks"
    STATEMENTS = "statements"
    REPLICATION = "replication"
    XID_AGE = "xid_age"
    SIZE = "size"
    COUNTERS = "counters"


NEEDS: dict[str, Ask | None] = {
    "up": None,
    "connections": Ask.ACTIVITY,
    "connections_used_ratio": Ask.ACTIVITY,
    "connections_active": Ask.ACTIVITY,
    "connections_idle": Ask.ACTIVITY,
    "idle_in_transaction": Ask.ACTIVITY,
    "longest_query": Ask.ACTIVITY,
    "longest_transaction": Ask.ACTIVITY,
    "slow_statements": Ask.ACTIVITY,
    "blocked_sessions": Ask.LOCKS,
    "longest_lock_wait": Ask.LOCKS,
    "cache_hit_ratio": Ask.COUNTERS,
    "transactions_per_second": Ask.COUNTERS,
    "rollback_ratio": Ask.COUNTERS,
    "deadlocks_per_minute": Ask.COUNTERS,
    "replication_lag": Ask.REPLICATION,
    "xid_age": Ask.XID_AGE,
    "database_size": Ask.SIZE,
}
"""Every built-in metric, and the question that answers it (`up` needs none of its own)."""


@dataclass(frozen=True, slots=True)
class Activity:
    """All sessions of the server, counted; our own is a connection but is neither active nor long."""

    max_connections: int
    reserved: int
    """Slots that ordinary roles cannot have."""
    clients: int
    """All of them only with pg_monitor: nothing else tells sessions of other roles from parallel workers."""
    active: int
    idle: int
    idle_tx: int
    idle_tx_aborted: int
    slow: int
    """Statements that have been running for more than a second."""
    query_s: float
    query_who: str | None
    xact_s: float
    xact_who: str | None

    SQL = """
select current_setting('max_connections')::int as max_connections,
  current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved,
  count(*) filter (where client) as clients,
  count(*) filter (where other and running) as active,
  count(*) filter (where other and state = 'idle') as idle,
  count(*) filter (where other and state like 'idle in transaction%') as idle_tx,
  count(*) filter (where other and state = 'idle in transaction (aborted)') as idle_tx_aborted,
  count(*) filter (where other and running and query_s > 1) as slow,
  coalesce(max(query_s) filter (where other and running), 0)::float8 as query_s,
  (array_agg(who order by query_s desc nulls last) filter (where other and running))[1] as query_who,
  coalesce(max(xact_s) filter (where other), 0)::float8 as xact_s,
  (array_agg(who order by xact_s desc nulls last) filter (where other and xact_s is not null))[1] as xact_who
from (
  select state, backend_type = 'client backend' as client,
    backend_type = 'client backend' and pid <> pg_backend_pid() as other,
    state in ('active', 'fastpath function call') as running,
    'pid ' || pid || coalesce(' ' || nullif(application_name, ''), '') as who,
    greatest(0, extract(epoch from clock_timestamp() - query_start)) as query_s,
    greatest(0, extract(epoch from clock_timestamp() - xact_start)) as xact_s
  from pg_stat_activity
) sessions"""


@dataclass(frozen=True, slots=True)
class Locks:
    """Who waits for a lock; every role may see this."""

    waiting: int
    longest_s: float | None
    """None before PostgreSQL 14, which does not say since when."""
    first: int | None
    """The pid that waits longest."""
    behind: str | None
    """The pids it waits for."""

    SQL = """
select waiting, longest_s, first, array_to_string(pg_blocking_pids(first), ', ') as behind from (
  select count(distinct pid) as waiting,
    coalesce(max(greatest(0, extract(epoch from clock_timestamp() - waitstart))), 0)::float8 as longest_s,
    (array_agg(pid order by waitstart nulls last))[1] as first
  from pg_locks where not granted
) waits"""
    SQL_13 = """
select count(distinct pid) as waiting, null::float8 as longest_s, null::int as first, null::text as behind
from pg_locks where not granted"""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the database we are connected to has done since its counters began."""

    now_s: float
    datid: int
    reset_s: float | None
    commits: int
    rollbacks: int
    hits: int
    reads: int
    deadlocks: int
    ours: int = 0
    """Transactions that we made ourselves so far, by our own count."""

    SQL = """
select extract(epoch from clock_timestamp())::float8 as now_s, datid::bigint as datid,
  extract(epoch from stats_reset)::float8 as reset_s, xact_commit as commits, xact_rollback as rollbacks,
  blks_hit as hits, blks_read as reads, deadlocks
from pg_stat_database where datname = current_database()"""
    FLUSH_SQL = "select 1 as value from pg_stat_force_next_flush()"
    """Since PostgreSQL 15: what our session itself did is counted before we look, not in the first window."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A replica as its primary sees it."""

    name: str | None
    state: str | None
    lag_bytes: float | None
    """None for receivers that never replay, such as an archiver."""
    replay_s: float | None
    """The last measured delay; it keeps its value while nothing is heard."""
    reply_age_s: float | None
    timeout_s: float
    """After half of it the primary asks a replica that is silent to say something; 0: it does not."""

    SQL = """
select application_name as name, state,
  pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end,
    replay_lsn)::float8 as lag_bytes,
  extract(epoch from replay_lag)::float8 as replay_s,
  extract(epoch from clock_timestamp() - reply_time)::float8 as reply_age_s,
  (select setting::float8 / 1000 from pg_settings where name = 'wal_sender_timeout') as timeout_s
from pg_stat_replication"""
    SLOTS_SQL = "select count(*) as value from pg_replication_slots where not active"


@dataclass(frozen=True, slots=True)
class Replay:
    """A replica as it sees itself."""

    receiver: str | None
    """None: nothing is connected to a primary."""
    since_msg_s: float | None
    paused: bool | None
    unreplayed_bytes: float | None
    since_last_xact_s: float | None
    timeout_s: float
    """After half of it the replica asks a primary that is silent to say something; 0: it does not."""

    SQL = """
select (select status from pg_stat_wal_receiver) as receiver,
  (select extract(epoch from clock_timestamp() - last_msg_receipt_time) from pg_stat_wal_receiver)::float8
    as since_msg_s,
  case when pg_is_in_recovery() then pg_is_wal_replay_paused() end as paused,
  pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8 as unreplayed_bytes,
  extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 as since_last_xact_s,
  (select setting::float8 / 1000 from pg_settings where name = 'wal_receiver_timeout') as timeout_s"""


@dataclass(frozen=True, slots=True)
class Amount:
    """A single number."""

    value: int

    XID_SQL = "select max(age(datfrozenxid))::bigint as value from pg_database"
    SIZE_SQL = "select pg_database_size(current_database()) as value"
