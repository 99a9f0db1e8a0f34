"""An alert that fires goes on firing over a restart, with whoever took it; a long absence forgets it."""

from collections.abc import Sequence

import pytest

from ontui.domain.alert import Phase
from ontui.domain.event import Event, EventKind
from ontui.domain.sample import Sample
from ontui.domain.state import State
from ontui.domain.transitions import transitions
from tests.domain.build import failed, points, rule, seen, sli, state

KEY = "p95/High"


def record(samples: Sequence[Sample], hold_s: float = 0.0) -> list[Event]:
    """What a first ontui writes down."""
    now, written = state(sli(rule("> 1s", hold_s))), []
    for sample in samples:
        before, now = now, now.after(sample)
        written += transitions(before, now, sample.at)
    return written


def again(events: Sequence[Event], hold_s: float = 0.0) -> State:
    """A second one that has read it."""
    now = state(sli(rule("> 1s", hold_s)))
    for event in events:
        now = now.after(event)
    return now


ENDED = Event(EventKind.ENDED, 900, "alice", "x", "left")
STARTED = Event(EventKind.STARTED, 1500, "alice", "x", "watching")
TAKEN = Event(EventKind.ACKNOWLEDGED, 300, "alice@host", KEY, "taken")
FIRED = [seen(0, 0.5), seen(10, 2), seen(20, 2)]


def test_it_fires_since_it_first_did_and_who_took_it_has_it_still() -> None:
    now = again([*record(FIRED), TAKEN, ENDED, STARTED]).after(seen(1510, 2))
    alert = now.alerts[KEY]
    assert (alert.phase, alert.since) == (Phase.FIRING, 10)
    assert alert.acknowledged is not None
    assert alert.acknowledged.who == "alice@host"


def test_it_needs_not_hold_anew() -> None:
    held = [seen(0, 2), seen(10, 2), seen(20, 2)]
    now = again([*record(held, 20), ENDED, STARTED], 20).after(seen(1510, 2))
    assert (now.alerts[KEY].phase, now.alerts[KEY].since) == (Phase.FIRING, 20)
    assert now.after(seen(1520, 0.5)).after(seen(1530, 0.5)).alerts[KEY].phase is Phase.RESOLVED


@pytest.mark.parametrize(
    ("events", "later", "since"),
    [
        ([ENDED], [seen(4400, 2)], 10), ([ENDED], [seen(4600, 2)], 4600), ([], [seen(3500, 2)], 10),
        ([], [seen(3700, 2)], 3700), ([ENDED, STARTED], [failed(1510), seen(1520, 2)], 10),
        ([ENDED, STARTED], [seen(1510, None), seen(1520, 2)], 10),
        ([ENDED, STARTED], [seen(1510, 0.5), seen(1520, 2)], 1520),
    ],
)  # fmt: skip
def test_what_was_well_when_first_looked_at_or_long_unwatched_begins_anew(
    events: list[Event], later: list[Sample], since: float
) -> None:
    now = again([*record(FIRED), *events])
    for sample in later:
        now = now.after(sample)
    assert (now.alerts[KEY].phase, now.alerts[KEY].since) == (Phase.FIRING, since)


def test_what_was_resolved_or_only_pending_by_the_record_begins_anew() -> None:
    resolved = [*FIRED, seen(30, 0.5), seen(40, 0.5)]
    assert again([*record(resolved), ENDED]).after(seen(1000, 2)).alerts[KEY].since == 1000
    pending = again([*record(FIRED, 60), ENDED], 60).after(seen(1000, 2))
    assert pending.alerts[KEY].phase is Phase.PENDING


def test_a_past_that_comes_later_and_is_bad_throughout_leaves_its_beginning() -> None:
    now = again([*record(FIRED), ENDED, STARTED]).after(seen(3000, 2))
    bad = now.after(seen(3010, 2, history=points(*[2.0] * 100, start=2000)))
    assert bad.alerts[KEY].since == 10
    anew = now.after(seen(3010, 2, history=points(*[2.0] * 50, *[0.5] * 20, *[2.0] * 30, start=2000)))
    assert anew.alerts[KEY].since == 2700
