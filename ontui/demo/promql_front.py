"""A PromQL subset behind Prometheus' own HTTP paths, for machines without a Prometheus; names itself `prombed`."""

from __future__ import annotations

import argparse
import asyncio
import bisect
import math
import re
import signal
import socket
import time
from collections.abc import Sequence
from typing import Any

from prombed import (
    InMemoryStorage,
    LabelMatcher,
    Prombed,
    PrombedError,
    PromQLEngine,
    Sample,
    ScrapeTarget,
    StoredSeries,
    parse_promql,
)

from ontui.demo.freight_system import HISTORY_S, SCRAPE_S, Freight, history
from ontui.demo.loopback_http import Request, Response, fetch, json_response, serve, text_response
from ontui.demo.prometheus import INSTANCE, JOB

BUILD = {"application": "prombed", "version": "0.1.0 (PromQL subset)"}
KEPT_MS = int(HISTORY_S * 1000) + 300_000
LOOKBACK_MS = 5 * 60_000
FIRST_ANSWER_S = 30.0
MOST_POINTS = 11_000
# The one shape of timestamp() that a freshness check asks for; the engine itself has no such function.
_TIMESTAMP = re.compile(r"\s*(?:(min|max)\s*\(\s*)?timestamp\s*\((?P<selector>[^()]*)\)\s*(?(1)\))\s*")


class Window:
    """A storage that shows an engine only what matters at one instant; else a range query reads all at each step."""

    def __init__(self, whole: InMemoryStorage) -> None:
        self._whole = whole
        self._held: dict[tuple[LabelMatcher, ...], list[tuple[StoredSeries, list[int]]]] = {}
        self.at_ms = 0

    def select(self, matchers: list[LabelMatcher]) -> list[StoredSeries]:
        """The series as they were at at_ms, back to the look-back."""
        key = tuple(matchers)
        if key not in self._held:
            found = self._whole.select(matchers)
            self._held[key] = [(series, [sample.timestamp for sample in series.samples]) for series in found]
        shown = []
        for series, times in self._held[key]:
            first = bisect.bisect_right(times, self.at_ms - LOOKBACK_MS)
            last = bisect.bisect_right(times, self.at_ms, lo=first)
            shown.append(StoredSeries(series.labels, series.samples[first:last]))
        return shown


def backfill(prombed: Prombed, seed: int, began_at: float) -> None:
    """Store the hour before began_at, as if it had been scraped."""
    system, appender = Freight(seed), prombed.storage.appender(int(began_at * 1000))
    target = {"job": JOB, "instance": INSTANCE}
    for now in history(system, began_at):
        at_ms = int(now * 1000)
        for name, labels, value in system.samples():
            appender.append({"__name__": name, **dict(labels), **target}, Sample(at_ms, value))
        appender.append({"__name__": "up", **target}, Sample(at_ms, 1.0))
    appender.commit()


def instant(prombed: Prombed, query: str, at_ms: int) -> dict[str, Any]:
    """The answer to an instant query, as Prometheus shapes it; PrombedError when it is outside the subset."""
    asked = _TIMESTAMP.fullmatch(query)
    if asked is not None:
        return _timestamps(prombed, asked["selector"], asked[1], at_ms)
    window = Window(prombed.storage)
    window.at_ms = at_ms
    answer: dict[str, Any] = PromQLEngine(window).query(query, at_ms)
    return answer


def over_range(prombed: Prombed, query: str, start_ms: int, end_ms: int, step_ms: int) -> dict[str, Any]:
    """The answer to a range query: the instant query at each step."""
    if step_ms <= 0 or end_ms < start_ms or (end_ms - start_ms) / step_ms > MOST_POINTS:
        raise PrombedError("invalid_query", "a range needs start <= end, a positive step and at most 11,000 points")
    window = Window(prombed.storage)
    engine = PromQLEngine(window)
    series: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for at_ms in range(start_ms, end_ms + 1, step_ms):
        window.at_ms = at_ms
        data = engine.query(query, at_ms)["data"]
        found = [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]
        for one in found:
            key = tuple(sorted(one["metric"].items()))
            series.setdefault(key, {"metric": one["metric"], "values": []})["values"].append(one["value"])
    result = [series[key] for key in sorted(series)]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _timestamps(prombed: Prombed, selector: str, fold: str | None, at_ms: int) -> dict[str, Any]:
    parsed: Any = parse_promql(selector)
    window = Window(prombed.storage)
    window.at_ms = at_ms
    last = [(series.labels, series.samples[-1]) for series in window.select(list(parsed.matchers)) if series.samples]
    known = [(labels, sample.timestamp / 1000) for labels, sample in last if not sample.stale]
    if fold and known:
        known = [({}, (min if fold == "min" else max)(at for _, at in known))]
    result = [
        {"metric": {k: v for k, v in labels.items() if k != "__name__"}, "value": [at_ms / 1000, repr(at)]}
        for labels, at in known
    ]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def _milliseconds(text: str) -> int:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a time")
    return int(value * 1000)


