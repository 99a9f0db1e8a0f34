"""Alerts of others: once each, on our ladder, worst first, and never cleared by silence."""

from dataclasses import replace

import pytest

from ontui.domain.crowd import Other, crowd_key, joined, severity_of
from ontui.domain.event import Event, EventKind
from ontui.domain.foreign import Foreign, ForeignAlert, ForeignPhase
from ontui.domain.hearsay import doubts
from ontui.domain.notice import notices
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.severity import Level, Severity
from ontui.domain.silence import Matcher, Silence
from ontui.domain.sli import Sli
from ontui.domain.source import AlertmanagerSource, PrometheusSource
from ontui.domain.state import State, System
from ontui.domain.status import Status
from ontui.domain.transitions import transitions
from ontui.ui import others

LADDER = (
    Severity("SEV-1", Level.CRITICAL, 0), Severity("SEV-2", Level.CRITICAL, 1), Severity("P3", Level.WARNING, 2),
)  # fmt: skip
FIRING, PENDING, GONE, SUPPRESSED = (
    ForeignPhase.FIRING, ForeignPhase.PENDING, ForeignPhase.GONE, ForeignPhase.SUPPRESSED,
)  # fmt: skip


def alert(name: str, phase: ForeignPhase = FIRING, source: str = "am", **more: object) -> ForeignAlert:
    labels = {"alertname": name, **more.pop("labels", {})}  # type: ignore[dict-item]
    return ForeignAlert(source, name, dict(sorted(labels.items())), phase, **more)  # type: ignore[arg-type]


def state() -> State:
    am = AlertmanagerSource(id="am", type="alertmanager", interval_s=10, timeout_s=2, url="http://am")
    prom = PrometheusSource(id="prom", type="prometheus", interval_s=10, timeout_s=2, url="http://p", alerts=True)
    count = Sli("n", "alerts", "am", "am", "count", 10, 2, metric="alerts")
    return State.empty(System("x", "X", "test", False, False, {"am": am, "prom": prom}, {"n": count}, LADDER))


def from_am(at: float, *alerts: ForeignAlert, **more: object) -> Sample:
    readings = {"n": Reading(float(len(alerts)), at)}
    return Sample("am", at, 0.01, readings, foreign=alerts, silences=(), **more)  # type: ignore[arg-type]


def from_prom(at: float, *alerts: ForeignAlert) -> Sample:
    return Sample("prom", at, 0.01, foreign=tuple(replace(a, source="prom") for a in alerts))


def down(source: str, at: float) -> Sample:
    return Sample(source, at, 0.01, fault=Fault(FaultKind.REFUSED, "connection refused"))


@pytest.mark.parametrize(
    ("word", "rung"),
    [("sev-2", "SEV-2"), ("p3", "P3"), ("critical", "SEV-1"), ("page", "SEV-1"), ("warning", "P3"),
     ("huh", "P3"), ("", "P3")],
)
def test_words_of_others_find_their_rung(word: str, rung: str) -> None:
    assert severity_of(word, LADDER).name == rung


def test_an_alert_that_both_tell_stands_once_with_the_silence() -> None:
    prom = alert("High", source="prom", value=7.0, labels={"job": "a"})
    other = alert("High", PENDING, source="prom", labels={"job": "b"})
    am = alert("High", SUPPRESSED, labels={"job": "a", "cluster": "eu"}, silenced_by=("s1",))
    found = joined({"prom": Foreign((prom, other), is_evaluator=True), "am": Foreign((am,))}, LADDER, 0.0)
    assert [(c.first.alert.source, c.first.alert.phase, c.first.alert.value) for c in found] == [
        ("prom", PENDING, None), ("am", SUPPRESSED, 7.0),
    ]  # fmt: skip


def test_two_alertmanagers_tell_one_alert_once() -> None:
    twice = {"a": Foreign((alert("High", source="a"),), frozen_at=5.0), "b": Foreign((alert("High", source="b"),))}
    assert [c.first.alert.source for c in joined(twice, LADDER, 0.0)] == ["b"]


def test_many_of_one_name_are_one_line_and_worst_comes_first() -> None:
    many = [alert("Flood", labels={"n": str(n), "severity": "warning"}, since=float(n)) for n in range(37)]
    listed = Foreign((*many, alert("Down", labels={"severity": "page"}), alert("Soon", PENDING)))
    found = joined({"am": listed}, LADDER, 0.0)
    assert [(c.name, len(c.members)) for c in found] == [("Down", 1), ("Flood", 37), ("Soon", 1)]
    assert [m.words for m in found[1].matchers] == ['alertname="Flood"', 'severity="warning"']


