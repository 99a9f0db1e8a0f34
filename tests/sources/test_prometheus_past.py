"""A longer past, asked of a real Prometheus when somebody wants to see it."""

import asyncio
import math
import time
from dataclasses import replace

import pytest

from ontui.domain.alert import AlertRule
from ontui.domain.condition import parse_condition
from ontui.domain.sample import Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.sli import Sli
from ontui.domain.status import Status
from ontui.sources.poller import KeepsHistory, NoHistory
from ontui.sources.prometheus_history import MOST_POINTS, step_for
from tests.eventually import eventually_async
from tests.servers import history
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Web, json_reply
from tests.sources.prometheus_setup import by_query, polling, sli, source, vector

DEPTH = sli("depth", "shop_queue_depth")


@pytest.mark.parametrize(("span_s", "step_s"), [(900, 15), (3600, 15), (21_600, 60), (86_400, 300), (604_800, 1800)])
def test_steps_are_such_as_people_count_in_and_points_are_few(span_s: float, step_s: float) -> None:
    assert step_for(span_s, 5.0) == step_s
    assert span_s / step_for(span_s, 5.0) <= MOST_POINTS


def test_a_source_that_is_asked_rarely_is_not_looked_at_more_closely() -> None:
    assert step_for(900, 45.0) == 60
    assert step_for(900, 7200.0) == 7200


async def test_the_past_is_that_of_the_server_at_whole_steps(prometheus: Prometheus) -> None:
    async with polling(prometheus.url, DEPTH) as poller:
        assert isinstance(poller, KeepsHistory)
        points = await poller.history(DEPTH, 21_600.0)
    known = [p for p in points if p.value is not None and p.at <= prometheus.history_end]
    assert len(known) > 100
    for point in known:
        near = round(point.at / 60) * 60
        assert abs(point.at - near) < 2, "on our clock, which is the server's"
        assert point.value == history.queue_depth(near)
    assert points[0].at >= prometheus.history_end - history.LENGTH_S - 60


@pytest.mark.parametrize("ahead_s", [120.0, -120.0])
async def test_a_wrong_clock_here_invents_no_points(prometheus: Prometheus, ahead_s: float) -> None:
    asked = sli("answers", "vector(1)")
    async with polling(prometheus.url, asked, now=lambda: time.time() + ahead_s) as poller:
        points = await poller.history(asked, 3600.0)
    here = time.time() + ahead_s
    assert here - 20 < points[-1].at <= here + 1, "by our clock the newest is now, whatever our clock says"


async def test_what_nobody_measured_is_a_gap(prometheus: Prometheus) -> None:
    at = prometheus.history_end - 3000
    early, late = [(at + n * 15.0, 5.0) for n in range(40)], [(at + 1800 + n * 15.0, 6.0) for n in range(40)]
    prometheus.push({"__name__": "broken_off", "job": "p"}, [*early, *late])
    asked = sli("broken", "last_over_time(broken_off[60s])")
    async with polling(prometheus.url, asked) as poller:
        points = await poller.history(asked, 7200.0)
    told = [p.value for p in points]
    assert set(told) == {5.0, None, 6.0}
    assert told.index(None) == told.index(6.0) - 1, "between the two"


async def test_of_many_rows_the_worst_at_each_instant(prometheus: Prometheus) -> None:
    rooms = sli("rooms", "shop_room_celsius")
    hot = replace(rooms, rows="room", objective=parse_condition("<= 20", "count"))
    cold = replace(rooms, rows="room", objective=parse_condition(">= 25", "count"))
    async with polling(prometheus.url, hot) as poller:
        for asked, worst in ((hot, 22.0), (cold, 20.0)):
            points = await poller.history(asked, 3600.0)
            assert {p.value for p in points if p.value is not None} == {worst}
        with pytest.raises(NoHistory, match="3 series have no single history"):
            await poller.history(rooms, 3600.0)


async def test_a_pod_and_the_one_after_it_are_one_course(prometheus: Prometheus) -> None:
    now = time.time()
    pods = {"a": [(now - n, 5.0) for n in range(1800, 899, -15)], "b": [(now - n, 6.0) for n in range(585, 0, -15)]}
    for pod, samples in pods.items():
        prometheus.push({"__name__": "restarted", "pod": pod}, samples)
        prometheus.push({"__name__": "restarted", "pod": pod, "beside": "it"}, samples)
    prometheus.push({"__name__": "restarted", "pod": "c", "beside": "it"}, [(now - 1200, 7.0), (now - 1, 6.0)])
    one, many = sli("one", 'restarted{beside=""}'), sli("many", 'restarted{beside="it"}')
    async with polling(prometheus.url, one, many, history_first=True) as poller:
        at_first = (await poller.poll()).readings["one"].history
        assert len(at_first) > 100, "an alert with a `for` is judged by it"
        later = await poller.history(one, 3600.0)
        with pytest.raises(NoHistory, match="3 series have no single history"):
            await poller.history(many, 3600.0)
    for points in (at_first, later):
        told = [p.value for p in points]
        first = told.index(6.0)
        assert set(told[:first]) <= {5.0, None}
        assert set(told[first:]) == {6.0}
        assert told.count(5.0) > 50


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (sli("up", metric="up"), "keeps no history of it"),
        (sli("bad", "sum("), "parse error"),
        (sli("text", '"hello"'), "."),
    ],
)
async def test_why_there_is_none_is_said(prometheus: Prometheus, asked: object, why: str) -> None:
    async with polling(prometheus.url, DEPTH) as poller:
        with pytest.raises(NoHistory, match=why):
            await poller.history(asked, 3600.0)  # type: ignore[arg-type]


