"""Whether others could have written what would be run."""

import contextlib
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ontui.domain.source import AnySource, CommandSource

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def why_distrusted(config: Path, found: os.stat_result, runbooks: Path | None) -> str:
    """Who besides us and root could change the config or the runbooks, and the remedy; empty when nobody.

    `found` is of the very file that was read. A sticky folder such as /tmp does not let others replace a file there,
    though it lets them add pages.
    """
    real = config.resolve()
    if why := _why_others(real, found) or _why_others(real.parent, _stat(real.parent), sticky_is_safe=True):
        return why
    if runbooks is None:
        return ""
    folder = runbooks.resolve()
    return _why_others(folder, _stat(folder))


def why_replaceable(file: Path) -> str:
    """Who besides us and root could put another file in the place of this one, and the remedy; empty when nobody.

    Looks at the file, at each folder above it, and at where symbolic links on the way lead.
    """
    for place in _way_to(file):
        if place.is_symlink():  # its rights say nothing; where it leads is looked at too
            why = _why_foreign(place, place.lstat())
        else:
            found = _stat(place)
            why = _why_others(place, found, sticky_is_safe=found is not None and stat.S_ISDIR(found.st_mode))
        if why:
            return why
    return ""


def guarded(source: AnySource, distrust: str) -> AnySource:
    """The source; one that runs a program knows why it must not. Programs found on PATH are trusted, as for actions."""
    if not isinstance(source, CommandSource):
        return source
    if not distrust and "/" in source.argv[0]:
        with contextlib.suppress(OSError):   # where we may not look we may not run either
            distrust = why_replaceable(Path(source.cwd) / source.argv[0])
    return replace(source, distrust=distrust)


def _way_to(file: Path) -> Iterator[Path]:
    """Every file and folder that decides which file this is, each once."""
    seen: set[Path] = set()
    ahead = [file.absolute()]
    while ahead:
        path = ahead.pop()
        for place in (path, *path.parents):
            if place in seen:
                continue
            seen.add(place)
            yield place
            if place.is_symlink():
                ahead.append(place.parent / place.readlink())


def _why_others(place: Path, found: os.stat_result | None, *, sticky_is_safe: bool = False) -> str:
    return _why_foreign(place, found) or _why_others_write(place, found, sticky_is_safe=sticky_is_safe)


def _why_foreign(place: Path, found: os.stat_result | None) -> str:
    if found is None or found.st_uid in (0, os.geteuid()):
        return ""
    return f"{place} belongs to {_name(found.st_uid)}, neither to you nor to root: chown {os.geteuid()} '{place}'"


def _why_others_write(place: Path, found: os.stat_result | None, *, sticky_is_safe: bool) -> str:
    if found is None or not found.st_mode & _OTHERS or (sticky_is_safe and found.st_mode & stat.S_ISVTX):
        return ""
    who = "everybody" if found.st_mode & stat.S_IWOTH else "its group"
    return f"{place} can be written by {who}: chmod go-w '{place}'"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
