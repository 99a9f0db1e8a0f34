"""A Prometheus that answers every query with a number of the bench's choosing."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SLIS = 20


class Numbers:
    """Where the answers come from."""

    def __init__(self) -> None:
        self.moving = True
        """Another value at every question."""
        self.fixed = 10.0
        self._asked = 0

    def value(self) -> float:
        """The next answer."""
        self._asked += 1
        return 100 + self._asked * 37 % 800 if self.moving else self.fixed


@contextmanager
def served(numbers: Numbers) -> Iterator[str]:
    """Its address, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            now = time.time()
            if self.path.startswith("/api/v1/query_range"):
                data: object = {"resultType": "matrix", "result": []}
            elif self.path.startswith("/api/v1/query"):
                data = {"resultType": "vector", "result": [{"metric": {}, "value": [now, str(numbers.value())]}]}
            else:
                data = {}
            body = json.dumps({"status": "success", "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def config(folder: Path, url: str, every: str) -> Path:
    """A config of 20 SLIs on it."""
    slis = "\n".join(
        f"  n{i}: {{title: number {i}, group: G{i // 5}, source: m, query: 'vector({i})', unit: count}}"
        for i in range(SLIS)
    )
    path = folder / f"numbers-{every}.yaml"
    path.write_text(
        "version: 1\nsystem: {id: bench, environment: test, production: false}\n"
        f"defaults: {{every: {every}, timeout: 800ms}}\n"
        f"sources: {{m: {{type: prometheus, url: '{url}'}}}}\nslis:\n{slis}\n"
    )
    path.chmod(0o600)
    return path