def test_an_alert_stays_while_its_source_does_not_answer() -> None:
    seen = state().after(from_am(0.0, alert("High", labels={"severity": "page"})))
    assert seen.status(1.0) is Status.CRITICAL
    later = seen.after(down("am", 10.0))
    assert [c.first.frozen_at for c in later.others] == [0.0], "as old as what was heard"
    assert later.after(down("am", 20.0)).others[0].first.frozen_at == 0.0
    assert later.after(from_am(30.0)).others == ()


def test_an_empty_list_is_not_all_clear_while_prometheus_is_down() -> None:
    calm = state().after(from_prom(0.0)).after(from_am(0.0))
    assert (calm.status(1.0), doubts(calm, 1.0)) == (Status.OK, [])
    blind = calm.after(down("prom", 5.0))
    assert blind.sources["am"].findings == ("no alerts, but prom does not answer: connection refused",)
    assert blind.standing("n", 6.0).status is Status.WARNING
    assert blind.after(from_prom(7.0)).sources["am"].findings == ()


def test_what_is_silenced_is_an_alert_all_the_same() -> None:
    quiet = alert("High", SUPPRESSED, silenced_by=("s1",))
    blind = state().after(from_prom(0.0)).after(from_am(0.0, quiet)).after(down("prom", 5.0))
    assert blind.sources["am"].findings == ("none unsilenced, but prom does not answer: connection refused",)


def test_what_nobody_renewed_stays_until_its_evaluator_speaks() -> None:
    gone = alert("High", GONE, updated_at=100.0, why_gone="nobody renewed it")
    silent = state().after(from_am(400.0, gone))
    assert silent.sources["am"].findings == ("no alerts, but source silent: nobody renewed High for 5m",)
    assert [c.first.status for c in silent.others] == [Status.STALE]
    assert silent.standing("n", 401.0).reason == "no alerts, but source silent: nobody renewed High for 5m"
    vouched = silent.after(from_prom(402.0))
    assert (vouched.others, vouched.sources["am"].findings) == ((), ())


def test_a_finding_of_the_source_itself_makes_its_count_doubtful() -> None:
    seen = state().after(from_am(0.0, findings=("the cluster is settling",)))
    assert (seen.standing("n", 1.0).status, seen.standing("n", 1.0).reason) == (
        Status.WARNING, "the cluster is settling",
    )  # fmt: skip
    again = seen.after(from_am(10.0))
    assert again.standing("n", 11.0).status is Status.OK


def test_taking_one_or_all_of_a_name_counts_for_what_had_begun() -> None:
    one, later = alert("High", since=10.0, labels={"n": "1"}), alert("High", since=500.0, labels={"n": "2"})
    seen = state().after(from_am(20.0, one, later))
    taken = seen.after(Event(EventKind.ACKNOWLEDGED, 30.0, "alice", one.key, ""))
    assert (taken.taken(one) is not None, taken.taken(later) is None) == (True, True)
    all_of_it = seen.after(Event(EventKind.ACKNOWLEDGED, 30.0, "alice", crowd_key("High"), ""))
    assert (all_of_it.taken(one) is not None, all_of_it.taken(later) is None) == (True, True)


def test_a_name_without_an_alert_now_was_taken_all_the_same() -> None:
    one = alert("High", since=10.0)
    early = state().after(Event(EventKind.ACKNOWLEDGED, 30.0, "alice", one.key, ""))
    assert early.after(from_am(40.0, one)).taken(one) is not None


def recorded(before: State, after: State) -> list[tuple[str, str, object]]:
    return [(e.subject, e.text, e.data["phase"]) for e in transitions(before, after, 1.0) if e.kind is EventKind.ALERT]


