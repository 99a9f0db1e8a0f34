"""What a poll says, and how soon, when a Redis or the way to it is not well."""

import asyncio
import random
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ontui.domain.sample import FaultKind, Sample
from ontui.domain.status import Status
from tests.eventually import eventually_async
from tests.servers.certificates import Authority
from tests.servers.proxy import ProxyMaker
from tests.servers.redis_server import Redis, RedisMaker
from tests.sources.leaving import leaves_promptly
from tests.sources.redis_poll import polled, poller

DEADLINE_S = 1.0
PASSWORD = "sec%ret:w/rd"
QUOTED = "sec%25ret%3Aw%2Frd"


def told(sample: Sample) -> tuple[FaultKind, str]:
    """The fault of a poll that failed."""
    assert sample.fault is not None
    return sample.fault.kind, sample.fault.text


def up(sample: Sample) -> float | None:
    """What is known of `up`, None without a reading."""
    return sample.readings["up"].value if "up" in sample.readings else None


@pytest.mark.parametrize("how", ["frozen", "hole"])
async def test_silence_costs_one_deadline_and_ends(redis_server: Redis, proxy: ProxyMaker, how: str) -> None:
    way = proxy(redis_server.address)
    async with poller(redis_server.url(via=way), "up", timeout_s=DEADLINE_S) as made:
        assert up(await made.poll()) == 1
        if how == "frozen":
            redis_server.freeze()
        else:
            way.black_hole()
        for _ in range(2):
            began = time.monotonic()
            sample = await made.poll()
            assert time.monotonic() - began < DEADLINE_S + 0.5
            assert told(sample)[0] is FaultKind.TIMEOUT
            assert told(sample)[1] in ("no answer within 1 s", "no connection within 1 s")
            assert up(sample) == 0
        redis_server.thaw()
        way.heal()
        assert up(await made.poll()) == 1


