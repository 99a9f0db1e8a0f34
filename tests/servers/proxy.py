"""A TCP proxy that fails on purpose, in ways that can be switched while connections live."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

from tests.servers.background import Background

_CHUNK = 65536


@dataclass(frozen=True, slots=True, eq=False)
class _Mode:
    """How bytes are treated just now; identity tells one switch from the next."""

    delay_s: float = 0.0
    bytes_per_s: float | None = None
    held: bool = False
    cut_after: int | None = None
    reset: bool = False


class FaultProxy:
    """Listens on loopback and forwards to ``target``, well or badly.

    A fault applies to connections that live and to those that come; `heal` ends it, and held bytes go on.
    """

    def __init__(self, loop: Background, target: tuple[str, int], host: str = "127.0.0.1") -> None:
        self._loop = loop
        self._target, self._host = target, host
        self._mode = _Mode()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.accepted = 0
        """How many connections there ever were."""
        loop.run(self._listen())

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to instead of the target's."""
        return (self._host, self.port)

    @property
    def live(self) -> int:
        """How many connections clients hold open just now."""
        return len(self._writers)

    def heal(self) -> None:
        """Forward everything at once, as when nothing was wrong."""
        self._switch(_Mode())

    def delay(self, delay_s: float) -> None:
        """Hold every piece of an answer for ``delay_s`` seconds."""
        self._switch(_Mode(delay_s=delay_s))

    def throttle(self, bytes_per_s: float) -> None:
        """Trickle: forward so few bytes a second, each way."""
        self._switch(_Mode(bytes_per_s=bytes_per_s))

    def black_hole(self) -> None:
        """Accept and hold everything, also the news that a side has closed: the half-open connection."""
        self._switch(_Mode(held=True))

    def cut_after(self, count: int) -> None:
        """Close each connection after ``count`` more bytes of answer."""
        self._switch(_Mode(cut_after=count))

    def reset(self) -> None:
        """Answer with RST: live connections now, new ones as soon as they are accepted."""
        self._switch(_Mode(reset=True))

    def refuse(self) -> None:
        """Stop listening, so that new connections are refused; live ones go on."""
        self._loop.run(self._deafen())

    def close(self) -> None:
        """End the listener and every connection."""
        self._loop.run(self._close())

    def _switch(self, mode: _Mode) -> None:
        self._loop.run(self._apply(mode))

    async def _apply(self, mode: _Mode) -> None:
        self._mode = mode
        if mode.held:
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode.reset:
            for writer in list(self._writers):
                reset_connection(writer)
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _deafen(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _close(self) -> None:
        await self._deafen()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._mode.reset:
            reset_connection(writer)
            return
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):
                await self._forward(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(*self._target)
        asking = asyncio.ensure_future(self._pump(reader, questions, answering=False))
        answering = asyncio.ensure_future(self._pump(answers, writer, answering=True))
        try:
            await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asking, answering):
                task.cancel()
            await asyncio.gather(asking, answering, return_exceptions=True)
            questions.transport.abort()
            if not _was_reset(writer):
                with contextlib.suppress(OSError):
                    writer.close()
                    await writer.wait_closed()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answering: bool) -> None:
        counted: _Mode | None = None
        passed = 0
        while True:
            data = await source.read(_CHUNK)
            await self._flowing.wait()
            mode = self._mode
            if not data:
                return
            if answering:
                await asyncio.sleep(mode.delay_s)
                counted, passed = (counted, passed) if counted is mode else (mode, 0)
                if mode.cut_after is not None:
                    data = data[: mode.cut_after - passed]
                    passed += len(data)
            await self._write(sink, data)
            if mode.cut_after is not None and passed >= mode.cut_after:
                return

    async def _write(self, sink: asyncio.StreamWriter, data: bytes) -> None:
        """Write at the speed of the moment, which may change half-way."""
        while data:
            await self._flowing.wait()
            mode = self._mode
            size = len(data) if mode.bytes_per_s is None else max(1, int(mode.bytes_per_s / 20))
            piece, data = data[:size], data[size:]
            sink.write(piece)
            await sink.drain()
            if mode.bytes_per_s is not None:
                await asyncio.sleep(len(piece) / mode.bytes_per_s)


def reset_connection(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _was_reset(writer: asyncio.StreamWriter) -> bool:
    return writer.transport.is_closing()


class ProxyMaker:
    """What the `proxy` fixture is: call it with a server's address."""

    def __init__(self, loop: Background) -> None:
        self._loop = loop
        self._made: list[FaultProxy] = []

    def __call__(self, target: tuple[str, int], host: str = "127.0.0.1") -> FaultProxy:
        """Put a proxy before ``target`` (host, port); with another ``host``, 127.0.0.2, as if on another machine."""
        made = FaultProxy(self._loop, target, host)
        self._made.append(made)
        return made

    def close(self) -> None:
        """Close every proxy made."""
        for made in self._made:
            made.close()
