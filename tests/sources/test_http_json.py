"""Numbers and rows in the JSON of a real endpoint: dotted paths and JMESPath, whatever is answered instead."""

import asyncio
import time
from dataclasses import replace

import pytest

from ontui.domain.sample import Reading, Sample
from ontui.domain.sli import Sli
from ontui.domain.source import HttpSource
from ontui.domain.status import Status
from ontui.sources.http import HttpPoller
from tests.servers.web import Reply, Web, json_reply, redirect

BASE = Sli("", "", "", "api", "count", 5.0, 5.0)
JSON = {"Content-Type": "application/json"}
USED = replace(BASE, id="used", json_path="used")
FIRST = replace(BASE, id="first", json_path="[used][0]")
STATUS = replace(BASE, id="status", metric="status")


async def polled(web: Web, *slis: Sli) -> Sample:
    source = HttpSource(id="api", type="http", interval_s=30.0, timeout_s=15.0, url=web.url)
    poller = HttpPoller(source, slis, time.time)
    try:
        return await poller.poll()
    finally:
        await poller.close()


def said(reading: Reading) -> tuple[float | None, Status | None, str]:
    return reading.value, reading.flaw, reading.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!doctype html>", "the answer is HTML, not JSON"),
        (b'{"used": 3', "the answer is not JSON"),
        (b'{"used": 3}\n{"used": 4}\n', "the answer is not JSON alone: more follows behind it"),
        (b'{"used": 3} etc', "the answer is not JSON alone: more follows behind it"),
        (b"", "the answer is empty, not JSON"),
        (b"[" * 100_000, "the answer is JSON nested too deep to read"),
        (b'{"used": "3"}', "used is '3', not a number"),
        (b'{"used": %s}' % (b"9" * 5000), "used is too large a number"),
        (b'{"used": 1e999}', "used is too large a number"),
        (b'{"used": 3, "used": 4}', "the answer is JSON with 'used' twice in one object"),
        (b'{"used": 3, "jobs": [{"a\x1b": 1, "b": 2, "a\x1b": 1}]}', "the answer is not JSON"),
        (b'{"used": 3, "jobs": [{"a": 1, "b": 2, "a": 1}]}', "the answer is JSON with 'a' twice in one object"),
    ],
)
async def test_a_broken_body_is_not_absent(web: Web, body: bytes, reason: str) -> None:
    web.reply(Reply(200, body, JSON))
    readings = (await polled(web, USED, FIRST)).readings
    assert said(readings["used"]) == (None, Status.UNKNOWN, reason)
    assert said(readings["first"]) == (None, Status.UNKNOWN, reason.replace("used is", "[used][0] is"))


async def test_what_is_missing_in_json_is_no_data(web: Web) -> None:
    web.reply(Reply(200, b'\xef\xbb\xbf{"used": null, "at": {"0": 5}}', JSON))
    gone, five = replace(BASE, id="gone", json_path="no.such"), replace(BASE, id="five", json_path="at.0")
    readings = (await polled(web, USED, FIRST, gone, five)).readings
    assert said(readings["used"]) == (None, Status.NO_DATA, "used is null")
    assert said(readings["first"]) == (None, Status.NO_DATA, "[used][0] is null or missing")
    assert said(readings["gone"]) == (None, Status.NO_DATA, "no.such is missing")
    assert readings["five"].value == 5


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(404, b"<html>no such page", {"Content-Type": "text/html"}), "answered 404 Not Found, expected 200"),
        (json_reply({"error": "boom"}, 500), "answered 500 Internal Server Error, expected 200: boom"),
        (redirect("/login"), "answered 302 Found, expected 200: redirects to /login"),
    ],
)
async def test_what_is_wrong_with_the_answer_is_why_there_is_no_number(web: Web, reply: Reply, words: str) -> None:
    web.reply(reply)
    sample = await polled(web, USED, FIRST, STATUS)
    assert sample.fault is not None
    assert sample.fault.text == words
    for id_ in ("used", "first"):
        assert said(sample.readings[id_]) == (None, Status.UNKNOWN, words)
    assert sample.readings["status"].value == reply.status
    assert sample.readings["status"].caveat == words


async def test_a_number_beside_a_wrong_status_stays_with_what_is_wrong(web: Web) -> None:
    web.reply(json_reply({"used": 9}, 503))
    readings = (await polled(web, USED, FIRST)).readings
    for id_ in ("used", "first"):
        assert readings[id_].value == 9
        assert readings[id_].caveat == "answered 503 Service Unavailable, expected 200"


async def test_jmespath_reaches_what_a_dotted_path_cannot(web: Web) -> None:
    web.reply(json_reply([{"name": "mail", "v": 3}, {"name": "sms", "v": 5}]))
    paths = "[0].v", "length(@)", "max([].v)", "1.v", "[?v>`4`] | [0].v"
    slis = [replace(BASE, id=path, json_path=path) for path in paths]
    rows = replace(BASE, id="rows", json_path="@", rows="name")
    readings = (await polled(web, *slis, rows)).readings
    assert [readings[sli.id].value for sli in slis] == [3, 2, 5, 5, 5]
    assert {row.name: row.value for row in readings["rows"].rows} == {"mail": 3, "sms": 5}


async def test_a_path_that_takes_for_ever_holds_nothing_up(web: Web) -> None:
    web.reply(Reply(200, b"[" + b"7," * 300_000 + b"7]", JSON))
    endless = "[].[@, @, @, @, @, @, @, @][] | sort(@) | [].{a: @, b: @} | sort_by(@, &a)[0].a"
    slow = replace(BASE, id="slow", json_path=endless)
    source = HttpSource(id="api", type="http", interval_s=30.0, timeout_s=2.0, url=web.url)
    poller = HttpPoller(source, [slow, replace(BASE, id="quick", json_path="0")], time.time)
    longest, last = 0.0, time.monotonic()

    async def tick() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

    ticking = asyncio.create_task(tick())
    try:
        readings = (await poller.poll()).readings
    finally:
        ticking.cancel()
        await poller.close()
    assert readings["quick"].value == 7
    assert readings["slow"].flaw is Status.UNKNOWN
    assert "takes too long" in readings["slow"].reason
    assert longest < 1
