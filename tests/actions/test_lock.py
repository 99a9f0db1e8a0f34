import os
import subprocess
import sys
from pathlib import Path

import pytest

from ontui.actions import Lock, ProcessRun
from ontui.domain.action import Outcome, Refused
from tests.actions.plans import ENVIRON, plan
from tests.eventually import eventually

PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from ontui.actions import Lock, ProcessRun
from tests.actions.plans import plan
what = plan("sh", "-c", "sleep 60", detach=sys.argv[2] == "detach", timeout_s=4)
lock = Lock.acquire(Path(sys.argv[1]), what, who="bob@bastion-2", now=1000.0)
run = ProcessRun(what, print, os.environ, log=Path(sys.argv[1]) / "r.log", keep_fds=(lock.fileno(),), grace_s=1)
async def main():
    task = asyncio.create_task(run.run())
    while run.pid is None:
        await asyncio.sleep(0.01)
    print("held", flush=True)
    await task
if sys.argv[2] == "bare":
    print("held", flush=True)
    input()
else:
    asyncio.run(main())
"""


def owner(folder: Path, how: str) -> subprocess.Popen[str]:
    """Another program that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def free(folder: Path) -> bool:
    """Whether it can be taken."""
    try:
        Lock.acquire(folder, plan("sh"), who="alice@bastion-1", now=1012.0).release()
    except Refused:
        return False
    return True


def test_it_says_who_holds_it_and_dies_with_its_owner(tmp_path: Path) -> None:
    process = owner(tmp_path / "locks", "bare")
    said = rf"bob@bastion-2 has been running it for 12s \(pid {process.pid}\)"
    with pytest.raises(Refused, match=said):
        Lock.acquire(tmp_path / "locks", plan("sh"), who="alice@bastion-1", now=1012.0)
    assert Lock.held(tmp_path / "locks", "freight", "restart")
    process.kill()
    process.communicate()
    assert not Lock.held(tmp_path / "locks", "freight", "restart")
    assert free(tmp_path / "locks")


def test_a_detached_run_keeps_it_after_its_owner_until_its_end(tmp_path: Path) -> None:
    process = owner(tmp_path / "locks", "detach")
    process.kill()
    process.communicate()
    assert not free(tmp_path / "locks")
    eventually(lambda: free(tmp_path / "locks"), 12)


def test_a_killed_owner_frees_it_once_its_run_is_over(tmp_path: Path) -> None:
    process = owner(tmp_path / "locks", "kill")
    process.kill()
    process.communicate()
    eventually(lambda: free(tmp_path / "locks"), 8)


def test_one_process_cannot_take_it_twice_but_another_target_is_free(tmp_path: Path) -> None:
    lock = Lock.acquire(tmp_path, plan("sh"), who="alice@b", now=1.0)
    assert not free(tmp_path)
    other = Lock.acquire(tmp_path, plan("sh", target="db2"), who="alice@b", now=1.0)
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}
    other.release()
    lock.release()
    lock.release()
    assert free(tmp_path)


async def test_it_is_free_as_soon_as_a_run_is_over(tmp_path: Path) -> None:
    what = plan("sh", "-c", "true")
    for _ in range(3):
        lock = Lock.acquire(tmp_path, what, who="alice@b", now=1.0)
        ended = await ProcessRun(what, print, ENVIRON, keep_fds=(lock.fileno(),)).run()
        lock.release()
        assert ended.outcome is Outcome.OK
        assert free(tmp_path)


def test_a_folder_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="others may write to"):
        Lock.acquire(tmp_path, plan("sh"), who="a", now=1.0)
