import asyncio
import socket
import threading

import pytest

from ontui.engine.lookups import Lookups


class Slow:
    """A resolver that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def __call__(self, host: str, *args: object) -> list[object]:
        self.asked.append(host)
        assert self.go_on.wait(10)
        if host == "nowhere.example":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(host, args)]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """In the place of the system's."""
    slow = Slow()
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    return slow


async def test_a_name_takes_one_thread_however_often_it_is_asked_for(resolver: Slow) -> None:
    loop, lookups = asyncio.get_running_loop(), Lookups()
    loop.set_default_executor(lookups)
    asking = [asyncio.ensure_future(loop.getaddrinfo("slow.example", 80)) for _ in range(100)]
    other = asyncio.ensure_future(loop.getaddrinfo("other.example", 80))
    await asyncio.sleep(0)
    asking[0].cancel()  # who gives up takes nobody along
    unknown = asyncio.ensure_future(loop.getaddrinfo("nowhere.example", 80))
    await asyncio.sleep(0)
    resolver.go_on.set()
    found = await asyncio.gather(*asking[1:])
    assert all(each == found[0] for each in found)
    assert str((await other)[0][0]) == "other.example"
    with pytest.raises(socket.gaierror, match="unknown"):
        await unknown
    assert sorted(resolver.asked) == ["nowhere.example", "other.example", "slow.example"]
    assert await loop.getaddrinfo("slow.example", 80) == found[0]
    assert len(resolver.asked) == 4  # what is over is asked anew