def test_what_begins_and_ends_is_a_line_of_the_record_for_each_name() -> None:
    one = alert("Down", labels={"severity": "page"}, annotations={"summary": "it is down"})
    many = [alert("Flood", labels={"n": str(n)}) for n in range(37)]
    empty = state().after(from_am(0.0))
    full = empty.after(from_am(10.0, one, *many))
    assert recorded(empty, full) == [
        ("Down{severity='page'}", "Down firing (SEV-1): it is down from am", "firing"),
        ("Flood{*}", "Flood firing (P3): 37 alerts from am", "firing"),
    ]
    assert recorded(full, full.after(down("am", 20.0))) == []  # silence clears nothing
    fewer = full.after(from_am(20.0, *many[1:]))
    assert [text for _, text, _ in recorded(full, fewer)] == [
        "Down resolved (SEV-1): it is down from am", "Flood resolved (P3): from am",
    ]  # fmt: skip
    storm = empty.after(from_am(10.0, *(alert(f"A{n:03}") for n in range(500))))
    assert [text for _, text, _ in recorded(empty, storm)] == [
        "500 alerts firing from am: A000, A001, A002, A003, A004 and 495 more names"
    ]


def test_an_alert_that_the_alertmanager_learns_of_has_not_moved() -> None:
    known = state().after(from_am(0.0)).after(from_prom(1.0, alert("High", labels={"job": "a"})))
    both = known.after(from_am(2.0, alert("High", labels={"job": "a", "cluster": "eu"})))
    assert recorded(known, both) == []
    gone = replace(alert("High", GONE, labels={"job": "a"}), why_gone="no data: its target is down")
    assert [text for _, text, _ in recorded(known, known.after(from_prom(3.0, gone)))] == [
        "High gone (P3): from prom"
    ]


def test_a_page_of_others_rings_once_and_not_at_the_first_look() -> None:
    page = alert("Down", labels={"severity": "page"})
    first = from_am(0.0, page)
    assert notices(state(), state().after(first), first, Level.CRITICAL) == []
    calm = state().after(from_am(0.0))
    rings = from_am(10.0, page, alert("Low"))
    after = calm.after(rings)
    assert [(n.name, n.fires) for n in notices(calm, after, rings, Level.CRITICAL)] == [("Down", True)]
    again = from_am(20.0, page)
    assert notices(after, after.after(again), again, Level.CRITICAL) == []
    over = from_am(30.0)
    assert [(n.name, n.fires) for n in notices(after, after.after(over), over, Level.CRITICAL)] == [("Down", False)]


def test_an_alert_stays_taken_when_only_its_evaluator_still_tells_it() -> None:
    prom = alert("High", since=10.0, labels={"job": "a"})
    am = alert("High", since=10.0, labels={"job": "a", "cluster": "eu"})
    both = state().after(from_prom(20.0, prom)).after(from_am(20.0, am))
    (crowd,) = both.others
    assert (crowd.first.alert.source, crowd.first.alert.labels["cluster"]) == ("am", "eu")
    taken = both.after(Event(EventKind.ACKNOWLEDGED, 30.0, "alice", crowd.take_key, "")).after(from_am(40.0))
    (left,) = taken.others
    assert left.first.alert.source == "prom"
    assert taken.taken(left.first.alert) is not None


def silence(ends_at: float, *matchers: Matcher, id_: str = "s1", state: str = "active") -> Silence:
    return Silence(id_, matchers or (Matcher("alertname", "High"),), 0.0, ends_at, "bob", "known", state)


def quiet_page() -> tuple[State, Sample, Sample]:
    """A page that an Alertmanager silences, told by both; and what both told of it."""
    page = alert("High", labels={"severity": "page"}, since=1.0)
    held = replace(page, phase=SUPPRESSED, silenced_by=("s1",), labels={**page.labels, "cluster": "eu"})
    prom, am = from_prom(10.0, page), replace(from_am(10.0, held), silences=(silence(1000.0),))
    return state().after(from_prom(0.0)).after(from_am(0.0)).after(am).after(prom), am, prom


def lived(now: State) -> list[tuple[ForeignPhase, float | None, tuple[str, ...]]]:
    return [(m.alert.phase, m.frozen_at, tuple(s.id for s in m.silences)) for c in now.others for m in c.members]


def told_of(now: State, samples: list[Sample]) -> tuple[State, list[str]]:
    """The picture after them, and what went on record or rang."""
    said: list[str] = []
    for sample in samples:
        before, now = now, now.after(sample)
        said += [text for _, text, _ in recorded(before, now)]
        said += [f"ring {n.name} {n.fires}" for n in notices(before, now, sample, Level.CRITICAL)]
    return now, said


