"""A small HTTP/1.1 server for the simulated services: keep-alive, bodies with a length, nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

BODY_LIMIT = 1 << 20
REASONS: Mapping[int, str] = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Entity",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; the values are those of the URL and of a form body together."""

    method: str
    path: str
    values: Mapping[str, str]
    headers: Mapping[str, str]
    """With lower-case names."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    body: bytes
    content_type: str


Handler = Callable[[Request], Awaitable[Response]]


def json_response(value: object, status: int = 200) -> Response:
    """The value as JSON."""
    return Response(status, json.dumps(value).encode(), "application/json")


def text_response(text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
    """The text as it is."""
    return Response(status, text.encode(), content_type)


async def serve(listener: socket.socket, handler: Handler) -> asyncio.Server:
    """Answer on a socket that already listens, until the returned server is closed."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                _write(writer, request, await handler(request))
                await writer.drain()
                if request.headers.get("connection", "").lower() == "close":
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # a peer that went away or does not speak HTTP
        finally:
            writer.close()

    return await asyncio.start_server(converse, sock=listener)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= BODY_LIMIT:
        raise ValueError("body too large")
    body = await reader.readexactly(length)
    url = urlsplit(target)
    values = dict(parse_qsl(url.query, keep_blank_values=True))
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return Request(method, url.path, values, headers)


def _write(writer: asyncio.StreamWriter, request: Request, response: Response) -> None:
    head = (
        f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Answer')}\r\n"
        f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body)}\r\n\r\n"
    )
    writer.write(head.encode("latin-1") + (b"" if request.method == "HEAD" else response.body))


async def fetch(url: str, timeout_s: float) -> bytes:
    """GET a loopback URL without proxies or redirects; OSError unless the answer is 200 and whole."""
    parts = urlsplit(url)
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
            writer.write(request.encode("latin-1"))
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise OSError(f"{url} answered {head[:60]!r}")
    return body
