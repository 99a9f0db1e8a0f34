"""Finding real server binaries: installed ones first, else Debian's, unpacked without root into a cache folder.

Nothing is installed, configured or started by this: apt works on private state, checks signatures as always, and
`dpkg-deb -x` only unpacks. It takes about five seconds a package once, and nothing afterwards.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.environment import CACHE, ORIGINAL

_APT_S = 300.0
"""Longest time one apt command may take."""


class ServersMissing(Exception):
    """A real server is neither installed nor to be had from the machine's package archive."""


@dataclass(frozen=True, slots=True)
class Program:
    """A server the tests want, and where its Debian package keeps it."""

    package: str
    binaries: tuple[str, ...]
    folder: str
    """Folder of the binaries inside the package, without a leading slash."""
    version: str
    """What `--version` of the first binary must contain, so that a namesake is not taken for it."""
    beside: tuple[str, ...] = ()
    """Other packages that hold a part of it."""


PROMETHEUS = Program("prometheus", ("prometheus", "promtool"), "usr/bin", "prometheus, version")
ALERTMANAGER = Program(
    "prometheus-alertmanager", ("prometheus-alertmanager",), "usr/bin", "alertmanager, version"
)
PGBOUNCER = Program("pgbouncer", ("pgbouncer",), "usr/sbin", "PgBouncer 1.")
REDIS = Program("redis-server", ("redis-server", "redis-cli"), "usr/bin", "Redis server v=", ("redis-tools",))
VICTORIA = Program("victoria-metrics", ("victoria-metrics",), "usr/bin", "")  # Debian's tells no version
FAKETIME = Program("faketime", ("faketime",), "usr/bin", "faketime: Version")
POSTGRES_15 = Program("postgresql-15", ("postgres", "initdb"), "usr/lib/postgresql/15/bin", "(PostgreSQL) 15.")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of runnable binaries."""

    folder: Path
    home: Path | None = None
    """The folder a package was unpacked to, None when it is installed."""
    libraries: Path | None = None
    """Shared libraries that were fetched along, because the machine does not have them."""

    def environment(self) -> dict[str, str]:
        """Say what the binaries need in their environment to find their libraries."""
        return {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}


def find(program: Program) -> Binaries:
    """Return the installed binaries, else the cached, else fetch them; raise ServersMissing when there is no way.

    With ``ONTUI_TEST_SERVERS=fetched`` installed ones are passed over: that is how a bare machine is played.
    """
    fetched_only = ORIGINAL.get("ONTUI_TEST_SERVERS") == "fetched"
    found = None if fetched_only else _installed(program)
    if found is not None:
        return found
    cache = _cache()
    home = cache / program.package
    with _locked(cache / "lock"):
        if not _usable(program, _unpacked(program, home)):
            _fetch(program, home)
            if not _usable(program, _unpacked(program, home)):
                raise ServersMissing(f"{program.package} was fetched to {home} but does not run here")
    return _unpacked(program, home)


def _cache() -> Path:
    told = ORIGINAL.get("ONTUI_TEST_SERVERS_CACHE")
    cache = Path(told) if told else CACHE / "servers"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed(program: Program) -> Binaries | None:
    folders = [Path("/") / program.folder]
    on_path = shutil.which(program.binaries[0], path=ORIGINAL.get("PATH"))
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((b for folder in folders if _usable(program, b := Binaries(folder))), None)


def _unpacked(program: Program, home: Path) -> Binaries:
    """Describe what `_fetch` leaves in ``home``."""
    libraries = home / "libraries"
    return Binaries(home / program.folder, home, libraries if libraries.is_dir() else None)


def _usable(program: Program, binaries: Binaries) -> bool:
    if not all((binaries.folder / name).is_file() for name in program.binaries):
        return False
    argv = [str(binaries.folder / program.binaries[0]), "--version"]
    done = subprocess.run(
        argv, env=os.environ | binaries.environment(), capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode == 0 and program.version in done.stdout + done.stderr


def _fetch(program: Program, home: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=home.parent) as name:
        scratch = Path(name)
        apt = _Apt(scratch)
        apt.get("update")
        debs = scratch / "debs"
        debs.mkdir()
        apt.get("download", program.package, *program.beside, *apt.missing_libraries(program.package), cwd=debs)
        root = scratch / "root"
        for deb in debs.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(deb), str(root)], scratch)
        _gather_libraries(root)
        shutil.rmtree(home, ignore_errors=True)
        root.rename(home)


def _gather_libraries(root: Path) -> None:
    """Link what lies in Debian's several library folders into one, so that one path finds them all."""
    found = [lib for part in ("lib", "usr/lib") for lib in root.glob(f"{part}/*-linux-*/*.so*")]
    if found:
        (root / "libraries").mkdir()
    for library in found:
        (root / "libraries" / library.name).symlink_to(Path("..") / library.relative_to(root))


class _Apt:
    """apt-get on private state: the machine's sources and keys, its own lists and cache, no lock, no root."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (scratch / folder).mkdir(parents=True)
        options = {
            "Dir::State": f"{scratch}/state",
            "Dir::State::status": "/var/lib/dpkg/status",
            "Dir::Cache": f"{scratch}/cache",
            "APT::Sandbox::User": "",
            "Debug::NoLocking": "1",
            "Acquire::Retries": "3",
        }
        self._argv = ["apt-get", "-q", *(part for key, value in options.items() for part in ("-o", f"{key}={value}"))]

    def get(self, *words: str, cwd: Path | None = None) -> str:
        return _run([*self._argv, *words], cwd or self._scratch)

    def missing_libraries(self, package: str) -> list[str]:
        """Name the shared-library packages ``package`` wants and the machine lacks, as apt itself resolves them."""
        try:
            plan = self.get("install", "--simulate", "--no-install-recommends", package)
        except ServersMissing:
            return []  # a machine whose own packages are in disorder: whether it runs is tried afterwards
        names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst lib")]
        # LLVM (with z3) is PostgreSQL's JIT compiler, 100 MB that we switch off.
        return [
            name
            for name in names
            if not name.startswith(("libjs-", "libllvm", "libz3-")) and not name.endswith("-perl")
        ]


def _run(argv: list[str], cwd: Path) -> str:
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=ORIGINAL | {"LC_ALL": "C"}, capture_output=True, text=True, timeout=_APT_S, check=False
        )
    except FileNotFoundError:
        raise ServersMissing(f"this machine has no {argv[0]}") from None
    except subprocess.TimeoutExpired:
        raise ServersMissing(f"{argv[0]} took longer than {_APT_S:g} s") from None
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise ServersMissing(f"{argv[0]} failed: {' / '.join(last)}")
    return done.stdout
