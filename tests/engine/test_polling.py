"""When a source is asked: the grid, back-off, bugs and sleep. The sources are scripts, since time is what is tested."""

import asyncio
import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.source import LogSource, Source
from ontui.engine.clock import SteadyClock
from ontui.engine.polling import PollLoop
from tests.eventually import eventually_async


class Scripted:
    """A source that answers what it is told, and notes when it was asked."""

    def __init__(self, answer: Callable[[float], Sample], *, interval_s: float = 0.1, timeout_s: float = 0.05) -> None:
        self.source = Source(id="s", type="prometheus", interval_s=interval_s, timeout_s=timeout_s)
        self.answer = answer
        self.asked: list[float] = []
        self.clock = SteadyClock()

    async def poll(self) -> Sample:
        self.asked.append(self.clock.now())
        return self.answer(self.asked[-1])

    async def close(self) -> None: ...


async def watch(poller: Scripted, polls: int, within_s: float = 5.0) -> list[Sample]:
    """What a loop publishes until the source was asked so often."""
    samples: list[Sample] = []
    loop = PollLoop(poller, poller.clock.now, samples.append, random.Random(1))
    task = asyncio.create_task(loop.run())
    await eventually_async(lambda: len(poller.asked) >= polls and len(samples) == len(poller.asked), within_s=within_s)
    task.cancel()
    return samples


def good(at: float) -> Sample:
    return Sample("s", at, readings={"x": Reading(1.0, at)})


def refused(at: float) -> Sample:
    return Sample("s", at, fault=Fault(FaultKind.REFUSED, "connection refused"))


async def test_a_source_is_asked_on_a_grid_and_the_next_time_is_told() -> None:
    poller = Scripted(good)
    samples = await watch(poller, 4)
    steps = [b - a for a, b in zip(poller.asked[1:], poller.asked[2:], strict=False)]
    assert all(0.05 < s < 0.3 for s in steps), steps
    assert all(s.next_at is not None and s.next_at > s.at for s in samples)


async def test_turns_that_a_slow_answer_took_are_counted_and_not_caught_up_on() -> None:
    class Slow(Scripted):
        async def poll(self) -> Sample:
            sample = await super().poll()
            await asyncio.sleep(0.35 if len(self.asked) == 1 else 0)
            return sample

    poller = Slow(good)
    samples = await watch(poller, 4)
    said = "3 polls skipped in the last minute: an answer took longer than 100 ms"
    assert [s.findings for s in samples] == [(said,)] * 4
    assert poller.asked[1] - poller.asked[0] >= 0.35
    assert all(b - a > 0.05 for a, b in zip(poller.asked, poller.asked[1:], strict=False))


async def test_a_bug_becomes_a_fault_and_the_loop_goes_on() -> None:
    def explode(_: float) -> Sample:
        raise ZeroDivisionError("\x1b]52;c;cm0=\x07")

    samples = await watch(Scripted(explode), 2)
    fault = samples[0].fault
    assert fault is not None
    assert fault.kind is FaultKind.BUG
    assert "ZeroDivisionError" in fault.text
    assert "\x1b" not in fault.text


async def test_a_failing_source_is_asked_more_rarely() -> None:
    poller = Scripted(refused)
    samples = await watch(poller, 4)
    waits = [s.next_at - s.at for s in samples if s.next_at]
    assert waits[3] > 2 * waits[0]


@pytest.mark.parametrize(
    ("kind", "interval_s", "most_s"),
    [(Source, 3.0, 15.0), (Source, 5.0, 15.0), (Source, 15.0, 30.0), (Source, 60.0, 60.0), (LogSource, 3.0, 3.0)],
)
async def test_it_is_asked_again_before_what_it_would_say_is_late(
    kind: Callable[..., Source], interval_s: float, most_s: float
) -> None:
    hands = {"now": 1000.0}
    poller = Scripted(refused)
    path = {"path": "/var/log/app.log"} if kind is LogSource else {}
    poller.source = kind(id="s", type="log", interval_s=interval_s, timeout_s=1.0, **path)
    samples: list[Sample] = []

    def told(sample: Sample) -> None:
        samples.append(sample)
        hands["now"] = (sample.next_at or 0.0) + 0.001   # nothing is waited for
        if len(samples) > 12:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await PollLoop(poller, lambda: hands["now"], told, random.Random(1)).run()
    gaps = [b - a for a, b in pairwise(s.next_at for s in samples if s.next_at)]
    assert max(gaps) <= most_s + 0.01
    assert gaps[-1] > 0.9 * most_s


async def test_failures_that_are_data_do_not_slow_the_polls_down() -> None:
    def down(at: float) -> Sample:
        return Sample("s", at, readings={"x": Reading(0.0, at)}, fault=Fault(FaultKind.REFUSED, "refused"))

    samples = await watch(Scripted(down), 5)
    assert all(s.next_at is not None and s.next_at - s.at <= 0.21 for s in samples)


async def test_poll_now_does_not_wait_for_the_grid() -> None:
    poller = Scripted(good, interval_s=60)
    loop = PollLoop(poller, poller.clock.now, lambda _: None, random.Random(1))
    task = asyncio.create_task(loop.run())
    await eventually_async(lambda: len(poller.asked) == 1, within_s=3)
    await asyncio.sleep(0)
    loop.poll_now()
    await eventually_async(lambda: len(poller.asked) == 2, within_s=3)
    task.cancel()


async def test_a_poll_interrupted_by_sleep_says_nothing_about_the_source() -> None:
    hands = {"now": 1000.0}
    poller = Scripted(good)

    def sleeps_two_hours(at: float) -> Sample:
        hands["now"] += 7200 if len(poller.asked) == 1 else 0
        return refused(at) if len(poller.asked) == 1 else good(at)

    poller.answer = sleeps_two_hours
    samples: list[Sample] = []
    task = asyncio.create_task(PollLoop(poller, lambda: hands["now"], samples.append, random.Random(1)).run())
    await eventually_async(lambda: bool(samples), within_s=3)
    task.cancel()
    assert samples[0].fault is None
    assert len(poller.asked) == 2


async def test_the_first_looks_do_not_wait_a_whole_interval() -> None:
    poller = Scripted(good, interval_s=60.0)
    samples = await watch(poller, 2)
    assert 1.0 < poller.asked[1] - poller.asked[0] < 3.0
    assert samples[1].next_at is not None
    assert 2.0 < samples[1].next_at - poller.asked[1] < 5.0


async def test_a_source_that_fails_at_first_is_asked_on_the_grid() -> None:
    samples = await watch(Scripted(refused, interval_s=60.0), 1)
    assert samples[0].next_at is not None
    assert samples[0].next_at - samples[0].at > 30
