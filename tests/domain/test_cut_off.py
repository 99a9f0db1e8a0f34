from dataclasses import replace

import pytest

from ontui.domain.alert import Phase
from ontui.domain.cut_off import witnesses
from ontui.domain.sample import Fault, FaultKind, Reading, Sample
from ontui.domain.source import EnvSource, Source
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State, System
from ontui.domain.status import Status
from tests.domain.build import rule, sli

NAMES = ("a", "b", "c")


def state(*names: str, interval_s: float = 10) -> State:
    """Health endpoints, each with an alert for its being down."""
    sources = {n: Source(id=n, type="http", interval_s=interval_s, timeout_s=2) for n in names}
    slis = {}
    for n in names:
        down = replace(rule("< 1", unit="up"), sli=n)
        slis[n] = replace(sli(down, unit="up"), id=n, source=n, metric="up", query="")
    return State.empty(System("x", "X", "production", True, sources=sources, slis=slis))


def well(name: str, at: float) -> Sample:
    return Sample(name, at, 0.01, {name: Reading(1.0, at)})


def down(name: str, at: float, kind: FaultKind = FaultKind.TIMEOUT) -> Sample:
    return Sample(name, at, 2.0, {name: Reading(0.0, at)}, Fault(kind, "no answer"))


def folded(start: State, *samples: Sample) -> State:
    for sample in samples:
        start = start.after(sample)
    return start


def firing(of: State) -> list[str]:
    return [a.rule.sli for a in of.board() if a.phase is Phase.FIRING]


def test_all_that_fail_at_once_are_not_down() -> None:
    fine = folded(state(*NAMES), *(well(n, 0) for n in NAMES))
    two = folded(fine, down("a", 10), down("b", 11))
    assert two.cut_off is None
    assert firing(two) == []  # nobody has answered since: it may be our own network
    lost = folded(two, down("c", 12))
    assert lost.cut_off is not None
    assert lost.cut_off.words(20) == "all 3 sources on the network fail at once, since 10s: local network?"
    later = folded(lost, down("a", 60), down("b", 60), down("c", 60))
    assert firing(later) == []
    assert {later.standing(n, 61).status for n in NAMES} == {Status.UNKNOWN}
    assert later.standing("a", 61).value is None
    assert later.standing("a", 61).reason == "no answer (local network?)"
    back = folded(later, well("a", 70))
    assert back.cut_off is None
    assert firing(folded(back, down("b", 69))) == []  # it was asked when nobody was heard
    assert firing(folded(back, down("b", 71))) == ["b"]
    recovering = Sample("b", 71, 0.01, {"b": Reading(0.0, 71, caveat="recovering, 1 of 2")})
    assert firing(folded(back, recovering)) == []
    assert firing(folded(back, recovering, well("b", 81), down("b", 91), well("a", 94), down("b", 101))) == ["b"]


def test_one_answer_since_is_proof() -> None:
    fine = folded(state(*NAMES), *(well(n, 0) for n in NAMES))
    assert firing(folded(fine, down("a", 10), well("b", 13), down("a", 20))) == ["a"]
    early = folded(fine, down("a", 10), well("b", 11), down("a", 20))
    assert firing(early) == []  # all may have fallen silent at 11.5, while a was asked


def test_a_single_look_needs_no_second_one() -> None:
    assert firing(folded(state(*NAMES), well("b", 0.001), well("c", 0), down("a", 0.002))) == ["a"]


def test_slow_neighbours_are_not_waited_for_long() -> None:
    fine = folded(state(*NAMES), *(well(n, 0) for n in NAMES))
    assert firing(folded(fine, down("a", 10), down("a", 20))) == []
    assert firing(folded(fine, down("a", 10), down("a", 20), down("a", 26))) == ["a"]


def test_whoever_was_not_asked_lately_is_a_witness() -> None:
    fine = folded(state(*NAMES), well("a", 0), well("b", 0), well("c", 9))
    silent = down("a", 10)
    after = folded(fine, silent)
    assert witnesses(fine.sources["a"], after.sources, silent, 12) == ["b"]
    again = down("a", 20)
    assert witnesses(after.sources["a"], folded(after, again).sources, again, 22) == []  # once
    heard = down("a", 10, FaultKind.AUTH)
    assert witnesses(fine.sources["a"], folded(fine, heard).sources, heard, 12) == []


def test_a_refusal_in_words_is_an_answer() -> None:
    fine = folded(state(*NAMES), *(well(n, 0) for n in NAMES))
    told = folded(fine, down("a", 10), down("b", 10), down("c", 10, FaultKind.AUTH))
    assert told.cut_off is None
    assert firing(told) == ["c"]


