"""A process that outlives us, to end what we started if we cannot."""

import contextlib
import subprocess
from collections.abc import Mapping, Sequence

SCRIPT = r"""
read -r sid
case $sid in '' | *[!0-9]*) exit 0 ;; esac
began=$(date +%s)
read -r word && [ "$word" = over ] && exit 0
members() {
    if [ ! -r /proc/self/stat ]; then kill -s 0 -- "-$sid" 2>/dev/null && echo "-$sid"; return; fi
    for stat in /proc/[0-9]*/stat; do
        line=; { read -r line <"$stat"; } 2>/dev/null
        pid=${stat#/proc/}; pid=${pid%/stat}
        set -- ${line##*) }
        if [ "$4" = "$sid" ] && [ "$1" != Z ]; then echo "$pid"; fi
    done
}
send() { for pid in $(members); do kill -s "$1" -- "$pid" 2>/dev/null; done; }
while [ $(($(date +%s) - began)) -lt "$1" ]; do [ -z "$(members)" ] && exit 0; sleep 1; done
send TERM
tries=$(($2 * 10))
while [ "$tries" -gt 0 ] && [ -n "$(members)" ]; do sleep 0.1; tries=$((tries - 1)); done
tries=50
while [ "$tries" -gt 0 ] && [ -n "$(members)" ]; do send KILL; sleep 0.1; tries=$((tries - 1)); done
"""
"""Told a session, and then nothing but the end of input, it ends that session.

$1 is how long the session may still run, in seconds from its start; $2 the grace between TERM and KILL.
"""
PROMPT_S = 1.0
"""How long it may take to go when it is told to."""


class Guard:
    """A shell in a session of its own that waits for our word, or for our silence."""

    def __init__(
        self, environment: Mapping[str, str], *, lasts_s: float, grace_s: float, keep_fds: Sequence[int]
    ) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "ontui-guard", str(int(lasts_s)), str(max(1, round(grace_s)))],
            cwd="/",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep_fds,
            bufsize=0,
        )
        assert self._shell.stdin is not None  # noqa: S101 - asked for above
        self._words = self._shell.stdin

    def fileno(self) -> int:
        """Where a child writes its session, before its first instruction."""
        return self._words.fileno()

    def dismiss(self) -> None:
        """The run is over: it goes, and with it its hold on the lock."""
        if self._words.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            self._words.write(b"over\n")
        self._words.close()
        try:
            self._shell.wait(PROMPT_S)
        except subprocess.TimeoutExpired:  # somebody stopped it
            self._shell.kill()
            self._shell.wait()

    def leave_to_it(self) -> None:
        """We go, the run does not: from here on it is the guard's."""
        self._words.close()
        self._shell.returncode = 0  # keeps Popen from waiting for it, and from complaining that nobody did
