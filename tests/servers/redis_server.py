"""A real Redis of one test's own, without persistence."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from ontui.demo.process import Child, free_port, spawn, wait_ready
from tests.servers import packages
from tests.servers.proxy import FaultProxy


@dataclass(slots=True)
class Redis:
    """A server that the test may freeze, stop, start again and configure."""

    binaries: packages.Binaries
    folder: Path
    port: int
    options: tuple[str, ...]
    tls: bool = False
    """Whether `port` speaks TLS, and only that."""
    child: Child | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, as a proxy wants them."""
        return ("127.0.0.1", self.port)

    def url(self, login: str = "", database: str = "", *, via: FaultProxy | None = None) -> str:
        """Say how to connect: `login` is `user:password`; through the proxy ``via`` if there is one."""
        port = self.port if via is None else via.port
        scheme, who = "rediss" if self.tls else "redis", f"{login}@" if login else ""
        return f"{scheme}://{who}127.0.0.1:{port}" + (f"/{database}" if database else "")

    def cli(self, *words: str, password: str = "", stdin: str = "") -> str:
        """What `redis-cli` prints for a command; with ``stdin``, for each of its lines."""
        done = subprocess.run(
            [str(self.binaries.folder / "redis-cli"), "-p", str(self.port), *words],
            env={"PATH": os.defpath, "LC_ALL": "C", "REDISCLI_AUTH": password, **self.binaries.environment()},
            input=stdin, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def info(self) -> dict[str, str]:
        """What `redis-cli INFO` says just now."""
        lines = self.cli("info").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def freeze(self) -> None:
        """Stop it as a hanging machine would: connections are accepted, nothing is answered."""
        assert self.child is not None
        psutil.Process(self.child.pid).suspend()

    def thaw(self) -> None:
        """Let a frozen server go on; harmless when it is not frozen."""
        if self.child is not None and self.child.alive:
            psutil.Process(self.child.pid).resume()

    def begin(self, *options: str) -> None:
        """Start the process on the same port and folder, without waiting."""
        listen = ("--port", "0", "--tls-port", str(self.port)) if self.tls else ("--port", str(self.port))
        quiet = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder))
        debug = ("--enable-debug-command", "yes")
        (self.folder / "log").unlink(missing_ok=True)
        self.child = spawn(
            [self.binaries.folder / "redis-server", *listen, *quiet, *debug, *self.options, *options],
            cwd=self.folder, log=self.folder / "log", env={"PATH": os.defpath, **self.binaries.environment()},
        )  # fmt: skip

    def start(self, *options: str) -> None:
        """Start it and wait until it listens."""
        self.begin(*options)
        assert self.child is not None
        wait_ready(self._listens, self.child, 10)

    def stop(self) -> None:
        """End the process; its port then refuses connections."""
        if self.child is not None:
            self.thaw()
            self.child.stop()
            self.child = None

    def _listens(self) -> bool:
        return "Ready to accept connections" in (self.folder / "log").read_text(errors="replace")


class RedisMaker:
    """What the `open_redis` fixture is: call it with options of redis-server."""

    def __init__(self, folder: Path, end: contextlib.ExitStack) -> None:
        self._folder, self._end = folder, end
        self._made = 0

    def __call__(self, *options: str, tls: bool = False) -> Redis:
        """Start one more, ended after the test."""
        self._made += 1
        place = self._folder / f"redis-{self._made}"
        place.mkdir(mode=0o711)
        made = Redis(packages.find(packages.REDIS), place, free_port(), options, tls)
        self._end.callback(made.stop)
        made.start()
        return made


@contextlib.contextmanager
def maker(folder: Path) -> Iterator[RedisMaker]:
    """A maker of servers, which all end with it."""
    with contextlib.ExitStack() as end:
        yield RedisMaker(folder, end)
