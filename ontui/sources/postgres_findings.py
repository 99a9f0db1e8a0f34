"""What is wrong with a server although it answers: missing rights, no slots left, replicas cut off, clocks apart."""

from collections.abc import Sequence

from ontui.domain.quantity import format_duration
from ontui.domain.sli import Sli
from ontui.sources.postgres_asks import NEEDS, Activity, Ask, Replay
from ontui.sources.postgres_look import Look
from ontui.sources.postgres_statements import Statements

SKEW_S = 5.0
_SEE_OTHERS = (Ask.ACTIVITY, Ask.REPLICATION)
"""Questions whose answers leave other roles' sessions out without pg_monitor, and do not say so."""


def troubles(look: Look) -> list[str]:
    """What hurts others too, in words for people."""
    return [*_slots(look), *_replica(look)]


def remarks(look: Look, slis: Sequence[Sli]) -> list[str]:
    """What only spoils our view; missing rights with the exact GRANT that would mend them."""
    return [*_rights(look, slis), *_clock(look)]


def _slots(look: Look) -> list[str]:
    found = [look.seen.shut] if look.seen.shut else []
    activity = look.seen.answers.get(Ask.ACTIVITY)
    if isinstance(activity, Activity) and look.server.sees_all:
        used, slots = activity.clients, activity.max_connections - activity.reserved
        if used >= slots:
            found.append(f"TOO MANY CLIENTS: {used} of {slots} slots used, new connections are refused (53300)")
    return found


def _replica(look: Look) -> list[str]:
    replay = look.seen.answers.get(Ask.REPLICATION)
    if not isinstance(replay, Replay) or not look.server.sees_all:
        return []
    cut_off = ["DISCONNECTED: this replica receives from no primary"] if replay.receiver is None else []
    return cut_off + (["PAUSED: replay is paused on this replica"] if replay.paused else [])


def _rights(look: Look, slis: Sequence[Sli]) -> list[str]:
    server, found = look.server, []
    if not server.sees_all and {NEEDS.get(s.metric) for s in slis} & set(_SEE_OTHERS):
        lack = f"role {server.role} may not see other sessions"
        found.append(f"no permission: {lack}: {server.cure}")
    if not server.fits_in:
        lack = f"on a full server role {server.role} is refused with everybody else"
        found.append(f"no permission: {lack}: GRANT pg_use_reserved_connections TO {server.role}")
    statements = look.seen.answers.get(Ask.STATEMENTS)
    grants = [statements.grant(server.role)] if isinstance(statements, Statements) else []
    return found + [f"no permission: {grant}" for grant in dict.fromkeys([*grants, *look.grants]) if grant]


def _clock(look: Look) -> list[str]:
    if abs(look.skew_s) <= SKEW_S:
        return []
    ahead = "ahead of" if look.skew_s > 0 else "behind"
    return [f"the server's clock is {format_duration(round(abs(look.skew_s)))} {ahead} this machine's"]
