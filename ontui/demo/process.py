"""Children that cannot outlive us: one way to start every server of the demo and of the tests."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
TAIL_LINES = 8
# Loaded before any fork: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class DemoUnavailable(Exception):
    """What the embedded world lacks on this machine, in one line that says what to install."""


class StartFailed(DemoUnavailable):
    """A child died or did not become ready; the text ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def demoted_account() -> Account | None:
    """Whom servers that refuse root run as: `nobody` when we are root, else None (ourselves)."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise DemoUnavailable(
                f"PostgreSQL wants its user to have a name and uid {os.geteuid()} has none: add it to /etc/passwd"
            ) from error
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise DemoUnavailable(
            "PostgreSQL refuses to run as root and this machine has no user 'nobody': start as another user"
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may enter this folder, or read and run this file (ourselves: always)."""
    if account is None:
        return True

    def allows(target: Path, bits: int) -> bool:
        found = target.stat()
        shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
        return (stat.S_IMODE(found.st_mode) >> shift) & bits == bits

    real = path.resolve()
    return all(allows(parent, 1) for parent in real.parents) and allows(real, 1 if real.is_dir() else 5)


@dataclass(slots=True)
class Child:
    """A running server, alone in its own session and process group."""

    process: subprocess.Popen[bytes]
    log: Path
    """Where its output goes."""
    stop_signal: signal.Signals = signal.SIGTERM
    """What asks it to end."""

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, grace_s: float = 3.0) -> None:
        """Ask, wait for grace_s, then kill the whole group; returns when the child is reaped."""
        if self.alive:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(grace_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def log_tail(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-TAIL_LINES:])


def spawn(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    as_user: Account | None = None,
    pass_fds: Sequence[int] = (),
    stop_signal: signal.Signals = signal.SIGTERM,
    death_signal: signal.Signals = signal.SIGKILL,
) -> Child:
    """Start a child that the kernel ends with death_signal when we die, however we die.

    Call it from the main thread only: Linux sends that signal when the starting *thread* ends.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:  # runs after the change of user, which would clear it
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in argv],
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            user=None if as_user is None else as_user.uid,
            group=None if as_user is None else as_user.gid,
            extra_groups=None if as_user is None else [],
            preexec_fn=tie_to_parent,
        )
    return Child(process, log, stop_signal)


def wait_ready(check: Callable[[], bool], child: Child, deadline_s: float) -> None:
    """Poll check() until it holds; StartFailed with the log's tail when the child dies or the time is over."""
    end = time.monotonic() + deadline_s
    while not check():
        program = Path(str(child.process.args[0] if isinstance(child.process.args, list) else "")).name
        if not child.alive:
            if check():   # it did its work between the two looks
                return
            raise StartFailed(f"{program} ended with code {child.process.returncode}\n{child.log_tail()}")
        if time.monotonic() > end:
            raise StartFailed(f"{program} was not ready after {deadline_s:g} s\n{child.log_tail()}")
        time.sleep(0.005)


def listening_socket() -> socket.socket:
    """A socket that already listens on a free loopback port, to be handed to a child: no race for the port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def free_port() -> int:
    """A loopback port that was free a moment ago, for servers that open their port themselves."""
    with listening_socket() as listener:
        port: int = listener.getsockname()[1]
        return port
