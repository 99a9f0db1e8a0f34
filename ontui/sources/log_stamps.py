"""The times that lines carry: how many of those that are there already were written in the last minute."""

import calendar
import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SLACK_S = 5.0
"""Lines are a little out of order, and are written a little after the time they carry."""
ZONE_S = 900.0
"""Clocks of time zones differ by whole multiples of it."""
WEST_S, EAST_S = -12 * 3600.0, 14 * 3600.0
"""How far they are from UTC at most."""
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


_WITH_YEAR = ("%Y %m %d", "%d %b %Y", "%d %m %Y", "%m %d %Y")
_WITHOUT_YEAR = ("%Y %b %d", "%Y %m%d")
"""Layouts of dates; the year goes before what has none."""


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


def newest(lines: Sequence[bytes], seconds: float, written_at: float) -> tuple[list[bytes], float | None] | None:
    """The lines at most so many seconds older than the last one with a time; None where the times are not believed.

    Believed are times that rise from line to line up to when the file was written, by the clock of any time zone. With
    the lines comes how much older the oldest one is, where all of them are that young: more may have come before it.
    """
    last: float | None = None
    lowest, older = float("inf"), False
    found: list[bytes] = []
    ages: list[float] = []
    for at, belonging in _dated(lines, written_at):
        if (last is None and not _agree(at, written_at)) or (len(belonging) > UNSTAMPED and not older):
            return None
        if at.second > lowest + SLACK_S:
            return None   # time went back: two clocks, one that was set back, or a time of something else
        last = at.second if last is None else last
        lowest = min(lowest, at.second)
        age_s = last - at.second
        older = older or age_s > seconds + SLACK_S
        if age_s <= seconds:
            found += belonging
            ages.append(age_s)
    if last is None or (len(ages) > 1 and not any(ages)):   # one time for all of them is hardly that of each
        return None
    return found[::-1], None if older else max(ages, default=0.0)


def _dated(lines: Sequence[bytes], near: float) -> Iterator[tuple[Stamp, list[bytes]]]:
    """From the last to the first: when, in seconds since 1970 by some zone's clock, and the lines of it, last first."""
    days: dict[bytes, float | None] = {b"": 0.0}
    belonging: list[bytes] = []   # without a time: they belong to the line above them
    for line in reversed(lines):
        belonging.append(line)
        at = stamp(line)
        if at is None:
            continue
        if at.day not in days:
            days[at.day] = _midnight(at.day, near)
        midnight = days[at.day]
        if midnight is not None:
            yield Stamp(at.day, midnight + at.second), belonging
            belonging = []


def _agree(last: Stamp, written_at: float) -> bool:
    """Whether a file may have been written when its last line says."""
    ahead_s = last.second - written_at
    zone_s = round(ahead_s / ZONE_S) * ZONE_S if last.day else 0.0   # what counts from 1970 knows no zones
    return WEST_S <= zone_s <= EAST_S and abs(ahead_s - zone_s) <= SLACK_S


def _midnight(day: bytes, near: float) -> float | None:
    """When a date began, in seconds since 1970: of all that it may mean, what is nearest; None where it is none."""
    text = re.sub(r"[-/.]", " ", day.decode("ascii"))
    year = time.gmtime(near).tm_year
    spelled = [(text, layout) for layout in _WITH_YEAR]
    spelled += [(f"{y} {text}", layout) for layout in _WITHOUT_YEAR for y in (year - 1, year, year + 1)]
    found: list[float] = []
    for words, layout in spelled:
        with contextlib.suppress(ValueError):
            found.append(float(calendar.timegm(time.strptime(words, layout))))
    return min(found, key=lambda at: abs(at - near), default=None)