def test_of_two_who_tell_an_alert_the_one_who_is_told_of_it_anew_is_believed() -> None:
    page = alert("High", labels={"severity": "page"}, since=1.0)
    both = state().after(from_prom(0.0)).after(from_am(0.0)).after(from_prom(10.0, page)).after(from_am(10.0, page))
    unheard = replace(page, silent=True)
    cut, said = told_of(both, [from_am(200.0, unheard), from_prom(201.0, page)])
    assert [(m.alert.source, m.status) for c in cut.others for m in c.members] == [("prom", Status.CRITICAL)]
    assert said == []
    blind, said = told_of(cut, [down("prom", 210.0), from_am(211.0, unheard)])
    assert [(m.alert.source, m.status) for c in blind.others for m in c.members] == [("am", Status.STALE)]
    assert said == []


def test_a_silence_holds_while_its_alertmanager_does_not_answer_until_it_ends() -> None:
    quiet, _, prom = quiet_page()
    frozen, said = told_of(quiet, [down("am", 20.0), replace(prom, at=21.0), down("am", 30.0), replace(prom, at=900.0)])
    assert (lived(frozen), said) == ([(SUPPRESSED, 10.0, ("s1",))], [])
    assert others.life(frozen.others[0].first, 22.0) == "silenced until 00:16Z, as of 12s ago"
    over, said = told_of(frozen, [down("am", 990.0), replace(prom, at=1001.0)])
    assert [phase for phase, _, _ in lived(over)] == [FIRING]
    assert said == ["High firing (SEV-1): from prom", "ring High True"]


def test_nothing_moves_while_neither_answers_but_that_a_silence_ends() -> None:
    quiet, *_ = quiet_page()
    for order in (("am", "prom"), ("prom", "am")):
        silent, said = told_of(quiet, [down(order[0], 20.0), down(order[1], 30.0), down(order[0], 40.0)])
        assert (lived(silent), said) == ([(SUPPRESSED, 10.0, ("s1",))], [])
        assert [phase for phase, _, _ in lived(silent.after(down("am", 1001.0)))] == [FIRING]


@pytest.mark.parametrize("matcher", [Matcher("alertname", "High"), Matcher("cluster", "eu")])
def test_silences_hold_what_an_alertmanager_does_not_know_again_yet(matcher: Matcher) -> None:
    quiet, am, prom = quiet_page()
    quiet = quiet.after(replace(am, at=15.0, silences=(silence(1000.0, matcher),)))
    restarted = replace(am, foreign=(), silences=(silence(1000.0, matcher),))
    samples = [replace(restarted, at=20.0), replace(prom, at=21.0), replace(restarted, at=30.0), replace(am, at=40.0)]
    for n in range(len(samples)):
        now, said = told_of(quiet, samples[: n + 1])
        assert (lived(now), said) == ([(SUPPRESSED, None, ("s1",))], [])
    ended, said = told_of(quiet, [replace(restarted, at=20.0), replace(restarted, at=30.0, silences=())])
    assert [phase for phase, _, _ in lived(ended)] == [FIRING]
    assert said == ["High firing (SEV-1): from prom", "ring High True"]


def test_what_begins_under_a_silence_is_quiet_before_its_alertmanager_is_told() -> None:
    now = state().after(from_prom(0.0)).after(replace(from_am(0.0), silences=(silence(1000.0),)))
    after, said = told_of(now, [from_prom(10.0, alert("High"), alert("Low"))])
    assert [(c.name, c.first.alert.phase) for c in after.others] == [("Low", FIRING), ("High", SUPPRESSED)]
    assert said == ["Low firing (P3): from prom"]


def test_a_page_of_others_stays_one_when_who_tells_of_it_falls_silent() -> None:
    page = Other(ForeignAlert("am", "Down", {}, ForeignPhase.FIRING, since=1.0), Severity("SEV-1", Level.CRITICAL, 0))
    frozen = replace(page, frozen_at=20.0)
    assert (page.status, page.pages) == (Status.CRITICAL, True)
    assert (frozen.status, frozen.pages) == (Status.STALE, True)


def test_an_outage_does_not_get_milder_because_who_tells_of_it_falls_silent() -> None:
    firing = state().after(from_prom(0.0)).after(from_am(0.0, alert("High", labels={"severity": "critical"})))
    assert firing.status(1.0) is Status.CRITICAL
    silent = firing.after(down("am", 30.0))
    assert [c.first.status for c in silent.others] == [Status.STALE]
    assert silent.status(31.0) is Status.CRITICAL
    assert silent.after(from_am(40.0)).status(41.0) is not Status.CRITICAL
