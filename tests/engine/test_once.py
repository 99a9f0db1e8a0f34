"""Each asked a single time: whose time is taken is asked before the others begin."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ontui.config.load import load
from ontui.domain.sli import Sli
from ontui.domain.source import Source
from ontui.engine import Engine, rounds
from ontui.sources.opening import open_source
from ontui.sources.poller import Poller
from tests.servers.fixtures import WebMaker
from tests.servers.web import Reply, Request

CONFIG = """\
version: 1
system: {{id: shop, environment: staging}}
sources:
  plain: {{type: http, url: "{plain}"}}
  timed: {{type: http, url: "{timed}"}}
slis:
  queue: {{source: plain, json: queue}}
  latency: {{source: timed, metric: latency}}
"""


@pytest.mark.parametrize(("delay_s", "limit_s", "alone"), [(0.1, 30.0, True), (2.0, 0.05, False)])
async def test_a_time_is_taken_while_nobody_else_begins_unless_that_is_long(
    tmp_path: Path, open_web: WebMaker, monkeypatch: pytest.MonkeyPatch, delay_s: float, limit_s: float, alone: bool
) -> None:
    monkeypatch.setattr(rounds, "ALONE_S", limit_s)
    asked: dict[str, float] = {}

    def answer(name: str, body: bytes, delay_s: float) -> Callable[[Request], Reply]:
        def at_last(_: Request) -> Reply:
            asked[name] = time.monotonic()
            return Reply(200, body, {"Content-Type": "application/json"}, delay_s=delay_s)

        return at_last

    plain, timed = open_web(), open_web()
    plain.reply(answer("plain", b'{"queue": 3}', 0.0))
    timed.reply(answer("timed", b"{}", delay_s))
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG.format(plain=plain.url, timed=timed.url))
    engine = Engine(load(path, os.environ), folder=tmp_path / "state", seed=1, one_shot=True)
    await engine.once()
    assert (asked["plain"] - asked["timed"] >= delay_s) is alone
    assert [i.reading is not None for i in engine.state.indicators.values()] == [True, True]


async def test_all_is_imported_before_a_time_is_taken(
    tmp_path: Path, open_web: WebMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def opened(
        source: Source, slis: Sequence[Sli], now: Callable[[], float], *, history_first: bool = False
    ) -> Poller:
        order.append(f"open {source.id}")
        return open_source(source, slis, now, history_first=history_first)

    def asked(_: Request) -> Reply:
        order.append("asked")
        return Reply(200, b'{"queue": 3}', {"Content-Type": "application/json"})

    monkeypatch.setattr(rounds, "open_source", opened)
    web = open_web()
    web.reply(asked)
    path = tmp_path / "ontui.yaml"
    path.write_text(CONFIG.format(plain=web.url, timed=web.url))
    engine = Engine(load(path, os.environ), folder=tmp_path / "state", seed=1, one_shot=True)
    await engine.once()
    assert order == ["open timed", "open plain", "asked", "asked"]


async def test_all_are_asked_beside_each_other(tmp_path: Path, open_web: WebMaker) -> None:
    asked: list[float] = []
    answer_s = 3.0

    def slowly(_: Request) -> Reply:
        asked.append(time.monotonic())
        return Reply(200, b'{"queue": 3}', {"Content-Type": "application/json"}, delay_s=answer_s)

    webs = [open_web() for _ in range(3)]
    for web in webs:
        web.reply(slowly)
    path = tmp_path / "ontui.yaml"
    how = "type: http, every: 60s, timeout: 30s"
    sources = "\n".join(f"  s{n}: {{{how}, url: '{web.url}'}}" for n, web in enumerate(webs))
    slis = "\n".join(f"  q{n}: {{source: s{n}, json: queue}}" for n in range(3))
    path.write_text(f"version: 1\nsystem: {{id: shop}}\nsources:\n{sources}\nslis:\n{slis}\n")
    engine = Engine(load(path, os.environ), folder=tmp_path / "state", seed=1, one_shot=True)
    await engine.once()
    assert [i.reading.value if i.reading else None for i in engine.state.indicators.values()] == [3, 3, 3]
    assert max(asked) < min(asked) + answer_s   # the last was asked before the first had answered


async def test_what_looks_twice_begins_and_its_second_look_is_waited_for_meanwhile(
    tmp_path: Path, open_web: WebMaker
) -> None:
    asked: list[str] = []
    requests = iter(range(100, 10_000, 100))

    def counters(_: Request) -> Reply:
        asked.append("counters")
        text = f"requests_total {next(requests)}\n"
        return Reply(200, text.encode(), {"Content-Type": "text/plain; version=0.0.4"})

    def health(_: Request) -> Reply:
        asked.append("health")
        return Reply(200, b"{}", {"Content-Type": "application/json"})

    growing, well = open_web(), open_web()
    growing.reply(counters)
    well.reply(health)
    path = tmp_path / "ontui.yaml"
    path.write_text(
        "version: 1\nsystem: {id: shop}\nsources:\n"
        f"  health: {{type: http, url: '{well.url}'}}\n  app: {{type: metrics, url: '{growing.url}/metrics'}}\n"
        "slis:\n  latency: {source: health, metric: latency}\n"
        "  rate: {source: app, series: requests_total, rate: true}\n"
    )
    engine = Engine(load(path, os.environ), folder=tmp_path / "state", seed=1, one_shot=True)
    await engine.once()
    assert asked == ["counters", "health", "counters"]
    assert engine.state.indicators["rate"].reading is not None

