"""The Prometheus source against servers that answer oddly: proxies, login pages, subsets, and liars."""

import base64
import gzip
import math
import time
from collections.abc import Callable

import pytest

from ontui.domain.sample import FaultKind
from ontui.domain.secret import Secret
from ontui.domain.source import HttpAccess
from ontui.domain.status import Status
from tests.servers.certificates import Authority
from tests.servers.web import Reply, Request, Web, gzip_bomb, json_reply, redirect
from tests.sources.prometheus_setup import by_query, once, polling, question, sli, source, vector

QUERY = "/api/v1/query"
ONE = sli("one", "1")


def queries(web: Web) -> list[Request]:
    return [r for r in web.requests if r.path.endswith(QUERY)]


async def test_questions_are_posted_below_the_base_path_with_a_time_limit(web: Web) -> None:
    web.reply(vector("5"))
    sample = await once(source(f"{web.url}/prometheus/"), ONE)
    assert sample.readings["one"].value == 5.0
    asked = queries(web)[0]
    assert (asked.method, asked.path) == ("POST", "/prometheus/api/v1/query")
    form = dict(pair.split("=") for pair in asked.body.decode().split("&"))
    assert form["query"] == "1"
    assert form["nocache"] == "1"
    assert 0 < int(form["timeout"].removesuffix("ms")) <= 2000
    assert "time" not in form


@pytest.mark.parametrize("status", [405, 403, 501])
async def test_where_post_is_not_allowed_it_asks_with_get_from_then_on(web: Web, status: int) -> None:
    web.reply(lambda request: vector("5") if request.method == "GET" else Reply(status, b"no POST here"))
    async with polling(web.url, ONE) as poller:
        assert (await poller.poll()).readings["one"].value == 5.0
        assert (await poller.poll()).readings["one"].value == 5.0
    assert [r.method for r in queries(web)] == ["POST", "GET", "GET"]


