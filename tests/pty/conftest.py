"""What the tests in a terminal share: a small config over one health endpoint, and worlds told faster."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ontui.demo import World, open_world
from tests.cli.config_folder import ConfigFolder
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
    "[30s]": "[15s]",
    "'30 seconds'": "'2 seconds'",
    "every: 5s, timeout: 3s": "every: 1s, timeout: 900ms",
}
"""What in the demo's config takes its time."""


@pytest.fixture
def place(tmp_path: Path, web: Web) -> ConfigFolder:
    """One SLI, whose alert fires, with a page and two repairs; the endpoint wants a secret."""
    made = ConfigFolder(tmp_path / "place")
    made.environ["WORD"] = SECRET
    made.write(SMALL.format(web=web.url))
    made.page("queue.md", "# Queue\n\nThe queue is long.\n\n## Mitigation\n\nWait.\n")
    made.program("tool", TOOL)
    web.reply(json_reply({"queue": 17}))
    return made


@contextmanager
def _fast(scenario: str) -> Iterator[Path]:
    with open_world(scenario=scenario, pace=PACE) as world:
        yield _hurried(world)


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


@pytest.fixture
def fast_world() -> Callable[[str], AbstractContextManager[Path]]:
    """Opens a scenario of the demo twenty times as fast, and gives the path of a config for it."""
    return _fast
