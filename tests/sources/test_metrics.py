"""The metrics source against endpoints: what is selected, summed, divided and called by rows, and what is refused."""

import asyncio
import gzip
import math
import time

import httpx
import pytest

from ontui.domain.sample import FaultKind
from ontui.domain.secret import Secret
from ontui.domain.source import HttpAccess
from ontui.domain.status import Status
from tests.servers.certificates import Authority
from tests.servers.fixtures import WebMaker
from tests.servers.prometheus import Prometheus
from tests.servers.web import Reply, Web, gzip_bomb, redirect
from tests.sources.metrics_setup import OPENMETRICS, TEXT, Clock, once, polling, sli, source, text

SHOP = """\
# HELP requests_total All requests.
# TYPE requests_total counter
requests_total{code="200",path="/"} 1027
requests_total{code="500",path="/"} 3
requests_total{code="500",path="/pay"} 4
# TYPE breaker_open gauge
breaker_open{to="payments"} 1
breaker_open{to="cache"} 0
breaker_open{to="mail"} NaN
# TYPE jobs counter
jobs 7
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} 3
took_seconds_bucket{le="+Inf"} 5
took_seconds_sum 1.5
took_seconds_count 5
cache_hits_total 90
cache_misses_total 10
hopeless +Inf
"""


async def test_a_series_is_one_number(web: Web) -> None:
    web.reply(text(SHOP), at="/metrics")
    sample = await once(
        source(f"{web.url}/metrics"),
        sli("errors", 'requests_total{code="500",path="/pay"}'),
        sli("sum", 'requests_total{code=~"5.."}', combine="sum"),
        sli("max", "requests_total", combine="max"),
        sli("min", "requests_total", combine="min"),
        sli("avg", 'requests_total{code!="200"}', combine="avg"),
        sli("jobs", "jobs"),
        sli("took", "took_seconds_sum"),
        sli("ratio", 'requests_total{code="500"}', over="requests_total", combine="sum", unit="ratio"),
        sli("percent", "cache_hits_total", over='{__name__=~"cache_(hits|misses)_total"}', combine="sum",
            unit="percent"),
        sli("up", metric="up"),
        sli("latency", metric="latency"),
    )  # fmt: skip
    assert sample.fault is None
    told = {id_: r.value for id_, r in sample.readings.items()}
    latency_s = told.pop("latency")
    assert latency_s is not None
    assert 0 < latency_s < 2
    assert told == {
        "errors": 4, "sum": 7, "max": 1027, "min": 3, "avg": 3.5, "jobs": 7, "took": 1.5, "ratio": 7 / 1034,
        "percent": 90, "up": 1,
    }  # fmt: skip
    assert sample.readings["errors"].raw == 'requests_total{code="500",path="/pay"} 4'
    assert web.requests[0].headers["accept"].startswith("text/plain")


@pytest.mark.parametrize(
    ("series", "flaw", "reason"),
    [
        ("requests_total", Status.UNKNOWN, "expected 1 series, got 3"),
        ("nothing_here", Status.NO_DATA, "no series is nothing_here"),
        ('breaker_open{to="mail"}', Status.NO_DATA, "NaN"),
        ("hopeless", Status.NO_DATA, "+Inf"),
    ],
)
async def test_what_is_no_number_says_why(web: Web, series: str, flaw: Status, reason: str) -> None:
    web.reply(text(SHOP))
    reading = (await once(source(web.url), sli("x", series))).readings["x"]
    assert (reading.value, reading.flaw) == (None, flaw)
    assert reading.reason.startswith(reason)


