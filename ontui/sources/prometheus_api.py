"""One Prometheus server over HTTP: questions in, parsed answers or classified failures out."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from ontui.domain.sample import FaultKind
from ontui.domain.source import PrometheusSource
from ontui.domain.text import one_line
from ontui.sources.prometheus_answer import Answer, Malformed, Refusal, envelope, parse_instant
from ontui.sources.web import Unanswered, classify, close_client, open_client, read_body, tls_context
from ontui.sources.web_read import KINDS, server_clock, status_words

BODY_CAP = 10 << 20
"""The longest answer that is read."""
AT_ONCE = 6
"""Requests under way at a time; more would be unkind to a sick server."""
SERVER_SHARE = 0.9
"""How much of our deadline the server is given, so that it stops working before we stop listening."""


class Rejected(Exception):
    """The server understood and refused this one question, in its own words; asking again at once will not help."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The JSON body of an answer, with the server's clock as its head tells it."""

    body: bytes
    date: float | None


class PrometheusApi:
    """Keeps a few connections to one server; every call takes the loop time by which it must be over."""

    def __init__(self, source: PrometheusSource) -> None:
        self._source = source
        self._client: httpx.AsyncClient | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._method = "POST"

    async def ask(self, path: str, form: Mapping[str, str], until: float) -> Reply:
        """Ask an endpoint that takes a form; raises Rejected for this question, Unanswered for the server."""
        try:
            async with asyncio.timeout_at(until), self._turns:
                left_s = max(0.01, until - asyncio.get_running_loop().time())
                limited = {**form, "timeout": f"{max(1, int(left_s * SERVER_SHARE * 1000))}ms"}
                return await self._asked(path, limited)
        except TimeoutError as error:
            raise Unanswered(FaultKind.TIMEOUT, self._late()) from error

    async def look(self, path: str, until: float) -> object:
        """The `data` of a plain endpoint, None when the server does not give it; for things that are good to know."""
        try:
            return (await self.get(path, until))[0]
        except (Unanswered, Rejected):
            return None

    async def get(self, path: str, until: float) -> tuple[object, float | None]:
        """The `data` of a plain endpoint, and the server's clock; raises Rejected or Unanswered."""
        try:
            async with asyncio.timeout_at(until), self._turns:
                reply = await self._send("GET", path, {})
                return envelope(reply.body)[1], reply.date
        except TimeoutError as error:
            raise Unanswered(FaultKind.TIMEOUT, self._late()) from error
        except (Refusal, Malformed) as error:
            raise Rejected(str(error)) from error

    async def close(self) -> None:
        if self._client is not None:
            await close_client(self._client)

    def _late(self) -> str:
        return f"no answer within {self._source.timeout_s:g} s"

    async def _asked(self, path: str, form: Mapping[str, str]) -> Reply:
        """POST, because queries are long and URLs are logged; GET where something on the way allows no POST."""
        method = self._method
        try:
            return await self._send(method, path, form)
        except _MethodRefused as refused:
            if method == "GET":
                raise Unanswered(refused.fault.kind, refused.fault.text) from None
        reply = await self._send("GET", path, form)
        self._method = "GET"
        return reply

    async def _send(self, method: str, path: str, form: Mapping[str, str]) -> Reply:
        if self._client is None:
            tls = tls_context(self._source.access, plain=self._source.url.startswith("http://"))
            self._client = open_client(self._source.access, tls, httpx.Limits(max_keepalive_connections=AT_ONCE))
        url = self._source.url.rstrip("/") + path
        try:
            what = {"data": form} if method == "POST" else {"params": form}
            request = self._client.build_request(method, url, **what)  # type: ignore[arg-type]
            response = await self._client.send(request, stream=True)
            try:
                body, whole = await read_body(response, BODY_CAP)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            fault = classify(error)
            raise Unanswered(fault.kind, fault.text) from error
        if not whole:
            raise Unanswered(FaultKind.PROTOCOL, f"body too large: over {BODY_CAP >> 20} MiB")
        return _examined(response, body, method)


async def ask(api: PrometheusApi, query: str, until: float, *, at: float | None = None) -> Answer:
    """One query, about now or an instant of the server's clock; Unanswered is the server's fault, Rejected its own."""
    form = {"query": query, "nocache": "1"} | ({"time": f"{at:.3f}"} if at is not None else {})
    reply = await api.ask("/api/v1/query", form, until)
    try:
        return replace(parse_instant(reply.body), date=reply.date)
    except (Malformed, Refusal) as error:
        raise Rejected(str(error)) from error


class _MethodRefused(Unanswered):
    """Perhaps only the method was refused."""


def _examined(response: httpx.Response, body: bytes, method: str) -> Reply:
    """Tell a good answer from a refused question, a broken server and a login page."""
    status = response.status_code
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "json" in media:
        if status == 200:
            return Reply(body, server_clock(response.headers))
        if status in (400, 422, 503) and (words := _words(body)):
            raise Rejected(words)
    named = status_words(status)
    if 300 <= status < 400:
        target = one_line(response.headers.get("location", "nowhere"), 80)
        raise Unanswered(FaultKind.PROTOCOL, f"{named}: redirects to {target} (a login page?)")
    if status == 200:
        raise Unanswered(FaultKind.PROTOCOL, _not_json(media, body))
    text = f"{named}{_detail(body, media)}"
    kind = KINDS.get(status, FaultKind.PROTOCOL)
    if method == "POST" and status in (403, 405, 501):
        raise _MethodRefused(kind, text)
    raise Unanswered(kind, text)


def _words(body: bytes) -> str:
    """What a JSON error says, empty when it says nothing."""
    try:
        envelope(body)
    except Refusal as refusal:
        return str(refusal)
    except Malformed:
        return ""
    return ""


def _not_json(media: str, body: bytes) -> str:
    if "html" in media or body.lstrip()[:1] == b"<":
        return "answered HTML instead of JSON (a login page?)"
    return f"answered {one_line(media, 40) or 'something'} instead of JSON"


def _detail(body: bytes, media: str) -> str:
    """The server's words behind a status: an error of its API, or the first line of plain text."""
    if "json" in media:
        words = _words(body) or _message(body)
        return f": {words}" if words else ""
    if "html" in media:
        return ""
    lines = body[:500].decode("utf-8", "replace").strip().splitlines()
    return f": {one_line(lines[0], 120)}" if lines else ""


def _message(body: bytes) -> str:
    """The message of a gateway's JSON error."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    told = document.get("message") if isinstance(document, dict) else None
    return one_line(told, 120) if isinstance(told, str) else ""
