"""The times that lines carry: how many of those that are there already were written in the last minute."""

import re
from collections.abc import Sequence
from typing import NamedTuple

DAY_S = 86400.0
SLACK_S = 30.0
"""Lines are a little out of order; so far beyond the minute they are looked at."""
UNSTAMPED = 200
"""Lines in a row without a time, such as those of a traceback, that are looked past."""
LOOKED_AT = 400
"""Bytes of a line in which its time must begin."""
_STAMP = re.compile(
    rb"(?P<date>[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}(?=[T _])"     # 2026-11-21T, 2026/11/21
    rb"|[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(?=:)"                    # 21/Nov/2026: of access logs
    rb"|[A-Z][a-z]{2} [ 0-9][0-9](?= )"                          # Nov 21 of syslog
    rb"|(?<=[IWEFD])[0-9]{4}(?= )"                               # I1121 of klog
    rb"|[0-9]{2}[-/.][0-9]{2}[-/.][0-9]{4}(?=[T ,]))"            # 21.11.2026
    rb"[T _:,]{1,2}(?P<h>[01][0-9]|2[0-3]):(?P<m>[0-5][0-9]):(?P<s>[0-5][0-9](?:[.,][0-9]{1,9})?)"
    rb"|\"(?:ts|time|timestamp)\": ?\"?(?P<epoch>[0-9]{13}|[0-9]{10}(?:\.[0-9]+)?)(?![0-9])"  # of JSON
)


class Stamp(NamedTuple):
    """When a line says it was written."""

    day: bytes
    """As written; empty where `second` counts from 1970."""
    second: float


def stamp(line: bytes) -> Stamp | None:
    """The first date and time in a line; a time of day alone says nothing."""
    match = _STAMP.search(line[:LOOKED_AT])
    if match is None:
        return None
    if epoch := match["epoch"]:
        return Stamp(b"", float(epoch) / (1000 if len(epoch) == 13 and epoch.isdigit() else 1))
    seconds = float(match["s"].replace(b",", b"."))
    return Stamp(match["date"], int(match["h"]) * 3600 + int(match["m"]) * 60 + seconds)


def newest(lines: Sequence[bytes], seconds: float) -> tuple[list[bytes], float | None] | None:
    """The lines at most so many seconds older than the last one that carries a time; None where none does.

    Only differences of times are used: they need neither a time zone nor a right clock. With them comes how much
    older the oldest line there is, where all of them are that young: more may have been written before it.
    """
    last: Stamp | None = None
    found: list[bytes] = []
    waiting: list[bytes] = []   # without a time: they belong to the line above them
    oldest_s = 0.0
    for line in reversed(lines):
        waiting.append(line)
        at = stamp(line)
        if at is None:
            if len(waiting) > UNSTAMPED:
                return None
            continue
        last = last or at
        if at.day != last.day:
            # Another day: long ago, unless the last one has only begun.
            return (found[::-1], None) if at.day and last.day and last.second > seconds + SLACK_S else None
        older_s = last.second - at.second
        if older_s > seconds + SLACK_S:
            return found[::-1], None
        if older_s <= seconds:
            found += waiting
            oldest_s = max(oldest_s, older_s)
        waiting = []
    return (found[::-1], oldest_s) if last is not None else None