async def test_what_was_configured_is_shown_to_the_server(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    web.reply(vector("5"))
    tenant = {"X-Scope-OrgID": Secret("freight")}
    await once(source(web.url, access=HttpAccess(headers=tenant, bearer=Secret("sesame"))), ONE)
    await once(source(web.url, access=HttpAccess(basic=("me", Secret("pässword")))), ONE)
    first, second = queries(web)
    assert (first.headers["x-scope-orgid"], first.headers["authorization"]) == ("freight", "Bearer sesame")
    assert base64.b64decode(second.headers["authorization"].removeprefix("Basic ")).decode() == "me:pässword"


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (
            Reply(200, b"<html>Sign in", {"Content-Type": "text/html"}),
            FaultKind.PROTOCOL,
            "answered HTML instead of JSON (a login page?)",
        ),
        (
            redirect("https://login.example.com/?next=x"),
            FaultKind.PROTOCOL,
            "302 Found: redirects to https://login.example.com/?next=x (a login page?)",
        ),
        (Reply(401, b"no org id\n"), FaultKind.AUTH, "401 Unauthorized: no org id"),
        (json_reply({"message": "nope"}, 403), FaultKind.AUTH, "403 Forbidden: nope"),
        (Reply(404, b"404 page not found"), FaultKind.PROTOCOL, "404 Not Found: 404 page not found"),
        (Reply(503, b"Service Unavailable"), FaultKind.STARTING, "503 Service Unavailable: Service Unavailable"),
        (Reply(502, b"<html>", {"Content-Type": "text/html"}), FaultKind.LOST, "502 Bad Gateway"),
        (Reply(429), FaultKind.SATURATED, "429 Too Many Requests"),
        (Reply(200, b"ok"), FaultKind.PROTOCOL, "answered text/plain instead of JSON"),
        (
            Reply(200, b"{", {"Content-Type": "application/json"}, padded_to=200 << 20),
            FaultKind.PROTOCOL,
            "body too large: over 10 MiB",
        ),
        (gzip_bomb(), FaultKind.PROTOCOL, "body too large: over 10 MiB"),
        (
            Reply(200, b"{}", {"Content-Type": "application/json"}, cut_after=1),
            FaultKind.LOST,
            "the answer was cut short",
        ),
        (Reply(reset=True), FaultKind.LOST, "connection reset"),
        (Reply(delay_s=math.inf), FaultKind.TIMEOUT, "no answer within 0.7 s"),
        (Reply(200, b" " * 999, body_bytes_per_s=100), FaultKind.TIMEOUT, "no answer within 0.7 s"),
        (Reply(200, header_bytes_per_s=20), FaultKind.TIMEOUT, "no answer within 0.7 s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_server_that_is_no_good_is_a_fault_in_plain_words(
    web: Web, reply: Reply, kind: FaultKind, text: str
) -> None:
    web.reply(reply, at=QUERY)
    deadline_s = 0.7 if kind is FaultKind.TIMEOUT else 5.0
    sample = await once(source(web.url, timeout_s=deadline_s), ONE, sli("up", metric="up"))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (kind, text)
    assert sample.readings["up"].value == 0.0
    assert sample.latency_s < deadline_s + 0.5


async def test_what_was_answered_tells_more_than_a_connection_that_broke(web: Web) -> None:
    """A server that spends itself on one question has nothing left for the others."""
    endless = Reply(200, b"{", {"Content-Type": "application/json"}, padded_to=200 << 20)
    web.reply(lambda request: endless if b"endless" in request.body else Reply(reset=True), at=QUERY)
    sample = await once(web.url, ONE, sli("other", "endless"))
    assert sample.fault is not None
    assert (sample.fault.kind, sample.fault.text) == (FaultKind.PROTOCOL, "body too large: over 10 MiB")


async def test_a_packed_answer_is_read_although_none_was_asked_for(web: Web) -> None:
    plain = vector("5")
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    web.reply(Reply(200, gzip.compress(plain.body), headers))
    assert (await once(web.url, ONE)).readings["one"].value == 5.0
    assert queries(web)[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"null", b'{"status":"success"}', b'{"status":"success","data":{"resultType":"vector"}}', b"{"],
)
async def test_nonsense_is_an_error_of_the_sli_and_never_raises(web: Web, body: bytes) -> None:
    web.reply(Reply(200, body, {"Content-Type": "application/json"}))
    sample = await once(web.url, ONE)
    assert sample.fault is None
    assert sample.readings["one"].flaw is Status.UNKNOWN
    assert sample.readings["one"].reason


async def test_one_refused_query_does_not_harm_the_others_and_is_not_hammered(web: Web) -> None:
    web.reply(by_query(good=vector("5")), at=QUERY)
    async with polling(web.url, sli("good", "good"), sli("bad", "bad(")) as poller:
        for _ in range(24):
            sample = await poller.poll()
            assert sample.fault is None
            assert sample.readings["good"].value == 5.0
            assert sample.readings["bad"].flaw is Status.UNKNOWN
            assert sample.readings["bad"].reason == "execution: unknown function"
    asked = [question(r) for r in queries(web)]
    assert asked.count("good") == 24
    assert asked.count("bad(") <= 6


async def test_a_query_that_is_put_right_is_noticed(web: Web) -> None:
    web.reply(by_query(), at=QUERY)
    async with polling(web.url, sli("bad", "bad")) as poller:
        await poller.poll()
        await poller.poll()
        web.reply(by_query(bad=vector("5")), at=QUERY)
        values = [(await poller.poll()).readings["bad"].value for _ in range(10)]
    assert values[-1] == 5.0


async def test_one_slow_query_costs_only_its_own_sli(web: Web) -> None:
    web.reply(by_query(good=vector("5"), slow=Reply(delay_s=math.inf)), at=QUERY)
    sample = await once(source(web.url, timeout_s=0.5), sli("good", "good"), sli("slow", "slow"))
    assert sample.fault is None
    assert sample.readings["good"].value == 5.0
    assert sample.readings["slow"].flaw is Status.UNKNOWN
    assert sample.readings["slow"].reason == "no answer within 0.5 s"


