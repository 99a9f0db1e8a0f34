"""The environment the tests run in: nobody's colours, proxies, databases or configuration but ours."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import platformdirs
import pytest

_HANDED = "TESTS_FOUND"
_FOUND = json.loads(os.environ.get(_HANDED, "{}")) or {
    "environment": dict(os.environ), "cache": platformdirs.user_cache_dir("ontui")
}  # fmt: skip
"""How things were before `clean`; the workers of a run in parallel have it from the one that started them."""
ORIGINAL: dict[str, str] = _FOUND["environment"]
"""The environment as it was found; only the package fetcher needs it (a machine's proxies, its cache folder)."""
CACHE = Path(_FOUND["cache"])
"""The cache folder of whoever runs the tests."""

_PREFIXES = ("TEXTUAL", "PG", "ONTUI_")
_OURS = "TEXTUAL_SNAPSHOT_"
"""What the snapshots' plugin tells its workers."""
_NAMES = {
    "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLORFGBG", "COLUMNS", "LINES", "ESCDELAY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
}  # fmt: skip
_FOLDER = "ontui-t-"
FOLDER_KEY = pytest.StashKey[Path]()
"""Where the session's folder is kept in the stash of pytest's configuration."""


def make_folder() -> Path:
    """Make this session's one temporary folder: short, because of socket paths, and open to the user of the servers.

    Folders of sessions that were killed are swept on the way; their name tells whose they were.
    """
    place = Path("/tmp")
    for left in place.glob(f"{_FOLDER}*"):
        owner = left.name.removeprefix(_FOLDER).split("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=place))
    folder.chmod(0o711)
    return folder


def clean(folder: Path) -> list[str]:
    """Remove every variable that changes a picture or a connection, and move the XDG folders into ``folder``.

    Returns the Textual variables that were set too early for this to help: it reads them while it is imported.
    """
    foreign = (name for name in os.environ if name.upper() in _NAMES or name.startswith(_PREFIXES))
    removed = [name for name in foreign if not name.startswith(_OURS)]
    for name in removed:
        del os.environ[name]
    os.environ[_HANDED] = json.dumps(_FOUND)
    os.environ["TERM"] = "xterm-256color"
    for kind in ("CONFIG", "STATE", "DATA", "CACHE", "RUNTIME"):
        place = folder / "xdg" / kind.lower()
        place.mkdir(mode=0o700, parents=True)
        os.environ[f"XDG_{kind}_{'DIR' if kind == 'RUNTIME' else 'HOME'}"] = str(place)
    return [name for name in removed if name.startswith("TEXTUAL") and "textual.constants" in sys.modules]
