"""A real VictoriaMetrics, which scrapes a target that the test controls and holds back what is newer than 30 s."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from ontui.demo.process import Child, free_port, spawn, wait_ready
from tests.servers import packages

_CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 900ms}}
scrape_configs:
  - job_name: live
    static_configs: [{{targets: ["{target}"]}}]
"""


@dataclass(slots=True)
class Victoria:
    """A running server of one test's own."""

    port: int
    child: Child

    @property
    def url(self) -> str:
        """Without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def value(self, expression: str, *, cached: bool = False) -> float | None:
        """Return the one value of ``expression``, None when there is none; as it answers unasked, with ``cached``."""
        form = {"query": expression} | ({} if cached else {"nocache": "1"})
        answer = httpx.post(f"{self.url}/api/v1/query", data=form, timeout=5)
        answer.raise_for_status()
        result = answer.json()["data"]["result"]
        assert len(result) <= 1, f"{expression} has {len(result)} series"
        return float(result[0]["value"][1]) if result else None

    def stop(self) -> None:
        """End the process."""
        self.child.stop()


def start(folder: Path, target: str) -> Victoria:
    """Start one that scrapes ``target`` (host:port) every second, and wait until it answers."""
    binaries = packages.find(packages.VICTORIA)
    folder.mkdir(parents=True)
    (folder / "scrape.yml").write_text(_CONFIG.format(target=target))
    port = free_port()
    argv: list[str | Path] = [
        binaries.folder / "victoria-metrics",
        f"-storageDataPath={folder}/data",
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-promscrape.config={folder}/scrape.yml",
        "-memory.allowedPercent=5",
        "-loggerLevel=WARN",
    ]
    child = spawn(argv, cwd=folder, log=folder / "victoria.log")
    made = Victoria(port, child)
    wait_ready(lambda: _answers(made), child, 20.0)
    return made


def _answers(server: Victoria) -> bool:
    try:
        return httpx.get(f"{server.url}/health", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
