"""A vendor's status page: what it says, that it says so, and pages that say it oddly."""

import gzip
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontui.domain.condition import parse_condition
from ontui.domain.sample import FaultKind, Reading, Sample
from ontui.domain.sli import Indicator, Sli
from ontui.domain.source import StatuspageSource
from ontui.domain.status import Status
from ontui.sources.opening import open_source
from ontui.sources.statuspage_summary import Component, NotASummary, Summary, read_summary, summary_url
from tests.servers.web import Reply, Web, json_reply, redirect
from tests.sources.statuspages import Document, component, database, intelligence, payments

AT = "/api/v2/summary.json"


def sli(id_: str, *, metric: str = "", of: str = "", objective: str = "<= 0") -> Sli:
    unit = {"up": "up", "incidents": "count"}.get(metric, "vendor")
    promise = parse_condition("== 1" if metric == "up" else objective, unit)
    return Sli(id_, id_, "", "vendor", unit, 60.0, 5.0, metric=metric, component=of, objective=promise)


METRICS = tuple(sli(name, metric=name) for name in ("up", "status", "components", "incidents"))


async def once(url: str, *slis: Sli, timeout_s: float = 5.0) -> Sample:
    source = StatuspageSource(id="vendor", type="statuspage", interval_s=60.0, timeout_s=timeout_s, url=url)
    poller = open_source(source, slis or METRICS, time.time)
    try:
        return await poller.poll()
    finally:
        await poller.close()


async def seen(web: Web, document: Document, *slis: Sli) -> dict[str, Reading]:
    web.reply(json_reply(document), at=AT)
    sample = await once(web.url, *slis)
    assert sample.fault is None
    return dict(sample.readings)


def reason(of: Sli, reading: Reading) -> str:
    """What stands beside the SLI on a screen."""
    return Indicator(of, reading).standing([], reading.at).reason


async def test_a_vendor_that_is_well(web: Web) -> None:
    told = await seen(web, payments())
    assert {id_: (r.value, r.flaw, r.caveat) for id_, r in told.items()} == {
        "up": (1, None, ""), "status": (0, None, ""), "components": (0, None, ""), "incidents": (0, None, "")
    }  # fmt: skip
    assert told["status"].note == "vendor says: All Systems Operational"
    assert told["components"].note == "vendor says: all 3 components operational"
    assert [row.name for row in told["components"].rows] == ["API", "Dashboard", "Webhooks"]
    assert told["incidents"].note == "vendor says: no open incident"
    sample = await once(web.url)
    assert sample.server == "vendor says: All Systems Operational (Example Pay)"
    assert web.requests[0].headers["accept"] == "application/json"


async def test_a_vendor_in_trouble(web: Web) -> None:
    told = await seen(web, database())
    assert told["status"].value == 3
    assert reason(METRICS[1], told["status"]) == (
        "objective operational missed · vendor says: Partial System Outage"
    )
    assert [(row.name, row.value) for row in told["components"].rows] == [
        ("Europe: Clusters", 3), ("Data Federation", 2), ("Europe: Backups", 1), ("USA: Backups", 0),
        ("USA: Clusters", 0),
    ]  # fmt: skip
    assert told["components"].note == (
        "vendor says: 3 of 5 components not operational: Europe: Clusters, Europe: Backups, Data Federation"
    )
    assert (told["incidents"].value, told["incidents"].note) == (
        1, "vendor says: Clusters in Europe unavailable (major, identified)"
    )  # fmt: skip


async def test_the_answer_is_shown_as_it_came(web: Web) -> None:
    told = await seen(web, database(), *METRICS, sli("c", of="Data Federation"))
    assert told["status"].raw == json.dumps(database()["status"])
    assert told["incidents"].raw.splitlines() == [json.dumps(each) for each in database()["incidents"]]
    assert told["c"].raw == json.dumps(database()["components"][-1])
    assert told["components"].raw.splitlines()[0] == "Europe: Clusters: partial outage"


