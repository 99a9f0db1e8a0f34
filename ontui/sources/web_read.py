"""One address that is read again and again: the whole answer, in time, or why there is none."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from ontui.domain.sample import FaultKind
from ontui.domain.source import HttpAccess
from ontui.domain.text import one_line
from ontui.sources.web import Unanswered, classify, close_client, open_client, read_body, tls_context

MOST_REDIRECTS = 3
KINDS = {
    401: FaultKind.AUTH,
    403: FaultKind.AUTH,
    407: FaultKind.AUTH,
    429: FaultKind.SATURATED,
    502: FaultKind.LOST,
    503: FaultKind.STARTING,
    504: FaultKind.TIMEOUT,
}
"""What a status that is not the wanted one says of the server."""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer with status 200."""

    body: bytes
    headers: Mapping[str, str]
    heard_at: float
    """When its head arrived, in seconds of the engine's clock."""

    @property
    def media(self) -> str:
        """The content type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people, whatever its content type says."""
        return self.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class Reader:
    """Asks an address over a connection of its own each time, and follows redirects that stay on its host."""

    def __init__(
        self, url: str, access: HttpAccess, now: Callable[[], float], *, accept: str, cap: int
    ) -> None:
        self._url, self._access, self._now, self._accept, self._cap = url, access, now, accept, cap
        self._client: httpx.AsyncClient | None = None
        self._plain = False

    async def read(self, within_s: float) -> Page:
        """Ask once; raises Unanswered."""
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                return await self._followed()
        except TimeoutError:
            raise Unanswered(FaultKind.TIMEOUT, f"no answer within {within_s:.3g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            fault = classify(error)
            raise Unanswered(fault.kind, fault.text) from error

    async def close(self) -> None:
        """Drop what is under way."""
        if self._client is not None:
            await close_client(self._client)

    async def _followed(self) -> Page:
        url = httpx.URL(self._url)
        for _ in range(MOST_REDIRECTS + 1):
            client = await self._client_for(url)
            request = client.build_request("GET", url, headers={"Accept": self._accept})
            response = await client.send(request, stream=True)
            heard_at = self._now()
            try:
                if not response.has_redirect_location:
                    return await self._page(response, heard_at)
            finally:
                await response.aclose()
            url = redirected(url, response.headers["location"])
        raise Unanswered(FaultKind.PROTOCOL, f"more than {MOST_REDIRECTS} redirects")

    async def _client_for(self, url: httpx.URL) -> httpx.AsyncClient:
        """The client; one that knows whom to trust only where TLS is spoken, be it after a redirect."""
        if self._client is not None and self._plain and url.scheme == "https":
            await close_client(self._client)
            self._client = None
        if self._client is None:
            self._plain = url.scheme == "http"
            tls = tls_context(self._access, plain=self._plain)
            # A kept connection may be closed by the server in the very moment it is used again: that is no outage.
            self._client = open_client(self._access, tls, httpx.Limits(max_keepalive_connections=0))
        return self._client

    async def _page(self, response: httpx.Response, heard_at: float) -> Page:
        body, whole = await read_body(response, self._cap)
        page = Page(body, response.headers, heard_at)
        if response.status_code != 200:
            kind = KINDS.get(response.status_code, FaultKind.PROTOCOL)
            raise Unanswered(kind, f"answered {status_words(response.status_code)}{_detail(page)}")
        if not whole:
            raise Unanswered(FaultKind.PROTOCOL, f"body too large: over {self._cap >> 20} MiB")
        return page


def server_clock(headers: Mapping[str, str]) -> float | None:
    """What the server's clock said when it answered."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads; raises Unanswered when that is another host, or out of TLS."""
    target = url.join(location)
    if target.host != url.host or (url.scheme == "https" and target.scheme != "https"):
        place = one_line(f"{target.scheme}://{target.host}", 80)
        raise Unanswered(FaultKind.PROTOCOL, f"redirects to another host: {place}")
    return target


def status_words(status: int) -> str:
    """`503 Service Unavailable`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _detail(page: Page) -> str:
    """The first line of plain text behind a status."""
    if page.is_html or page.media not in ("", "text/plain"):
        return ""
    lines = page.body[:500].decode("utf-8", "replace").strip().splitlines()
    return f": {one_line(lines[0], 120)}" if lines else ""
