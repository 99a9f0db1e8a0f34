"""One Alertmanager over HTTP: its API v2, and its refusals in its own words."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from ontui.domain.sample import FaultKind
from ontui.domain.source import AlertmanagerSource
from ontui.domain.text import one_line
from ontui.sources.foreign_answer import parse_json
from ontui.sources.prometheus_answer import Malformed
from ontui.sources.web import Unanswered, classify, close_client, open_client, read_body, tls_context
from ontui.sources.web_read import KINDS, status_words

BODY_CAP = 10 << 20
"""The longest answer that is read."""


class Refused(Exception):
    """The server understood and said no, in its own words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer."""

    document: object
    date: float | None
    """The server's clock, in whole seconds."""


class AlertmanagerApi:
    """Keeps a few connections to one server; every call takes the loop time by which it must be over."""

    def __init__(self, source: AlertmanagerSource) -> None:
        self._source = source
        self._client: httpx.AsyncClient | None = None

    async def get(self, path: str, until: float, query: Sequence[tuple[str, str]] = ()) -> Reply:
        """Read; raises Refused or Unanswered."""
        return await self._send("GET", path, until, query=query)

    async def post(self, path: str, body: Mapping[str, object], until: float) -> Reply:
        """Change; raises Refused or Unanswered, after which it may or may not have been done."""
        return await self._send("POST", path, until, body=body)

    async def delete(self, path: str, until: float) -> Reply:
        """Change; raises Refused or Unanswered, after which it may or may not have been done."""
        return await self._send("DELETE", path, until)

    async def close(self) -> None:
        """Drop the connections."""
        if self._client is not None:
            await close_client(self._client)

    async def _send(
        self, method: str, path: str, until: float, *, query: Sequence[tuple[str, str]] = (),
        body: Mapping[str, object] | None = None,
    ) -> Reply:  # fmt: skip
        try:
            async with asyncio.timeout_at(until):
                return await self._sent(method, path, query, body)
        except TimeoutError:
            raise Unanswered(FaultKind.TIMEOUT, f"no answer within {self._source.timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            fault = classify(error)
            raise Unanswered(fault.kind, fault.text) from error

    async def _sent(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: Mapping[str, object] | None
    ) -> Reply:
        if self._client is None:
            tls = tls_context(self._source.access, plain=self._source.url.startswith("http://"))
            self._client = open_client(self._source.access, tls, httpx.Limits(max_keepalive_connections=4))
        url = f"{self._source.url.rstrip('/')}/api/v2{path}"
        request = self._client.build_request(method, url, params=httpx.QueryParams(tuple(query)), json=body)
        response = await self._client.send(request, stream=True)
        try:
            content, whole = await read_body(response, BODY_CAP)
        finally:
            await response.aclose()
        if not whole:
            raise Unanswered(FaultKind.PROTOCOL, f"body too large: over {BODY_CAP >> 20} MiB")
        return _examined(response, content)


def _examined(response: httpx.Response, body: bytes) -> Reply:
    """Tell a good answer from a refusal, a broken server and a login page."""
    status = response.status_code
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status == 200:
        if not body and "json" not in media:   # the answer to a DELETE
            return Reply(None, _date(response))
        if "json" not in media:
            is_page = "html" in media or body.lstrip()[:1] == b"<"
            what, hint = ("HTML", " (a login page?)") if is_page else (one_line(media, 40) or "something", "")
            raise Unanswered(FaultKind.PROTOCOL, f"answered {what} instead of JSON{hint}")
        try:
            return Reply(parse_json(body), _date(response))
        except Malformed as malformed:
            raise Unanswered(FaultKind.PROTOCOL, str(malformed)) from malformed
    words = refusal(body) if "json" in media else ""
    if words and (status in (400, 404, 422) or status == 500):
        raise Refused(status, words)
    if status == 404:
        raise Refused(status, "404 Not Found")
    if 300 <= status < 400:
        target = one_line(response.headers.get("location", "nowhere"), 80)
        raise Unanswered(FaultKind.PROTOCOL, f"{status_words(status)}: redirects to {target} (a login page?)")
    detail = f": {words}" if words else ""
    raise Unanswered(KINDS.get(status, FaultKind.PROTOCOL), f"{status_words(status)}{detail}")


def refusal(body: bytes) -> str:
    """What an error says: a bare JSON text, or the message of `{code, message}`; empty when it says nothing."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    told = document.get("message") if isinstance(document, dict) else document
    return one_line(told, 300) if isinstance(told, str) else ""


def _date(response: httpx.Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
