"""Whether others could have written what would be run."""

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def why_distrusted(config: Path, found: os.stat_result, runbooks: Path | None) -> str:
    """Who could change the config or the runbooks besides their owner, and the remedy; empty when nobody.

    `found` is of the very file that was read. A sticky folder such as /tmp does not let others replace a file there,
    though it lets them add pages.
    """
    real = config.resolve()
    places = [(real, found), (real.parent, _stat(real.parent))]
    if runbooks is not None:
        folder = runbooks.resolve()
        places.append((folder, _stat(folder)))
    for place, seen in places:
        if seen is None or not seen.st_mode & _OTHERS:
            continue
        if place == real.parent and seen.st_mode & stat.S_ISVTX:
            continue
        who = "everybody" if seen.st_mode & stat.S_IWOTH else "its group"
        return f"{place} can be written by {who}: chmod go-w '{place}'"
    return ""


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
