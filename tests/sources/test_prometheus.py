"""The Prometheus source against a real server."""

import asyncio
import time

import pytest

from ontui.domain.quantity import format_age
from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.status import Status
from tests.eventually import eventually_async
from tests.servers import history
from tests.servers.exporter import Exporter
from tests.servers.prometheus import Prometheus
from tests.servers.proxy import ProxyMaker
from tests.sources.prometheus_setup import once, polling, sli, source

UP = sli("up", metric="up", unit="up")


async def test_values_are_those_of_the_server(prometheus: Prometheus) -> None:
    prometheus.push({"__name__": "seen_total", "job": "p"}, [(time.time() - 1, 42.0)])
    sample = await once(prometheus.url, sli("seen", "seen_total"), sli("scalar", "3 + 4"), UP)
    assert sample.fault is None
    assert sample.readings["seen"].value == 42.0
    assert sample.readings["seen"].note == '{job="p"}'
    assert sample.readings["scalar"].value == 7.0
    assert sample.readings["up"].value == 1.0
    assert sample.server.startswith("Prometheus 2.")
    assert sample.findings == ()
    assert abs(sample.readings["seen"].at - time.time()) < 2


async def test_nothing_nan_many_and_refused_are_told_apart(prometheus: Prometheus) -> None:
    sample = await once(
        prometheus.url,
        sli("empty", "no_such_series"),
        sli("nan", "0 / 0"),
        sli("inf", "1 / 0"),
        sli("many", "prometheus_http_requests_total or vector(1) or label_replace(vector(2), 'a', 'b', '', '')"),
        sli("broken", "sum("),
        sli("text", '"hello"'),
        sli("range", "vector(1)[5m:1m]"),
    )
    told = {id_: (r.value, r.flaw, r.reason) for id_, r in sample.readings.items()}
    assert told["empty"] == (None, Status.NO_DATA, "the query has no result")
    assert told["nan"] == (None, Status.NO_DATA, "NaN")
    assert told["inf"] == (None, Status.NO_DATA, "+Inf")
    assert told["many"] == (None, Status.UNKNOWN, "expected 1 series, got 2")
    assert told["broken"][1] is Status.UNKNOWN
    assert told["broken"][2].startswith('bad_data: invalid parameter "query"')
    assert "parse error" in told["broken"][2]
    assert told["text"][2] == "expected a number, got the text 'hello'"
    assert "range of samples" in told["range"][2]
    assert sample.fault is None


async def test_old_data_is_stale_and_keeps_its_value(prometheus: Prometheus) -> None:
    prometheus.push({"__name__": "frozen_gauge", "job": "p"}, [(time.time() - 100, 7.0)])
    asked = source(prometheus.url, stale_after_s=15.0)
    sample = await once(asked, sli("bare", "frozen_gauge"), sli("sum", "sum(frozen_gauge) * 2"))
    for id_, value in (("bare", 7.0), ("sum", 14.0)):
        reading = sample.readings[id_]
        assert (reading.value, reading.flaw) == (value, Status.STALE)
        assert reading.reason.startswith("data is 1m4")


@pytest.mark.parametrize("ended_s", [240.0, 540.0, 3000.0])
async def test_data_that_ended_does_not_turn_fresh_again(prometheus: Prometheus, ended_s: float) -> None:
    name = f"ended_gauge_{ended_s:.0f}"
    prometheus.push({"__name__": name, "job": "p"}, [(time.time() - ended_s, 7.0)])
    looking = sli("looking", f"last_over_time({name}[1h])")
    either = sli("either", f"max(max_over_time({name}[1h])) or vector(0)")
    over = sli("over", f"max(last_over_time({name}[3m])) or vector(0)")
    sum_ = sli("sum", f"max(max_over_time({name}[1h])) + max({name}_live)")
    prometheus.push({"__name__": f"{name}_live", "job": "p"}, [(time.time(), 1.0)])
    async with polling(prometheus.url, looking, either, over, sum_) as poller:
        for sample in [await poller.poll() for _ in range(2)]:
            for id_ in ("looking", "either"):
                reading = sample.readings[id_]
                assert (reading.value, reading.flaw) == (7.0, Status.STALE)
                assert reading.reason == f"data is {format_age(reading.data_age_s or 0)} old"
                assert ended_s <= (reading.data_age_s or 0) < ended_s + 30
        if ended_s > 300:
            past = sample.readings["over"]
            assert (past.value, past.flaw) == (0.0, None), "what ended is not in its value"
            mixed = sample.readings["sum"]
            assert (mixed.value, mixed.flaw) == (8.0, None)
            assert mixed.caveat.startswith("a part of its data is "), mixed


