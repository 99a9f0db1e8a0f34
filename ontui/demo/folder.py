"""The world's temporary folder and the watchdog that ends the world when we cannot do it ourselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ontui.demo.process import Child, DemoUnavailable, demoted_account, reachable

# A program of its own: it must not depend on files of a world, or of a virtual environment, that is going away.
# Each child is held by a pidfd, so that a number used again by a stranger is never signalled.
_WATCHDOG = r"""
import os, shutil, signal, sys, time
held = {}
def zombie(pid):
    try:
        with open("/proc/%d/stat" % pid) as state:
            return state.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (OSError, IndexError):
        return False
def send(pid, number):
    try:
        if held[pid] is None:
            os.kill(pid, number)
        else:
            signal.pidfd_send_signal(held[pid], number)
    except OSError:
        return False
    return not zombie(pid)
for line in sys.stdin:
    sign, pid = line[0], int(line[1:])
    if sign == "+":
        try:
            held[pid] = os.pidfd_open(pid)
        except (AttributeError, OSError):
            held[pid] = None
    else:
        held.pop(pid, None)
for number, patience in ((signal.SIGQUIT, 3.0), (signal.SIGKILL, 2.0)):
    for pid in held:
        send(pid, number)
    end = time.monotonic() + patience
    while any([send(pid, 0) for pid in held]) and time.monotonic() < end:
        time.sleep(0.02)
for _ in range(50):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.lexists(sys.argv[1]):
        break
    time.sleep(0.1)
"""


def make_root(prefix: str = "ontui-") -> Path:
    """A new folder only we may look into; as root, `nobody` may pass through it to what it owns."""
    account = demoted_account()
    for place in (None, "/tmp"):  # noqa: S108 - mkdtemp makes an unpredictable name there
        root = Path(tempfile.mkdtemp(prefix=prefix, dir=place)).resolve()
        if account is None:
            return root
        root.chmod(0o711)
        if reachable(root, account):
            return root
        root.rmdir()
    raise DemoUnavailable(f"user {account.name if account else ''} can reach no temporary folder: set TMPDIR to one")


@dataclass(slots=True)
class Watchdog:
    """A tiny process at the other end of a pipe: when the pipe closes it ends the children and removes the folder."""

    root: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-Ic", _WATCHDOG, str(self.root)],
            cwd="/",
            env={"PATH": os.defpath},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, child: Child) -> Child:
        """From now on the child ends with us."""
        self._tell(f"+{child.pid}")
        return child

    def stop(self, child: Child, grace_s: float = 3.0) -> None:
        """End the child; forgotten before it is reaped, when its number may go to a stranger."""
        self._tell(f"-{child.pid}")
        child.stop(grace_s)

    def close(self) -> None:
        """Remove the folder, then let the watchdog find nothing to do."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait()

    def _tell(self, line: str) -> None:
        if self.process.stdin is not None and self.process.poll() is None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
