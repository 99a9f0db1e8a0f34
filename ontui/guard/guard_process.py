"""The guard of one run, as a program of its own: it starts the run, outlives us, and leaves no process of it behind.

It is started by its path, without the rest of ontui, so that it begins at once: nothing but the cheap part of Python.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable

SUBREAPER, PARENT_DEATH_SIGNAL = 36, 1
"""Options of Linux's prctl."""
DRAIN_S = 0.3
"""How long what the program left behind may take to end by itself."""
KILL_S = 2.0
"""How long killed processes are waited for."""
LOOK_S = 0.05
"""How often the processes that are to end are looked for."""
LOOKS = 5
"""How often /proc is read when it shows none of the children there must be."""
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that tell the guard to end its run."""
HAS_PROC = os.path.exists("/proc/self/stat")  # noqa: PTH110 - pathlib takes as long to import as all the rest


def prctl(option: int, value: int) -> None:
    """Ask Linux; elsewhere there is nothing to ask."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def offspring(root: int, *, zombies: bool = False) -> list[int]:
    """The living processes that descend from one, however they call their sessions and groups."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - see above
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123 - see above
                fields = stat.read().rpartition(b") ")[2].split()
        except OSError:
            continue  # it ended while we looked
        if zombies or fields[0] not in (b"Z", b"X"):
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(children.get(root, ()))
    for pid in found:
        found += children.get(pid, ())
    return found


class Family:
    """The program and all that came of it: who loses its parent becomes a child of this process."""

    def __init__(self, program: int, wake: int) -> None:
        self.program = program
        self.code: int | None = None
        """Of the program, once it ended: its exit code, or a signal as a negative number."""
        self._wake = wake

    def reap(self) -> bool:
        """Take note of what ended; whether any child is left. The kernel knows that better than /proc can tell."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.program:
                    self.code = os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            return False
        return True

    def living(self) -> list[int]:
        """Who is left; without /proc only whether the program's group is."""
        if not HAS_PROC:
            self.reap()
            with contextlib.suppress(OSError):
                os.killpg(self.program, 0)
                return [-self.program]
            return []
        for left in reversed(range(LOOKS)):
            if not self.reap():
                return []
            # One whose parent ends while we look seems to belong to nobody. At last even a zombie is taken: it may be
            # a first thread that ended while others go on.
            if found := offspring(os.getpid(), zombies=not left):
                return found
        return []

    def send(self, number: signal.Signals) -> list[int]:
        """Signal all who are left; they are returned."""
        present = self.living()
        for pid in present:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        return present

    def end(self, grace_s: float) -> None:
        """TERM to all, grace, KILL until none is left; those we have no right to end stay, after KILL_S."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)  # a stopped process would not see TERM
        if not self.until(lambda: not self.living(), grace_s):
            self.until(lambda: not self.send(signal.SIGKILL), KILL_S)

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether it came to hold within that time."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() >= end:
                return False
            if select.select([self._wake], [], [], LOOK_S)[0]:
                os.read(self._wake, 4096)
        return True

    def watch(self, limit_s: float, *, detachable: bool) -> str:
        """Wait for the end of the program, or for why it has to be brought about."""
        deadline, words = time.monotonic() + limit_s, [0]
        while True:
            self.reap()
            if self.code is not None:
                return "exited"
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return "overdue"
            ready = select.select([self._wake, *words], [], [], left_s)[0]
            if self._wake in ready and set(os.read(self._wake, 4096)) & set(ENDING):
                return "told"
            if 0 in ready:
                if os.read(0, 64) or not detachable:  # a word, or the silence of those who are gone
                    return "told"
                words = []


def main(report: int, kept: list[int], limit_s: float, grace_s: float, end_file: str, start: Callable[[], int]) -> None:
    """Start the program, watch it to its end, end what is left, and say how it went."""
    prctl(SUBREAPER, 1)
    wake, awaken = os.pipe()
    for descriptor in (wake, awaken):
        os.set_blocking(descriptor, False)
    for descriptor in (report, *kept):
        os.set_inheritable(descriptor, False)
    signal.set_wakeup_fd(awaken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        family = Family(start(), wake)
    except OSError as error:
        say(report, f"cannot {error.errno or 0} {error.filename or ''}")
        return
    let_go()
    say(report, f"started {family.program}")
    why = family.watch(limit_s, detachable=bool(end_file))
    behind = 0
    if why == "exited" and not family.until(lambda: not family.living(), DRAIN_S):
        behind = len(family.living())
    if why != "exited" or behind:
        family.end(grace_s)
    stuck = ",".join(map(str, family.living())) or "-"
    code = "-" if family.code is None else family.code
    line = f"over {why} {code} {behind} {stuck} {time.time():.3f}"
    if end_file:
        with contextlib.suppress(OSError):
            leave(end_file, line)
    say(report, line)


def started(report: int, cwd: str, program: str, argv: list[str], names: list[str]) -> int:
    """Start the program in a session of its own; OSError says why that cannot be, and of which file.

    That it begins is said before it can do anything, so that no program has run of which nothing was said.
    """
    ignored = [n for n in ENDING if signal.signal(n, lambda *_: None) is signal.SIG_IGN]
    guard = os.getpid()
    failed, failing = os.pipe()
    pid = os.fork()
    if pid == 0:
        at = cwd
        try:
            os.setsid()
            prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)  # all that can be done should the guard be killed
            if os.getppid() != guard:
                os._exit(1)
            say(report, f"begins {os.getpid()}")
            for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
                signal.signal(number, signal.SIG_DFL)
            for ending in ignored:
                signal.signal(ending, signal.SIG_IGN)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            if cwd:
                os.chdir(cwd)
            at = program or argv[0]
            os.execvpe(at, argv, {n: os.environ[n] for n in names if n in os.environ})  # noqa: S606 - no shell
        except OSError as error:
            os.write(failing, f"{error.errno} {at}".encode(errors="surrogateescape"))
        finally:
            os._exit(127)
    os.close(failing)
    with open(failed, "rb") as words:  # noqa: PTH123 - a descriptor
        errno, _, at = words.read().decode(errors="surrogateescape").partition(" ")
    if errno:
        os.waitpid(pid, 0)
        raise OSError(int(errno), os.strerror(int(errno)), at)
    return pid


def let_go() -> None:
    """Hold neither the output nor the folder of the program."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    os.close(null)
    os.chdir("/")


def say(report: int, line: str) -> None:
    """Tell ontui, if it is still there."""
    with contextlib.suppress(OSError):
        os.write(report, line.encode(errors="surrogateescape") + b"\n")


def leave(end_file: str, line: str) -> None:
    """Write down how it ended, for the next ontui."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(end_file, flags, 0o600)
    os.write(file, line.encode() + b"\n")
    os.fsync(file)
    os.close(file)


if __name__ == "__main__":
    _, _, report_, kept_, limit_, grace_, end_, names_, cwd_, program_, *argv_ = sys.argv
    kept_fds = [int(n) for n in kept_.split(",") if n]
    main(int(report_), kept_fds, float(limit_), float(grace_), end_,
         lambda: started(int(report_), cwd_, program_, argv_, names_.split(",")))  # fmt: skip
    os._exit(0)
