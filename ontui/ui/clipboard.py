"""Copying over SSH: the terminal is asked to (OSC 52); it cannot say whether it did, so a file keeps it too."""

import os
from collections.abc import Mapping
from pathlib import Path

LARGEST = 70_000
"""Characters beyond which terminals drop an OSC 52."""


def state_folder(environ: Mapping[str, str]) -> Path:
    """`$XDG_STATE_HOME/ontui`."""
    base = environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "ontui"


def keep(text: str, folder: Path) -> Path:
    """Write what was copied where only its owner can read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "copied.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
