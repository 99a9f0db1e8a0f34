"""What an answer must look like to be well."""

import json

import pytest

from ontui.domain.source import HttpSource
from ontui.sources.http_expect import Seen, shortfall

JSON = "application/json"
Wanted = dict[str, str | int | float | bool | None]


def source(*, status: tuple[int, ...] = (200,), wanted: Wanted | None = None, contains: str = "") -> HttpSource:
    return HttpSource(
        id="api", type="http", interval_s=5, timeout_s=1, url="", status=status, json=wanted or {}, contains=contains
    )


def body(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("wanted", "seen", "words"),
    [
        ({}, Seen(200, "", b""), ""),
        ({}, Seen(204, "", b""), "answered 204 No Content, expected 200"),
        ({}, Seen(599, "", b""), "answered 599, expected 200"),
        (
            {},
            Seen(302, "", b"", location="https://login.example.com/"),
            "answered 302 Found, expected 200: redirects to https://login.example.com/",
        ),
        (
            {"status": "ok"},
            Seen(503, JSON, body({"status": "degraded", "message": "no free\x1b connection"})),
            "answered 503 Service Unavailable, expected 200: no free� connection",
        ),
        ({}, Seen(500, "text/plain", b"\nboom\nmore"), "answered 500 Internal Server Error, expected 200: boom"),
        ({"status": "ok"}, Seen(200, JSON, body({"status": "ok"})), ""),
        ({"status": "ok"}, Seen(200, JSON, body({"status": "degraded"})), 'status is "degraded", expected "ok"'),
        ({"status": "ok"}, Seen(200, JSON, body({})), "the answer has no 'status'"),
        ({"a.b.1": 2}, Seen(200, JSON, body({"a": {"b": [1, 2.0]}})), ""),
        ({"n": 1}, Seen(200, JSON, body({"n": True})), "n is true, expected 1"),
        ({"n": True}, Seen(200, JSON, body({"n": 1})), "n is 1, expected true"),
        ({"n": None}, Seen(200, JSON, body({"n": None})), ""),
        ({"n": None}, Seen(200, JSON, body({})), "the answer has no 'n'"),
        ({"status": "ok"}, Seen(200, "text/html", b"<html>"), "answered HTML instead of JSON (a login page?)"),
        ({"status": "ok"}, Seen(200, "text/plain", body({"status": "ok"})), "answered no valid JSON"),
        ({"status": "ok"}, Seen(200, JSON, b"{"), "answered no valid JSON"),
        ({"status": "ok"}, Seen(200, JSON, b"[" * 100_000), "answered no valid JSON"),
        ({"status": "ok"}, Seen(200, "application/health+json", body({"status": "ok"})), ""),
        ({"status": "ok"}, Seen(200, JSON, body({"status": "ok"}), whole=False), "body too large"),
    ],
)
def test_the_first_thing_that_is_wrong_is_said(wanted: Wanted, seen: Seen, words: str) -> None:
    assert shortfall(source(wanted=wanted), seen) == words


def test_several_statuses_and_a_text() -> None:
    expected = source(status=(200, 204), contains="ready")
    assert shortfall(expected, Seen(204, "", b"all ready now")) == ""
    assert shortfall(expected, Seen(200, "", b"starting")) == "the answer does not contain 'ready'"
    assert shortfall(expected, Seen(301, "", b"")) == "answered 301 Moved Permanently, expected 200 or 204"