async def test_rows_are_named_by_a_label_and_the_worst_is_the_value(web: Web) -> None:
    web.reply(text(SHOP))
    sample = await once(
        source(web.url),
        sli("breakers", "breaker_open", rows="to", objective="<= 0"),
        sli("codes", "requests_total", rows="code", combine="sum"),
        sli("paths", "requests_total", rows="path"),
        sli("share", 'requests_total{code="500"}', over="requests_total", rows="path", combine="sum"),
        sli("of_all", "requests_total", over="jobs", rows="code", combine="sum"),
        sli("none", "nothing_here", rows="to"),
        sli("empty", "nothing_here", rows="to", empty=0.0),
    )
    values = {id_: reading.value for id_, reading in sample.readings.items()}
    rows = {id_: [(row.name, row.value) for row in reading.rows] for id_, reading in sample.readings.items()}
    assert values == {
        "breakers": 1, "codes": 1027, "paths": 4, "share": 1, "of_all": 1027 / 7, "none": None, "empty": 0
    }  # fmt: skip
    assert rows == {
        "breakers": [("payments", 1), ("cache", 0), ("mail", None)],
        "codes": [("200", 1027), ("500", 7)],
        "paths": [("/pay", 4), ("/", None)],
        "share": [("/pay", 1), ("/", 3 / 1030)],
        "of_all": [("200", 1027 / 7), ("500", 1)],
        "none": [],
        "empty": [],
    }
    assert sample.readings["breakers"].caveat == "1 of 3 rows have no value"
    assert "expected 1 series, got 2" in sample.readings["paths"].rows[1].reason
    none = sample.readings["none"]
    assert (none.flaw, none.reason) == (Status.NO_DATA, "no series is nothing_here")


async def test_a_ratio_of_nothing_is_idle(web: Web) -> None:
    web.reply(text('hits{of="a"} 0\nasked{of="a"} 0\nhits{of="b"} 3\nasked{of="b"} 4\n'))
    sample = await once(
        source(web.url),
        sli("idle", 'hits{of="a"}', over='asked{of="a"}'),
        sli("rows", "hits", over="asked", rows="of", objective=">= 0.5"),
        sli("all_idle", 'hits{of="a"}', over="asked", rows="of"),
        sli("unlike", 'hits{of="a"}', over="nowhere"),
    )
    told = sample.readings
    assert (told["idle"].value, told["idle"].flaw, told["idle"].reason) == (None, Status.NO_DATA, "idle")
    assert [(row.name, row.value, row.reason) for row in told["rows"].rows] == [("b", 0.75, ""), ("a", None, "idle")]
    assert (told["rows"].value, told["rows"].caveat, told["rows"].note) == (0.75, "", "1 idle")
    assert (told["all_idle"].flaw, told["all_idle"].reason) == (Status.NO_DATA, "idle")
    assert (told["unlike"].flaw, told["unlike"].reason) == (Status.NO_DATA, "nowhere: no series is nowhere")


async def test_a_duplicate_is_no_number_but_others_are(web: Web) -> None:
    web.reply(text('a{b="c",d="e"} 1\na{d="e",b="c"} 2\nfine 3\n'))
    told = (await once(source(web.url), sli("a", "a", combine="sum"), sli("fine", "fine"))).readings
    assert (told["a"].value, told["a"].flaw) == (None, Status.UNKNOWN)
    assert told["a"].reason.endswith("is exposed twice")
    assert told["fine"].value == 3
    web.reply(Reply(200, b'a{b="c"} 1\na{b="c"} 2\n# EOF\n', OPENMETRICS))
    fault = (await once(source(web.url), sli("a", "a", combine="sum"))).fault
    assert fault is not None
    assert fault.text == 'the same series is exposed twice: a{b="c"}'


async def test_a_number_is_as_old_as_its_own_timestamp(web: Web) -> None:
    now = time.time()
    lines = {"old": f"1 {int((now - 100) * 1000)}", "new": f"2 {int(now * 1000)}", "never": "3 1", "odd": "4 1e300",
             "ahead": f"5 {int((now + 130) * 1000)}"}  # fmt: skip
    web.reply(text("".join(f"{name} {line}\n" for name, line in lines.items())))
    told = (await once(source(web.url), *(sli(name, name) for name in lines))).readings
    assert {name: told[name].flaw for name in lines} == dict.fromkeys(lines, Status.STALE) | {"new": None}
    assert told["odd"].reason == "its own timestamp is no time"
    assert told["odd"].data_age_s is None
    assert told["never"].reason == "its own timestamp is no time"   # and not 20778 days old
    assert told["ahead"].reason in ("its own timestamp is 2m10s ahead", "its own timestamp is 2m09s ahead")
    assert (told["old"].value, told["new"].value) == (1, 2)
    assert told["old"].reason == "1m40s old by its own timestamp"
    assert told["old"].data_age_s == pytest.approx(100, abs=2)


