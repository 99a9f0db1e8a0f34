"""Alerts, silences and rules as anybody might write them: read, or refused, and never more than that."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.foreign import ForeignAlert
from ontui.sources import foreign_answer as read
from ontui.sources.alertmanager_api import refusal
from ontui.sources.prometheus_answer import Malformed

SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20)
NAMES = st.text(max_size=8)
ANY = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))


def near(*keys: str) -> st.SearchStrategy[object]:
    """Objects with the keys one expects and anything under them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, ANY | TEXTS | STATUS))


TIMES = st.sampled_from(
    ["2026-11-21T08:00:00.123456789Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "now", ""]
)
TEXTS = st.dictionaries(NAMES, st.text(max_size=20), max_size=4) | TIMES
STATUS = st.fixed_dictionaries(
    {"state": st.sampled_from(["active", "suppressed", "pending", "expired", "firing", "x"])},
    optional={"silencedBy": st.lists(SCALARS, max_size=2), "inhibitedBy": ANY},
)
ALERT = near("labels", "annotations", "status", "startsAt", "endsAt", "updatedAt", "generatorURL", "fingerprint",
             "state", "activeAt", "value")  # fmt: skip
SILENCE = near("id", "matchers", "startsAt", "endsAt", "createdBy", "comment", "status")
RULE = st.fixed_dictionaries({}, optional={
    "name": SCALARS, "query": SCALARS, "health": SCALARS, "lastError": SCALARS, "lastEvaluation": TIMES | ANY,
    "duration": SCALARS, "alerts": st.lists(ALERT | ANY, max_size=3) | ANY,
})  # fmt: skip
GROUP = {"name": SCALARS, "interval": SCALARS, "rules": st.lists(RULE | ANY) | ANY}
GROUPS = st.fixed_dictionaries({"groups": st.lists(st.fixed_dictionaries({}, optional=GROUP), max_size=3)})


def harmless(alerts: tuple[ForeignAlert, ...]) -> None:
    for alert in alerts:
        shown = [alert.name, alert.summary, alert.runbook, alert.generator_url, alert.key, *alert.labels.values()]
        assert not any(c < " " and c not in "\n\t" for text in shown for c in text)


@given(st.lists(ALERT | ANY, max_size=4) | ANY)
def test_alerts_are_read_or_refused(document: object) -> None:
    try:
        listed = read.passed_on(document, "am")
    except Malformed:
        assert not isinstance(document, list)
        return
    assert isinstance(document, list)
    assert len(listed.alerts) + listed.unread == len(document)
    harmless(listed.alerts)


@given(st.lists(SILENCE | ANY, max_size=4) | ANY)
def test_silences_are_read_or_refused(document: object) -> None:
    try:
        found = read.silences(document)
    except Malformed:
        return
    assert all(s.state in ("active", "pending") and s.starts_at and s.ends_at for s in found)


@given(GROUPS | ANY)
def test_rules_are_read_or_refused(document: object) -> None:
    try:
        found = read.rules(document, "prom")
    except Malformed:
        return
    for rule in found:
        harmless(rule.alerts)


@given(st.fixed_dictionaries({"alerts": st.lists(ALERT, max_size=3)}) | ANY)
def test_flat_alerts_are_read_or_refused(document: object) -> None:
    try:
        harmless(read.flat(document, "prom"))
    except Malformed:
        return


@given(st.binary(max_size=60) | ANY.map(lambda d: json.dumps(d).encode()))
def test_bytes_are_a_document_or_refused_and_a_refusal_is_one_line(body: bytes) -> None:
    assert "\n" not in refusal(body)
    try:
        read.parse_json(body)
    except Malformed:
        return


@given(st.text(max_size=40) | TIMES | SCALARS)
def test_an_instant_is_a_time_after_1970_or_none(text: object) -> None:
    found = read.instant(text)
    assert found is None or found > 0


def test_nanoseconds_are_understood() -> None:
    assert read.instant("2026-11-21T08:56:38.123456789Z") == 1795251398.123456


def test_a_label_that_is_not_shown_as_it_is_makes_no_matcher() -> None:
    item = {"labels": {"alertname": "A", "path": "a\nb", "job": "x"}, "status": {"state": "active"}}
    (alert,) = read.passed_on([item], "am").alerts
    assert [m.words for m in alert.matchers] == ['alertname="A"', 'job="x"']


def test_only_ascii_digits_are_numbers() -> None:
    assert [read._number(text) for text in ("1.5", "1_000", "٣", True, "NaN", 2)] == [1.5, None, None, None, None, 2]
