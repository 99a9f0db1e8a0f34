"""The stand-in answers what the demo asks as Prometheus would, and refuses the rest in Prometheus' own words."""

import random
import shutil
import time
import urllib.parse
from pathlib import Path

import pytest
import yaml
from prombed import Prombed, parse_promql

import ontui.demo
from ontui.demo.folder import make_root
from ontui.demo.prometheus import Story, begin_metrics
from ontui.demo.promql_front import KEPT_MS, backfill, instant, over_range
from tests.demo.looking import Look, get
from tests.servers.packages import PROMETHEUS, find

TEMPLATE = Path(ontui.demo.__file__).parent / "freight" / "ontui.yaml"
SLIS = yaml.safe_load(TEMPLATE.read_text())["slis"]
QUERIES = {name: sli["query"] for name, sli in SLIS.items() if "query" in sli}


def filled(seed: int, began_at: float) -> Prombed:
    """A stand-in with an hour of history and nobody to scrape."""
    prombed = Prombed(retention_ms=KEPT_MS)
    backfill(prombed, seed, began_at)
    return prombed


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_of_the_demo_is_within_the_subset(name: str) -> None:
    parse_promql(QUERIES[name])
    parse_promql(SLIS[name]["freshness"])


def test_every_query_of_the_demo_agrees_with_a_real_prometheus() -> None:
    began_at = float(int(time.time())) - 10
    prombed, root = filled(3, began_at), make_root("ontui-t-")
    program = find(PROMETHEUS)
    beginning = begin_metrics(root, Story("127.0.0.1:9", 3, began_at), program.folder / "prometheus")
    server = beginning.finish()
    chance = random.Random(1)
    try:
        for name, query in QUERIES.items():
            for _ in range(6):
                at = round(began_at - chance.uniform(10, 3200) // 5 * 5 - 1.7, 3)  # never on a scrape
                ours = instant(prombed, query, round(at * 1000))["data"]["result"]
                form = {"query": query, "time": f"{at:.3f}"}
                status, theirs = get(server.url + "/api/v1/query", form)
                assert status == 200
                (mine,), (real,) = ours, theirs["data"]["result"]
                assert float(mine["value"][1]) == pytest.approx(float(real["value"][1]), rel=1e-9), (name, at)
    finally:
        server.child.stop()
        shutil.rmtree(root)


def test_a_range_is_the_instant_answer_at_each_step() -> None:
    began_at = 1_700_000_000.0
    prombed = filled(0, began_at)
    query = QUERIES["api_p95"]
    start, end = int((began_at - 300) * 1000), int(began_at * 1000)
    (series,) = over_range(prombed, query, start, end, 60_000)["data"]["result"]
    assert [at for at, _ in series["values"]] == [at / 1000 for at in range(start, end + 1, 60_000)]
    for at, value in series["values"]:
        assert instant(prombed, query, int(at * 1000))["data"]["result"][0]["value"][1] == value
        assert prombed.query(query, int(at * 1000))["data"]["result"][0]["value"][1] == value


@pytest.mark.parametrize("ask", ["timestamp(up)", "min(timestamp(up))", 'max( timestamp( up{job="freight-api"} ) )'])
def test_the_age_of_the_newest_sample_can_be_asked(ask: str) -> None:
    began_at = 1_700_000_000.0
    (series,) = instant(filled(0, began_at), ask, int((began_at + 7) * 1000))["data"]["result"]
    assert series["value"] == [began_at + 7, "1700000000.0"]


def test_the_age_of_nothing_is_no_data() -> None:
    assert instant(filled(0, 1_700_000_000.0), "min(timestamp(nothing))", 1_700_000_000_000)["data"]["result"] == []


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("up offset 5m", 422, "execution"),
        ("absent(up)", 422, "execution"),
        ("up and up", 422, "execution"),
        ("sum(", 400, "bad_data"),
        ("", 400, "bad_data"),
    ],
)
def test_what_is_outside_the_subset_is_refused(calm: Look, query: str, status: int, kind: str) -> None:
    for form in (None, {"query": query}):
        path = "/api/v1/query" + ("" if form else "?" + urllib.parse.urlencode({"query": query}))
        found, answer = calm.prometheus(path, form)
        assert (found, answer["status"], answer["errorType"]) == (status, "error", kind)
        assert answer["error"]


def test_a_bad_range_is_refused(calm: Look) -> None:
    for form in (
        {"query": "up"},
        {"query": "up", "start": "9", "end": "1", "step": "1"},
        {"query": "up", "start": "x"},
    ):
        status, answer = calm.prometheus("/api/v1/query_range", form)
        assert (status, answer["errorType"]) == (400, "bad_data")
    assert calm.prometheus("/nowhere")[0] == 404