async def test_a_server_that_knows_no_timestamp_is_told_once_and_left_alone(web: Web) -> None:
    web.reply(by_query(good=vector("5"), count=vector()), at=QUERY)
    async with polling(web.url, sli("good", "good")) as poller:
        for _ in range(3):
            sample = await poller.poll()
            assert sample.findings == ("data age cannot be checked: the server lacks timestamp()",)
            assert sample.readings["good"].flaw is None
    assert sum("timestamp" in question(r) for r in queries(web)) == 2


async def test_a_server_that_refuses_everything_lacks_nothing_in_particular(web: Web) -> None:
    web.reply(by_query(), at=QUERY)
    async with polling(source(web.url, stale_after_s=60.0), sli("good", "good"), sli("up", metric="up")) as poller:
        for _ in range(2):
            sample = await poller.poll()
            assert sample.findings == ("every query is refused: execution: unknown function",)
            assert sample.readings["good"].flaw is Status.UNKNOWN
        answers = {"good": vector("5"), "count": vector(), "max": vector(str(time.time() - 90)), "vector": vector("1")}
        web.reply(by_query(**answers), at=QUERY)
        samples = [await poller.poll() for _ in range(4)]
    assert samples[-1].findings == ()
    assert (samples[-1].readings["good"].value, samples[-1].readings["good"].flaw) == (5.0, Status.STALE)


async def test_an_age_that_is_no_longer_told_goes_on_growing(web: Web) -> None:
    told: dict[str, Reply] = {"good": vector("5"), "count": vector(), "max": vector(str(time.time() - 40))}
    web.reply(lambda request: by_query(**told)(request), at=QUERY)
    async with polling(source(web.url, stale_after_s=60.0), sli("good", "good")) as poller:
        assert (await poller.poll()).readings["good"].flaw is None
        told |= {"max": Reply(500), "good": vector("5", at=time.time() + 30)}
        reading = (await poller.poll()).readings["good"]
    assert (reading.value, reading.flaw) == (5.0, Status.STALE)
    assert reading.reason == "data is 1m10s old" or reading.reason.startswith("data is 1m")


async def test_some_targets_down_is_a_caveat_and_all_is_stale(web: Web) -> None:
    fed = ["1", "0", "1", "0", "1"]
    told = {"good": vector("5"), "count": vector("2"), "max": vector(str(time.time()))}
    web.reply(lambda request: by_query(**told, up=vector(*fed))(request), at=QUERY)
    async with polling(web.url, sli("good", "rate(good[10m])"), sli("gone", "gone"), sli("state", "up")) as poller:
        told |= {"rate": vector("5"), "gone": vector()}
        sample = await poller.poll()
        assert sample.readings["good"].caveat == "2 of 5 targets down"
        fed[:] = ["0", "0", "0", "0", "0"]
        sample = await poller.poll()
    good = sample.readings["good"]
    assert (good.value, good.flaw, good.reason) == (5.0, Status.STALE, "all 5 targets down")
    assert sample.readings["gone"].reason == "the query has no result: all 5 targets down"
    joins = {question(r) for r in queries(web) if "last_over_time(good" in question(r)}
    assert len(joins) == 1
    assert joins.pop().startswith("up and on (job, instance) last_over_time(good[600s]) or up == 0 ")


async def test_a_server_that_cannot_look_back_still_tells_which_targets_are_down(web: Web) -> None:
    told = {"good": vector("5"), "count": vector("1"), "max": vector(str(time.time())), "up": vector("0")}

    def answer(request: Request) -> Reply:
        return by_query(**({} if "offset" in question(request) else told))(request)

    web.reply(answer, at=QUERY)
    async with polling(web.url, sli("good", "good")) as poller:
        samples = [await poller.poll() for _ in range(3)]
    for sample in samples:
        assert (sample.readings["good"].flaw, sample.readings["good"].reason) == (Status.STALE, "target down")
        assert sample.findings == ()
    asked = [question(r) for r in queries(web)]
    assert sum("offset" in query for query in asked) == 1, "it is not asked again what it refuses"
    assert asked.count("up and on (job, instance) last_over_time(good[300s])") == 3


