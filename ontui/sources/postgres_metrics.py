"""What a server's answers say about each built-in metric: a number, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import fields

from ontui.domain.quantity import format_duration, format_number
from ontui.domain.sample import Reading
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.counters import FAR_S, MINUTE_S
from ontui.sources.found import Flawed, Found, measured
from ontui.sources.postgres_asks import NEEDS, Activity, Amount, Ask, Follower, Locks, Replay
from ontui.sources.postgres_counters import CounterLog, Window
from ontui.sources.postgres_seen import Followers, Seen
from ontui.sources.postgres_server import Server
from ontui.sources.postgres_statements import Statements

FEWEST_BLOCKS = 500
"""Below this many blocks a hit ratio says nothing."""
FEWEST_TRANSACTIONS = 20
"""Below this many transactions a rollback ratio says nothing."""
TIMEOUT_S = (60.0, 120.0)
"""PostgreSQL's own for replication, taken where none is set, and the longest that is believed of a setting."""
ANSWER_S = 5.0
"""How long an answer to a question after silence may take."""


def reading(sli: Sli, seen: Seen) -> Reading:
    """The reading of an SLI that names a built-in metric."""
    measure = _MEASURES.get(sli.metric)
    if measure is None:
        return Reading.unknown(seen.at, f"no built-in metric {one_line(sli.metric, 40)!r}")
    return measured(sli, seen.at, lambda: measure(seen), _raw(sli.metric, seen))


def _raw(metric: str, seen: Seen) -> str:
    ask = NEEDS[metric]
    answer = seen.answers.get(ask) if ask else seen.server
    if isinstance(answer, Activity | Locks | Replay | Amount | Server):
        return one_line(" ".join(f"{f.name}={getattr(answer, f.name)}" for f in fields(answer)), 400)
    return ""


def _connections(seen: Seen) -> Found:
    activity = seen.all_sessions()
    return Found(activity.clients, f"{activity.active} active, {activity.idle} idle, {activity.idle_tx} in transaction")


def _used_ratio(seen: Seen) -> Found:
    activity = seen.all_sessions()
    used, slots = activity.clients, activity.max_connections - activity.reserved
    if slots <= 0:
        raise Flawed(Status.UNKNOWN, "every connection slot is reserved")
    return Found(used / slots, f"{used} of {slots} ({activity.max_connections} − {activity.reserved} reserved)")


def _idle_in_transaction(seen: Seen) -> Found:
    activity = seen.all_sessions()
    return Found(activity.idle_tx, f"{activity.idle_tx_aborted} of them aborted" if activity.idle_tx_aborted else "")


def _longest_query(seen: Seen) -> Found:
    activity = seen.all_sessions()
    return Found(activity.query_s, one_line(activity.query_who or "nothing is running"))


def _longest_transaction(seen: Seen) -> Found:
    activity = seen.all_sessions()
    return Found(activity.xact_s, one_line(activity.xact_who or "no transaction is open"))


def _slow(seen: Seen) -> Found:
    slow, statements = seen.all_sessions().slow, seen.answers.get(Ask.STATEMENTS)
    lack = statements.missing(seen.server.role) if isinstance(statements, Statements) else ""
    return Found(slow, "running for more than 1 s" + (f"; for those that have ended: {lack}" if lack else ""))


def _blocked(seen: Seen) -> Found:
    locks = seen.answer(Ask.LOCKS, Locks)
    return Found(locks.waiting, _waiter(locks))


def _lock_wait(seen: Seen) -> Found:
    locks = seen.answer(Ask.LOCKS, Locks)
    if locks.longest_s is None:
        raise Flawed(Status.UNKNOWN, f"PostgreSQL {seen.server.version.split('.')[0]} does not tell: 14 does")
    return Found(locks.longest_s, _waiter(locks))


def _waiter(locks: Locks) -> str:
    return f"pid {locks.first} waits for pid {locks.behind}" if locks.first is not None and locks.behind else ""


def _hit_ratio(seen: Seen) -> Found:
    window = _enough(seen, lambda w: w.blocks, FEWEST_BLOCKS, "blocks")
    note = f"{format_number(window.hits)} of {format_number(window.blocks)} blocks in {format_duration(window.seconds)}"
    return Found(window.hits / window.blocks, note)


def _enough(seen: Seen, count: Callable[[Window], int], fewest: int, noun: str) -> Window:
    """The shortest stretch that has enough of them; raises Flawed when even the longest has not."""
    whole = seen.window(CounterLog.whole)
    found = seen.counters.enough(lambda window: count(window) >= fewest)
    if found is not None:
        return found
    few = "idle" if whole.idle else f"too few {noun}" + (" yet" if whole.seconds < FAR_S else "")
    of = f" {noun}" if whole.idle else ""
    raise Flawed(Status.NO_DATA, f"{few}: {count(whole)}{of} in {format_duration(whole.seconds)}")


