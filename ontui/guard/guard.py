"""A process that outlives us: it starts a run and ends all of it, when it is told to and when we are gone."""

import asyncio
import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PROGRAM = Path(__file__).with_name("guard_process.py")
PROMPT_S = 1.0
"""How long it may take to go when its work is done."""


class Guard:
    """The process, in a session of its own; it waits for our word, or for our silence."""

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        program: str = "",
        cwd: str = "",
        limit_s: float,
        grace_s: float,
        log: IO[bytes] | None = None,
        end_file: Path | None = None,
        keep_fds: Sequence[int] = (),
    ) -> None:
        """Start it and, by it, the program; `program`: the file, where `argv` does not begin with it.

        With an `end_file` the run goes on without us, and its end is left there. OSError where there is no process.
        """
        self._said: deque[list[str]] = deque()
        self._news = asyncio.Event()
        self._part = b""
        self._gone = False
        self._reports, report = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(PROGRAM), "ontui-guard"),
                    *(str(report), ",".join(map(str, keep_fds)), str(limit_s), str(grace_s)),
                    *(str(end_file or ""), ",".join(environment), cwd, program, *argv),
                ],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
                start_new_session=True,
                pass_fds=(report, *keep_fds),
                bufsize=0,
            )
        except BaseException:
            os.close(self._reports)
            raise
        finally:
            os.close(report)
        os.set_blocking(self._reports, False)
        asyncio.get_running_loop().add_reader(self._reports, self._read)

    def take_pipes(self) -> list[int]:
        """The program's output, to be closed by whoever asks."""
        pipes = []
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                pipes.append(os.dup(stream.fileno()))
                stream.close()
        return pipes

    async def started(self) -> int | None:
        """The program's process; None where the guard was gone before there was one.

        OSError says why it cannot start. A guard that is gone by now has let it begin: nothing more will be heard.
        """
        said = await self.hear()
        pid = int(said[1]) if said[:1] == ["begins"] else None
        if pid is not None:
            said = await self.hear()
        if said[:1] == ["cannot"]:
            _, number, *file = said
            raise OSError(int(number), os.strerror(int(number)), " ".join(file))
        return pid

    async def hear(self) -> list[str]:
        """The next line it says, in words; none when it is gone."""
        while not self._said and not self._gone:
            self._news.clear()
            await self._news.wait()
        return self._said.popleft() if self._said else []

    def end(self) -> None:
        """Have it end the run: TERM, grace, KILL; it then says that it is over."""
        words = self._process.stdin
        if words is not None and not words.closed:
            try:
                words.write(b"end\n")
            except BrokenPipeError:
                words.close()

    def dismiss(self) -> None:
        """The run is over: it goes, and with it its hold on the lock."""
        self._let_go()
        try:
            self._process.wait(PROMPT_S)
        except subprocess.TimeoutExpired:  # somebody stopped it
            self._process.kill()
            self._process.wait()

    def leave_to_it(self) -> None:
        """We go, the run does not: from here on it is the guard's."""
        self._let_go()
        self._process.returncode = 0  # keeps Popen from waiting for it, and from complaining that nobody did

    def _let_go(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._reports >= 0:
            asyncio.get_running_loop().remove_reader(self._reports)
            os.close(self._reports)
            self._reports = -1

    def _read(self) -> None:
        try:
            data = os.read(self._reports, 4096)
        except (BlockingIOError, InterruptedError):
            return
        *lines, self._part = (self._part + data).split(b"\n")
        self._said += [line.decode(errors="surrogateescape").split(" ") for line in lines]
        if not data:
            self._gone = True
            asyncio.get_running_loop().remove_reader(self._reports)
        self._news.set()
