"""Row 16: bodies that would fill the memory, as they are (200 MB) and packed (a bomb that unpacks to 1 GB)."""

import time
import zlib

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.watch import peak_mb, status
from tests.pty.terminal import Terminal, ontui
from tests.servers.web import Reply, Web

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  api: {{type: http, url: "{url}/health", every: 3s, timeout: 2900ms, expect: {{json: {{status: ok}}}}, down_after: 1}}
  metrics: {{type: prometheus, url: "{url}", every: 3s, timeout: 2900ms}}
slis:
  health: {{title: health, source: api, metric: up}}
  load: {{title: load, source: metrics, query: load}}
"""
MOST_MB = 150.0
JSON = {"Content-Type": "application/json"}


def huge() -> Reply:
    """200 MB of a JSON that never comes to its end."""
    return Reply(200, b'{"status": "success", "data": [', JSON, padded_to=200_000_000)


def bomb() -> Reply:
    """1 MB that unpacks to 1 GB, packed piece by piece."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    piece = b" " * (1 << 20)
    packed = b"".join([*(packer.compress(piece) for _ in range(1000)), packer.flush()])
    return Reply(200, packed, JSON | {"Content-Encoding": "gzip"})


@pytest.mark.parametrize("flood", [huge(), bomb()], ids=["200 MB", "gzip bomb"])
def test_16_a_flood_is_refused_and_not_held(place: ConfigFolder, web: Web, flood: Reply) -> None:
    place.write(CONFIG.format(url=web.url))
    web.reply(flood)
    told = status(place)
    assert told.source("api")["error"] == "body too large"
    assert told.sli("health")["value"] == 0
    assert told.source("metrics")["error"] == "body too large: over 10 MiB"
    assert (told.sli("load")["status"], told.sli("load")["value"]) == ("unknown", None)
    with Terminal(ontui("-c", place.config), env=place.environ) as terminal:
        terminal.wait(r"api ▲ down.*body too large")
        terminal.wait(r"metrics ▲ down.*body too large")
        asked, until = len(web.requests), time.monotonic() + 60
        while len(web.requests) < asked + 4 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(web.requests) >= asked + 4
        assert peak_mb(terminal.process.pid) < MOST_MB
