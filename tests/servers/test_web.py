"""The HTTP server answers as it is told."""

import math
import ssl
import time

import httpx
import pytest

from tests.servers.certificates import Authority, Certificate
from tests.servers.fixtures import WebMaker
from tests.servers.web import Reply, Request, Web, gzip_bomb, json_reply, redirect


def test_paths_requests_and_keep_alive(web: Web) -> None:
    web.reply(json_reply({"status": "ok"}), at="/health")
    web.reply(lambda request: Reply(201, request.body), at="/echo")
    with httpx.Client(base_url=web.url) as client:
        assert client.get("/health?x=1").json() == {"status": "ok"}
        assert client.post("/echo", content=b"abc").content == b"abc"
        assert client.get("/other").status_code == 404
    seen = [(request.method, request.path, request.query) for request in web.requests]
    assert seen == [("GET", "/health", "x=1"), ("POST", "/echo", ""), ("GET", "/other", "")]
    assert web.connections == 1


def test_delay_and_never(web: Web) -> None:
    web.reply(Reply(delay_s=0.2))
    begun = time.monotonic()
    assert httpx.get(web.url).status_code == 200
    assert time.monotonic() - begun >= 0.2
    web.reply(Reply(delay_s=math.inf))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(web.url, timeout=0.2)


@pytest.mark.parametrize(
    "drip", [Reply(body=b"x" * 10, body_bytes_per_s=20), Reply(header_bytes_per_s=160)], ids=["body", "header"]
)
def test_drips_outlast_a_read_timeout(web: Web, drip: Reply) -> None:
    web.reply(drip)
    begun = time.monotonic()
    assert httpx.get(web.url, timeout=0.2).status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_huge_body(web: Web) -> None:
    web.reply(Reply(body=b"[", padded_to=20_000_000))
    with httpx.stream("GET", web.url) as answer:
        assert answer.headers["content-length"] == "20000000"
        assert sum(len(piece) for piece in answer.iter_bytes()) == 20_000_000


def test_huge_body_that_nobody_reads_ends(web: Web) -> None:
    web.reply(Reply(padded_to=10**12))
    with httpx.stream("GET", web.url) as answer:
        assert next(answer.iter_bytes())
    web.reply(Reply(204))
    assert httpx.get(web.url).status_code == 204


def test_gzip_bomb(web: Web) -> None:
    bomb = gzip_bomb(8 << 20)
    assert len(bomb.body) < 10_000
    web.reply(bomb)
    assert len(httpx.get(web.url).content) == 8 << 20


def test_redirects(web: Web) -> None:
    web.reply(redirect("/there"), at="/here")
    web.reply(Reply(body=b"found"), at="/there")
    assert httpx.get(f"{web.url}/here").headers["location"] == "/there"
    assert httpx.get(f"{web.url}/here", follow_redirects=True).text == "found"


def test_cut_and_reset(web: Web) -> None:
    web.reply(Reply(body=b"x" * 100, cut_after=50))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(web.url)
    web.reply(Reply(reset=True))
    with pytest.raises(httpx.ReadError):
        httpx.get(web.url)


def test_stop_and_start_on_the_same_port(web: Web) -> None:
    before = web.url
    web.reply(Reply())
    web.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(before)
    web.start()
    assert httpx.get(before).status_code == 200


def test_certificates(open_web: WebMaker, authority: Authority) -> None:
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))

    def visit(certificate: Certificate, context: ssl.SSLContext | bool = trusting) -> int:
        web = open_web(certificate)
        web.reply(Reply())
        return httpx.get(web.url, verify=context).status_code

    assert visit(authority.good) == 200
    assert visit(authority.issue("soon", days=3)) == 200
    with pytest.raises(httpx.ConnectError, match="expired"):
        visit(authority.expired)
    with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
        visit(authority.wrong_host)
    with pytest.raises(httpx.ConnectError, match="unable to get local issuer"):
        visit(authority.good, ssl.create_default_context())


def test_head_has_no_body(web: Web) -> None:
    web.reply(Reply(body=b"abc"))
    with httpx.Client(base_url=web.url) as client:
        assert client.head("/").headers["content-length"] == "3"
        assert client.get("/").content == b"abc"


def test_answer_may_depend_on_the_request(web: Web) -> None:
    def guarded(request: Request) -> Reply:
        return Reply(200 if request.headers.get("authorization") == "Bearer word" else 401)

    web.reply(guarded)
    assert httpx.get(web.url).status_code == 401
    assert httpx.get(web.url, headers={"Authorization": "Bearer word"}).status_code == 200