async def test_data_that_was_there_a_moment_ago_is_fresh_though_its_series_ended(
    prometheus: Prometheus, exporter: Exporter
) -> None:
    async def is_there(query: str) -> None:
        assert await eventually_async(lambda: asyncio.to_thread(prometheus.value, query), within_s=30, every_s=0.3)

    await is_there("count_over_time(live_temperature[30s]) > 8 and live_temperature")
    asked = sli("brief", "last_over_time(live_temperature[30m])")
    for seen_before in (True, False):
        async with polling(prometheus.url, asked) as poller:
            if seen_before:
                assert (await poller.poll()).readings["brief"].flaw is None
            exporter.expose("something_else 1")
            await is_there("absent(live_temperature)")
            reading = (await poller.poll()).readings["brief"]
        assert (reading.value, reading.flaw) == (21.5, None)
        assert 0 < (reading.data_age_s or 0) < 15


async def test_one_of_two_that_went_quiet_is_a_caveat(prometheus: Prometheus) -> None:
    prometheus.push({"__name__": "half_gauge", "job": "p", "instance": "a"}, [(time.time() - 100, 7.0)])
    prometheus.push({"__name__": "half_gauge", "job": "p", "instance": "b"}, [(time.time() - 1, 8.0)])
    sample = await once(source(prometheus.url, stale_after_s=15.0), sli("half", "sum(half_gauge)"))
    assert sample.readings["half"].flaw is None
    assert sample.readings["half"].caveat == "1 of 2 targets send no new data"


async def test_a_declared_freshness_is_what_counts(prometheus: Prometheus) -> None:
    prometheus.push({"__name__": "old_thing", "job": "p"}, [(time.time() - 100, 7.0)])
    asked = sli("one", "vector(1)", freshness="old_thing")
    sample = await once(source(prometheus.url, stale_after_s=15.0), asked, sli("blind", "vector(1)"))
    assert sample.readings["one"].flaw is Status.STALE
    assert sample.readings["blind"].flaw is None


async def test_a_rate_over_a_dead_target_is_no_falling_traffic(prometheus: Prometheus, exporter: Exporter) -> None:
    rate = sli("rate", "sum(rate(live_requests_total[1m]))")
    gauge = sli("gauge", "live_temperature")
    state = sli("state", 'up{job="live"}')
    async with polling(prometheus.url, rate, gauge, state) as poller:

        async def seen() -> Sample:
            return await poller.poll()

        async def settled() -> Sample | None:
            sample = await seen()
            return sample if sample.readings["rate"].flaw is None else None

        await eventually_async(settled, within_s=20, every_s=0.3)
        exporter.fail()

        async def dead() -> Reading | None:
            sample = await seen()
            reading = sample.readings["rate"]
            assert sample.readings["state"].flaw is None
            return reading if reading.flaw is Status.STALE else None

        reading = await eventually_async(dead, within_s=10, every_s=0.2)
        assert reading is not None
        assert reading.value is not None
        assert reading.reason == "target down"
        lost = (await seen()).readings["gauge"]
        assert (lost.flaw, lost.reason) == (Status.NO_DATA, "the query has no result: target down")


