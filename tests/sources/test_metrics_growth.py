"""Counters between two answers: rates, ratios of rates, beginnings, resets, restarts and gaps."""

import time
from collections.abc import Callable, Sequence

import httpx
import pytest

from ontui.domain.status import Status
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Request, Web
from tests.sources.metrics_setup import OPENMETRICS, TEXT, Clock, polling, sli, source, text

SECOND = "collecting: needs a second answer"
LATER = "collecting: a cache answers, needs a later copy"
RESET = "collecting: the counter was reset, needs a second answer"
THIRD = "collecting: the counter was reset, needs a third answer"
LEAPT = "collecting: it grew by a leap, needs a third answer"
OTHERS = "collecting: several processes answer in turn"
FINDING = "several processes answer here in turn: their counters cannot be compared"


async def told(
    web: Web, answers: Sequence[tuple[float, str]], series: str = "hits_total", over: str = "", **options: str
) -> list[tuple[float | None, str]]:
    """What each answer brings, given so many seconds after the one before."""
    now, seen = Clock(), []
    one = sli("x", series, over=over, rate=True, **options)  # type: ignore[arg-type]
    async with polling(source(web.url), one, now=now) as poller:
        for seconds, body in answers:
            now.at += seconds
            web.reply(text(body))
            reading = (await poller.poll()).readings["x"]
            assert (reading.flaw is None) == (reading.value is not None)
            assert reading.early is reading.reason.startswith("collecting")
            seen.append((reading.value, reading.reason))
    return seen


async def test_a_rate_is_what_was_added_between_two_answers(web: Web) -> None:
    answers = [(0, "hits_total 100\n"), (5, "hits_total 150\n"), (10, "hits_total 150\n"), (5, "hits_total 151\n")]
    assert await told(web, answers) == [(None, SECOND), (10, ""), (0, ""), (0.2, "")]


@pytest.mark.parametrize(
    ("unit", "value"), [("per_second", 2), ("per_minute", 120), ("per_day", 172_800), ("misses", 2)]
)
async def test_a_rate_is_in_the_unit_of_its_sli(web: Web, unit: str, value: float) -> None:
    seen = await told(web, [(0, "hits_total 1\n"), (5, "hits_total 11\n")], unit=unit)
    assert seen[-1] == (value, "")


async def test_a_reset_makes_no_spike_and_no_number(web: Web) -> None:
    answers = [(5, f"hits_total {hits}\n") for hits in (1000, 1010, 3, 8, 18)]
    assert await told(web, answers) == [(None, SECOND), (2, ""), (None, RESET), (None, THIRD), (2, "")]


async def test_a_first_leap_waits_for_the_next_answer(web: Web) -> None:
    answers = [(5, f"hits_total {hits}\n") for hits in (10, 5010, 10_010, 15_010)]
    assert await told(web, answers) == [(None, SECOND), (None, LEAPT), (1000, ""), (1000, "")]


def by_turns(answered: list[int], first: int = 0) -> str:
    """Two backends that each count ten more for every answer of either."""
    answered.append(len(answered))
    n = answered[-1]
    return f"hits_total {(1000, 5_000_000)[(n + first) % 2] + 10 * n}\n"


@pytest.mark.parametrize("first", [0, 1])
async def test_processes_that_do_not_say_when_they_began_are_told_apart_by_their_counters(
    web: Web, first: int
) -> None:
    now, answered = Clock(), list[int]()
    async with polling(source(web.url), sli("x", "hits_total", rate=True), now=now) as poller:
        for n in range(12):
            now.at += 5
            web.reply(text(by_turns(answered, first)))
            sample = await poller.poll()
            assert sample.readings["x"].value is None
            assert sample.readings["x"].early
            if n >= 2:
                assert (sample.readings["x"].reason, sample.findings) == (OTHERS, (FINDING,))
        for n in range(12):   # one of them is gone
            now.at += 5
            web.reply(text(f"hits_total {9_000_000 + 10 * n}\n"))
            sample = await poller.poll()
        assert (sample.readings["x"].value, sample.findings) == (2, ())


async def test_small_counters_that_go_back_again_and_again_are_of_several(web: Web) -> None:
    answers = [(5, f"hits_total {hits}\n") for hits in (50, 90, 51, 91, 52)]
    seen = await told(web, answers)
    assert seen == [(None, SECOND), (8, ""), (None, RESET), (None, THIRD), (None, OTHERS)]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("timeout_s", [2.0, 8.0])
async def test_one_look_looks_a_third_time_where_another_process_may_have_answered(
    web: Web, first: int, timeout_s: float
) -> None:
    answered = list[int]()
    web.reply(lambda _: text(by_turns(answered, first)))
    one = sli("x", "hits_total", rate=True)
    async with polling(source(web.url, timeout_s=timeout_s), one, one_shot=True) as poller:
        sample = await poller.poll()
    reading = sample.readings["x"]
    assert (reading.value, reading.reason, sample.findings) == (None, OTHERS, (FINDING,))
    assert len(web.requests) == 3


