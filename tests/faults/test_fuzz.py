"""Row 40: answers of Prometheus and of a health endpoint with keys that are missing and types that are wrong."""

import copy
import math
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.config_folder import ConfigFolder
from tests.faults.conftest import Watching
from tests.faults.watch import Watch, status
from tests.servers.web import Web, json_reply

CONFIG = """version: 1
system: {{id: shop, name: The Shop, environment: staging, production: false}}
sources:
  metrics: {{type: prometheus, url: "{url}", every: 1h, timeout: 2s}}
  api: {{type: http, url: "{url}/health", every: 1h, timeout: 2s, expect: {{json: {{status: ok}}}}}}
slis:
  one: {{title: one, group: all, source: metrics, query: sum(load), objective: "<= 5"}}
  two:
    title: two
    group: all
    source: metrics
    query: rate(done_total[5m])
    freshness: done_total
    alerts: [{{name: High, when: "> 5", severity: SEV-1}}]
  queue: {{title: queue, group: all, source: api, json: queue.length}}
"""
STATUSES = {"ok", "warning", "critical", "no_data", "stale", "unknown"}
SERIES = {"metric": {"__name__": "load", "job": "a"}, "value": [1.0, "3"], "values": [[1.0, "3"]]}
GOOD = {
    "status": "success",
    "data": {
        "resultType": "vector",
        "result": [SERIES],
        "version": "2.42",
        "activeTargets": [{"labels": {"job": "a"}, "scrapeInterval": "15s"}],
    },
    "queue": {"length": 4},
    "warnings": [],
}
"""Good for every question at once."""

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("NaN"), st.just("1e999"),
    st.just(10**400), st.just("\x1b]52;c;Zm9v\x07[bold]"), st.just("vector"), st.just("matrix"), st.just("scalar"),
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def places(document: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a document."""
    yield path
    listed = dict(enumerate(document)) if isinstance(document, list) else document
    for key, part in listed.items() if isinstance(listed, dict) else ():
        yield from places(part, (*path, key))


PLACES = [place for place in places(GOOD) if place]


@st.composite
def spoilt(draw: st.DrawFn) -> object:
    """The good answer with one to three of its parts gone or replaced; or anything at all."""
    if draw(st.integers(0, 5)) == 0:
        return draw(values)
    document: Any = copy.deepcopy(GOOD)
    document["data"]["result"][0]["value"][0] = time.time()
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        parent = document
        try:
            for key in place[:-1]:
                parent = parent[key]
            if draw(st.booleans()):
                parent[place[-1]] = draw(values)
            else:
                del parent[place[-1]]
        except (KeyError, IndexError, TypeError):  # an earlier change took it away
            continue
    return document


def sound(told: dict[str, Any]) -> None:
    """Each number is one, and where there is none it is said why; nothing broke in ontui itself."""
    for sli in told["slis"]:
        assert sli["status"] in STATUSES
        assert sli["value"] is None or math.isfinite(sli["value"])
        assert (sli["value"] is None) == (sli["status"] in ("no_data", "stale", "unknown")), sli
        assert sli["status"] == "ok" or sli["reason"], sli
    assert "ontui failed" not in str(told)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", str([s["reason"] for s in told["slis"]]))


@pytest.fixture
def watch(place: ConfigFolder, watching: Watching, web: Web) -> Watch:
    """A cockpit on a server that says what an example has it say, of whatever it is asked."""
    place.write(CONFIG.format(url=web.url))
    web.reply(json_reply(GOOD))
    return watching(place)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=spoilt())
def test_40_spoilt_answers_break_no_panel(watch: Watch, web: Web, document: object) -> None:
    web.reply(json_reply(document))
    watch.look_anew("metrics")
    watch.look_anew("api")
    sound(watch.json)
    lines = watch.text.splitlines()
    for title in ("one", "two", "queue"):
        assert any(re.match(rf" [✓◆▲◌∅?] {title} ", line) for line in lines), lines


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "the answer is not a JSON object"),
        ({}, "the answer has no status"),
        ({"status": "success"}, "the answer has no data"),
        ({"status": "success", "data": {"resultType": "vector"}}, "the vector is not a list"),
        ({"status": "success", "data": {"resultType": "vector", "result": [7]}}, "a series is not an object"),
        ({"status": "success", "data": {"resultType": "vector", "result": [{}]}}, "a series has no value"),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, {}]}]}},
            r"'\{\}' is not a number",
        ),
        ({"status": "success", "data": {"resultType": "cube", "result": []}}, "unknown result type 'cube'"),
    ],
    ids=["list", "empty", "no data", "no result", "no series", "no value", "no number", "no type"],
)
def test_40_each_has_a_name(place: ConfigFolder, web: Web, document: object, reason: str) -> None:
    place.write(CONFIG.format(url=web.url))
    web.reply(json_reply(document))
    told = status(place)
    assert told.code == 3
    sound(dict(told.json))
    for id_ in ("one", "two"):
        assert (told.sli(id_)["status"], told.sli(id_)["value"]) == ("unknown", None)
        assert re.search(reason, told.sli(id_)["reason"]), told.sli(id_)
    assert told.sli("queue")["value"] is None
