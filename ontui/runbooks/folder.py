"""A folder on disk → the bytes of its pages, read once; what is left out is said."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ontui.domain.text import one_line

LARGEST = 1024 * 1024
"""Bytes of one page."""
MOST_PAGES = 2_000
MOST_FOLDERS = 5_000
"""A runbook folder set to `/` by mistake must end."""

_UNREMARKABLE = (".git", ".hg", ".svn", "..")
"""Hidden folders left out without a word: version control, and what Kubernetes mounts a ConfigMap with (`..data`)."""


@dataclass(frozen=True, slots=True)
class Found:
    name: str
    """Relative path with forward slashes, cleaned."""
    raw: bytes


class Refused(Exception):
    """Why a file is not read, in a few words."""


def read_folder(root: Path) -> tuple[list[Found], list[str]]:
    """Every `*.md` below a folder, sorted by name, and a line for each that is left out."""
    top = root.resolve()
    found: list[Found] = []
    problems: list[str] = []
    walk = os.walk(top, onerror=lambda error: problems.append(_denied(error, top)))
    for count, (folder, folders, files) in enumerate(walk):
        if count >= MOST_FOLDERS or len(found) >= MOST_PAGES:
            problems.append(f"more than {MOST_FOLDERS} folders or {MOST_PAGES} pages: the rest is left out")
            break
        folders[:] = [name for name in sorted(folders) if _is_entered(Path(folder, name), top, problems)]
        for file in sorted(files):
            if file.lower().endswith(".md") and not file.startswith("."):
                _take(Path(folder, file), top, found, problems)
    return sorted(found, key=lambda page: page.name), problems


def _is_entered(folder: Path, top: Path, problems: list[str]) -> bool:
    if folder.name.startswith("."):
        if not folder.name.startswith(_UNREMARKABLE):
            problems.append(f"{_name(folder, top)}: hidden folder, left out")
        return False
    if folder.is_symlink():
        where = "leaves the runbook folder" if not folder.resolve().is_relative_to(top) else "is not followed"
        problems.append(f"{_name(folder, top)}: link to a folder {where}, left out")
        return False
    return True


def _take(path: Path, top: Path, found: list[Found], problems: list[str]) -> None:
    name = _name(path, top)
    try:
        found.append(Found(name, _read(path, top)))
    except Refused as reason:
        problems.append(f"{name}: {reason}, left out")
    except OSError as error:
        problems.append(f"{name}: cannot be read ({(error.strerror or 'input/output error').lower()}), left out")


def _read(path: Path, top: Path) -> bytes:
    """The bytes of a regular file inside the folder; opened without waiting, so that a named pipe cannot hold us."""
    real = Path(os.path.realpath(path, strict=True))   # Path.resolve has no OSError for a link that leads to itself
    if not real.is_relative_to(top):
        raise Refused("link that leaves the runbook folder")
    handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("not a regular file")
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Refused(f"larger than {LARGEST // 1024} KiB ({max(status.st_size, len(raw)) // 1024} KiB)")
    return raw


def _denied(error: OSError, top: Path) -> str:
    reason = (error.strerror or "input/output error").lower()
    return f"{_name(Path(error.filename or top), top)}: folder cannot be read ({reason}), left out"


def _name(path: Path, top: Path) -> str:
    relative = path.relative_to(top).as_posix() if path.is_relative_to(top) else str(path)
    return one_line(os.fsencode(relative).decode("utf-8", "replace"), 500)
