"""What makes alarms begin and end, who is told and until when: as it is written, and as it is understood."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ontui.config.spans import days_of
from ontui.domain.alert import AlertRule
from ontui.domain.deadline import BusinessHours
from ontui.domain.notice import Desktop, Notify, Quiet
from ontui.domain.severity import Level
from ontui.domain.sli import Past
from tests.config.write import HEAD, findings, read


def _alert(text: str, unit: str = "ratio") -> str:
    return HEAD + f"slis: {{a: {{source: m, query: x, unit: {unit}, alerts: [{{severity: SEV-2, {text}}}]}}}}\n"


def _rule(folder: Path, text: str, unit: str = "ratio") -> AlertRule:
    return read(folder, _alert(text, unit)).system.slis["a"].alerts[0]


def test_an_alert_may_end_by_a_limit_of_its_own_and_count_polls(tmp_path: Path) -> None:
    rule = _rule(tmp_path, 'when: "> 90%", clear: "< 80%", in_a_row: 3, for: 5m')
    assert rule.clear is not None
    assert (rule.condition.limit, rule.clear.limit, rule.clear.symbol) == (0.9, 0.8, "<")
    assert (rule.in_a_row, rule.hold_s) == (3, 300)
    plain = _rule(tmp_path, 'when: "> 90%"')
    assert (plain.clear, plain.in_a_row) == (None, 1)


def test_an_alert_may_be_about_the_age_of_data(tmp_path: Path) -> None:
    rule = _rule(tmp_path, 'when: "older than 10m"')
    assert (rule.condition.limit, rule.condition.words("ratio")) == (600, "older than 10m")


@pytest.mark.parametrize(
    ("text", "past"),
    [("{ago: 7d}", Past(604_800)), ("{ago: 1h30m}", Past(5400)), ("{ago: 7d, times: 4}", Past(604_800, 4))],
)
def test_a_baseline_may_be_its_own_past(tmp_path: Path, text: str, past: Past) -> None:
    config = read(tmp_path, HEAD + f"slis: {{a: {{source: m, query: x, baseline: {text}}}}}\n")
    assert config.system.slis["a"].baseline_past == past


WRONG = [
    # what is written about an alert, then words of the finding
    ('when: "> 90%", clear: "< 95%"', "clear: found '< 95%'", "on the good side of when: > 90%"),
    ('when: "> 90%", clear: "> 80%"', "on the good side"),
    ('when: "< 50% of baseline", clear: "> 80%"', "of the same kind as when: < 50% of baseline"),
    ('when: absent, clear: "< 1"', "no 'clear' beside when: absent"),
    ('when: "older than 5m", clear: "< 1"', "no 'clear' beside when: older than 5m"),
    ('when: rising, clear: "> 5%"', "on the good side of when: rising"),
    ('when: "> 90%", clear: lots', "expected a comparison"),
    ('when: "older than 5 apples"', "expected a duration"),
    ('when: "> 90%", in_a_row: 0', "in_a_row: found 0", "1 or more"),
    ('when: "> 90%", in_a_row: often', "in_a_row: found 'often'", "a whole number"),
]


@pytest.mark.parametrize(("text", "words"), [(w[0], w[1:]) for w in WRONG])
def test_what_an_alert_cannot_be_is_found(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    said = [str(finding) for finding in findings(tmp_path, _alert(text))]
    assert any(all(word in line for word in words) for line in said), said


MISTAKES = [
    ("slis: {a: {source: d, sql: select 1, baseline: {ago: 7d}}}", 7, 48, "only a prometheus source knows its past"),
    ("slis: {a: {source: h, json: x, baseline: {ago: 7d}}}", 7, 42, "only a prometheus source knows its past"),
    ("slis: {a: {source: m, metric: up, baseline: {ago: 7d}}}", 7, 45, "only a query can be asked about the past"),
    ("slis: {a: {source: m, query: x, rows: t, baseline: {ago: 7d}}}", 7, 52, "one past is not that of many rows"),
    ("slis: {a: {source: m, query: x, baseline: {ago: lots}}}", 7, 43, "a duration such as"),
    ("slis: {a: {source: m, query: x, baseline: {ago: 1s}}}", 7, 43, "from 1m to 400d"),
    ("slis: {a: {source: m, query: x, baseline: {ago: 7d, times: 99}}}", 7, 43, "from 1 to 10"),
    ("slis: {a: {source: m, query: x, baseline: {ago: 7d, query: x}}}", 7, 43, "a number, {query: …}, or {ago: 7d}"),
    ("severities: [{name: A, level: critical, respond_within: soon}]", 7, 57, "15m or 24h, or 1 business day"),
    ("notify: {bel: true}", 7, 10, "did you mean 'bell'?"),
    ("notify: {desktop: kde}", 7, 19, "found 'kde', expected off, osc9 or osc777"),
    ("notify: {from: P1}", 7, 16, "critical or warning"),
    ("notify: {quiet: {from: 22:00}}", 7, 17, "'to' is missing"),
    ('notify: {quiet: {from: "22:00", to: "7"}}', 7, 37, "a time such as"),
    ('notify: {quiet: {from: "2:00", to: "02:00"}}', 7, 36, "expected another time than 'from'"),
    ("notify: {command: notify-send}", 7, 19, "a list"),
    ("notify: {command: []}", 7, 19, "at least 1"),
    ('notify: {command: ["{text}"]}', 7, 19, "a program first"),
    ('notify: {command: [x, "{nmae}"]}', 7, 23, "did you mean '{name}'?"),
    ('notify: {command: [x, "alert {name}"]}', 7, 23, "{name} as an argument of its own"),
    ("notify: {timeout: 1s, quiet: 5}", 7, 30, "a mapping"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), MISTAKES)
def test_a_mistake_is_found_where_it_is(tmp_path: Path, text: str, line: int, column: int, words: str) -> None:
    found = findings(tmp_path, HEAD + text + "\n")
    assert any((f.line, f.column) == (line, column) and words in str(f) for f in found), [str(f) for f in found]


def test_hours_that_end_before_they_begin_are_found(tmp_path: Path) -> None:
    text = HEAD.replace("id: x", 'id: x, business_hours: {from: "9:00", to: "08:30"}')
    assert "a time later than 9:00" in str(findings(tmp_path, text)[0])


# ── clocks ──


def test_hours_of_work_come_with_their_place(tmp_path: Path) -> None:
    hours = 'business_hours: {days: "sun-wed, thu", from: "8:30", to: "16:00"}'
    text = HEAD.replace("id: x", f"id: x, timezone: Asia/Jerusalem, {hours}")
    system = read(tmp_path, text).system
    assert system.hours == BusinessHours(
        frozenset({6, 0, 1, 2, 3}), time(8, 30), time(16), ZoneInfo("Asia/Jerusalem")
    )
    plain = read(tmp_path, HEAD).system.hours
    assert plain == BusinessHours(frozenset(range(5)), time(9), time(17), UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}), ("Mon, Wed-Fri", {0, 2, 3, 4}), ("sat-tue", {5, 6, 0, 1}), ("sun", {6}),
        ("mon-mon", {0}), ("mon-sun", set(range(7))),
    ],
)  # fmt: skip
def test_days_as_they_are_written(text: str, days: set[int]) -> None:
    assert days_of(text) == days


@pytest.mark.parametrize("text", ["15m", "24h", "1 business day", "2 business days", "next business day"])
def test_a_severity_promises_a_time_or_days_of_work(tmp_path: Path, text: str) -> None:
    ladder = f"severities: [{{name: P3, level: warning, respond_within: {text}, acknowledge_within: {text}}}]\n"
    (rung,) = read(tmp_path, HEAD + ladder).system.severities
    assert (rung.respond_within, rung.acknowledge_within) == (text, text)


# ── told aloud ──


def test_the_bell_rings_for_what_pages_unless_said_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD).notify == Notify() == Notify(bell=True, desktop=Desktop.OFF, level=Level.CRITICAL)
    assert read(tmp_path, HEAD + "notify: {bell: false}\n").notify == Notify(bell=False)


def test_everything_about_telling_aloud(tmp_path: Path) -> None:
    text = HEAD.replace("id: x", "id: x, timezone: Europe/Berlin") + (
        'notify: {desktop: osc777, command: [notify-send, "{system}", "{text}"], from: warning, timeout: 3s,'
        ' quiet: {from: "22:00", to: "07:00"}}\n'
    )
    notify = read(tmp_path, text).notify
    assert notify == Notify(
        desktop=Desktop.OSC777, command=("notify-send", "{system}", "{text}"), level=Level.WARNING, timeout_s=3,
        quiet=Quiet(time(22), time(7), ZoneInfo("Europe/Berlin")),
    )  # fmt: skip
    assert notify.quiet is not None
    assert notify.quiet.holds(datetime(2026, 11, 21, 21, 30, tzinfo=UTC).timestamp())
