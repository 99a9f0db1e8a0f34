"""The file an action starts: found, looked at by those who know whom to trust, and told apart from any other."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ontui.domain.action import Refused

Unsafe = Callable[[Path], str]
"""Why others could have put another file in the place of this one, and the remedy; empty when nobody could."""


def find_program(name: str, cwd: str, environ: Mapping[str, str], unsafe: Unsafe) -> tuple[str, str]:
    """The file that will be started, and its identity; only absolute folders of PATH are searched."""
    if "/" in name:
        path = Path(cwd or Path.cwd()) / name
        if not os.access(path, os.X_OK) or not path.is_file():
            raise Refused(f"{name} is not an executable file")
        if why := unsafe(path):
            raise Refused(f"nothing may be run: {why}")
        return str(path), identity(str(path), by_path=True)
    folders = os.pathsep.join(f for f in environ.get("PATH", os.defpath).split(os.pathsep) if Path(f).is_absolute())
    found = shutil.which(name, path=folders)
    if found is None:
        raise Refused(f"{name} is not on PATH")
    return found, identity(found, by_path=False)


def identity(program: str, *, by_path: bool) -> str:
    """What changes when the file does: the sha256 of one named by path, of others the size and times."""
    try:
        if by_path and os.access(program, os.R_OK):
            with Path(program).open("rb") as file:
                return f"sha256 {hashlib.file_digest(file, 'sha256').hexdigest()} {Path(program).resolve()}"
        found = os.stat(program)  # noqa: PTH116 - the same in fewer words
    except OSError as error:
        raise Refused(f"{program} cannot be read: {error.strerror}") from error
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