async def test_an_old_timestamp_is_judged_by_the_clock_of_the_target(web: Web) -> None:
    head = TEXT | {"Date": "Sat, 01 Jan 2000 00:01:40 GMT"}
    web.reply(Reply(200, b"new 1 946684900000\nold 1 946684800000\n", head))
    told = (await once(source(web.url), sli("new", "new"), sli("old", "old"))).readings
    assert (told["new"].flaw, told["old"].flaw) == (None, Status.STALE)


async def test_openmetrics_is_understood_too(web: Web) -> None:
    body = b"# TYPE hits counter\nhits_total 5 # {id=\"a\"} 1\nhits_created 100\n# TYPE warm gauge\nwarm 0.5\n# EOF\n"
    web.reply(Reply(200, body, OPENMETRICS))
    told = (await once(source(web.url), sli("hits", "hits_total"), sli("warm", "warm"))).readings
    assert (told["hits"].value, told["warm"].value) == (5, 0.5)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (text("a 12345\nb 12"), FaultKind.PROTOCOL, "truncated: the last line has no end"),
        (Reply(200, b"a 1\nb 12345\n", TEXT, cut_after=8), FaultKind.LOST, "the answer was cut short"),
        (Reply(200, b"a 1\n", OPENMETRICS), FaultKind.PROTOCOL, "truncated: '# EOF' is missing at the end"),
        (
            Reply(200, gzip.compress(b"a 1\n" * 1000)[:-20], TEXT | {"Content-Encoding": "gzip"}),
            FaultKind.LOST, "the answer was cut short",
        ),
        (Reply(200, b"", TEXT), FaultKind.PROTOCOL, "answered nothing, not a single metric"),
        (text("# only a remark\n"), FaultKind.PROTOCOL, "answered without a single metric"),
        (
            Reply(200, b"<!doctype html>\n<form>", {"Content-Type": "text/html"}),
            FaultKind.PROTOCOL, "answered HTML instead of metrics (a login page?)",
        ),
        (
            Reply(200, b'{"status": "ok"}\n', {"Content-Type": "application/json"}),
            FaultKind.PROTOCOL, "answered JSON instead of metrics",
        ),
        (
            Reply(200, b"\x0a\x03", {"Content-Type": "application/vnd.google.protobuf; encoding=delimited"}),
            FaultKind.PROTOCOL, "answered protobuf, which was not asked for",
        ),
        (text("a 1\nb one\n"), FaultKind.PROTOCOL, "not in the exposition format: 'one' is not a number"),
        (text("a 1 " + "1" * 400 + "\n"), FaultKind.PROTOCOL, "not in the exposition format"),
        (text('a{b="' + "c" * 20_000 + '"} 1\n'), FaultKind.PROTOCOL, "a line is longer than 16 KiB"),
        (Reply(200, b"a 1\n", TEXT, padded_to=11 << 20), FaultKind.PROTOCOL, "body too large: over 10 MiB"),
        (gzip_bomb(), FaultKind.PROTOCOL, "body too large: over 10 MiB"),
        (Reply(401, b"no\n"), FaultKind.AUTH, "answered 401 Unauthorized: no"),
        (Reply(404), FaultKind.PROTOCOL, "answered 404 Not Found"),
        (Reply(503, b"<html>"), FaultKind.STARTING, "answered 503 Service Unavailable"),
        (redirect("http://elsewhere.test/"), FaultKind.PROTOCOL, "redirects to another host: http://elsewhere.test"),
        (redirect("/"), FaultKind.PROTOCOL, "more than 3 redirects"),
        (Reply(delay_s=math.inf), FaultKind.TIMEOUT, "no answer within 2 s"),
        (Reply(200, b"a 1\n" * 999, TEXT, body_bytes_per_s=100), FaultKind.TIMEOUT, "no answer within 2 s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_an_answer_that_cannot_be_believed_has_no_numbers(
    web: Web, reply: Reply, kind: FaultKind, words: str
) -> None:
    web.reply(reply)
    sample = await once(source(web.url), sli("a", "a"), sli("up", metric="up"), sli("latency", metric="latency"))
    assert sample.fault is not None
    assert sample.fault.kind is kind
    assert sample.fault.text.startswith(words)
    assert {id_: r.value for id_, r in sample.readings.items()} == {"up": 0}


async def test_what_is_refused_at_the_door(web: Web) -> None:
    web.stop()
    fault = (await once(source(web.url), sli("a", "a"))).fault
    assert fault is not None
    assert (fault.kind, fault.text) == (FaultKind.REFUSED, "connection refused")


