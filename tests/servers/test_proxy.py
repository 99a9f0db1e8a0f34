"""Each fault of the proxy is seen by a client as that fault, also on connections that already live."""

import socket
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.eventually import eventually
from tests.servers.postgres import Postgres
from tests.servers.proxy import FaultProxy, ProxyMaker
from tests.servers.web import Reply, Web


@pytest.fixture
def between(web: Web, proxy: ProxyMaker) -> FaultProxy:
    """A proxy before a server that answers 1000 bytes."""
    web.reply(Reply(body=b"x" * 1000))
    return proxy(web.address)


@pytest.fixture
def client(between: FaultProxy) -> Iterator[httpx.Client]:
    """A client with one connection that already lives."""
    with httpx.Client(base_url=f"http://127.0.0.1:{between.port}", timeout=0.5) as client:
        assert len(client.get("/").content) == 1000
        assert (between.accepted, between.live) == (1, 1)
        yield client


def test_delay(between: FaultProxy, client: httpx.Client) -> None:
    between.delay(0.2)
    begun = time.monotonic()
    client.get("/")
    assert 0.2 <= time.monotonic() - begun < 0.5


def test_throttle_outlasts_a_read_timeout(between: FaultProxy, client: httpx.Client) -> None:
    """A trickle: every read is quick, the whole is slow."""
    between.throttle(1000)
    begun = time.monotonic()
    client.get("/")
    assert time.monotonic() - begun > 1.0


def test_black_hole_holds_and_heals(between: FaultProxy, client: httpx.Client) -> None:
    between.black_hole()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/")
    with socket.create_connection(between.address, timeout=0.3) as late:
        late.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(TimeoutError):
            late.recv(1)
        between.heal()
        late.settimeout(5)
        assert late.recv(12) == b"HTTP/1.1 200"


def test_black_hole_hides_that_the_server_is_gone(web: Web, between: FaultProxy, client: httpx.Client) -> None:
    between.black_hole()
    web.stop()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/")


def test_cut(between: FaultProxy, client: httpx.Client) -> None:
    between.cut_after(500)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/")
    between.heal()
    assert client.get("/").status_code == 200


def test_reset_of_live_and_new_connections(between: FaultProxy, client: httpx.Client) -> None:
    with socket.create_connection(between.address, timeout=2) as live:
        eventually(lambda: between.live == 2)
        between.reset()
        with pytest.raises(ConnectionResetError):
            live.recv(1)
    with pytest.raises(httpx.NetworkError):
        httpx.get(f"http://127.0.0.1:{between.port}", timeout=1)
    between.heal()
    eventually(lambda: client.get("/").status_code == 200)   # the old connection may only now be seen to be gone


def test_refuse_spares_live_connections(between: FaultProxy, client: httpx.Client) -> None:
    between.refuse()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{between.port}", timeout=1)
    assert client.get("/").status_code == 200
    between.heal()
    assert httpx.get(f"http://127.0.0.1:{between.port}", timeout=1).status_code == 200


def test_postgres_through_the_proxy(postgres: Postgres, proxy: ProxyMaker) -> None:
    between = proxy(postgres.address)
    with psycopg.connect(postgres.dsn("monitor", via=between), autocommit=True) as session:
        assert session.execute("select current_user").fetchone() == ("monitor",)
        between.reset()
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")


async def test_async_clients_are_served_while_the_loop_waits(between: FaultProxy) -> None:
    """The proxy lives in its own thread, so an async test may steer it with plain calls."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{between.port}", timeout=0.3) as client:
        assert (await client.get("/")).status_code == 200
        between.black_hole()
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/")