async def test_targets_that_are_known_down_stay_so_while_the_server_does_not_tell(web: Web) -> None:
    told: dict[str, Reply] = {"good": vector("5"), "count": vector("1"), "max": vector(str(time.time()))}
    told |= {"up": vector("0")}
    web.reply(lambda request: by_query(**told)(request), at=QUERY)
    async with polling(web.url, sli("good", "good")) as poller:
        assert (await poller.poll()).readings["good"].reason == "target down"
        told |= {"up": Reply(500)}
        assert (await poller.poll()).readings["good"].reason == "target down"


async def test_a_rate_whose_series_have_ended_is_stale_at_once(web: Web) -> None:
    told = {"rate": vector("5"), "sum": vector("0"), "count": vector(), "max": vector()}
    web.reply(by_query(**told), at=QUERY)
    sample = await once(web.url, sli("rate", "rate(x[5m])"), sli("sum", "sum(rate(y[5m])) or vector(0)"))
    assert sample.readings["rate"].flaw is Status.STALE
    assert sample.readings["rate"].reason == "no current data: its series have ended"
    assert sample.readings["sum"].flaw is None


@pytest.mark.parametrize("knows_subqueries", [True, False])
async def test_when_data_ended_is_asked_once_and_remembered(web: Web, knows_subqueries: bool) -> None:
    """Where the server cannot tell, what was seen before is what is known."""
    began = time.time()
    told = {"last": vector("7"), "count": vector(), "max": vector(str(began - 100))}

    def answer(request: Request) -> Reply:
        if "max_over_time(timestamp" not in question(request):
            return by_query(**told)(request)
        return vector(str(began - 100)) if knows_subqueries else by_query()(request)

    web.reply(answer, at=QUERY)
    async with polling(source(web.url, stale_after_s=200.0), sli("last", "last_over_time(x[1h])")) as poller:
        assert (await poller.poll()).readings["last"].flaw is None
        told["max"] = vector()
        assert (await poller.poll()).readings["last"].flaw is None
        told["last"] = vector("7", at=began + 450)
        reading = (await poller.poll()).readings["last"]
        assert (reading.value, reading.flaw, reading.reason) == (7.0, Status.STALE, "data is 9m10s old")
    assert sum("max_over_time(timestamp" in question(r) for r in queries(web)) == 1


async def test_scrape_intervals_set_the_limit(web: Web) -> None:
    old = time.time() - 100
    stamps = vector(str(old), labels=[{"job": "slow", "instance": "a"}])
    web.reply(by_query(good=vector("5"), count=vector(), max=stamps), at=QUERY)
    for interval, flaw in (("1m", None), ("15s", Status.STALE)):
        target = {"labels": {"job": "slow", "instance": "a"}, "scrapeInterval": interval}
        web.reply(json_reply({"status": "success", "data": {"activeTargets": [target]}}), at="/api/v1/targets")
        async with polling(web.url, sli("good", "good"), history_first=True) as poller:
            assert (await poller.poll()).readings["good"].flaw is flaw


async def test_baselines_are_asked_rarely_and_missed_aloud(web: Web) -> None:
    web.reply(by_query(good=vector("5"), usual=vector("100"), count=vector(), max=vector()), at=QUERY)
    slis = (
        sli("good", "good or vector(0)", baseline_query="usual"),
        sli("lost", "good or vector(0)", baseline_query="none"),
    )
    async with polling(web.url, *slis) as poller:
        for _ in range(3):
            sample = await poller.poll()
    assert sample.readings["good"].baseline == 100.0
    assert sample.readings["lost"].caveat == "no baseline: execution: unknown function"
    asked = [question(r) for r in queries(web)]
    assert (asked.count("usual"), asked.count("good or vector(0)")) == (1, 3)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"version": "2.42.0"}, "Prometheus 2.42.0"),
        ({"application": "prombed", "version": "0.1.0 (PromQL subset)"}, "prombed 0.1.0 (PromQL subset)"),
        ({}, "PromQL server"),
    ],
)
async def test_the_server_is_named(web: Web, data: dict[str, str], named: str) -> None:
    web.reply(vector("5"), at=QUERY)
    web.reply(json_reply({"status": "success", "data": data}), at="/api/v1/status/buildinfo")
    async with polling(web.url, ONE, history_first=True) as poller:
        assert (await poller.poll()).server == named


