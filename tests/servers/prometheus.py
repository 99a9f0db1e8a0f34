"""A real Prometheus with two hours of known history, which scrapes a target that the test controls."""

import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ontui.demo.process import free_port, spawn, wait_ready
from tests.servers import history, packages
from tests.servers.remote_write import message
from tests.servers.server import Server

_CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s}}
storage: {{tsdb: {{out_of_order_time_window: 2h}}}}
scrape_configs:
  - job_name: live
    static_configs: [{{targets: ["{target}"]}}]
"""


@dataclass(slots=True)
class Prometheus(Server):
    """A running server, shared by the tests of a session; `rest` undoes what a test did to it as a whole."""

    history_end: int
    """Unix second of the last back-filled sample; see `tests.servers.history` for what the series are."""

    def begin(self) -> None:
        """Start the process, without waiting; the first scrape comes about five seconds later."""
        if self.child is not None:
            return
        argv: list[str | Path] = [
            self.binaries.folder / "prometheus",
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--web.enable-remote-write-receiver",
            "--log.level=warn",
        ]
        self.child = spawn(argv, cwd=self.folder, log=self.folder / "prometheus.log")

    def start(self) -> None:
        """Start on the same port and data and wait until it answers; harmless when it runs."""
        self.begin()
        assert self.child is not None
        wait_ready(self._answers, self.child, 20.0)

    def rest(self) -> None:
        """Make it run again, whatever a test did to it."""
        self.thaw()
        self.start()

    def query(self, expression: str, at: float | None = None) -> dict[str, float]:
        """Evaluate ``expression`` and return {labels as Prometheus would print them: value}."""
        moment = {} if at is None else {"time": f"{at:.3f}"}
        answer = httpx.post(f"{self.url}/api/v1/query", data={"query": expression} | moment, timeout=5)
        answer.raise_for_status()
        result = answer.json()["data"]["result"]
        return {_labels(series["metric"]): float(series["value"][1]) for series in result}

    def value(self, expression: str, at: float | None = None) -> float | None:
        """Return the one value of ``expression``, None when there is none."""
        values = list(self.query(expression, at).values())
        assert len(values) <= 1, f"{expression} has {len(values)} series"
        return values[0] if values else None

    def push(self, labels: Mapping[str, str], samples: Iterable[tuple[float, float]]) -> None:
        """Write (unix seconds, value) samples at once, no scrape needed; ``labels`` include `__name__`.

        Samples may be up to two hours old, and new ones must not lie in the future of a later scrape.
        """
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
        body = message([(labels, samples)])
        httpx.post(f"{self.url}/api/v1/write", content=body, headers=headers, timeout=5).raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=1).status_code == 200
        except httpx.TransportError:
            return False


    def renew(self, within_s: float) -> None:
        """Begin anew where the history ends longer ago: it must reach up to now in a long session too."""
        if time.time() - self.history_end > within_s:
            self.stop()
            shutil.rmtree(self.folder / "data")
            self.history_end = _back_fill(self.binaries, self.folder)


def prepare(folder: Path, target: str) -> Prometheus:
    """Back-fill a data folder and begin to run on it, scraping ``target`` (host:port)."""
    binaries = packages.find(packages.PROMETHEUS)
    folder.mkdir(parents=True)
    (folder / "prometheus.yml").write_text(_CONFIG.format(target=target))
    made = Prometheus(binaries, folder, free_port(), _back_fill(binaries, folder))
    made.begin()
    return made


def _back_fill(binaries: packages.Binaries, folder: Path) -> int:
    """Write the history up to now; returns when it ends."""
    end = int(time.time()) // history.STEP_S * history.STEP_S
    (folder / "history.om").write_text(history.openmetrics(end))
    fill = ["tsdb", "create-blocks-from", "openmetrics", "history.om", "data"]
    subprocess.run([binaries.folder / "promtool", *fill], cwd=folder, check=True, capture_output=True, timeout=60)
    return end


def _labels(metric: dict[str, Any]) -> str:
    inner = ", ".join(f'{name}="{value}"' for name, value in sorted(metric.items()) if name != "__name__")
    return f"{metric.get('__name__', '')}{{{inner}}}"
