"""The http source against real servers that answer well, badly, late and not at all."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ontui.domain.sample import FaultKind, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import HttpAccess, HttpSource
from ontui.domain.status import Status
from ontui.sources.http import HttpPoller
from ontui.sources.http_certificate import not_after
from tests.servers.certificates import Authority
from tests.servers.proxy import ProxyMaker
from tests.servers.web import Reply, Web, gzip_bomb, json_reply, redirect

OK = json_reply({"status": "ok", "pool": {"used": 17, "free": "3"}})
BASE = Sli("", "", "", "api", "count", 5.0, 1.0)
SLIS = [
    replace(BASE, id="up", metric="up"),
    replace(BASE, id="latency", metric="latency", unit="seconds"),
    replace(BASE, id="status", metric="status"),
    replace(BASE, id="cert_days", metric="cert_days"),
    replace(BASE, id="used", json_path="pool.used"),
    replace(BASE, id="free", json_path="pool.free"),
    replace(BASE, id="lost", json_path="pool.lost"),
]
HEALTHY = HttpSource(
    id="api", type="http", interval_s=5.0, timeout_s=1.0, url="http://127.0.0.1:1/health", json={"status": "ok"}
)


@asynccontextmanager
async def polling(source: HttpSource, now: Callable[[], float] = time.time) -> AsyncIterator[HttpPoller]:
    poller = HttpPoller(source, SLIS, now)
    try:
        yield poller
    finally:
        async with asyncio.timeout(1):
            await poller.close()


async def once(source: HttpSource, now: Callable[[], float] = time.time) -> Sample:
    async with polling(source, now) as poller:
        return await poller.poll()


async def test_a_healthy_endpoint_and_the_numbers_in_it(web: Web) -> None:
    web.reply(OK, at="/health")
    sample = await once(replace(HEALTHY, url=f"{web.url}/health"))
    told = {id_: (r.value, r.flaw) for id_, r in sample.readings.items()}
    assert sample.fault is None
    assert told["up"] == (1.0, None)
    assert told["status"] == (200.0, None)
    assert told["used"] == (17.0, None)
    assert told["free"] == (None, Status.UNKNOWN)
    assert sample.readings["free"].reason == "pool.free is '3', not a number"
    assert told["lost"] == (None, Status.NO_DATA)
    assert sample.readings["cert_days"].reason == "not an https address"
    latency = sample.readings["latency"]
    assert latency.value is not None
    assert 0 < latency.value < 0.5
    assert [part.split(" ")[0] for part in latency.note.split(" · ")] == ["tcp", "first", "body"]
    assert web.requests[0].headers["host"] == f"127.0.0.1:{web.port}"


async def test_every_check_makes_its_own_connection(web: Web) -> None:
    web.reply(OK)
    async with polling(replace(HEALTHY, url=web.url)) as poller:
        for _ in range(3):
            assert (await poller.poll()).fault is None
    assert web.connections == 3


async def test_a_name_is_looked_up_and_asked_for_by_name(web: Web) -> None:
    web.reply(OK)
    sample = await once(replace(HEALTHY, url=f"http://localhost:{web.port}/"))
    assert sample.readings["up"].value == 1.0
    assert sample.readings["up"].note.startswith("dns ")
    assert web.requests[0].headers["host"] == f"localhost:{web.port}"


async def test_one_two_three_and_back(web: Web) -> None:
    web.reply(OK)
    told = []
    async with polling(replace(HEALTHY, url=web.url)) as poller:
        await poller.poll()
        web.stop()
        for _ in range(3):
            sample = await poller.poll()
            assert sample.fault is not None
            assert (sample.fault.kind, sample.fault.text) == (FaultKind.REFUSED, "connection refused")
            assert "latency" not in sample.readings   # nothing answered: what was known before grows old
            told.append((sample.readings["up"].value, sample.readings["up"].caveat))
        web.start()
        for _ in range(2):
            sample = await poller.poll()
            told.append((sample.readings["up"].value, sample.readings["up"].caveat))
    assert told == [
        (1.0, "1 of 3 checks failed: connection refused"),
        (1.0, "2 of 3 checks failed: connection refused"),
        (0.0, "3 checks in a row failed: connection refused"),
        (0.0, "recovering, 1 of 2"),
        (1.0, ""),
    ]


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (
            Reply(503, b"down for lunch"),
            FaultKind.PROTOCOL,
            "answered 503 Service Unavailable, expected 200: down for lunch",
        ),
        (Reply(401), FaultKind.AUTH, "answered 401 Unauthorized, expected 200"),
        (json_reply({"status": "degraded"}), FaultKind.PROTOCOL, 'status is "degraded", expected "ok"'),
        (redirect("/other"), FaultKind.PROTOCOL, "answered 302 Found, expected 200: redirects to /other"),
        (Reply(padded_to=200 << 20), FaultKind.PROTOCOL, "body too large"),
        (gzip_bomb(), FaultKind.PROTOCOL, "body too large"),
        (Reply(delay_s=math.inf), FaultKind.TIMEOUT, "no answer within 0.6 s (waiting for the first byte)"),
        (Reply(header_bytes_per_s=20), FaultKind.TIMEOUT, "no answer within 0.6 s (waiting for the first byte)"),
        (Reply(body=b" " * 999, body_bytes_per_s=100), FaultKind.TIMEOUT, "no answer within 0.6 s (reading the body)"),
        (Reply(body=b" " * 999, cut_after=10), FaultKind.LOST, "the answer was cut short"),
        (Reply(reset=True), FaultKind.LOST, "connection reset"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_wrong_is_said(web: Web, reply: Reply, kind: FaultKind, text: str) -> None:
    web.reply(reply)
    deadline_s = 0.6 if kind is FaultKind.TIMEOUT else 5.0
    sample = await once(replace(HEALTHY, url=web.url, timeout_s=deadline_s))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (kind, text)
    assert sample.readings["up"].reason == f"1 of 3 checks failed: {text}"
    assert sample.latency_s < deadline_s + 0.5


async def test_what_was_answered_counts_although_it_is_not_what_was_expected(web: Web) -> None:
    web.reply(json_reply({"status": "bad", "pool": {"used": 99}}, 503))
    sample = await once(replace(HEALTHY, url=web.url))
    assert sample.readings["status"].value == 503.0
    assert sample.readings["used"].value == 99.0


async def test_a_long_page_is_well_where_only_the_status_counts(web: Web) -> None:
    web.reply(Reply(padded_to=3 << 20))
    sample = await once(replace(HEALTHY, url=web.url, json={}))
    assert sample.fault is None
    assert (sample.readings["up"].value, sample.readings["up"].caveat) == (1.0, "body too large: the rest was not read")


async def test_redirects_are_followed_only_where_wanted_and_only_at_home(web: Web) -> None:
    web.reply(redirect("/b"), at="/a")
    web.reply(OK, at="/b")
    web.reply(redirect("http://elsewhere.example/"), at="/out")
    web.reply(redirect("/round"), at="/round")
    following = replace(HEALTHY, follow_redirects=True)
    assert (await once(replace(following, url=f"{web.url}/a"))).readings["up"].value == 1.0
    for path, text in (
        ("out", "redirects to another host: http://elsewhere.example"),
        ("round", "more than 5 redirects"),
    ):
        sample = await once(replace(following, url=f"{web.url}/{path}"))
        assert sample.fault is not None
        assert sample.fault.text == text


async def test_names_that_lead_nowhere() -> None:
    sample = await once(replace(HEALTHY, url="http://no-such-host.invalid/", timeout_s=5.0))
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.DNS
    assert sample.fault.text.startswith("name look-up failed")


async def test_a_black_hole_is_a_timeout(web: Web, proxy: ProxyMaker) -> None:
    web.reply(OK)
    between = proxy(web.address)
    between.black_hole()
    sample = await once(replace(HEALTHY, url=f"http://127.0.0.1:{between.port}", timeout_s=0.4))
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.TIMEOUT


@pytest.mark.parametrize(
    ("which", "days", "words"),
    [
        ("good", 90.0, ""),
        ("expired", -2.0, "the certificate has expired"),
        ("wrong_host", 90.0, "the certificate is for another host"),
        ("untrusted", 90.0, "the certificate is signed by an unknown CA"),
        ("unverified", -2.0, ""),
    ],
)
async def test_certificates_and_the_days_left_of_them(
    open_web: Callable[..., Web], authority: Authority, which: str, days: float, words: str
) -> None:
    of = {"expired": authority.expired, "unverified": authority.expired, "wrong_host": authority.wrong_host}
    web = open_web(of.get(which, authority.good))
    web.reply(OK)
    ca_file = "" if which == "untrusted" else str(authority.ca_file)
    access = HttpAccess(ca_file=ca_file, verify=which != "unverified")
    sample = await once(replace(HEALTHY, url=web.url, access=access))
    left = sample.readings["cert_days"]
    assert left.value == pytest.approx(days, abs=0.1)
    assert left.caveat == words
    assert (sample.fault.text if sample.fault else "") == words
    assert ("the certificate has expired" in sample.findings) == (days < 0)
    if not words:
        assert "tls " in sample.readings["latency"].note


async def test_a_certificate_is_checked_against_the_name(open_web: Callable[..., Web], authority: Authority) -> None:
    web = open_web(authority.issue("named", hosts=("localhost",)))
    web.reply(OK)
    access = HttpAccess(ca_file=str(authority.ca_file))
    named = replace(HEALTHY, url=f"https://localhost:{web.port}", access=access)
    assert (await once(named)).fault is None
    assert (await once(replace(named, url=web.url))).readings["up"].reason.endswith("for another host")


def test_the_end_of_a_certificate_is_read_from_its_bytes(authority: Authority) -> None:
    far = authority.issue("far", days=40 * 365.25)
    for certificate in (authority.good, authority.expired, far):
        der = x509.load_pem_x509_certificate(certificate.cert_file.read_bytes()).public_bytes(Encoding.DER)
        assert not_after(der) == certificate.expires_at.timestamp()
        for cut in range(0, 120, 7):
            assert not_after(der[:cut]) is None
    assert not_after(b"\x30" * 50) is None


async def test_our_own_fault_is_not_held_against_the_server(web: Web) -> None:
    source = replace(
        HEALTHY, url=web.url.replace("http:", "https:"), access=HttpAccess(ca_file="/nowhere"), down_after=1
    )
    sample = await once(source)
    assert (sample.readings["up"].value, sample.readings["up"].flaw) == (None, Status.UNKNOWN)
    assert sample.fault is not None
    assert sample.fault.kind is FaultKind.CONFIG


async def test_a_cancelled_check_does_not_count(web: Web) -> None:
    web.reply(OK)
    async with polling(replace(HEALTHY, url=web.url, timeout_s=30.0, down_after=1)) as poller:
        await poller.poll()
        web.reply(Reply(delay_s=math.inf))
        for _ in range(2):
            poll = asyncio.create_task(poller.poll())
            await asyncio.sleep(0.1)
            poll.cancel()
            await asyncio.gather(poll, return_exceptions=True)
        web.reply(OK)
        assert (await poller.poll()).readings["up"].caveat == ""


async def test_a_check_that_slept_does_not_count(web: Web) -> None:
    clock = iter([0.0, 0.0, 0.0, 0.0, 7200.0])
    async with polling(replace(HEALTHY, url=web.url, down_after=1), lambda: next(clock)) as poller:
        web.reply(OK)
        assert (await poller.poll()).readings["up"].value == 1.0
        web.stop()
        assert (await poller.poll()).readings["up"].reason == "the check was interrupted"