class Front:
    """Prometheus' paths over one Prombed."""

    def __init__(self, prombed: Prombed, scrape_s: float) -> None:
        self._prombed, self._scrape_s = prombed, scrape_s

    async def answer(self, request: Request) -> Response:
        """Every path this process has."""
        try:
            match request.path:
                case "/api/v1/query":
                    at_ms = _milliseconds(request.values.get("time", str(time.time())))
                    return json_response(instant(self._prombed, request.values.get("query", ""), at_ms))
                case "/api/v1/query_range":
                    bounds = [_milliseconds(request.values.get(name, "nan")) for name in ("start", "end", "step")]
                    return json_response(over_range(self._prombed, request.values.get("query", ""), *bounds))
                case "/api/v1/status/buildinfo":
                    return json_response({"status": "success", "data": BUILD})
                case "/api/v1/targets":
                    return json_response({"status": "success", "data": self._targets()})
                case "/-/ready" | "/-/healthy":
                    return text_response("prombed is ready.\n")
                case _:
                    return text_response("404 page not found\n", 404)
        except PrombedError as error:
            if error.code in ("unsupported_promql_feature", "query_execution_error"):
                return _refusal(422, "execution", str(error))
            return _refusal(400, "bad_data", str(error))
        except ValueError as error:
            return _refusal(400, "bad_data", f"invalid parameter: {error}")

    def _targets(self) -> dict[str, Any]:
        active = [
            {
                "labels": {"instance": INSTANCE, "job": JOB},
                "scrapePool": JOB,
                "scrapeUrl": status.target.url,
                "health": status.health,
                "lastError": status.last_error or "",
                "lastScrape": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((status.last_scrape or 0) / 1000)),
                "lastScrapeDuration": (status.last_scrape_duration_ms or 0) / 1000,
                "scrapeInterval": f"{self._scrape_s:g}s",
            }
            for status in self._prombed.targets()
        ]
        return {"activeTargets": active, "droppedTargets": []}


def _refusal(status: int, kind: str, text: str) -> Response:
    return json_response({"status": "error", "errorType": kind, "error": text}, status)


async def _fetch(url: str, _headers: dict[str, str], timeout_s: float, _most: int) -> bytes:
    return await fetch(url, timeout_s)


async def run(listener: socket.socket, target: str, seed: int, began_at: float, scrape_s: float) -> None:
    """Scrape and answer until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    prombed = Prombed(
        targets=[ScrapeTarget(target, {"job": JOB, "instance": INSTANCE})],
        retention_ms=KEPT_MS,
        scrape_interval_ms=int(1000 * scrape_s),
        scrape_timeout_ms=int(1000 * scrape_s),
        fetch=_fetch,
    )
    backfill(prombed, seed, began_at)
    await fetch(target, FIRST_ANSWER_S)  # a failed scrape would leave a hole in every chart
    await prombed.start()
    server = await serve(listener, Front(prombed, scrape_s).answer)
    await stop.wait()
    prombed.stop()
    server.close()


def main(argv: Sequence[str] | None = None) -> None:
    """Arguments are the world's: a listening socket, whom to scrape, and the history to have seen."""
    parser = argparse.ArgumentParser(prog="promql_front")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--began-at", type=float, required=True)
    parser.add_argument("--scrape-s", type=float, default=SCRAPE_S)
    given = parser.parse_args(argv)
    listener = socket.socket(fileno=given.socket)
    asyncio.run(run(listener, given.target, given.seed, given.began_at, given.scrape_s))


if __name__ == "__main__":
    main()
