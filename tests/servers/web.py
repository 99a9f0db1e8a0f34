"""An HTTP server that answers as it is told: right, late, too much, in drips, encrypted, or not at all."""

import asyncio
import contextlib
import gzip
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from tests.servers.background import Background
from tests.servers.certificates import Certificate
from tests.servers.proxy import reset_connection

_PIECE = b" " * 65536


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    """Without the query."""
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer, and how badly."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    """Silence before the first byte; `math.inf` never answers."""
    header_bytes_per_s: float | None = None
    body_bytes_per_s: float | None = None
    padded_to: int = 0
    """Length to which the body is filled with spaces while it is sent; the server does not hold it."""
    cut_after: int | None = None
    """Close after so many bytes of the body, although all were promised."""
    reset: bool = False
    """Answer with RST instead."""

    @property
    def length(self) -> int:
        return max(len(self.body), self.padded_to)


Answer = Reply | Callable[[Request], Reply]


def json_reply(value: object, status: int = 200) -> Reply:
    """Answer with JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def redirect(to: str, status: int = 302) -> Reply:
    """Send the client elsewhere."""
    return Reply(status, headers={"Location": to})


def gzip_bomb(size: int = 64 << 20) -> Reply:
    """Answer with a small body that unpacks to ``size`` bytes."""
    return Reply(200, gzip.compress(bytes(size), 9), {"Content-Encoding": "gzip", "Content-Type": "application/json"})


class Web:
    """One listening server; `requests` is what it was asked so far."""

    def __init__(self, loop: Background, certificate: Certificate | None = None) -> None:
        self._loop = loop
        self._tls = certificate.server_context() if certificate else None
        self._answers: dict[str | None, Answer] = {}
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.requests: list[Request] = []
        self.connections = 0
        """How many connections there ever were."""
        self.start()

    @property
    def url(self) -> str:
        """Without a final slash."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, as a proxy wants them."""
        return ("127.0.0.1", self.port)

    def reply(self, answer: Answer, *, at: str | None = None) -> None:
        """Answer requests for the path ``at`` so, or those for every path that has no answer of its own."""
        self._answers[at] = answer

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._loop.run(self._listen())

    def stop(self) -> None:
        """Refuse connections and drop the live ones."""
        self._loop.run(self._close())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
                while await self._converse(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; false when the connection has come to its end."""
        request = await _read(reader)
        self.requests.append(request)
        answer = self._answers.get(request.path, self._answers.get(None, Reply(404, b"nothing was set for this path")))
        reply = answer(request) if callable(answer) else answer
        if reply.delay_s:
            await _silence(reply.delay_s, reader)
        if reply.reset:
            reset_connection(writer)
            return False
        await _drip(writer, _head(reply), reply.header_bytes_per_s)
        if request.method != "HEAD":
            for piece in _pieces(reply):
                await _drip(writer, piece, reply.body_bytes_per_s)
        return reply.cut_after is None and request.headers.get("connection", "").lower() != "close"


async def _silence(delay_s: float, reader: asyncio.StreamReader) -> None:
    """Wait, but no longer than the client does."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(min(delay_s, 86_400.0)):
            if not await reader.read(1):
                raise ConnectionResetError("the client is gone")


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, parts.query, headers, body)


def _head(reply: Reply) -> bytes:
    known = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(reply.length)} | dict(reply.headers)
    lines = [f"HTTP/1.1 {reply.status} {known}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _pieces(reply: Reply) -> Iterator[bytes]:
    """Yield the body with its padding, up to where it is to be cut."""
    left = reply.length if reply.cut_after is None else min(reply.cut_after, reply.length)
    if head := reply.body[:left]:
        yield head
    left -= len(head)
    while left > 0:
        yield _PIECE[:left]
        left -= len(_PIECE)


async def _drip(writer: asyncio.StreamWriter, data: bytes, bytes_per_s: float | None) -> None:
    size = len(data) if bytes_per_s is None else max(1, int(bytes_per_s / 20))
    for start in range(0, len(data), size or 1):
        piece = data[start : start + size]
        writer.write(piece)
        await writer.drain()
        if bytes_per_s is not None:
            await asyncio.sleep(len(piece) / bytes_per_s)