async def test_a_restart_is_seen_although_the_counter_is_higher(web: Web) -> None:
    def body(hits: int, start: float) -> str:
        return f"hits_total {hits}\nprocess_start_time_seconds {start}\n"

    answers = [(0, body(10, 500.0)), (5, body(20, 500.9)), (5, body(5000, 990.0)), (5, body(5005, 990.0))]
    assert await told(web, answers) == [
        (None, SECOND), (2, ""), (None, "collecting: the process was restarted, needs a second answer"), (1, "")
    ]  # fmt: skip


async def test_a_restart_is_news_once_and_taking_turns_is_a_finding(web: Web) -> None:
    now = Clock()
    async with polling(source(web.url), sli("x", "hits_total", rate=True), now=now) as poller:

        async def poll(start: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
            now.at += 5
            web.reply(text(f"hits_total {now.at}\nprocess_start_time_seconds {start}\n"))
            sample = await poller.poll()
            return sample.news, sample.findings

        assert await poll(100) == ((), ())
        assert await poll(200) == (("the process was restarted",), ())
        assert await poll(200) == ((), ())
        turns = ("several processes answer here in turn: their counters cannot be compared",)
        assert await poll(100) == ((), turns)
        assert await poll(200) == ((), turns)
        for _ in range(10):
            news, findings = await poll(200)
            assert news == ()
        assert findings == ()


async def test_created_tells_a_reset_too(web: Web) -> None:
    now = Clock()
    seen = []
    async with polling(source(web.url), sli("x", 'hits_total{a="b"}', rate=True), now=now) as poller:
        for hits, created in ((10, 100.0), (20, 100.0), (30, 109.0), (40, 109.0)):
            now.at += 5
            lines = f'# TYPE hits counter\nhits_total{{a="b"}} {hits}\nhits_created{{a="b"}} {created}\n# EOF\n'
            web.reply(Reply(200, lines.encode(), OPENMETRICS))
            reading = (await poller.poll()).readings["x"]
            seen.append((reading.value, reading.reason))
    assert seen == [(None, SECOND), (2, ""), (None, RESET), (2, "")]


async def test_a_gap_starts_over_and_a_failed_poll_does_not(web: Web) -> None:
    answers = [(0, "hits_total 1\n"), (18, "hits_total 2\n"), (1, "hits_total 3\n")]
    assert await told(web, answers) == [(None, SECOND), (None, "collecting: not asked for a while"), (1, "")]
    now = Clock()
    async with polling(source(web.url), sli("x", "hits_total", rate=True), now=now) as poller:
        web.reply(text("hits_total 10\n"))
        await poller.poll()
        now.at += 5
        web.reply(Reply(500))
        assert (await poller.poll()).fault is not None
        now.at += 5
        web.reply(text("hits_total 30\n"))
        assert (await poller.poll()).readings["x"].value == 2


async def test_answers_too_close_together_are_not_compared(web: Web) -> None:
    answers = [
        (0, "hits_total 0\n"), (0.1, "hits_total 1\n"), (4.9, "hits_total 5\n"), (0.1, "hits_total 6\n"),
        (4.9, "hits_total 11\n"),
    ]  # fmt: skip
    seen = await told(web, answers)
    assert seen[:2] == [(None, SECOND), (None, SECOND)]
    assert [value for value, _ in seen[2:]] == pytest.approx([4 / 4.9, 5 / 5.0, 5 / 4.9])


async def test_a_ratio_of_rates_is_about_what_happened_lately(web: Web) -> None:
    def body(hits: int, misses: int) -> str:
        return f'cache_hits_total{{of="menu"}} {hits}\ncache_misses_total{{of="menu"}} {misses}\n'

    answers = [(0, body(9000, 1000)), (5, body(9010, 1030)), (5, body(9010, 1030)), (5, body(0, 1034))]
    seen = await told(
        web, answers, "cache_hits_total", '{__name__=~"cache_(hits|misses)_total"}', combine="sum", unit="ratio"
    )
    assert seen == [(None, SECOND), (0.25, ""), (None, "idle"), (None, RESET)]


async def test_a_series_that_begins_does_not_hold_up_the_sum_nor_spike_it(web: Web) -> None:
    now = Clock()
    one = sli("x", "hits_total", rate=True, combine="sum")
    rows = sli("rows", "hits_total", rate=True, rows="of")
    async with polling(source(web.url), one, rows, now=now) as poller:
        web.reply(text('hits_total{of="a"} 10\n'))
        assert (await poller.poll()).readings["rows"].reason == SECOND
        now.at += 5
        web.reply(text('hits_total{of="a"} 20\nhits_total{of="b"} 5000\n'))
        told = (await poller.poll()).readings
        assert (told["x"].value, told["x"].note) == (2, "1 of 2 series, +10 in 5 s")
        assert ([(r.name, r.value) for r in told["rows"].rows], told["rows"].caveat) == ([("a", 2)], "")
        now.at += 5
        web.reply(text('hits_total{of="a"} 20\nhits_total{of="b"} 5010\n'))
        told = (await poller.poll()).readings
        assert (told["x"].value, told["x"].flaw) == (2, None)
        assert [(r.name, r.value) for r in told["rows"].rows] == [("b", 2), ("a", 0)]


async def test_what_vanished_begins_again(web: Web) -> None:
    answers = [(0, "hits_total 1\n"), (5, "hits_total 2\n"), (5, "other 1\n"), (5, "hits_total 900\n")]
    assert await told(web, answers) == [(None, SECOND), (0.2, ""), (None, "no series is hits_total"), (None, SECOND)]


async def test_one_look_looks_twice_for_a_rate(web: Web) -> None:
    answers = iter(["hits_total 10\n", "hits_total 30\n"])
    web.reply(lambda _: text(next(answers)))
    one = sli("x", "hits_total", rate=True)
    async with polling(source(web.url, timeout_s=5.0), one, one_shot=True, now=time.time) as poller:
        value = (await poller.poll()).readings["x"].value
    assert value is not None
    assert 20 / 3 < value < 20 / 0.9
    assert len(web.requests) == 2


async def test_one_look_without_time_for_a_second_says_what_is_missing(web: Web) -> None:
    web.reply(text("hits_total 10\nwarm 1\n"))
    one = sli("x", "hits_total", rate=True)
    async with polling(source(web.url, timeout_s=0.9), one, sli("w", "warm"), one_shot=True) as poller:
        told = (await poller.poll()).readings
    assert (told["x"].flaw, told["x"].reason, told["w"].value) == (Status.UNKNOWN, SECOND, 1)
    assert len(web.requests) == 1


def cached(now: Callable[[], float], keeps_s: float, *, tells_first: bool) -> Callable[[Request], Reply]:
    """A hundred a second, behind a cache that asks anew once a copy is too old."""
    began = made_at = now()

    def answer(_: Request) -> Reply:
        nonlocal made_at
        fresh = now() - made_at >= keeps_s
        made_at = now() if fresh else made_at
        age = {} if fresh and not tells_first else {"Age": str(int(now() - made_at))}
        return Reply(200, f"hits_total {1000 + 100 * (made_at - began):.0f}\n".encode(), {**TEXT, **age})

    return answer


@pytest.mark.parametrize("tells_first", [True, False])
@pytest.mark.parametrize(("every_s", "keeps_s"), [(5, 10), (5.3, 10), (1, 10), (2.7, 2), (5, 30)])
async def test_growth_behind_a_cache_is_by_when_its_copies_were_made(
    web: Web, every_s: float, keeps_s: float, tells_first: bool
) -> None:
    now, seen = Clock(), []
    web.reply(cached(now, keeps_s, tells_first=tells_first))
    async with polling(source(web.url), sli("x", "hits_total", rate=True), now=now) as poller:
        for _ in range(int(150 / every_s)):
            now.at += every_s
            reading = (await poller.poll()).readings["x"]
            assert reading.value is not None or reading.early
            seen.append(reading.value)
    known = [value for value in seen if value is not None]
    assert all(95 < value < 105 for value in known), known
    assert len(known) > len(seen) / 2


async def test_a_copy_that_comes_again_is_no_second_sample(web: Web) -> None:
    now = Clock()
    answers = [(3, 100, SECOND), (8, 100, SECOND), (0, 600, LATER), (5, 600, LATER), (17, 400, LATER)]
    async with polling(source(web.url), sli("x", "hits_total", rate=True), now=now) as poller:
        for age, hits, reason in answers:
            web.reply(Reply(200, f"hits_total {hits}\n".encode(), {**TEXT, "Age": str(age)}))
            assert (await poller.poll()).readings["x"].reason == reason
            now.at += 5


async def test_one_look_at_a_copy_collects(web: Web) -> None:
    web.reply(cached(time.time, 10, tells_first=True))
    one = sli("x", "hits_total", rate=True)
    async with polling(source(web.url, timeout_s=5.0), one, one_shot=True) as poller:
        reading = (await poller.poll()).readings["x"]
    assert (reading.value, reading.early) == (None, True)
    assert len(web.requests) == 2


async def test_requests_to_a_real_server_are_counted_exactly(prometheus: Prometheus) -> None:
    now = Clock()
    series = 'prometheus_http_requests_total{handler="/-/ready", code="200"}'
    of = source(f"{prometheus.url}/metrics")
    async with polling(of, sli("x", series, rate=True), now=now) as poller, httpx.AsyncClient() as client:
        await client.get(f"{prometheus.url}/-/ready")
        assert (await poller.poll()).readings["x"].reason == SECOND
        for _ in range(7):
            await client.get(f"{prometheus.url}/-/ready")
        now.at += 2
        assert (await poller.poll()).readings["x"].value == 3.5