async def test_a_page_with_few_fields(web: Web) -> None:
    told = await seen(web, intelligence())
    assert (told["status"].value, told["status"].note) == (4, "vendor says: critical")
    assert told["incidents"].note == "vendor says: Elevated errors (critical, investigating); Slow answers"
    assert told["components"].value == 4


@pytest.mark.parametrize(
    ("wanted", "value", "words"),
    [
        ("Data Federation", 2, "vendor says: Data Federation degraded performance"),
        ("data federation", 2, "vendor says: Data Federation degraded performance"),
        ("Europe: Clusters", 3, "vendor says: Europe: Clusters partial outage"),
        ("usa: clusters", 0, "vendor says: USA: Clusters operational"),
        ("Clusters", None, "2 components are called 'Clusters': say 'Europe: Clusters' or 'USA: Clusters'"),
        ("Europe", None, "the vendor has no component 'Europe'; it has"),   # a group only sums up
        ("Federation", None, "the vendor has no component 'Federation'; it has 'Data Federation'"),
        ("Data Federaton", None, "the vendor has no component 'Data Federaton'; it has 'Data Federation'"),
    ],
)
async def test_a_component_by_its_name(web: Web, wanted: str, value: float | None, words: str) -> None:
    reading = (await seen(web, database(), sli("c", of=wanted)))["c"]
    assert (reading.value, reading.flaw) == (value, None if value is not None else Status.UNKNOWN)
    assert (reading.note if value is not None else reading.reason).startswith(words)


async def test_an_exact_name_goes_before_one_in_another_case(web: Web) -> None:
    document = payments() | {"components": [component("API", "major_outage"), component("api")]}
    told = await seen(web, document, sli("a", of="API"), sli("b", of="api"), sli("c", of="Api"))
    assert (told["a"].value, told["b"].value, told["c"].flaw) == (4, 0, Status.UNKNOWN)


async def test_words_nobody_knows_are_no_number(web: Web) -> None:
    document: Document = {
        "status": {"indicator": "purple"},
        "components": [component("A", "on_fire"), component("B")],
    }
    told = await seen(web, document, *METRICS, sli("a", of="A"))
    assert (told["status"].flaw, told["status"].reason) == (
        Status.UNKNOWN, "vendor says 'purple', a word nobody knows"
    )  # fmt: skip
    assert (told["a"].flaw, told["a"].reason) == (Status.UNKNOWN, "vendor says 'on fire', a word nobody knows")
    assert (told["components"].value, told["components"].caveat) == (
        0, "1 of 2 rows have no value"
    )  # fmt: skip
    told = await seen(web, {"page": {}})
    assert told["status"].reason == "the page tells no status"
    assert (told["components"].flaw, told["components"].reason) == (Status.NO_DATA, "the page lists no components")


async def test_a_missed_promise_is_labelled_and_a_kept_one_is_ok(web: Web) -> None:
    lenient = sli("c", of="Data Federation", objective="<= degraded")
    reading = (await seen(web, database(), lenient))["c"]
    assert Indicator(lenient, reading).standing([], reading.at).status is Status.OK
    strict = sli("c", of="Data Federation")
    reading = (await seen(web, database(), strict))["c"]
    standing = Indicator(strict, reading).standing([], reading.at)
    assert (standing.status, standing.text) == (Status.WARNING, "degraded")
    assert standing.reason.endswith("vendor says: Data Federation degraded performance")


async def test_the_age_of_a_copy_is_told_and_an_old_copy_is_stale(web: Web) -> None:
    body = json.dumps(payments()).encode()
    for age, note, flaw in (
        ("42", "vendor says: All Systems Operational · a cache's copy, 42s old", None),
        ("7200", "vendor says: All Systems Operational · a cache's copy, 2h old", Status.STALE),
        ("soon", "vendor says: All Systems Operational", None),
    ):
        web.reply(Reply(200, body, {"Content-Type": "application/json", "Age": age}))
        reading = (await once(web.url)).readings["status"]
        assert (reading.note, reading.flaw, reading.value) == (note, flaw, 0)
        assert reading.data_age_s == (float(age) if age.isdigit() else None)


