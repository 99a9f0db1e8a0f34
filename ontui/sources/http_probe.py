"""One check of a health endpoint: a fresh connection, its phases timed, everything bounded."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from ontui.domain.quantity import format_duration
from ontui.domain.sample import Fault, FaultKind
from ontui.domain.source import HttpSource
from ontui.domain.text import one_line
from ontui.sources.copies import copy_age_s
from ontui.sources.http_certificate import not_after, presented
from ontui.sources.http_expect import Seen
from ontui.sources.web import Unanswered, classify, close_client, open_client, read_body, tls_context, warm
from ontui.sources.web_read import redirected, server_clock

BODY_CAP = 1 << 20
"""The longest body that is read."""
MOST_REDIRECTS = 5
_PHASES = {
    "connection.connect_tcp": "tcp",
    "connection.start_tls": "tls",
    "http11.receive_response_headers": "first byte",
    "http11.receive_response_body": "body",
}
_DOING = {
    "dns": "looking up the name",
    "tcp": "connecting",
    "tls": "shaking hands",
    "first byte": "waiting for the first byte",
    "body": "reading the body",
}


@dataclass(slots=True)
class Trace:
    """How long each phase took, and in which one we are."""

    clock: Callable[[], float]
    took_s: dict[str, float] = field(default_factory=dict)
    phase: str = ""
    _since: float = 0.0

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Listen to httpcore: `<phase>.started`, `.complete`, `.failed`."""
        name, _, step = event.rpartition(".")
        if phase := _PHASES.get(name):
            self.begin(phase) if step == "started" else self.end()

    def begin(self, phase: str) -> None:
        self.phase, self._since = phase, self.clock()

    def end(self) -> None:
        self.took_s[self.phase] = self.took_s.get(self.phase, 0.0) + self.clock() - self._since

    @property
    def words(self) -> str:
        return " · ".join(f"{phase} {format_duration(took_s)}" for phase, took_s in self.took_s.items())


@dataclass(frozen=True, slots=True)
class Check:
    """What one check brought."""

    latency_s: float
    phases: str
    seen: Seen | None = None
    fault: Fault | None = None
    """Why there is no whole answer."""
    server: str = ""
    expires_at: float | None = None
    """The end of validity of the certificate that was presented."""


@dataclass(slots=True)
class Probe:
    """Checks one endpoint, again and again, each time over a connection of its own."""

    source: HttpSource
    wants_certificate: bool
    _client: httpx.AsyncClient | None = None

    async def check(self) -> Check:
        """Ask once, within the deadline; never raises for what the network or the server does."""
        await warm()
        try:
            client = self._opened()
        except Unanswered as failure:
            return Check(0.0, "", fault=failure.fault)
        loop = asyncio.get_running_loop()
        start, trace = loop.time(), Trace(loop.time)
        certificate: list[bytes] = []
        seen, fault, server = None, None, ""
        try:
            async with asyncio.timeout_at(start + self.source.timeout_s):
                seen, server = await self._followed(client, trace, certificate)
        except TimeoutError:
            doing = f" ({_DOING[trace.phase]})" if trace.phase else ""
            fault = Fault(FaultKind.TIMEOUT, f"no answer within {self.source.timeout_s:g} s{doing}")
        except Unanswered as failure:
            fault = failure.fault
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            fault = classify(error)
        latency_s = loop.time() - start
        expires_at = not_after(certificate[-1]) if certificate else None
        if fault is not None and fault.kind is FaultKind.TLS and self.wants_certificate:
            expires_at = await self._despite_distrust(self.source.timeout_s - latency_s)
        return Check(latency_s, trace.words, seen, fault, server, expires_at)

    async def close(self) -> None:
        if self._client is not None:
            await close_client(self._client)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_keepalive_connections=0)
            plain = self.source.url.startswith("http://") and not self.source.follow_redirects
            self._client = open_client(self.source.access, tls_context(self.source.access, plain=plain), limits)
        return self._client

    async def _followed(
        self, client: httpx.AsyncClient, trace: Trace, certificate: list[bytes]
    ) -> tuple[Seen, str]:
        """Ask, and follow redirects within the same host where that is wanted."""
        url, method = httpx.URL(self.source.url), self.source.method.upper()
        for _ in range(MOST_REDIRECTS + 1):
            seen, server = await self._asked(client, method, url, trace, certificate)
            if not (self.source.follow_redirects and 300 <= seen.status < 400 and seen.location):
                return seen, server
            url = redirected(url, seen.location)
        raise Unanswered(FaultKind.PROTOCOL, f"more than {MOST_REDIRECTS} redirects")

    async def _asked(
        self, client: httpx.AsyncClient, method: str, url: httpx.URL, trace: Trace, certificate: list[bytes]
    ) -> tuple[Seen, str]:
        """Try the addresses of the host one after the other, each with its share of the time."""
        addresses = await _resolved(url, trace)
        for n, address in enumerate(addresses):
            share_s = self.source.timeout_s / len(addresses) if n + 1 < len(addresses) else None
            extensions = {
                "trace": trace,
                "sni_hostname": url.raw_host.decode("ascii"),
                "timeout": {"connect": share_s},
            }
            headers = {"Host": url.netloc.decode("ascii")}
            request = client.build_request(method, url.copy_with(host=address), headers=headers, extensions=extensions)
            try:
                response = await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                trace.end()
                if n + 1 == len(addresses) or trace.phase == "tls":
                    raise
                continue
            try:
                return await _whole(response, certificate), one_line(response.headers.get("server", ""), 60)
            finally:
                await response.aclose()
        raise Unanswered(FaultKind.DNS, "the name has no address")

    async def _despite_distrust(self, left_s: float) -> float | None:
        """The end of a certificate that is not trusted: then one wants to know it most."""
        url = httpx.URL(self.source.url)
        trusting = tls_context(replace(self.source.access, verify=False))
        try:
            async with asyncio.timeout(max(0.1, left_s)):
                return await presented(url.host, url.port or 443, trusting)
        except TimeoutError:
            return None


async def _resolved(url: httpx.URL, trace: Trace) -> list[str]:
    """The addresses of a host, looked up apart so that a slow name server is named."""
    host = url.raw_host.decode("ascii")
    trace.begin("dns")
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if addresses != [host]:
        trace.end()
    return [host if "%" in address else address for address in addresses]


async def _whole(response: httpx.Response, certificate: list[bytes]) -> Seen:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if isinstance(tls, ssl.SSLObject | ssl.SSLSocket) and (der := tls.getpeercert(binary_form=True)):
        certificate.append(der)
    body, whole = await read_body(response, BODY_CAP)
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    copy_s = copy_age_s(response.headers)
    clock = None if copy_s else server_clock(response.headers)   # a cache tells the time at which it was asked itself
    return Seen(response.status_code, media, body, whole, response.headers.get("location", ""), clock, copy_s)
