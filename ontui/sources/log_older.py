"""The file that had a log's name before: right after a rotation the last minute lies for the most part in it."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator

from ontui.sources.log_file import GrowingFile, NotAFile

_ROTATED = re.compile(r"[.-](?:[0-9][0-9.:TZ_-]*|old)")
"""What rotation puts behind a name: `.1`, `-20261121`, `.2026-11-21`. Others may be logs of their own."""


def older_file(path: str, since: float) -> GrowingFile | None:
    """The newest of those that a rotation left, opened; None where none was written to since then."""
    with contextlib.suppress(OSError):
        for _, name in sorted(_siblings(path, since), reverse=True):
            with contextlib.suppress(OSError, NotAFile):
                return GrowingFile(name)
    return None


def _siblings(path: str, since: float) -> Iterator[tuple[tuple[float, bool], str]]:
    folder, base = os.path.split(path)
    with os.scandir(folder or ".") as entries:
        for entry in entries:
            if not entry.name.startswith(base) or not _ROTATED.fullmatch(entry.name[len(base) :]):
                continue
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_mtime >= since:
                    yield (found.st_mtime, entry.name == f"{base}.1"), entry.path
