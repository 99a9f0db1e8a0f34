"""Hours of the day and days of the week, as they are written → the domain's values."""

from datetime import UTC, time, tzinfo
from zoneinfo import ZoneInfo

from ontui.config.fields import DAYS
from ontui.config.file_entry import BusinessHours as HoursEntry
from ontui.config.file_entry import SystemEntry
from ontui.config.notify_entry import NotifyEntry
from ontui.domain.deadline import BusinessHours
from ontui.domain.notice import Desktop, Notify, Quiet
from ontui.domain.severity import Level

_WEEK = DAYS.split("|")


def business_hours(entry: SystemEntry) -> BusinessHours:
    """When the system's people are at work."""
    hours = entry.business_hours or HoursEntry.model_validate({})
    return BusinessHours(days_of(hours.days), _time(hours.begins), _time(hours.ends), _zone(entry.timezone))


def told_aloud(entry: NotifyEntry | None, timezone: str) -> Notify:
    """How alerts are told aloud."""
    if entry is None:
        return Notify()
    quiet = entry.quiet
    return Notify(
        bell=entry.bell,
        desktop=Desktop(entry.desktop),
        command=entry.command or (),
        level=Level(entry.level),
        quiet=Quiet(_time(quiet.begins), _time(quiet.ends), _zone(timezone)) if quiet else None,
        timeout_s=entry.timeout,
    )


def days_of(text: str) -> frozenset[int]:
    """The days of `mon-fri`, `mon, wed-fri` or `sat-tue`; 0 is Monday."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        begin = _WEEK.index(first)
        count = (_WEEK.index(last or first) - begin) % 7 + 1
        found.update((begin + n) % 7 for n in range(count))
    return frozenset(found)


def _time(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
