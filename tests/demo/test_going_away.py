"""Nothing stays: not a process, not a file, not a user, however the world ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ontui.demo import StartFailed, open_world
from ontui.demo.folder import make_root
from ontui.demo.python_child import python_env
from tests.demo.conftest import opened, without_prometheus
from tests.demo.looking import accounts, alive
from tests.eventually import eventually

HOLDER = """
import json, sys, time
from ontui.demo import StartFailed, open_world
from ontui.demo.folder import make_root
world = open_world(scenario="calm")
print(json.dumps(world.describe()), flush=True)
time.sleep(60)
"""


def gone(pids: list[int], root: Path) -> bool:
    """Whether the processes ended and the folder is removed."""
    return not root.exists() and not any(alive(pid) for pid in pids)


def test_close_removes_everything_and_may_be_called_again() -> None:
    before = accounts()
    world = open_world(scenario="calm")
    pids, root = opened(world), world.root
    assert all(alive(pid) for pid in pids)
    world.close()
    assert gone(pids, root)
    world.close()
    assert accounts() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_nothing_stays_when_the_parent_dies(number: signal.Signals, tmp_path: Path) -> None:
    before = accounts()
    env = {**python_env(), "PATH": without_prometheus(), "XDG_CACHE_HOME": str(tmp_path)}  # and neither HOME nor USER
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True, cwd="/", env=env
    ) as parent:
        assert parent.stdout is not None
        found = json.loads(parent.stdout.readline())
        pids = [found[part]["pid"] for part in ("api", "prometheus", "postgres", "watchdog")]
        root = Path(found["root"])
        assert root.is_dir()
        assert all(alive(pid) for pid in pids)
        os.kill(parent.pid, number)
    eventually(lambda: gone(pids, root), within_s=8)
    assert accounts() == before


def test_a_world_that_cannot_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_root("ontui-t-fails-")
    monkeypatch.setattr("ontui.demo.world.make_root", lambda: root)
    monkeypatch.setattr("ontui.demo.world.MAX_CONNECTIONS", 1)  # fewer than PostgreSQL keeps for others
    with pytest.raises(StartFailed, match="reserved_connections"):
        open_world(scenario="calm")
    assert not root.exists()