async def test_redirects_at_home_are_followed_and_what_was_configured_is_shown(web: Web) -> None:
    web.reply(redirect("/metrics"), at="/")
    web.reply(text("a 5\n"), at="/metrics")
    access = HttpAccess(bearer=Secret("sesame"), headers={"X-Scope-OrgID": Secret("shop")})
    sample = await once(source(f"{web.url}/", access=access), sli("a", "a"))
    assert sample.readings["a"].value == 5
    assert [r.headers["authorization"] for r in web.requests] == ["Bearer sesame"] * 2
    assert web.requests[1].headers["x-scope-orgid"] == "shop"


async def test_tls_is_checked_also_where_a_redirect_leads_into_it(
    open_web: WebMaker, web: Web, authority: Authority
) -> None:
    secure = open_web(authority.good)
    secure.reply(text("a 5\n"))
    web.reply(redirect(secure.url))
    trusted = HttpAccess(ca_file=str(authority.ca_file))
    for url in (secure.url, web.url):
        assert (await once(source(url, access=trusted), sli("a", "a"))).readings["a"].value == 5
        assert (await once(source(url, access=HttpAccess(verify=False)), sli("a", "a"))).readings["a"].value == 5
        fault = (await once(source(url), sli("a", "a"))).fault
        assert fault is not None
        assert (fault.kind, fault.text) == (FaultKind.TLS, "the certificate is signed by an unknown CA")


async def test_every_look_makes_its_own_connection(web: Web) -> None:
    web.reply(text("a 5\n"))
    async with polling(source(web.url), sli("a", "a")) as poller:
        for _ in range(3):
            assert (await poller.poll()).fault is None
    assert web.connections == 3


async def test_hostile_labels_are_harmless(web: Web) -> None:
    web.reply(text('a{b="\x1b]52;c;aGk=\x07\u202e"} 1\na{b="x"} 2\n'))
    told = (await once(source(web.url), sli("one", "a"), sli("rows", "a", rows="b"))).readings
    shown = told["one"].reason + told["rows"].raw + "".join(row.name for row in told["rows"].rows)
    assert told["rows"].value == 2
    assert all(c.isprintable() or c == "\n" for c in shown)


@pytest.mark.parametrize("series", ["filler_total", '{__name__=~"filler.*",n=~"1.?"}'])
async def test_a_hundred_thousand_series_hold_up_nobody(web: Web, series: str) -> None:
    body = "".join(f'filler_total{{n="{n}"}} {n}\nother{{n="{n}"}} {n}\n' for n in range(50_000)) + "wanted 7\n"
    web.reply(text(body))
    slis = sli("wanted", "wanted"), sli("many", series, combine="sum")
    async with polling(source(web.url, timeout_s=60.0), *slis) as poller:
        poll = asyncio.create_task(poller.poll())
        turns = 0
        while not poll.done():
            await asyncio.sleep(0.001)
            turns += 1
        told = (await poll).readings
    assert told["wanted"].value == 7
    if series == "filler_total":
        assert (told["many"].flaw, told["many"].reason) == (
            Status.UNKNOWN, "more than 10000 series are filler_total"
        )  # fmt: skip
    else:
        assert told["many"].value == 1 + sum(range(10, 20))
    assert turns > 20


async def test_a_real_exposition_agrees_with_what_its_server_says_elsewhere(prometheus: Prometheus) -> None:
    async with httpx.AsyncClient() as client:
        told = (await client.get(f"{prometheus.url}/api/v1/status/buildinfo")).json()["data"]
    sample = await once(
        source(f"{prometheus.url}/metrics"),
        sli("built", f'prometheus_build_info{{version="{told["version"]}", goversion=~"go1[.].*"}}'),
        sli("versions", "go_info", rows="version"),
        sli("requests", "prometheus_http_requests_total", combine="sum"),
    )
    assert sample.fault is None
    assert sample.readings["built"].value == 1
    assert [row.name for row in sample.readings["versions"].rows] == [told["goVersion"]]
    assert (sample.readings["requests"].value or 0) > 0


async def test_polls_with_one_clock(web: Web) -> None:
    web.reply(text("a 5\n"))
    sample = await once(source(web.url), sli("a", "a"), now=Clock(77.0))
    assert (sample.at, sample.readings["a"].at) == (77.0, 77.0)
