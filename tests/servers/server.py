"""What the servers that speak HTTP have in common: an address, and ways to be stopped."""

from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ontui.demo.process import Child
from tests.eventually import eventually
from tests.servers import packages


@dataclass(slots=True)
class Server:
    """One that can be started, frozen and stopped on the same port and data."""

    binaries: packages.Binaries
    folder: Path
    port: int
    child: Child | None = field(default=None, kw_only=True)

    @property
    def url(self) -> str:
        """Without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, as a proxy wants them."""
        return ("127.0.0.1", self.port)

    def stop(self) -> None:
        """End the process, frozen or not; its port then refuses connections."""
        if self.child is not None:
            self.thaw()
            self.child.stop()
            self.child = None

    def freeze(self) -> None:
        """Stop it as a hanging machine would: connections are accepted, nothing is answered."""
        assert self.child is not None
        process = psutil.Process(self.child.pid)
        process.suspend()
        eventually(lambda: all(_is_stopped(process.pid, thread.id) for thread in process.threads()))

    def thaw(self) -> None:
        """Let a frozen server go on; harmless when it is not frozen."""
        if self.child is not None and self.child.alive:
            psutil.Process(self.child.pid).resume()


def _is_stopped(pid: int, thread: int) -> bool:
    """Whether the kernel has come to it yet."""
    return Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(") ")[2].startswith("T")
