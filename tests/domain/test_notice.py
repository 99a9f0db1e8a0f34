"""What is told aloud, how often, and when never."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from ontui.domain.event import EventKind
from ontui.domain.foreign import ForeignAlert, ForeignPhase
from ontui.domain.notice import PLACEHOLDERS, Notice, Quiet, notices, ring_of
from ontui.domain.rows import reading_of
from ontui.domain.sample import Reading, Row, Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.state import State
from ontui.domain.transitions import transitions
from tests.domain.build import SEV2, SEV3, failed, points, rule, seen, sli, state

SEV1 = Severity("SEV-1", Level.CRITICAL, 0)


def told(samples: list[Sample], level: Level = Level.CRITICAL, severity: Severity = SEV2) -> list[str]:
    now: State = state(sli(rule("> 1s", severity=severity)))
    found = []
    for sample in samples:
        before, now = now, now.after(sample)
        found += [f"{sample.at:g} {n.state}" for n in notices(before, now, sample, level)]
    return found


def every(*values: float, start: float = 0.0) -> list[Sample]:
    return [seen(start + 10 * n, value) for n, value in enumerate(values)]


ON, OFF = (2.0,), (0.5, 0.5)
TOLD = ["10 firing", "30 resolved", "40 firing", "60 resolved", "70 firing"]
"""Of an alert that goes on and off: from the fifth change on it is flapping."""


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (every(0.5, 2, 2, 2), ["10 firing"]),
        (every(0.5, 2, 0.5, 0.5, 0.5), ["10 firing", "30 resolved"]),
        (every(2, 2, 2), []),
        (every(2, 0.5, 0.5), ["20 resolved"]),
        ([seen(0, 2), failed(10), failed(20), seen(30, 2)], []),
        ([failed(0), failed(10), seen(20, 2)], []),
        ([seen(0, 0.5), seen(10, 2, history=points(0.5, 2, start=-10))], []),
        (every(0.5, *(*ON, *OFF) * 6), TOLD),
        (every(0.5, *(*ON, *OFF) * 6, *[0.5] * 70), [*TOLD, "780 resolved"]),
        (every(0.5, *(*ON, *OFF) * 6, *[2.0] * 70), [*TOLD, "790 firing"]),
    ],
)
def test_each_move_is_told_once_and_none_of_what_was_so_at_the_start(
    samples: list[Sample], expected: list[str]
) -> None:
    assert told(samples) == expected


def test_what_does_not_page_is_told_only_where_that_is_wanted() -> None:
    samples = every(0.5, 2)
    assert told(samples, severity=SEV3) == []
    assert told(samples, Level.WARNING, SEV3) == ["10 firing"]
    assert told(samples, Level.WARNING) == ["10 firing"]


def notice(name: str, severity: Severity = SEV2, *, fires: bool = True, value: str = "1.2 s") -> Notice:
    return Notice(name, severity, fires, "latency p95", value)


def test_one_alert_is_a_sentence() -> None:
    system = state(sli()).system
    ring = ring_of([notice("High")], system)
    assert (ring.name, ring.severity, ring.state, ring.value, ring.fires) == ("High", "SEV-2", "firing", "1.2 s", True)
    assert ring.text == "SEV-2 High firing: latency p95 1.2 s"
    over = ring_of([notice("High", fires=False, value="")], system)
    assert (over.text, over.fires) == ("SEV-2 High resolved: latency p95", False)


def test_an_alert_over_rows_names_the_worst_of_them_in_the_ring_and_in_the_record() -> None:
    def answer(at: float, **values: float) -> Sample:
        kept = now.system.slis["p95"]
        rows = [Row(f"/{name}", value) for name, value in values.items()]
        return Sample("metrics", at, 0.001, {"p95": reading_of(kept, rows, Reading(None, at))})

    now, told, noted = state(replace(sli(rule("> 1s", name="Slow")), rows="route")), [], []
    for at, values in enumerate(({"a": 0.1, "b": 0.1}, {"a": 3.0, "b": 2.0, "c": 0.1}, {"a": 0.1}, {"a": 0.1})):
        sample = answer(10.0 * at, **values)
        before, now = now, now.after(sample)
        told += [ring_of([n], now.system).text for n in notices(before, now, sample, Level.CRITICAL)]
        noted += [event.text for event in transitions(before, now, sample.at) if event.kind is EventKind.ALERT]
    assert [text.partition(":")[0] for text in told] == ["SEV-2 Slow /a +1 firing", "SEV-2 Slow /a +1 resolved"]
    assert [text.partition(" (")[0] for text in noted] == ["Slow /a +1 firing", "Slow /a +1 resolved"]


def test_a_burst_is_one_ring_that_counts() -> None:
    system = state(sli()).system
    ring = ring_of([notice("A", SEV3), notice("B", SEV1), notice("C", fires=False)], system)
    assert (ring.name, ring.severity, ring.state, ring.value) == ("3 alerts", "SEV-1", "firing", "")
    assert ring.text == "2 alerts firing: A, B · 1 alert resolved: C"
    many = ring_of([notice(f"A{n}") for n in range(40)], system)
    assert many.text == "40 alerts firing: A0, A1, A2, A3, A4 and 35 more"


def test_every_placeholder_is_a_whole_argument_and_none_an_option() -> None:
    ring = ring_of([notice("--exec=rm", value="-5\x1b[31m\n")], state(sli()).system)
    argv = ring.fill(["send", "-u", "{severity}", "{name}", "{value}", "x{name}", "{other}"])
    assert argv == ["send", "-u", "SEV-2", "−-exec=rm", "−5�[31m", "x{name}", "{other}"]
    assert len(ring.fill([f"{{{word}}}" for word in PLACEHOLDERS])) == len(PLACEHOLDERS)


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT, NOON = Quiet(time(22), time(7), BERLIN), Quiet(time(12), time(13), BERLIN)


@pytest.mark.parametrize(
    ("quiet", "clock", "holds"),
    [
        (NIGHT, "2026-11-21 21:59", False), (NIGHT, "2026-11-21 22:00", True), (NIGHT, "2026-11-22 00:00", True),
        (NIGHT, "2026-11-22 06:59", True), (NIGHT, "2026-11-22 07:00", False), (NIGHT, "2026-07-01 06:30", True),
        (NIGHT, "2026-10-25 02:30", True), (NIGHT, "2026-03-29 03:10", True),
        (NOON, "2026-11-21 11:59", False), (NOON, "2026-11-21 12:00", True), (NOON, "2026-11-21 13:00", False),
        (Quiet(time(9), time(9), BERLIN), "2026-11-21 15:00", True),
    ],
)  # fmt: skip
def test_quiet_hours_by_the_clock_on_the_wall(quiet: Quiet, clock: str, holds: bool) -> None:
    assert quiet.holds(datetime.fromisoformat(clock).replace(tzinfo=BERLIN).timestamp()) is holds


def heard(at: float, *phases: tuple[str, ForeignPhase], source: str = "metrics") -> Sample:
    alerts = (ForeignAlert(source, name, {"severity": "critical"}, phase, since=at) for name, phase in phases)
    return Sample(source, at, 0.01, foreign=tuple(alerts))


FIRING, SILENCED, GONE = ForeignPhase.FIRING, ForeignPhase.SUPPRESSED, ForeignPhase.GONE


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([heard(0, ("A", FIRING))], []),
        ([heard(0), heard(10, ("A", FIRING)), heard(20, ("A", FIRING)), heard(30)], ["10 A firing", "30 A resolved"]),
        ([heard(0), heard(10, ("A", SILENCED)), heard(20, ("A", FIRING))], ["20 A firing"]),
        ([heard(0), heard(10, ("A", FIRING)), heard(20, ("A", SILENCED)), heard(30)], ["10 A firing"]),
        ([heard(0), heard(10, ("A", FIRING)), heard(20, ("A", GONE)), heard(30, ("A", GONE))], ["10 A firing"]),
        ([heard(0), failed(10), heard(20, ("A", FIRING), ("B", FIRING))], ["20 A firing", "20 B firing"]),
    ],
)
def test_alerts_of_others_are_told_too(samples: list[Sample], expected: list[str]) -> None:
    now, found = state(sli()), []
    for sample in samples:
        before, now = now, now.after(sample)
        found += [f"{sample.at:g} {n.name} {n.state}" for n in notices(before, now, sample, Level.CRITICAL)]
    assert found == expected