@pytest.mark.parametrize("dead_s", [330.0, 700.0, 3600.0])
async def test_a_target_that_died_long_ago_is_still_down(
    prometheus: Prometheus, exporter: Exporter, dead_s: float
) -> None:
    exporter.fail()
    await eventually_async(lambda: asyncio.to_thread(prometheus.value, 'up{job="live"} == bool 0'), within_s=20)
    now, name = time.time(), f"long_dead_{dead_s:.0f}_total"
    dead = {"__name__": name, "job": "live", "instance": exporter.target}
    alive = {"job": "pushed", "instance": name}
    prometheus.push(dead | {"of": "one"}, [(now - dead_s - n, 9000.0 - n) for n in range(600, -1, -15)])
    prometheus.push(dead | {"of": "two"}, [(now - dead_s - n, 9000.0 - n) for n in range(600, -1, -15)])
    prometheus.push({"__name__": name, "of": "two"} | alive, [(now - n, 9000.0 - n) for n in range(600, -1, -15)])
    prometheus.push({"__name__": "up"} | alive, [(now - 1, 1.0)])
    sample = await once(
        prometheus.url,
        sli("all", f'sum(rate({name}{{of="one"}}[1m])) or vector(0)'),
        sli("part", f'sum(rate({name}{{of="two"}}[1m]))'),
        sli("spared", 'sum(rate(shop_requests_total[5m])) or vector(0)'),
    )
    whole, part = sample.readings["all"], sample.readings["part"]
    assert (whole.value, whole.flaw, whole.reason) == (0.0, Status.STALE, "target down")
    assert (part.flaw, part.caveat) == (None, "1 of 2 targets down")
    assert (sample.readings["spared"].flaw, sample.readings["spared"].caveat) == (None, "")


async def test_a_restart_does_not_freshen_a_dead_target(prometheus: Prometheus, exporter: Exporter) -> None:
    async def scraped() -> bool:
        return prometheus.value('timestamp(up{job="live"}) > time() - 3 and up{job="live"} == 1') is not None

    async with polling(prometheus.url, sli("gauge", "live_temperature")) as poller:
        await eventually_async(scraped, within_s=20, every_s=0.3)
        prometheus.stop()
        exporter.fail()
        prometheus.start()

        async def known_dead() -> Reading | None:
            reading = (await poller.poll()).readings["gauge"]
            return reading if prometheus.value('up{job="live"}') == 0 else None

        reading = await eventually_async(known_dead, within_s=20, every_s=0.3)
        last = (await poller.poll()).readings["gauge"]
    assert reading is not None
    assert (last.value, last.flaw, last.reason) == (21.5, Status.STALE, "target down")


async def test_one_odd_selector_does_not_blind_the_others(prometheus: Prometheus, exporter: Exporter) -> None:
    odd = sli("odd", "vector(1)", freshness="sum(live_temperature)")
    plain = sli("gauge", "last_over_time(live_temperature[5m])")
    async with polling(prometheus.url, odd, plain) as poller:

        async def alive() -> bool:
            return prometheus.value('up{job="live"}') == 1 and (await poller.poll()).readings["gauge"].flaw is None

        assert await eventually_async(alive, within_s=20, every_s=0.3)
        exporter.fail()

        async def dead() -> Reading | None:
            reading = (await poller.poll()).readings["gauge"]
            return reading if reading.flaw is Status.STALE else None

        reading = await eventually_async(dead, within_s=20, every_s=0.3)
        sample = await poller.poll()
    assert reading is not None
    assert reading.reason == "target down"
    assert any("cannot tell whether they feed some numbers" in finding for finding in sample.findings)


async def test_a_declared_freshness_that_tells_nothing_is_said(prometheus: Prometheus) -> None:
    sample = await once(
        prometheus.url,
        sli("never", "last_over_time(shop_queue_depth[5m])", freshness="nope_nope"),
        sli("refused", "vector(1)", freshness="shop_queue_depth[5m]"),
    )
    never, refused = sample.readings["never"], sample.readings["refused"]
    assert (never.flaw, never.reason) in [(Status.STALE, "freshness finds no series"), (Status.NO_DATA, never.reason)]
    assert refused.caveat == "its freshness cannot be checked"


async def test_history_comes_with_a_later_sample_and_only_once(prometheus: Prometheus) -> None:
    depth = sli("depth", "shop_queue_depth", interval_s=15.0)
    async with polling(prometheus.url, depth, sli("nothing", "no_such_series")) as poller:
        first = await poller.poll()
        assert first.readings["depth"].history == ()

        async def arrived() -> Reading | None:
            reading = (await poller.poll()).readings["depth"]
            return reading if reading.history else None

        brought = await eventually_async(arrived)
        assert brought is not None
        points = brought.history
        assert (await poller.poll()).readings["depth"].history == ()
    known = [p for p in points if p.value is not None and p.at <= prometheus.history_end]
    assert len(known) > 200
    assert all(p.value == history.queue_depth(round(p.at)) for p in known[:-1] if abs(p.at % 60 - 30) < 25)
    assert points[-1].at <= time.time()
    assert points[0].at >= time.time() - 3700