def _transactions(seen: Seen) -> Found:
    window = seen.window()
    return Found(window.transactions / window.seconds, f"over {format_duration(window.seconds)}")


def _rollbacks(seen: Seen) -> Found:
    window = _enough(seen, lambda w: w.others, FEWEST_TRANSACTIONS, "transactions")
    note = f"{window.rollbacks} of {window.transactions} transactions in {format_duration(window.seconds)}"
    return Found(window.rollbacks / window.transactions, note)


def _deadlocks(seen: Seen) -> Found:
    window = seen.window(CounterLog.minute)
    seconds = max(window.seconds, MINUTE_S)  # one deadlock in the first seconds is not twelve a minute
    return Found(window.deadlocks * 60 / seconds, f"{window.deadlocks} in {format_duration(window.seconds)}")


def _replication_lag(seen: Seen) -> Found:
    if not seen.server.replica:
        return _lag_of_followers(seen, seen.answer(Ask.REPLICATION, Followers))
    replay = seen.answer(Ask.REPLICATION, Replay)
    if not seen.server.sees_all:
        raise seen.no_permission()
    if replay.receiver is None:
        raise Flawed(Status.UNKNOWN, "DISCONNECTED: this replica receives from no primary")
    if replay.since_msg_s is None or replay.since_msg_s > _patience_s(replay):
        age = "ever" if replay.since_msg_s is None else f"for {format_duration(replay.since_msg_s)}"
        raise Flawed(Status.UNKNOWN, f"no word from the primary {age}")
    behind_s = 0.0 if not replay.unreplayed_bytes else max(0.0, replay.since_last_xact_s or 0.0)
    note = f"{format_number(replay.unreplayed_bytes or 0)} bytes received and not replayed"
    return Found(behind_s, note, "PAUSED: replay is paused" if replay.paused else "")


def _lag_of_followers(seen: Seen, followers: Followers) -> Found:
    if followers.rows and not seen.server.sees_all:
        raise seen.no_permission()
    known = [f for f in followers.rows if f.lag_bytes is not None and f.state != "backup"]
    if not known:
        slots = f"; {followers.inactive_slots} replication slots unused" if followers.inactive_slots else ""
        raise Flawed(Status.NO_DATA, f"no replica is connected{slots}")
    worst = max(known, key=_lag_s)
    quiet = [_silence(f) for f in known if (f.reply_age_s or 0.0) > _patience_s(f)]
    note = f"{one_line(worst.name or '?', 40)} {worst.state}, {format_number(worst.lag_bytes or 0)} bytes behind"
    return Found(_lag_s(worst), note, ", ".join(quiet[:3]))


def _patience_s(end: Replay | Follower) -> float:
    """How long an idle primary and its replica may say nothing: half a timeout, and then one of them asks."""
    usual_s, longest_s = TIMEOUT_S
    return min(end.timeout_s or usual_s, longest_s) / 2 + ANSWER_S


def _silence(follower: Follower) -> str:
    return f"{one_line(follower.name or '?', 40)} silent for {format_duration(follower.reply_age_s or 0.0)}"


def _lag_s(follower: Follower) -> float:
    """Seconds behind: a frozen replica's measured delay stands still, but the age of its last word grows."""
    heard_s = follower.reply_age_s or 0.0
    if not follower.lag_bytes or follower.lag_bytes <= 0:
        return heard_s if heard_s > _patience_s(follower) else 0.0
    return max(follower.replay_s or 0.0, heard_s)


def _xid_age(seen: Seen) -> Found:
    return Found(seen.answer(Ask.XID_AGE, Amount).value)


def _size(seen: Seen) -> Found:
    size = seen.answer(Ask.SIZE, Amount).value
    return Found(size, f"measured {format_duration(seen.size_age_s)} ago" if seen.size_age_s >= 1 else "")


_MEASURES: Mapping[str, Callable[[Seen], Found]] = {
    "up": lambda seen: Found(1.0, caveat=seen.shut),
    "connections": _connections,
    "connections_used_ratio": _used_ratio,
    "connections_active": lambda seen: Found(seen.all_sessions().active),
    "connections_idle": lambda seen: Found(seen.all_sessions().idle),
    "idle_in_transaction": _idle_in_transaction,
    "longest_query": _longest_query,
    "longest_transaction": _longest_transaction,
    "slow_statements": _slow,
    "blocked_sessions": _blocked,
    "longest_lock_wait": _lock_wait,
    "cache_hit_ratio": _hit_ratio,
    "transactions_per_second": _transactions,
    "rollback_ratio": _rollbacks,
    "deadlocks_per_minute": _deadlocks,
    "replication_lag": _replication_lag,
    "xid_age": _xid_age,
    "database_size": _size,
}
