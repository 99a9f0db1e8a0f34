"""What was usual and how old the data is: against a real server with a past, and against one that answers oddly."""

import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.sample import Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Past, Sli
from ontui.domain.status import Status
from tests.eventually import eventually_async
from tests.servers import history
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Request, Web, json_reply
from tests.sources.prometheus_setup import polling, sli, vector

QUERY = "/api/v1/query"
SEV = Severity("SEV-2", Level.CRITICAL, 0)


def past(id_: str, query: str, ago_s: float, times: int = 1) -> Sli:
    return replace(sli(id_, query), baseline_past=Past(ago_s, times))


def about_age(one: Sli, limit: str) -> Sli:
    return replace(
        one, alerts=(AlertRule("Old", one.id, parse_condition(f"older than {limit}", "count"), 0.0, SEV),)
    )


async def once(url: str, *slis: Sli, now: Callable[[], float] = time.time) -> Sample:
    """One sample that waits for what was."""
    async with polling(url, *slis, now=now, history_first=True) as poller:
        return await poller.poll()


# ── a real server ──


async def test_it_is_what_the_query_was_so_long_ago_by_the_servers_clock(prometheus: Prometheus) -> None:
    ahead_s = 120.0  # of ours, which must not matter
    asked = past("depth", "shop_queue_depth", 3600)
    sample = await once(prometheus.url, asked, now=lambda: time.time() + ahead_s)
    reading = sample.readings["depth"]
    then = time.time() - 3600
    possible = {prometheus.value(f"shop_queue_depth @ {then + late:.0f}") for late in (-3, 0)}
    assert reading.baseline in possible
    assert reading.baseline != prometheus.value(f"shop_queue_depth @ {then + ahead_s:.0f}")
    assert reading.baseline_at == reading.at


async def test_several_pasts_are_one_by_their_median(prometheus: Prometheus) -> None:
    sample = await once(
        prometheus.url, past("depth", "shop_queue_depth", 600, 3), past("far", "shop_queue_depth", 3600, 3)
    )
    now = time.time()
    each = sorted(history.queue_depth(int(now - ago)) for ago in (600, 1200, 1800))
    found = sample.readings["depth"].baseline
    assert found is not None
    assert abs(found - each[1]) <= 1
    far = sample.readings["far"]
    assert far.baseline is not None
    assert far.note.endswith("of 3 past values known")


async def test_where_there_is_no_past_that_is_said(prometheus: Prometheus) -> None:
    sample = await once(prometheus.url, past("depth", "shop_queue_depth", 7 * 86_400))
    reading = sample.readings["depth"]
    assert (reading.value is not None, reading.baseline) == (True, None)
    assert reading.caveat == "no baseline: the query has no result, 7d ago"


async def test_the_age_of_data_is_known_and_still_when_its_series_have_ended(prometheus: Prometheus) -> None:
    prometheus.push({"__name__": "young", "job": "p"}, [(time.time() - 20, 1.0)])
    stopped = about_age(sli("stopped", "last_over_time(shop_stopped[1h])", freshness="shop_stopped"), "10m")
    unknown = about_age(sli("unknown", "vector(3)"), "10m")
    young = about_age(sli("young", "young"), "10m")
    sample = await once(prometheus.url, young, stopped, unknown)
    age_s = sample.readings["young"].data_age_s
    assert age_s is not None
    assert 20 <= age_s < 40
    ended = sample.readings["stopped"]
    expected_s = time.time() - (prometheus.history_end - history.STOPPED_S)
    assert ended.flaw is Status.STALE
    assert ended.data_age_s is not None
    assert abs(ended.data_age_s - expected_s) < 120
    assert stopped.alerts[0].condition.holds(ended, None) is True
    assert sample.readings["unknown"].data_age_s is None
    assert sample.readings["unknown"].caveat == "the age of its data is not known"


# ── odd ones ──


def form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


class Answers:
    """A server that has a past, as long as it is told to."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.then: Reply | None = vector("100")

    def __call__(self, request: Request) -> Reply:
        asked = form(request)
        if "time" not in asked:
            return vector("5") if asked.get("query") == "good" else vector()
        self.asked.append(time.time() - float(asked["time"]))
        return self.then or Reply(503, b"starting")


@pytest.fixture
def answers(web: Web) -> Answers:
    made = Answers()
    web.reply(made, at=QUERY)
    return made


async def test_the_past_is_asked_rarely_and_kept_while_no_newer_can_be_had(web: Web, answers: Answers) -> None:
    at = time.time()
    clock = [at]
    week = past("good", "good", 7 * 86_400, 2)
    async with polling(web.url, week, now=lambda: clock[0], history_first=True) as poller:
        for later in (0, 5, 200):
            clock[0] = at + later
            sample = await poller.poll()
        assert [round(ago / 86_400) for ago in sorted(answers.asked)] == [7, 14]
        assert (sample.readings["good"].baseline, sample.readings["good"].baseline_at) == (100, at)
        answers.then = None
        for later in (400, 430, 470):
            clock[0] = at + later
            sample = await poller.poll()
        assert len(answers.asked) == 6
        kept = sample.readings["good"]
        assert (kept.baseline, kept.baseline_at, kept.caveat) == (100, at, "")
        clock[0] = at + 2000
        lost = (await poller.poll()).readings["good"]
        assert (lost.baseline, lost.caveat) == (None, "no baseline: 503 Service Unavailable: starting, 7d ago")
        answers.then = vector("80")
        clock[0] = at + 2100
        assert (await poller.poll()).readings["good"].baseline == 80


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        (vector("NaN"), "NaN, 7d ago"),
        (vector("1", "2"), "expected 1 series, got 2, 7d ago"),
        (json_reply({"status": "error", "errorType": "bad_data", "error": "old"}, 422), "bad_data: old, 7d ago"),
    ],
)
async def test_a_past_that_is_no_number_is_no_baseline(web: Web, answers: Answers, then: Reply, reason: str) -> None:
    answers.then = then
    reading = (await once(web.url, past("good", "good", 7 * 86_400))).readings["good"]
    assert (reading.value, reading.baseline, reading.caveat) == (5, None, f"no baseline: {reason}")


async def test_a_past_that_takes_its_time_holds_up_no_value(web: Web) -> None:
    def answer(request: Request) -> Reply:
        return replace(vector("100"), delay_s=1.0) if "time" in form(request) else vector("5")

    web.reply(answer, at=QUERY)
    async with polling(web.url, past("good", "good", 7 * 86_400)) as poller:
        began = time.monotonic()
        first = (await poller.poll()).readings["good"]
        assert time.monotonic() - began < 0.9
        assert (first.value, first.caveat) == (5, "no baseline: not answered yet")

        async def known() -> bool:
            return (await poller.poll()).readings["good"].baseline == 100

        await eventually_async(known)
