"""How many elements a key of a Redis has: jobs that wait, letters that nobody could deliver."""

from ontui.domain.sample import FaultKind
from ontui.domain.status import Status
from ontui.domain.text import one_line
from ontui.sources.failed import Down
from ontui.sources.found import Flawed, Found
from ontui.sources.redis_link import Link, Refused
from ontui.sources.redis_metrics import grant

COUNTED_BY = {"list": "LLEN", "set": "SCARD", "zset": "ZCARD", "hash": "HLEN", "stream": "XLEN"}
"""By what TYPE says."""
RIGHTS = ("+type", *(f"+{command.lower()}" for command in COUNTED_BY.values()))


async def elements(link: Link, key: str) -> Found | Flawed:
    """The count, none where nothing has the name: an empty list has none; raises Down."""
    shown = one_line(key, 60)
    if link.unselected:
        return Flawed(Status.UNKNOWN, grant(link.user, ["+select"]))
    try:
        kind = await link.ask("TYPE", key)
        if kind == "none":
            link.own_misses += 1
            return Found(0.0, "no such key")
        link.own_hits += 1
        if kind not in COUNTED_BY:
            return Flawed(Status.UNKNOWN, f"{shown} is a {one_line(kind, 40)}: it has no elements that are counted")
        count = await link.count(COUNTED_BY[kind], key)
        link.own_hits += 1
    except Refused as refused:
        if refused.fault.kind in (FaultKind.SATURATED, FaultKind.STARTING):
            raise Down(refused.fault) from None
        if refused.word == "NOPERM":
            # Either the key or the command is denied, and a pattern beside ~* would be refused.
            lacking = [f"~{shown}"] if "access" in refused.text else list(RIGHTS)
            return Flawed(Status.UNKNOWN, grant(link.user, lacking))
        if refused.word == "MOVED":
            return Flawed(Status.UNKNOWN, f"another node of the cluster has it: {refused.text}")
        return Flawed(Status.UNKNOWN, refused.text)
    return Found(float(count), f"elements of a {kind}")
