from dataclasses import replace

import pytest

from ontui.domain.action import Asks, Danger, Effect, Outcome, Verdict, confirmation
from ontui.domain.event import Event, EventKind
from ontui.domain.sample import Sample
from ontui.domain.source import HttpAccess, HttpSource
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.domain.transitions import transitions
from tests.domain.build import SEV3, failed, rule, seen, sli, state


def test_equal_pictures_are_equal() -> None:
    one = state(sli(rule("> 1s"))).after(seen(0, 2))
    other = state(sli(rule("> 1s"))).after(seen(0, 2))
    assert one == other
    assert one != other.after(seen(10, 2))


def test_what_moved_becomes_events() -> None:
    before = state(sli(rule("> 1s"))).after(seen(0, 0.5))
    firing = before.after(seen(10, 2))
    down = firing.after(failed(20))
    assert [(e.kind, e.subject, e.at) for e in transitions(before, firing, 10)] == [(EventKind.ALERT, "p95/High", 10)]
    assert [(e.kind, e.text) for e in transitions(firing, down, 20)] == [
        (EventKind.SOURCE, "metrics down: connection refused")
    ]
    assert transitions(down, down.after(failed(30)), 30) == []
    assert [e.text for e in transitions(down, down.after(seen(40, 2)), 40)] == ["metrics up"]


def test_the_board_has_the_worst_first() -> None:
    mild, severe = rule("> 1s", name="Mild", severity=SEV3), rule("> 1.5s", name="Severe")
    waiting = rule("> 1.2s", 60, name="Waiting")
    board = state(sli(mild, waiting, severe)).after(seen(0, 2)).board()
    assert [a.rule.name for a in board] == ["Severe", "Mild", "Waiting"]


def test_an_acknowledgement_lasts_as_long_as_its_alert() -> None:
    taken = Event(EventKind.ACKNOWLEDGED, 5, "alice@bastion", "p95/High", "taken")
    firing = state(sli(rule("> 1s"))).after(seen(0, 2)).after(taken)
    assert (ack := firing.alerts["p95/High"].acknowledged) and ack.who == "alice@bastion"
    later = firing.after(seen(10, 0)).after(seen(20, 0))
    assert later.alerts["p95/High"].acknowledged is None
    again = later.after(seen(200, 2))
    assert again.alerts["p95/High"].acknowledged is None


def test_an_acknowledgement_read_from_the_journal_meets_its_alert() -> None:
    taken = Event(EventKind.ACKNOWLEDGED, 5, "alice@bastion", "p95/High", "taken")
    assert state(sli(rule("> 1s"))).after(taken).after(seen(10, 2)).alerts["p95/High"].acknowledged


def test_a_run_is_folded_from_its_events() -> None:
    start = Event(EventKind.RUN_STARTED, 10, "alice", "restart", "…", {"run": "r1", "title": "Restart", "pid": 7})
    other = Event(EventKind.RUN_ENDED, 12, "alice", "restart", "…", {"run": "r0", "outcome": "ok"})
    end = Event(
        EventKind.RUN_ENDED, 13, "alice", "restart", "…", {"run": "r1", "outcome": "failed", "detail": "exit 3"}
    )
    verdict = Event(EventKind.VERDICT, 50, "alice", "restart", "…", {"run": "r1", "sli": "p95", "effect": "recovered"})
    under_way = state(sli()).after(start).after(other)
    assert under_way.runs["restart"].outcome is Outcome.RUNNING
    ended = under_way.after(end).after(verdict)
    assert (ended.runs["restart"].outcome, ended.runs["restart"].detail) == (Outcome.FAILED, "exit 3")
    assert ended.verdicts["r1"].effect is Effect.RECOVERED


@pytest.mark.parametrize(
    ("danger", "production", "asks", "text"),
    [
        (Danger.READ, True, Asks.NOTHING, ""),
        (Danger.CHANGE, False, Asks.YES_NO, "y"),
        (Danger.CHANGE, True, Asks.TYPE, "freight"),
        (Danger.DESTROY, False, Asks.TYPE, "freight"),
        (Danger.DESTROY, True, Asks.TYPE, "freight"),
    ],
)
def test_the_more_danger_the_harder_it_is_to_say_yes(danger: Danger, production: bool, asks: Asks, text: str) -> None:
    assert confirmation(danger, production=production, system="freight") == (asks, text)


def test_a_verdict_in_words() -> None:
    good = Verdict("r1", "pool", Effect.RECOVERED, "92 %", "48 %", 42)
    assert good.words("pool used") == "pool used 92 % → 48 % in 42 s. Recovered."
    assert replace(good, took_s=0.4).words("pool used") == "pool used 92 % → 48 % at once. Recovered."
    none = Verdict("r1", "pool", Effect.NO_EFFECT, "92 %", "93 %", 300)
    assert none.words("pool used") == "pool used 92 % → 93 %: no effect after 5 min."
    blind = Verdict("r1", "pool", Effect.CANNOT_TELL, "92 %", "?", 300, "data stale")
    assert blind.words("pool used") == "pool used: cannot tell: data stale."


def test_a_source_that_is_late_is_not_ok() -> None:
    health = state(sli()).after(seen(0, 1)).sources["metrics"]
    assert health.status(10) is Status.OK
    assert health.status(30) is Status.STALE
    assert state(sli()).after(failed(0)).sources["metrics"].status(1) is Status.CRITICAL


@pytest.mark.parametrize(
    ("address", "verify", "findings"),
    [("https://h", False, 1), ("h/path", False, 1), ("http://h", False, 0), ("https://h", True, 0)],
)
def test_a_certificate_that_is_not_checked_is_said(address: str, verify: bool, findings: int) -> None:
    access = HttpAccess(verify=verify)
    source = HttpSource(id="a", type="http", interval_s=1, timeout_s=1, address=address, url=address, access=access)
    assert len(source.findings) == findings
    system = replace(state(sli(rule("> 1s"))).system, sources={"a": source})
    assert len(State.empty(system).after(Sample("a", 1.0)).sources["a"].findings) == findings