async def test_a_single_look_waits_for_its_history(prometheus: Prometheus) -> None:
    async with polling(prometheus.url, sli("depth", "shop_queue_depth"), history_first=True) as poller:
        sample = await poller.poll()
    assert len(sample.readings["depth"].history) > 200
    assert sample.server.startswith("Prometheus")


@pytest.mark.parametrize("ahead_s", [120.0, -120.0])
async def test_a_wrong_clock_here_is_said_and_invents_nothing(prometheus: Prometheus, ahead_s: float) -> None:
    def now() -> float:
        return time.time() + ahead_s

    async with polling(prometheus.url, sli("depth", "shop_queue_depth"), now=now, history_first=True) as poller:
        sample = await poller.poll()
    behind = "behind" if ahead_s > 0 else "ahead"
    assert sample.findings == (f"clock differs by 2m: the server is {behind}",) or "1m5" in sample.findings[0]
    reading = sample.readings["depth"]
    assert reading.value == prometheus.value("shop_queue_depth")
    known = [p for p in reading.history if p.value is not None]
    assert now() - 320 < known[-1].at <= now()


async def test_a_hanging_server_is_a_timeout_and_then_well_again(prometheus: Prometheus) -> None:
    asked = source(prometheus.url, timeout_s=0.5)
    async with polling(asked, sli("one", "1"), UP) as poller:
        assert (await poller.poll()).fault is None
        prometheus.freeze()
        started = time.monotonic()
        sample = await poller.poll()
        assert time.monotonic() - started < 1.0
        assert sample.fault is not None
        assert (sample.fault.kind, sample.fault.text) == (FaultKind.TIMEOUT, "no answer within 0.5 s")
        assert sample.readings["up"].value == 0.0
        assert "one" not in sample.readings
        prometheus.thaw()
        recovered = await poller.poll()
        assert recovered.fault is None
        assert recovered.readings["up"].value == 1.0


async def test_a_stopped_server_refuses_and_comes_back(prometheus: Prometheus) -> None:
    async with polling(prometheus.url, sli("one", "1")) as poller:
        assert (await poller.poll()).fault is None
        prometheus.stop()
        sample = await poller.poll()
        assert sample.fault is not None
        assert (sample.fault.kind, sample.fault.text) == (FaultKind.REFUSED, "connection refused")
        prometheus.start()
        assert (await poller.poll()).fault is None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("reset", FaultKind.LOST),
        ("cut", FaultKind.LOST),
        ("trickle", FaultKind.TIMEOUT),
        ("black_hole", FaultKind.TIMEOUT),
        ("refuse", FaultKind.REFUSED),
    ],
)
async def test_a_broken_network_has_a_name(
    prometheus: Prometheus, proxy: ProxyMaker, fault: str, kind: FaultKind
) -> None:
    between = proxy(prometheus.address)
    match fault:
        case "reset":
            between.reset()
        case "cut":
            between.cut_after(60)
        case "trickle":
            between.throttle(100)
        case "black_hole":
            between.black_hole()
        case _:
            between.refuse()
    sample = await once(source(f"http://127.0.0.1:{between.port}", timeout_s=0.6), sli("one", "1"))
    assert sample.fault is not None
    assert sample.fault.kind is kind
    assert sample.latency_s < 1.0


async def test_plain_http_is_told_from_tls(prometheus: Prometheus) -> None:
    sample = await once(prometheus.url.replace("http:", "https:"), sli("one", "1"))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.TLS, "the server does not speak TLS on this port")


async def test_cancelled_polls_and_closing_leave_nothing_running(prometheus: Prometheus) -> None:
    prometheus.freeze()
    before = asyncio.all_tasks()
    async with polling(source(prometheus.url, timeout_s=30.0), sli("one", "up")) as poller:
        poll = asyncio.create_task(poller.poll())
        await asyncio.sleep(0.2)
        poll.cancel()
        assert isinstance((await asyncio.gather(poll, return_exceptions=True))[0], asyncio.CancelledError)
    assert asyncio.all_tasks() <= before