async def test_a_server_that_tells_nothing_about_itself_is_no_worse_for_it(web: Web) -> None:
    web.reply(vector("5"), at=QUERY)
    web.reply(Reply(delay_s=math.inf))
    started = time.monotonic()
    sample = await once(web.url, ONE)
    assert sample.fault is None
    assert time.monotonic() - started < 1.0


async def test_hostile_text_is_harmless(web: Web) -> None:
    error = {"status": "error", "errorType": "bad\x1b]52;c;aGk=\x07", "error": "x\u202ey\x9b1m"}
    web.reply(json_reply(error, 400))
    reason = (await once(web.url, ONE)).readings["one"].reason
    assert not set(reason) & set("\x1b\x07\x9b\u202e")


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("expired", "the certificate has expired"),
        ("wrong_host", "the certificate is for another host"),
        ("untrusted", "the certificate is signed by an unknown CA"),
        ("no_ca", "cannot read the CA file"),
    ],
)
async def test_trust_that_fails_says_how(
    open_web: Callable[..., Web], authority: Authority, which: str, words: str
) -> None:
    certificate = {"expired": authority.expired, "wrong_host": authority.wrong_host}
    web = open_web(certificate.get(which, authority.good))
    web.reply(vector("5"))
    ca_file = {"untrusted": "", "no_ca": "/nowhere/ca.pem"}.get(which, str(authority.ca_file))
    access = HttpAccess(ca_file=ca_file)
    sample = await once(source(web.url.replace("http:", "https:"), access=access), ONE)
    assert sample.fault is not None
    assert sample.fault.kind is (FaultKind.CONFIG if which == "no_ca" else FaultKind.TLS)
    assert sample.fault.text.startswith(words)


async def test_trust_that_holds(
    open_web: Callable[..., Web], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = open_web(authority.good)
    web.reply(vector("5"))
    for access in (HttpAccess(ca_file=str(authority.ca_file)), HttpAccess(verify=False)):
        assert (await once(source(web.url, access=access), ONE)).readings["one"].value == 5.0
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    assert (await once(web.url, ONE)).readings["one"].value == 5.0


@pytest.mark.parametrize("url", ["http://", "http://a b", "ftp://127.0.0.1", "http://xn--.example:1"])
async def test_an_address_that_is_none_is_a_fault_of_the_config_or_the_name(url: str) -> None:
    sample = await once(source(url, timeout_s=1.0), ONE)
    assert sample.fault is not None
    assert sample.fault.kind in (FaultKind.CONFIG, FaultKind.DNS)


async def test_long_queries_pass(web: Web) -> None:
    web.reply(lambda request: vector(str(len(question(request)))))
    long = "1" + " + 1" * 60_000
    assert (await once(web.url, sli("long", long))).readings["long"].value == len(long)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "1" + "0" * 400, "-5", "1e300"])
async def test_a_server_whose_every_number_is_odd_is_no_fault_of_ours(web: Web, value: str) -> None:
    web.reply(vector(value))
    slis = sli("one", "x"), sli("rate", "rate(y[5m])"), sli("base", "z", baseline_query="b")
    async with polling(web.url, *slis) as poller:
        for _ in range(3):
            sample = await poller.poll()
            assert sample.fault is None
            assert all(r.value is None or math.isfinite(r.value) for r in sample.readings.values())
