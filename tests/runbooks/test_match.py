"""The page that belongs to an alert, and the courage to say that there is none."""

import pytest

from ontui.runbooks.library import Library
from ontui.runbooks.match import words_of
from ontui.runbooks.page import parse_page
from tests.runbooks import faulty


def library(texts: dict[str, str]) -> Library:
    return Library(tuple(parse_page(name, texts[name].encode()) for name in sorted(texts)))


def ref(read: Library, *question: str) -> str | None:
    place = read.match(*question)
    return place.ref if place else None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HighLatency", ("high", "latency")),
        ("high-latency", ("high", "latency")),
        ("high_latency_p95", ("high", "latency", "p95")),
        ("HighLatencyP95", ("high", "latency", "p95")),
        ("API500Errors", ("api", "500", "error")),
        ("Issue 2: High API latency (>2s P95)", ("high", "api", "latency")),
        ("1. API Service Down (P0)", ("api", "service", "down")),
        ("3.2) Redis", ("redi",)),
        ("Alert: HighLatency", ("high", "latency")),
        ("409 Conflict Spikes", ("409", "conflict", "spike")),
        ("\u00fc\u00f6\u00ae Severity Levels", ("severity", "level")),
        ("Alerts", ("alert",)),
        ("\u0441\u0431\u043e\u0439", ("\u0441\u0431\u043e\u0439",)),
        ("!!", ()),
    ],
)
def test_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("texts", "question", "expected"),
    [
        ({"high-latency.md": "x", "b.md": "## High latency\n"}, ("HighLatency",), "high-latency.md"),
        ({"a.md": "# High Latency\n", "b.md": "text"}, ("HighLatency",), "a.md"),
        ({"a.md": "# A\n\n## Low\nl\n## High latency\nh\n"}, ("HighLatency",), "a.md#high-latency"),
        ({"a.md": "## A\n### Issue 2: High API latency (>2s)\n"}, ("HighLatency",), "a.md#issue-2-high-api-latency-2s"),
        ({"a.md": "## A\n### High latency\n"}, ("HighLatencyP95",), "a.md#high-latency"),
        ({"a.md": "### High latency\n", "b.md": "## High latency\n"}, ("HighLatency",), "b.md#high-latency"),
        ({"api.md": "## High latency\n", "db.md": "## High latency\n"}, ("HighLatency", "DB"), "db.md#high-latency"),
        ({"a.md": "## High API latency\n## High DB latency\n"}, ("HighLatency",), None),
        ({"a.md": "## High API latency\n## High DB latency\n"}, ("HighLatency", "DB answers"), "a.md#high-db-latency"),
        ({"a.md": "## Latency\n## High\n## Down\n"}, ("HighLatency",), None),
        ({"a.md": "## The pool\n## Pool of cars is high in the hills above town\n"}, ("PoolHigh",), None),
        ({"a.md": "## Signs\nThe `PoolHigh` alert\n## Other\n"}, ("PoolHigh",), "a.md#signs"),
        ({"a.md": "## Signs\nThe `PoolHigh` alert\n## Other\n**PoolHigh** too\n"}, ("PoolHigh",), None),
        ({"a.md": "## Rules\n```yaml\n- alert: PoolHigh\n```\n"}, ("PoolHigh",), None),
        ({"a.md": "## Other\nPoolHighest, NoPoolHigh, PoolHigh-x\n"}, ("PoolHigh",), None),
        ({"a.md": "## Words\nIt is down again\n"}, ("down",), None),
        ({"cache.md": "# How to cure the cache\n"}, ("Evictions", "evictions per minute", "Cache"), "cache.md"),
        ({"a.md": "## Who\n### API\ncall @ana\n"}, ("api_p95", "API latency p95", "API"), None),
        ({"a.md": "## x\n## Cache hit rate\n"}, ("CacheMissHigh", "cache hit rate", "Cache"), "a.md#cache-hit-rate"),
        ({"a.md": "## x\n"}, ("", ""), None),
        ({}, ("HighLatency",), None),
    ],
)
def test_match(texts: dict[str, str], question: tuple[str, ...], expected: str | None) -> None:
    read = library(texts)
    assert ref(read, *question) == expected
    assert ref(read, *question) == expected   # asked again, from memory


@pytest.mark.parametrize(
    ("page", "name", "expected"),
    [
        ("checkout.md", "BasketServiceDown", "checkout.md#1-basket-service-down-p0"),
        ("checkout.md", "SlowBasket", "checkout.md#2-slow-basket-p1"),
        ("payments.md", "QueueExhaustion", "payments.md#1-queue-exhaustion"),
        ("payments.md", "WebhookForged", "payments.md#2-webhook-trouble"),
        ("payments.md", "SlowAnswersP99", "payments.md#6-slow-answers"),
        ("payments.md", "LowHitRate", None),
        ("checklists.md", "HighLatency", "checklists.md#high-api-latency"),
        ("checklists.md", "DatabaseConnectionErrors", "checklists.md#database-connection-errors"),
        ("lorries.md", "HighLatency", "lorries.md#issue-2-high-api-latency-2s-p95"),
        ("lorries.md", "DatabaseGone", "lorries.md#\u00f0\u00ff\u0161-alerts"),
        ("orders.md", "ConflictSpikes", "orders.md#1-409-conflict-spikes"),
        ("orders.md", "SlowLatency", "orders.md#4-slow-p95-latency"),
        ("orders.md", "CacheMissHigh", None),
    ],
)
def test_match_on_pages_with_the_faults_of_real_ones(page: str, name: str, expected: str | None) -> None:
    assert ref(library({page: faulty.ALL[page]}), name) == expected
