"""What we show to a server or a program may come back in its answer, also cut in half: it is in no output."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli.config_folder import ConfigFolder
from tests.faults.watch import Watch, status
from tests.servers.web import Reply, Request, Web, json_reply

TOKEN = "eyJhbGciOiJIUzI1NiJ9." + "QWxhZGRpbjpvcGVuIHNlc2FtZQ" * 18
SHORT = "shortsecret99"
CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
defaults: {{every: 1s, timeout: 900ms}}
sources:
  prom: {{type: prometheus, url: "{url}/prom", bearer: "${{TOKEN}}"}}
  page: {{type: metrics, url: "{url}/metrics", bearer: "${{TOKEN}}"}}
  api: {{type: http, url: "{url}/health", bearer: "${{TOKEN}}"}}
  pair: {{type: http, url: "{url}/pair", basic: {{username: me, password: "${{SHORT}}"}}}}
  loud: {{type: command, run: [sh, -c, 'echo "the server at example.com refused $TOKEN" >&2; exit 1'], env: [TOKEN]}}
  said: {{type: command, run: [sh, -c, 'echo curl says the server at example.com refused the token $SHORT today'],
         env: [SHORT]}}
slis:
  up: {{source: prom, metric: up}}
  series: {{source: page, series: a}}
  rows: {{source: api, json: rows, rows: name, value: value}}
  health: {{source: api, json: told}}
  pair: {{source: pair, metric: up}}
  loud: {{source: loud, metric: up}}
  number: {{source: said, metric: number}}
"""


def told_back(request: Request) -> Reply:
    """A body that repeats the header it was sent."""
    shown = request.headers["authorization"]
    if request.path.startswith("/health"):
        return json_reply({"told": f"you are {shown}", "rows": [{"name": f"row of {shown}", "value": 1}]})
    return Reply(status=401, body=f"bad token {shown} for you".encode())


@pytest.fixture
def shop(place: ConfigFolder, web: Web, monkeypatch: pytest.MonkeyPatch) -> ConfigFolder:
    web.reply(told_back)
    for name, value in (("TOKEN", TOKEN), ("SHORT", SHORT)):
        monkeypatch.setenv(name, value)
    place.write(CONFIG.format(url=web.url))
    return place


@pytest.fixture
def place(tmp_path: Path) -> ConfigFolder:
    return ConfigFolder(tmp_path / "place")


def assert_untold(text: str) -> None:
    for head in (TOKEN[:5], SHORT[:5], base64.b64encode(f"me:{SHORT}".encode()).decode()[:6]):
        assert head not in text, text


def test_no_output_of_a_command_tells_it(shop: ConfigFolder) -> None:
    told = status(shop)
    assert "bad token" in told.source("prom")["error"]
    assert_untold(json.dumps(told.json))
    assert_untold(shop.run("status").out)


def test_no_screen_and_no_record_tells_it(shop: ConfigFolder) -> None:
    with Watch(shop) as watch:
        watch.shows("bad token")
        for keys in ((), ("enter",), ("escape", "S"), ("S",)):
            watch.press(*keys)
            assert_untold(watch.text)
    assert_untold(shop.run("journal", "tail").out)
    for file in (shop.folder / "state").rglob("*"):
        if file.is_file():
            assert_untold(file.read_bytes().decode("latin-1"))
