"""What survives another config, and what does not."""

from dataclasses import replace

import pytest

from ontui.domain.alert import Acknowledgement, Phase
from ontui.domain.event import Event, EventKind
from ontui.domain.rebase import ended, rebased
from ontui.domain.sli import Sli
from ontui.domain.source import Source
from ontui.domain.state import State
from ontui.domain.status import Status
from tests.domain.build import SEV3, rule, seen, sli, state

HIGH = rule("> 800ms")


def firing() -> State:
    """Seen for a minute, firing, taken by alice."""
    now = state(sli(HIGH, objective="<= 300ms"))
    for at in range(0, 70, 10):
        now = now.after(seen(float(at), 1.2))
    return now.after(Event(EventKind.ACKNOWLEDGED, 65.0, "alice", "p95/High", "taken"))


def under(before: State, one: Sli, source: Source | None = None) -> State:
    sources = {"metrics": source} if source else before.system.sources
    return rebased(before, replace(before.system, slis={one.id: one}, sources=sources))


def test_the_same_config_changes_nothing() -> None:
    before = firing()
    assert rebased(before, before.system) == before
    assert ended(before, rebased(before, before.system)) == []


@pytest.mark.parametrize("one", [
    sli(HIGH, objective="<= 100ms"),
    replace(sli(HIGH), title="another", group="other", runbook="page.md"),
    sli(replace(HIGH, severity=SEV3, runbook="page.md", actions=("x",))),
    sli(HIGH, rule("> 5s", name="Higher")),
], ids=["objective", "words", "severity", "another alert"])  # fmt: skip
def test_what_is_still_measured_and_judged_alike_lives_on(one: Sli) -> None:
    before = firing()
    after = under(before, one)
    assert after.indicators["p95"].history == before.indicators["p95"].history
    assert after.indicators["p95"].sli == one
    assert after.sources == before.sources
    alert = after.alerts["p95/High"]
    assert (alert.phase, alert.since, alert.rule) == (Phase.FIRING, 0.0, one.alerts[0])
    assert alert.acknowledged == Acknowledgement("alice", 65.0)
    assert ended(before, after) == []
    assert set(after.alerts) == {r.key for r in one.alerts}


def test_another_limit_is_another_alert_over_the_same_history() -> None:
    before = firing()
    after = under(before, sli(rule("> 2s")))
    assert after.alerts["p95/High"].phase is Phase.INACTIVE
    assert after.indicators["p95"].history == before.indicators["p95"].history
    assert [a.rule.name for a in ended(before, after)] == ["High"]
    assert after.after(seen(70.0, 3.0)).alerts["p95/High"].phase is Phase.FIRING


@pytest.mark.parametrize("one", [
    replace(sli(HIGH), query="another"), replace(sli(HIGH), unit="count"), replace(sli(HIGH), rows="tenant"),
    replace(sli(HIGH), id="other", alerts=()),
], ids=["query", "unit", "rows", "id"])  # fmt: skip
def test_another_question_begins_anew(one: Sli) -> None:
    after = under(firing(), one)
    assert after.indicators[one.id].reading is None
    assert after.indicators[one.id].history == ()
    assert after.standing(one.id, 70.0).status is Status.UNKNOWN
    assert all(a.phase is Phase.INACTIVE for a in after.alerts.values())


def test_another_source_begins_anew_although_it_is_called_alike() -> None:
    before = firing()
    source = replace(before.system.sources["metrics"], address="elsewhere")
    after = under(before, sli(HIGH), source)
    assert after.sources["metrics"].tried_at is None
    assert after.sources["metrics"].source is source
    assert after.indicators["p95"].reading is None
    assert after.alerts["p95/High"].phase is Phase.INACTIVE


def test_what_is_gone_is_gone_and_can_come_back() -> None:
    before = firing()
    after = rebased(before, replace(before.system, slis={}, sources={}))
    assert (after.indicators, after.alerts, after.sources) == ({}, {}, {})
    assert [a.rule.name for a in ended(before, after)] == ["High"]
    assert after.after(seen(80.0, 1.0)) is after, "a late answer of a source that is gone"
    assert after.after(Event(EventKind.RUN_ENDED, 80.0, "x", "none", "")).runs == {}
    assert rebased(after, before.system).indicators["p95"].reading is None