def open_files() -> int:
    """Of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_no_connection_is_left_behind(open_redis: RedisMaker) -> None:
    locked, frozen = open_redis("--requirepass", PASSWORD), open_redis()
    frozen.freeze()
    urls = [locked.url(), locked.url(":wrong-word"), frozen.url(), frozen.url(":word"), "redis://127.0.0.1:1"]
    for _ in range(4):
        before = open_files()
        await asyncio.gather(*(polled(url, timeout_s=0.2) for url in urls))
    await eventually_async(lambda: open_files() <= before)


async def test_closing_and_cancelling_are_prompt_in_a_black_hole(redis_server: Redis, proxy: ProxyMaker) -> None:
    way = proxy(redis_server.address)
    await leaves_promptly(way, lambda: poller(redis_server.url(via=way), timeout_s=30))


@pytest.mark.parametrize("fault", ["reset", "cut"])
async def test_a_broken_connection_is_replaced_within_the_poll(
    redis_server: Redis, proxy: ProxyMaker, fault: str
) -> None:
    way = proxy(redis_server.address)
    async with poller(redis_server.url(via=way), "up") as made:
        await made.poll()
        if fault == "reset":
            way.reset()
            way.heal()
        else:
            redis_server.cli("client", "kill", "type", "normal")
        sample = await made.poll()
    assert (up(sample), sample.fault) == (1, None)


async def test_an_answer_that_is_cut_is_no_answer(redis_server: Redis, proxy: ProxyMaker) -> None:
    way = proxy(redis_server.address)
    async with poller(redis_server.url(via=way), "clients", timeout_s=DEADLINE_S) as made:
        way.cut_after(500)   # in the middle of INFO
        sample = await made.poll()
        assert told(sample) == (FaultKind.LOST, "the server closed the connection")
        assert sample.readings == {}


async def test_a_full_server_is_still_counted_by_who_is_in(open_redis: RedisMaker) -> None:
    redis = open_redis("--maxclients", "2")
    async with poller(redis.url(), "up", "clients_used_ratio") as inside, poller(redis.url(), "up") as other:
        await inside.poll()
        await other.poll()
        sample = await inside.poll()
        assert sample.findings == ("TOO MANY CLIENTS: 2 of 2 connections, new ones are refused",)
        assert (up(sample), sample.readings["clients_used_ratio"].value) == (1, 1)
        text = "TOO MANY CLIENTS: the server refuses new connections (max number of clients reached)"
        for _ in range(20):
            late = await polled(redis.url(), "up")
            assert (told(late), up(late)) == ((FaultKind.SATURATED, text), 0)


@pytest.mark.parametrize(
    ("login", "word"),
    [("", "NOAUTH"), (":wrong-word", "WRONGPASS"), ("nobody:wrong-word", "WRONGPASS"), (f":{QUOTED}", "")],
)
async def test_passwords(open_redis: RedisMaker, login: str, word: str) -> None:
    redis = open_redis("--requirepass", PASSWORD)
    sample = await polled(redis.url(login), "up")
    assert "wrong-word" not in repr(sample)
    if word:
        assert told(sample)[0] is FaultKind.AUTH
        assert told(sample)[1].startswith(f"{word} ")
        assert up(sample) is None   # it answers: it is not down
    else:
        assert (sample.fault, up(sample)) == (None, 1)


async def test_a_password_that_nobody_asked_for_is_refused_in_words(redis_server: Redis) -> None:
    kind, text = told(await polled(redis_server.url(":some-word"), "up"))
    assert kind is FaultKind.AUTH
    assert text.startswith("ERR AUTH <password> called without any password configured")


@pytest.mark.parametrize(
    ("rights", "lacking"), [(("+ping", "+info"), ""), (("+info",), "+ping"), (("+ping",), "+info"), ((), "+ping +info")]
)
async def test_what_an_acl_forbids_is_asked_for_and_the_rest_is_told(
    redis_server: Redis, rights: Sequence[str], lacking: str
) -> None:
    redis_server.cli("acl", "setuser", "monitor", "on", ">monitor-word", *rights)
    sample = await polled(redis_server.url("monitor:monitor-word"), "up", "latency", "clients")
    assert sample.findings == ((f"no permission: ACL SETUSER monitor {lacking}",) if lacking else ())
    assert up(sample) == 1
    for name, right in (("latency", "+ping"), ("clients", "+info")):
        reading = sample.readings[name]
        if right in rights:
            assert reading.value is not None
        else:
            assert (reading.value, reading.flaw) == (None, Status.UNKNOWN)
            assert reading.reason == f"no permission: ACL SETUSER monitor {right}"


async def test_a_server_that_reads_its_data_is_starting(redis_server: Redis) -> None:
    redis_server.cli("debug", "populate", "40000", "key", "100")
    redis_server.cli("save")
    redis_server.stop()
    redis_server.begin("--key-load-delay", "150", "--loading-process-events-interval-bytes", "1024")
    async with poller(redis_server.url(), "up", "keys", timeout_s=3) as made:
        sample = await made.poll()

        async def heard() -> bool:
            nonlocal sample
            sample = await made.poll()
            return told(sample)[0] not in (FaultKind.REFUSED, FaultKind.LOST)

        await eventually_async(heard)
        kind, text = told(sample)
        assert kind is FaultKind.STARTING
        assert text.startswith("LOADING: ")
        assert "% of the data is in memory" in text
        assert up(sample) == 0

        async def ready() -> bool:
            return (await made.poll()).readings["keys"].value == 40000

        await eventually_async(ready, within_s=60)


@pytest.mark.parametrize("points", ["", "3600 1"], ids=["by hand", "save points"])
async def test_failed_snapshots_and_full_memory_are_findings(open_redis: RedisMaker, points: str) -> None:
    redis = open_redis("--save", points)
    shutil.rmtree(redis.folder)   # where the snapshot would go
    redis.cli("set", "a", "1")
    redis.cli("bgsave")
    await eventually_async(lambda: redis.info()["rdb_last_bgsave_status"] == "err")
    refusing = "MISCONF: writes are refused, because saving to disk has failed"
    assert ("MISCONF" in redis.cli("set", "a", "2")) == bool(points)
    redis.cli("config", "set", "maxmemory", "100kb")
    sample = await polled(redis.url(), "up", "latency", "keys")
    assert sample.findings == (
        *([refusing] if points else []),
        "OUT OF MEMORY: maxmemory is reached and nothing may be evicted: writes are refused",
        "the last snapshot failed (rdb_last_bgsave_status:err)",
    )
    assert (up(sample), sample.readings["up"].caveat) == (1, refusing if points else "")
    assert sample.readings["keys"].value == 1


async def test_a_script_that_does_not_end_is_named(open_redis: RedisMaker) -> None:
    redis = open_redis("--busy-reply-threshold", "100")
    async with poller(redis.url(), "up", timeout_s=3) as made:
        await made.poll()
        endless = asyncio.create_task(asyncio.to_thread(redis.cli, "eval", "while true do end", "0"))

        async def busy() -> Sample | None:
            sample = await made.poll()
            return sample if sample.fault else None

        sample = await eventually_async(busy)
        assert sample is not None
        assert told(sample)[0] is FaultKind.SATURATED
        assert told(sample)[1].startswith("BUSY Redis is busy running a script")
        assert up(sample) == 0
        redis.cli("script", "kill")
        await endless
        assert up(await made.poll()) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n<html>", FaultKind.PROTOCOL, "answered 'HTTP/1.1 400 Bad Request'"),
        (b"220 mail.example.com ESMTP\r\n", FaultKind.PROTOCOL, "answered '220 mail.example.com ESMTP'"),
        (b"*1\r\n" * 5000, FaultKind.PROTOCOL, "an answer of a kind that was not asked for"),
        (b":12\r\n", FaultKind.PROTOCOL, "answered without a text"),
        (b"$999999999999\r\nx", FaultKind.PROTOCOL, "an answer of 999999999999 bytes"),
        (b"$-7\r\n", FaultKind.PROTOCOL, "an answer of -7 bytes"),
        (b"$many\r\n", FaultKind.PROTOCOL, "a length or count that is no number: 'many'"),
        (b"x" * 200_000, FaultKind.PROTOCOL, "does not speak Redis"),
        (b"+OK\r\n+NOPE\r\n", FaultKind.PROTOCOL, "PING was answered 'NOPE'"),
        (b"+OK\r\n+PONG\r\n$-1\r\n", FaultKind.PROTOCOL, "answered without a text"),
        (b"-DENIED Redis is running in protected mode\r\n" * 2, FaultKind.AUTH, "DENIED Redis is running in protected"),
        (b"-ERR max number of clients reached\r\n", FaultKind.SATURATED, "TOO MANY CLIENTS"),
        (b"+OK\r\n-WOOT \x1b]52;c;aGk=\x07\r\n", FaultKind.PROTOCOL, "the server refused: WOOT"),
        (b"", FaultKind.LOST, "the server closed the connection"),
    ],
)
async def test_somebody_else_answers(answer: bytes, kind: FaultKind, text: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        if not answer.startswith((b"+", b"*", b"$")):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sample = await polled(f"redis://127.0.0.1:{port}", "up", "clients", timeout_s=DEADLINE_S)
    server.close()
    assert told(sample)[0] is kind, sample.fault
    assert text in told(sample)[1]
    assert told(sample)[1].isprintable()


async def test_no_bytes_are_a_bug() -> None:
    """Pieces of the protocol in any order: every poll ends with a sample in words."""
    chance = random.Random(34)
    lines = [
        b"+OK", b"+PONG", b"$5\r\nrole:", b"$0\r\n", b"$-1", b"$3", b"*3", b":1", b"-LOADING", b"-NOPERM x", b"-", b"+",
        b"", b"\xff\xfe\x00", b"%1", b"_", b"$1_0", b"-MASTERDOWN", b"$9\r\nloading:1", b"$16\r\n# Keyspace\r\ndb0:",
        b"-MOVED 1",
    ]  # fmt: skip
    answer = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        writer.write_eof()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    seen = set()
    for _ in range(400):
        begin = chance.choice([b"", b"+OK\r\n", b"+OK\r\n+PONG\r\n"])
        answer = begin + b"".join(line + b"\r\n" for line in chance.choices(lines, k=chance.randrange(8)))
        sample = await polled(url, timeout_s=DEADLINE_S)
        assert sample.fault is None or (sample.fault.text.isprintable() and sample.fault.text), answer
        for reading in sample.readings.values():
            assert (reading.value is None) == (reading.flaw is not None), (answer, reading)
        seen.add(sample.fault.kind if sample.fault else None)
    server.close()
    assert seen >= {None, FaultKind.PROTOCOL, FaultKind.LOST, FaultKind.STARTING}


async def test_tls(open_redis: RedisMaker, authority: Authority) -> None:
    good = authority.good
    files = ("--tls-cert-file", str(good.cert_file), "--tls-key-file", str(good.key_file), "--tls-auth-clients", "no")
    redis = open_redis(*files, tls=True)
    url = redis.url()
    assert told(await polled(url, "up")) == (FaultKind.TLS, "the certificate is signed by an unknown CA")
    assert up(await polled(f"{url}?ssl_ca_certs={authority.ca_file}", "up")) == 1
    missing = await polled(f"{url}?ssl_ca_certs=/nowhere/ca.pem", "up")
    assert told(missing) == (FaultKind.CONFIG, "a file that the url names cannot be read")
    plain = await polled(url.replace("rediss", "redis"), "up", timeout_s=DEADLINE_S)
    assert told(plain)[0] in (FaultKind.LOST, FaultKind.PROTOCOL)
    async with poller(f"{url}?ssl_ca_certs={authority.ca_file}", "up", timeout_s=DEADLINE_S) as made:
        await made.poll()
        redis.freeze()
        began = time.monotonic()
        assert told(await made.poll()) == (FaultKind.TIMEOUT, "no answer within 1 s")
        await made.close()
        assert time.monotonic() - began < DEADLINE_S + 0.6


@pytest.mark.parametrize(
    ("url", "kind", "text"),
    [
        ("redis://localhost:1", FaultKind.REFUSED, "connection refused"),
        ("redis://no.such.host.invalid", FaultKind.DNS, "name look-up failed"),
        (f"redis://{'x' * 70}.org", FaultKind.CONFIG, "the host name is not a valid one"),
        ("unix:///tmp/no-such.sock", FaultKind.REFUSED, "no server at this socket"),
        ("redis://h?ssl_ca_certs=/ca.pem", FaultKind.CONFIG, "the options of the url do not fit it"),
        ("rediss://h?ssl_cert_reqs=perhaps", FaultKind.CONFIG, "the options of the url do not fit it"),
        ("redis://h?db=first", FaultKind.CONFIG, "Invalid value for 'db'"),
    ],
)
async def test_addresses_that_lead_nowhere(url: str, kind: FaultKind, text: str) -> None:
    sample = await polled(url, "up")
    assert told(sample)[0] is kind, sample.fault
    assert told(sample)[1].startswith(text)