async def test_where_nothing_was_measured_there_are_no_points(prometheus: Prometheus) -> None:
    async with polling(prometheus.url, DEPTH) as poller:
        assert await poller.history(sli("none", "no_such_series"), 3600.0) == ()


@pytest.mark.parametrize("span_s", [86_400.0, 604_800.0])
async def test_what_is_younger_than_a_step_shows_all_the_same(prometheus: Prometheus, span_s: float) -> None:
    now = time.time()
    prometheus.push({"__name__": "young", "span": f"{span_s:.0f}"}, [(now - n, 7.0) for n in (90, 60, 30, 1)])
    asked = sli("young", f'young{{span="{span_s:.0f}"}}')
    async with polling(prometheus.url, asked) as poller:
        points = await poller.history(asked, span_s)
    assert points[-1].value == 7.0
    assert now - 2 <= points[-1].at <= time.time() + 1


async def test_a_server_that_is_gone_or_hangs_is_named(prometheus: Prometheus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontui.sources.prometheus.LEAST_S", 1.0)
    async with polling(prometheus.url, DEPTH) as poller:
        await poller.poll()
        prometheus.freeze()
        with pytest.raises(NoHistory, match="no answer in time"):
            await poller.history(DEPTH, 3600.0)
        prometheus.thaw()
        prometheus.stop()
        with pytest.raises(NoHistory, match="connection refused"):
            await poller.history(DEPTH, 3600.0)


SEV = Severity("SEV-1", Level.CRITICAL, 0)
TOO_MANY = json_reply({"status": "error", "errorType": "execution", "error": "too many samples"}, 422)
NO_PAST = "the past of {} is not known: {}; what is pending may be older"


def held(id_: str, hold_s: float, in_a_row: int = 1) -> Sli:
    """An SLI that alerts above 0 once that held."""
    condition = parse_condition("> 0", "count")
    return replace(sli(id_, id_), alerts=(AlertRule("High", id_, condition, hold_s, SEV, in_a_row=in_a_row),))


def whole(*points: tuple[float, str]) -> Reply:
    """One series of a range query."""
    data = {"resultType": "matrix", "result": [{"metric": {}, "values": [list(point) for point in points]}]}
    return json_reply({"status": "success", "data": data})


@pytest.mark.parametrize("at_first", [True, False])
async def test_alerts_that_are_judged_without_their_past_are_said(web: Web, at_first: bool) -> None:
    web.reply(vector("1"), at="/api/v1/query")
    web.reply(TOO_MANY, at="/api/v1/query_range")
    slis = (held("long", 600.0), held("often", 0.0, in_a_row=9), held("now", 0.0), held("short", 3.0), sli("none", "n"))
    async with polling(web.url, *slis, history_first=at_first) as poller:

        async def told() -> tuple[str, ...]:
            return (await poller.poll()).findings

        missed = await eventually_async(told, every_s=0.1)
        assert missed == (NO_PAST.format("3 indicators", "execution: too many samples"),)
        web.reply(vector("1", at=time.time() + 20), at="/api/v1/query")
        findings = (await poller.poll()).findings
    assert NO_PAST.format("2 indicators", "execution: too many samples") in findings, "the short one has been watched"


async def test_a_past_that_comes_late_is_no_longer_missed(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontui.sources.prometheus_history.LEAST_S", 0.5)
    web.reply(vector("1"), at="/api/v1/query")
    web.reply(Reply(delay_s=math.inf), at="/api/v1/query_range")
    async with polling(source(web.url, timeout_s=0.5), held("long", 600.0)) as poller:

        async def told() -> tuple[str, ...]:
            return (await poller.poll()).findings

        assert await eventually_async(told, every_s=0.1) == (NO_PAST.format("1 indicator", "no answer in time"),)
        web.reply(whole((time.time() - 60, "1")), at="/api/v1/query_range")

        async def came() -> Sample | None:
            sample = await poller.poll()
            return sample if sample.readings["long"].history else None

        sample = await eventually_async(came, every_s=0.1)
    assert sample is not None
    assert sample.findings == ()


async def test_a_query_that_fails_itself_has_no_past_to_be_missed(web: Web) -> None:
    web.reply(by_query(good=vector("5"), count=vector()), at="/api/v1/query")
    web.reply(TOO_MANY, at="/api/v1/query_range")
    async with polling(web.url, held("bad", 600.0), sli("good", "good"), history_first=True) as poller:
        sample = await poller.poll()
    assert sample.readings["bad"].flaw is Status.UNKNOWN
    assert not any("the past of" in finding for finding in sample.findings)


async def test_polls_do_not_wait_for_a_past_that_takes_long(web: Web) -> None:
    web.reply(by_query(one=vector("1")), at="/api/v1/query")
    web.reply(replace(json_reply({}), delay_s=60.0), at="/api/v1/query_range")
    web.reply(json_reply({"status": "success", "data": {"resultType": "scalar", "result": [time.time(), "1"]}}))
    one = sli("one", "one")
    async with polling(web.url, one) as poller:
        web.reply(vector("1"), at="/api/v1/query")
        asking = asyncio.create_task(poller.history(one, 86_400.0))
        for _ in range(3):
            sample = await poller.poll()
            assert sample.fault is None
            assert sample.latency_s < 1.5
        assert not asking.done()
        asking.cancel()
        await asyncio.wait([asking], timeout=2)
        assert asking.cancelled()
