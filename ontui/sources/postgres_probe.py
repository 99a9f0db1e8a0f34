"""Asks a server by hand whether it takes connections, and why not: its SQLSTATE is the same in every language."""

import asyncio
import struct

_PROTOCOL_3 = 196608
_SSL_REQUEST = 80877103
_LONGEST = 8192


async def refusal(host: str, port: str, user: str, dbname: str, timeout_s: float) -> str | None:
    """The SQLSTATE with which a startup packet is refused; empty when a password is asked for, None if nobody tells."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _ask(host, port, user, dbname)
    except (OSError, ValueError, asyncio.IncompleteReadError):
        return None


async def greeted(host: str, port: int, timeout_s: float) -> None:
    """Return once the server has answered the first word of a login; raises TimeoutError, OSError, IncompleteReadError.

    That word asks for TLS and names nobody: every server answers it, and writes nothing into its log.
    """
    async with asyncio.timeout(timeout_s):
        reader, writer = await _open(host, port)
        try:
            writer.write(struct.pack("!ii", 8, _SSL_REQUEST))
            await reader.readexactly(1)
        finally:
            writer.transport.abort()


async def _open(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    return await asyncio.open_connection(host, port)


async def _ask(host: str, port: str, user: str, dbname: str) -> str | None:
    reader, writer = await _open(host, int(port))
    try:
        body = b"".join(part.encode() + b"\0" for part in ("user", user, "database", dbname)) + b"\0"
        writer.write(struct.pack("!ii", len(body) + 8, _PROTOCOL_3) + body)
        kind, length = struct.unpack("!ci", await reader.readexactly(5))
        if kind == b"R":
            return ""
        if kind != b"E" or not 4 < length < _LONGEST:
            return None
        return sqlstate(await reader.readexactly(length - 4))
    finally:
        writer.transport.abort()


def sqlstate(fields: bytes) -> str | None:
    """The C field of an ErrorResponse's body."""
    for field in fields.split(b"\0"):
        if field[:1] == b"C" and len(field) == 6:
            return field[1:].decode("ascii", "replace")
    return None