def test_what_is_read_here_proves_no_network() -> None:
    near = EnvSource(id="env", type="env", interval_s=10, timeout_s=2)
    three = state("a", "b", "env")
    mixed = replace(three, sources={**three.sources, "env": SourceHealth(near)})
    fine = folded(mixed, well("a", 0), well("b", 0), well("env", 0))
    lost = folded(fine, down("a", 10), down("b", 10), well("env", 13), down("a", 20), down("b", 20))
    assert lost.standing("env", 20).status is Status.OK
    assert lost.standing("a", 20).status is Status.UNKNOWN
    assert lost.cut_off is not None
    assert lost.cut_off.words(20) == "both sources on the network fail at once, since 10s: local network?"
    assert firing(lost) == []
    assert lost.after(Sample("env", 30, fault=Fault(FaultKind.LOST, "x"))).cut_off is not None


def test_a_single_source_is_believed() -> None:
    assert firing(folded(state("a"), well("a", 0), down("a", 10))) == ["a"]
    assert folded(state("a"), down("a", 10)).cut_off is None


def test_what_failed_long_before_is_not_at_once_but_does_not_hide_the_rest() -> None:
    fine = folded(state(*NAMES), *(well(n, 0) for n in NAMES))
    one = folded(fine, down("a", 10), well("b", 500), well("c", 500), down("a", 500))
    assert firing(one) == ["a"]
    lost = folded(one, down("b", 510), down("c", 511))
    assert lost.cut_off is not None
    assert (lost.cut_off.since, lost.cut_off.count) == (510, 3)
    assert firing(lost) == ["a"]
    sequence = folded(fine, down("a", 10), well("b", 500), down("b", 510), well("c", 900), down("c", 910))
    assert sequence.cut_off is None  # one after the other


def test_nothing_is_failing_to_be_read_while_nobody_is_heard() -> None:
    start = state(*NAMES)
    failing = replace(rule("failing", unit="count"), sli="a")
    counts = replace(start.system.slis["a"], unit="count", metric="", query="q", alerts=(failing,))
    start = State.empty(replace(start.system, slis={**start.system.slis, "a": counts}))
    fine = folded(start, *(well(n, 0) for n in NAMES))
    mute = replace(down("a", 10), readings={})
    lost = folded(fine, mute, down("b", 11), down("c", 12), replace(mute, at=60))
    assert firing(lost) == []
    heard = folded(lost, well("b", 70), well("c", 71), replace(mute, at=72))
    assert firing(heard) == ["a"]


def at(start: State, **addresses: str) -> State:
    """With sources that point somewhere."""
    sources = {id_: replace(s, address=addresses.get(id_, s.address)) for id_, s in start.system.sources.items()}
    return State.empty(replace(start.system, sources=sources))


@pytest.mark.parametrize(
    ("kind", "addresses", "down_"),
    [
        (FaultKind.TIMEOUT, {"a": "http://one:80/x", "b": "two:5432/app"}, False),
        (FaultKind.UNREACHABLE, {"a": "http://one:80/x", "b": "two:5432/app"}, False),
        (FaultKind.REFUSED, {"a": "http://one:80/x", "b": "two:5432/app"}, True),  # the hosts are there
        (FaultKind.TIMEOUT, {"a": "http://one:80/x", "b": "one:5432/app"}, True),  # it may be that host as well
        (FaultKind.TIMEOUT, {"a": "https://[2001:db8::1]:80/x", "b": "[2001:db8::1]:5432/app"}, True),
        (FaultKind.TIMEOUT, {"a": "http://127.0.0.1:80/x", "b": "localhost:5432/app"}, True),
        (FaultKind.TIMEOUT, {"a": "http://[::1]/x", "b": "local socket/app"}, True),
        (FaultKind.TIMEOUT, {"a": "/run/redis.sock", "b": "two:5432/app"}, True),
    ],
)
def test_a_host_that_refuses_one_host_alone_and_this_machine_are_believed(
    kind: FaultKind, addresses: dict[str, str], down_: bool
) -> None:
    both = at(state("a", "b"), **addresses)
    lost = folded(both, down("a", 10, kind), down("b", 10.01, kind))
    assert ("a" in firing(lost)) is down_
    assert (lost.cut_off is None) is down_
    assert lost.status(11) is (Status.CRITICAL if down_ else Status.UNKNOWN)


def test_another_source_on_the_host_that_answers_is_heard_too() -> None:
    three = at(state(*NAMES), a="http://one:80/x", b="one:5432/app", c="http://two/x")
    assert firing(folded(three, down("c", 10), down("a", 10.01), well("b", 12.5), down("a", 20))) == ["a"]
