"""A process of our own for what may take for ever: a regular expression on foreign text, a disk that does not answer.

Neither can be ended in a thread, and an expression that runs wild would hold up the whole program.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from typing import Any

from ontui.guard.session import until

LARGEST = 32 * 1024 * 1024
"""Bytes an answer may have."""
START_S = 20.0
"""What a busy machine may take to start it; to end it before would only mean to begin again."""
LEAVE_S = 0.2
"""How long leaving waits for a killed process; one that waits for a dead disk cannot be waited for."""


class NoAnswer(Exception):
    """It did not answer in time, or not at all; the message says whether it had begun to listen."""


class Apart:
    """A process that answers one question after another with JSON; it goes when its standard input ends."""

    def __init__(self, module: str, *arguments: str) -> None:
        """`module` has a `main` that calls `apart_process.serve`; nothing starts before the first question."""
        self._module, self._arguments = module, arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        """To the process, both ways; None when it was killed."""
        self._begun_at, self._listens = 0.0, False

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    async def begin(self, within_s: float) -> None:
        """Start it, so that it listens by the time it is asked; what goes wrong the question will tell."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(within_s):
                await self._started()

    async def ask(self, question: object, within_s: float) -> Any:  # noqa: ANN401 - JSON
        """Its answer; raises NoAnswer, after which the next question is put to another process."""
        settled = False
        try:
            async with asyncio.timeout(within_s):
                reader, writer = await self._started()
                if not self._listens:
                    await reader.readuntil()
                    self._listens = True
                writer.write(json.dumps(question).encode() + b"\n")
                await writer.drain()
                answer = json.loads(await reader.readuntil())
                settled = True
                return answer
        except TimeoutError:
            settled = not self._listens and time.monotonic() - self._begun_at < START_S
            raise NoAnswer("it did not answer" if self._listens else "it did not start") from None
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError) as error:
            raise NoAnswer(f"it did not answer: {type(error).__name__}") from None
        finally:
            if not settled:   # also when we are cancelled: its answer would be taken for that to the next question
                self._kill()

    async def close(self) -> None:
        """End it."""
        self._kill()
        if self._process is not None:
            await until(self._gone, LEAVE_S)

    async def _started(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._line is None:
            # Never two: the one before may be stuck where no signal reaches.
            while not await until(self._gone, START_S):
                pass
            self._line = await asyncio.open_connection(sock=self._start(), limit=LARGEST)
        return self._line

    def _start(self) -> socket.socket:
        """Start it; our end of the line to it."""
        self._begun_at, self._listens = time.monotonic(), False
        # -P: nothing in the folder of the person may stand in for a module.
        argv = [sys.executable, "-P", "-c", f"from {self._module} import main; main()", *self._arguments]
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    argv, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )  # fmt: skip
            except BaseException:
                ours.close()
                raise
        return ours

    def _gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _kill(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line = None
        if self._process is not None:
            self._process.kill()
