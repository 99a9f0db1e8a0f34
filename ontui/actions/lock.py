"""One run at a time of an action on a target, over all programs and terminals of one person on one machine."""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from pathlib import Path

from ontui.domain.action import Plan, Refused
from ontui.domain.quantity import format_age
from ontui.domain.text import one_line

TRIES = 3
"""A look by `held` takes a lock for an instant; that is waited out."""


class Lock:
    """Held as long as its descriptor is open anywhere: it dies with its owner, and with the guard it is handed to.

    The files are in the state folder of one person; two people on one machine do not see each other's.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, folder: Path, plan: Plan, *, who: str, now: float) -> "Lock":
        """Take it for this plan's action and target, or Refused with who holds it and since when."""
        path = folder / f"{_prefix(plan.system, plan.action)}-{_hash(plan.target)}.lock"
        try:
            _private(folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise Refused(f"no lock can be taken: {error.strerror}: {path}") from error
        try:
            if not _locked(descriptor):
                raise Refused(_holder(descriptor, now))
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"who": who, "pid": os.getpid(), "since": now}).encode(), 0)
        except OSError as error:
            os.close(descriptor)
            raise Refused(f"no lock can be taken: {error.strerror}: {path}") from error
        except Refused:
            os.close(descriptor)
            raise
        return cls(descriptor)

    @staticmethod
    def held(folder: Path, system: str, action: str) -> bool:
        """Whether this action runs on any of its targets."""
        for path in folder.glob(f"{_prefix(system, action)}-*.lock"):
            with contextlib.suppress(OSError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return True
        return False

    def fileno(self) -> int:
        """The descriptor, to be handed to what must keep the lock alive."""
        return self._descriptor

    def release(self) -> None:
        """Let go of it; a guard that was handed it holds it until its run is over. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Refused(f"no lock can be taken: others may write to {folder}")


def _locked(descriptor: int) -> bool:
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(0.01)
        else:
            return True
    return False


def _holder(descriptor: int, now: float) -> str:
    try:
        held = json.loads(os.pread(descriptor, 4096, 0))
        who, pid, since = one_line(held["who"], 80), int(held["pid"]), float(held["since"])
    except (ValueError, KeyError, TypeError):
        return "somebody else is running it"
    return f"{who} has been running it for {format_age(now - since)} (pid {pid})"


def _prefix(system: str, action: str) -> str:
    return _hash(f"{system}\0{action}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
