"""What the tests in a terminal share: a small config over one health endpoint, and worlds told faster."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ontui.demo import World, open_world
from tests.cli.config_folder import ConfigFolder
from tests.pty.terminal import Terminal, ontui
from tests.servers.background import Background
from tests.servers.web import Web, json_reply

SMALL = """version: 1
system: {{id: shop, name: The Shop, environment: live, production: true}}
runbooks: {{path: ./runbooks}}
sources:
  api: {{type: http, url: "{web}/health", every: 1s, timeout: 900ms, bearer: "${{WORD}}"}}
slis:
  queue:
    title: queue length
    source: api
    json: queue
    objective: "<= 10"
    alerts: [{{name: QueueLong, when: "> 10", severity: SEV-1, runbook: queue.md, actions: [slow, look]}}]
actions:
  slow: {{title: Take long, run: [./tool], danger: read, timeout: 1m}}
  look: {{title: Look around, run: [echo, "looked around"], danger: read}}
"""
TOOL = "echo begun; sleep 63 & sleep 64"
SECRET = "hunter2-hunter2"
PACE = 20.0
HURRY = {
    "[30s]": "[4s]",
    "'30 seconds'": "'4 seconds'",
    "every: 5s, timeout: 3s": "every: 1s, timeout: 900ms",
}
"""What in the demo's config takes its time."""


def furnish(folder: Path, web: Web) -> ConfigFolder:
    """One SLI, whose alert fires, with a page and two repairs; the endpoint wants a secret."""
    made = ConfigFolder(folder)
    made.environ["WORD"] = SECRET
    made.write(SMALL.format(web=web.url))
    made.page("queue.md", "# Queue\n\nThe queue is long.\n\n## Mitigation\n\nWait.\n")
    made.program("tool", TOOL)
    web.reply(json_reply({"queue": 17}))
    return made


@pytest.fixture
def place(tmp_path: Path, web: Web) -> ConfigFolder:
    """The small config, and no cockpit on it yet."""
    return furnish(tmp_path / "place", web)


@dataclass(frozen=True, slots=True)
class Up:
    """A cockpit with data on the small config."""

    place: ConfigFolder
    terminal: Terminal


class Ready:
    """Starts cockpits ahead, while the tests before still run: starting is most of what such a test takes."""

    AHEAD = 2

    def __init__(self, begin: Callable[[], Up]) -> None:
        self._begin = begin
        self._begun: deque[Up] = deque()

    def take(self) -> Up:
        """The one begun first, once its alert is on the screen."""
        while len(self._begun) <= self.AHEAD:
            self._begun.append(self._begin())
        up = self._begun.popleft()
        up.terminal.wait("QueueLong")
        return up

    def close(self) -> None:
        """End those that nobody wanted."""
        for up in self._begun:
            up.terminal.close()


@pytest.fixture(scope="module")
def shared_web() -> Iterator[Web]:
    """The endpoint of all cockpits that are started ahead."""
    loop = Background()
    web = Web(loop)
    yield web
    web.stop()
    loop.stop()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, shared_web: Web) -> Iterator[Ready]:
    """Cockpits of this module's tests."""

    def begin() -> Up:
        place = furnish(tmp_path_factory.mktemp("ready") / "place", shared_web)
        return Up(place, Terminal(ontui("-c", place.config), env=place.environ))

    ready = Ready(begin)
    yield ready
    ready.close()


@pytest.fixture
def up(ready: Ready) -> Iterator[Up]:
    """One cockpit, for this test alone."""
    up = ready.take()
    with up.terminal:
        yield up


def _hurried(world: World) -> Path:
    """The world's config, asking every second, with windows and ages to match."""
    text = world.config_path.read_text()
    for slow, fast in HURRY.items():
        assert slow in text
        text = text.replace(slow, fast)
    path = world.root / "hurried.yaml"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def story() -> Iterator[Path]:
    """A config for the demo's story, told twenty times as fast: the cache is sick and the pool full within seconds."""
    with open_world(scenario="story", pace=PACE) as world:
        yield _hurried(world)
