"""The process for what may take for ever: frozen, killed, cancelled or mute, it holds nobody up."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from ontui.sources.apart import Apart, NoAnswer
from tests.eventually import eventually, eventually_async

PARENT = """
import asyncio, sys
from ontui.sources.apart import Apart
async def main():
    apart = Apart("tests.sources.test_apart")
    print(await apart.ask(["pid"], 20), flush=True)
    await apart.ask(["sleep"], 600)
asyncio.run(main())
"""


def _answer(question: list[str]) -> object:
    match question:
        case ["pid"]:
            return os.getpid()
        case ["sleep"]:
            time.sleep(2)
        case ["exit"]:
            os._exit(3)
        case ["large"]:
            return "x" * 40_000_000
    return question


def main() -> None:
    from ontui.sources.apart_process import serve

    if "slow" in sys.argv:
        time.sleep(1.5)
    serve(_answer)


@pytest.fixture
async def apart() -> AsyncIterator[Apart]:
    made = Apart("tests.sources.test_apart")
    yield made
    await made.close()


async def test_one_process_answers_them_all(apart: Apart) -> None:
    assert apart.pid is None
    first = await apart.ask(["pid"], 20)
    assert await apart.ask(["a", "ü\n\ud800"], 20) == ["a", "ü\n\ud800"]
    assert await apart.ask(["pid"], 20) == first == apart.pid != os.getpid()


@pytest.mark.parametrize("question", ["exit", "large"])
async def test_without_an_answer_another_process_takes_its_place(apart: Apart, question: str) -> None:
    first = await apart.ask(["pid"], 20)
    with pytest.raises(NoAnswer):
        await apart.ask([question], 20)
    assert await apart.ask(["pid"], 20) != first
    assert not psutil.pid_exists(first)


async def test_a_frozen_one_holds_nobody_up(apart: Apart) -> None:
    first = await apart.ask(["pid"], 20)
    os.kill(first, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        await apart.ask(["pid"], 0.3)
    assert time.monotonic() - began < 5
    assert await apart.ask(["pid"], 20) != first


async def test_an_answer_to_a_cancelled_question_is_not_taken_for_the_next(apart: Apart) -> None:
    await apart.ask(["pid"], 20)
    asking = asyncio.create_task(apart.ask(["sleep"], 20))
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await apart.ask(["next"], 20) == ["next"]


async def test_one_that_is_slow_to_start_is_waited_for_not_begun_again() -> None:
    slow = Apart("tests.sources.test_apart", "slow")
    with pytest.raises(NoAnswer, match="it did not start"):
        await slow.ask(["pid"], 0.3)
    first = slow.pid
    assert await slow.ask(["pid"], 20) == first
    await slow.close()


async def test_closing_ends_it(apart: Apart) -> None:
    pid = await apart.ask(["pid"], 20)
    await apart.close()
    await eventually_async(lambda: not psutil.pid_exists(pid))
    await apart.close()


def test_it_goes_when_we_are_killed() -> None:
    ours = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert ours.stdout is not None
    pid = int(ours.stdout.readline())
    ours.kill()
    ours.wait()
    ours.stdout.close()
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
