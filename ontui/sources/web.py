"""HTTP with limits: trust, deadlines, capped bodies, and failures in words for people."""

import ast
import os
import re
import ssl
import zlib
from collections.abc import Mapping
from pathlib import Path

import httpx

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.source import HttpAccess
from ontui.domain.text import one_line
from ontui.sources.network import network_fault

CLOSE_S = 0.2
"""The longest that closing a client waits for its connections."""
_QUOTED = re.compile(r"bytearray\((b(?P<q>['\"]).*(?P=q))\)", re.S)
"""How h11 shows what it could not read."""


class Unanswered(Exception):
    """A request that brought no usable answer; `fault` says why."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(kind, one_line(text))


def tls_context(access: HttpAccess, environ: Mapping[str, str] = os.environ, *, plain: bool = False) -> ssl.SSLContext:
    """Whom to trust: `ca_file`, else $SSL_CERT_FILE, else the system, else certifi; Unanswered on unusable files.

    `plain`: nothing is asked over TLS, so nobody is trusted; reading the system's CAs takes as long as a dozen polls.
    """
    if plain and not access.ca_file:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    elif access.verify:
        context = _loaded(access.ca_file or environ.get("SSL_CERT_FILE", ""))
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if access.client_cert:
        try:
            context.load_cert_chain(access.client_cert, access.client_key or None)
        except OSError as error:  # ssl.SSLError is one
            raise Unanswered(FaultKind.CONFIG, f"cannot use the client certificate: {_reason(error)}") from error
    return context


def _loaded(cafile: str) -> ssl.SSLContext:
    try:
        if cafile:
            return ssl.create_default_context(cafile=cafile)
    except OSError as error:
        raise Unanswered(FaultKind.CONFIG, f"cannot read the CA file {cafile}: {_reason(error)}") from error
    known = ssl.get_default_verify_paths()
    if known.cafile or (known.capath and any(Path(known.capath).iterdir())):
        return ssl.create_default_context()
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _reason(error: OSError) -> str:
    return (getattr(error, "reason", "") or error.strerror or str(error)).replace("_", " ").lower()


def open_client(access: HttpAccess, tls: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncClient:
    """A client that follows nothing, knows no proxy or netrc, and has no time limit: callers set a total deadline."""
    headers = {"User-Agent": "ontui", "Accept-Encoding": "identity"} | dict(access.headers)
    if access.bearer is not None:
        headers["Authorization"] = f"Bearer {access.bearer}"
    try:
        return httpx.AsyncClient(
            headers=headers,
            auth=httpx.BasicAuth(*access.basic) if access.basic else None,
            verify=tls,
            limits=limits,
            timeout=None,  # noqa: S113
            trust_env=False,
            follow_redirects=False,
        )
    except (ValueError, TypeError) as error:  # UnicodeError, without showing the value
        raise Unanswered(FaultKind.CONFIG, "a header holds characters that HTTP does not allow") from error


async def warm() -> None:
    """Import what the first request would, before anybody looks at the clock: a server is not slow because we begin."""
    import httpcore  # noqa: F401
    from anyio.lowlevel import checkpoint

    await checkpoint()


async def close_client(client: httpx.AsyncClient) -> None:
    """Close, and do not wait for a peer that does not answer."""
    import asyncio

    try:
        async with asyncio.timeout(CLOSE_S):
            await client.aclose()
    except (TimeoutError, httpx.HTTPError, OSError):
        return


async def read_body(response: httpx.Response, cap: int) -> tuple[bytes, bool]:
    """At most `cap` bytes of the body, unpacked, and whether that is all of it."""
    held = bytearray()
    whole = True
    try:
        async for chunk in response.aiter_raw():
            held += chunk
            if len(held) > cap:
                whole = False
                break
    except (httpx.ReadError, httpx.RemoteProtocolError) as error:
        # Who ends a connection on which something of ours lies unread, resets it, and what was under way is gone.
        whole = False
        if _declared(response) <= cap:
            if isinstance(error, httpx.RemoteProtocolError) or not held:
                raise
            raise Unanswered(FaultKind.LOST, f"connection reset after {_size(len(held))} of the answer") from error
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("gzip", "deflate", "x-gzip") and held:
        return _unpacked(bytes(held), cap, whole)
    if packing not in ("", "identity") and held:
        raise Unanswered(FaultKind.PROTOCOL, f"answered packed as {packing}, which was not asked for")
    return bytes(held[:cap]), whole


def _declared(response: httpx.Response) -> int:
    """How long the body is said to be; 0 where nothing is said."""
    said = response.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MiB" if count >= 1 << 20 else f"{count} bytes"


def _unpacked(packed: bytes, cap: int, whole: bool) -> tuple[bytes, bool]:
    """Unpack no further than the cap: a small body may stand for gigabytes."""
    packer = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = packer.decompress(packed, cap + 1)
    except zlib.error as error:
        raise Unanswered(FaultKind.PROTOCOL, "answered with a packed body that cannot be unpacked") from error
    if whole and len(unpacked) <= cap and not packer.eof:
        raise Unanswered(FaultKind.LOST, "the answer was cut short")
    return unpacked[:cap], whole and len(unpacked) <= cap


def classify(error: BaseException) -> Fault:
    """Why a request failed, from httpx's exception and what caused it."""
    if found := network_fault(error):
        return found
    text = one_line(str(error))
    match error:
        case httpx.TimeoutException():
            return Fault(FaultKind.TIMEOUT, "no answer in time")
        case httpx.RemoteProtocolError() if "without sending complete" in text:
            return Fault(FaultKind.LOST, "the answer was cut short")
        case httpx.RemoteProtocolError() if "disconnected" in text:
            return Fault(FaultKind.LOST, "connection closed without an answer")
        case httpx.RemoteProtocolError():
            return Fault(FaultKind.PROTOCOL, f"does not speak HTTP: {_instead(str(error))}")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return Fault(FaultKind.CONFIG, f"cannot be asked: {text}")
        case httpx.ConnectError():
            return Fault(FaultKind.UNREACHABLE, text or "cannot connect")
        case _:
            return Fault(FaultKind.LOST, text or "connection lost")


def _instead(said: str) -> str:
    """What came in place of HTTP, from what the library says of it."""
    if quoted := _QUOTED.search(said):
        try:
            data: bytes = ast.literal_eval(quoted[1])
        except (ValueError, SyntaxError):   # cut, or of another version of the library
            data = b""
        line = one_line(data.decode("utf-8", "replace"), 60)
        if line and data.isascii() and line.isprintable() and "\ufffd" not in line:
            return f"answered {line!r}"
        return "answered bytes that are no text"
    if "buffer too long" in said:
        return "the head of the answer has no end"
    return one_line(said, 120)