async def test_packed_answers_and_redirects_at_home_are_followed(web: Web) -> None:
    packed = gzip.compress(json.dumps(payments()).encode())
    web.reply(redirect("/en/summary.json"), at=AT)
    web.reply(
        Reply(200, packed, {"Content-Type": "application/json", "Content-Encoding": "gzip"}), at="/en/summary.json"
    )
    assert (await once(web.url)).readings["status"].value == 0


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (
            Reply(200, b"\n<!DOCTYPE html>", {"Content-Type": "text/html"}),
            FaultKind.PROTOCOL, "answered HTML instead of JSON (a login page?)",
        ),
        (Reply(200, b'{"page": {'), FaultKind.PROTOCOL, "answered no valid JSON"),
        (Reply(200, b"[" * 100_000), FaultKind.PROTOCOL, "answered no valid JSON"),
        (json_reply([payments()]), FaultKind.PROTOCOL, "answered JSON that is no summary of a status page"),
        (json_reply({"error": "no"}), FaultKind.PROTOCOL, "answered JSON that is no summary of a status page"),
        (Reply(404, b"<html>", {"Content-Type": "text/html"}), FaultKind.PROTOCOL, "answered 404 Not Found"),
        (Reply(429), FaultKind.SATURATED, "answered 429 Too Many Requests"),
        (
            redirect("https://moved.example/api/v2/summary.json"),
            FaultKind.PROTOCOL, "redirects to another host: https://moved.example",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_what_is_no_summary_is_a_fault(web: Web, reply: Reply, kind: FaultKind, text: str) -> None:
    web.reply(reply)
    sample = await once(web.url)
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (kind, text)
    assert {id_: r.value for id_, r in sample.readings.items()} == {"up": 0}


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://status.example.com", "https://status.example.com/api/v2/summary.json"),
        ("https://status.example.com/", "https://status.example.com/api/v2/summary.json"),
        ("https://example.com/vendor", "https://example.com/vendor/api/v2/summary.json"),
        ("https://example.com/a/status.json", "https://example.com/a/status.json"),
    ],
)
def test_where_the_summary_is(url: str, asked: str) -> None:
    assert summary_url(url) == asked


ODD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30)
    | st.sampled_from(["operational", "major_outage", "none", "critical", "resolved", "A"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "name", "status", "group", "group_id", "impact", "indicator", "description", "x"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
KEYS = ("page", "status", "components", "incidents", "scheduled_maintenances")


def harmless(text: str) -> bool:
    return all(c.isprintable() for c in text)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({"page": ODD}, optional=dict.fromkeys(KEYS[1:], ODD)))
def test_odd_documents_are_read_as_far_as_they_go(document: Document) -> None:
    summary = read_summary(json.dumps(document).encode())
    names = [name for name, _ in summary.rows()]
    assert len(set(names)) == len(names)
    shown = [summary.page, summary.said, *summary.incidents, *names, *(c.said for c in summary.components)]
    assert all(map(harmless, shown))
    for name in names:
        found = summary.find(name)
        assert isinstance(found, Component | str)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_summary_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_summary(body), Summary)
    except NotASummary as refused:
        assert harmless(str(refused))


def test_hostile_words_are_harmless() -> None:
    evil = "\x1b]52;c;aGk=\x07\u202eoperational\n"
    document = {"page": {"name": evil}, "status": {"indicator": evil, "description": evil},
                "components": [{"name": evil, "status": evil}], "incidents": [{"name": evil}]}  # fmt: skip
    summary = read_summary(json.dumps(document).encode())
    texts = [summary.page, summary.said, summary.indicator, *summary.incidents, summary.components[0].name]
    assert all(map(harmless, texts))
    assert "\x1b" not in summary.raw + summary.components[0].raw
