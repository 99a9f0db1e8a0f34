"""What libraries say of an answer that is none, in words for people; over real connections."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.source import HttpAccess
from ontui.sources.web import Unanswered
from ontui.sources.web_read import Reader
from tests.servers.proxy import reset_connection

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@contextlib.asynccontextmanager
async def answering(answer: bytes, *, reset: bool = False) -> AsyncIterator[str]:
    """The address of a server that says this to everybody, and then goes or breaks off."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if reset:
                await asyncio.sleep(0.2)   # a reset would overtake what was just sent
                reset_connection(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def fault_of(answer: bytes, *, reset: bool = False, cap: int = 1 << 20) -> Fault:
    async with answering(answer, reset=reset) as url:
        reader = Reader(url, HttpAccess(), time.time, accept="*/*", cap=cap)
        try:
            with pytest.raises(Unanswered) as caught:
                await reader.read(10)
        finally:
            await reader.close()
    return caught.value.fault


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"\0\1\2\3" * 20 + b"\r\n\r\n", "answered bytes that are no text"),
        (b"\xff\xfe" * 20 + b"\r\n\r\n", "answered bytes that are no text"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "answered 'SSH-2.0-OpenSSH_9.2'"),
        (b"220 it's mail.example.com \"ESMTP\"\r\n\r\n", "answered '220 it\\'s mail.example.com \"ESMTP\"'"),
        (b"\x1b]52;c;aGk=\x07 hi\r\n\r\n", "answered bytes that are no text"),
        (HEAD + b"no header at all\r\n\r\n", "answered 'no header at all'"),
        (HEAD + b"X: " + b"x" * 200_000, "the head of the answer has no end"),
    ],
)
async def test_what_is_no_http_is_shown_where_it_is_text(answer: bytes, words: str) -> None:
    assert await fault_of(answer) == Fault(FaultKind.PROTOCOL, f"does not speak HTTP: {words}")


async def test_a_connection_that_breaks_in_the_middle_of_an_answer() -> None:
    endless = HEAD + b"\r\n" + b" " * 3000
    assert await fault_of(endless, reset=True) == Fault(
        FaultKind.LOST, "connection reset after 3000 bytes of the answer"
    )


@pytest.mark.parametrize("reset", [True, False])
async def test_an_answer_that_is_announced_as_too_large_is_that_however_it_ends(reset: bool) -> None:
    announced = HEAD + b"Content-Length: 99999999999\r\n\r\n" + b" " * 3000
    assert await fault_of(announced, reset=reset) == Fault(FaultKind.PROTOCOL, "body too large: over 1 MiB")
