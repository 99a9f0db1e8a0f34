"""The log of the last polls of a source."""

from dataclasses import replace

from ontui.domain.poll_log import KEPT
from ontui.domain.sample import Sample
from ontui.domain.source_health import SourceHealth
from ontui.domain.state import State
from tests.domain.build import failed, seen, sli, state


def health(now: State) -> SourceHealth:
    return now.sources["metrics"]


def test_each_poll_is_kept_with_how_it_went() -> None:
    now = state(sli()).after(seen(0.0, 1.0)).after(failed(10.0)).after(seen(20.0, None))
    assert [(p.at, p.took_s, p.fault.text if p.fault else "") for p in health(now).log] == [
        (0.0, 0.01, ""), (10.0, 2.0, "connection refused"), (20.0, 0.01, ""),
    ]  # fmt: skip


def test_only_so_many_are_kept() -> None:
    now = state(sli())
    for n in range(KEPT + 30):
        now = now.after(seen(10.0 * n, 1.0))
    assert len(health(now).log) == KEPT
    assert health(now).log[0].at == 300.0
    assert health(now).log[-1].at == 10.0 * (KEPT + 29)


def test_turns_that_were_left_out_are_counted_and_early_polls_are_none() -> None:
    now = state(sli())
    for at in (0.0, 1.5, 5.0, 15.4, 55.0, 65.0):   # asked every 10 s
        now = now.after(seen(at, 1.0))
    assert [p.left_out for p in health(now).log] == [0, 0, 0, 0, 3, 0]


def test_a_poll_that_asked_nothing_says_why() -> None:
    busy = Sample("metrics", 10.0, findings=("not asked: an action is using the only connection",))
    now = state(sli()).after(seen(0.0, 1.0)).after(busy)
    assert health(now).log[-1].note == "not asked: an action is using the only connection"
    assert health(now.after(replace(seen(20.0, 1.0), findings=("remark",)))).log[-1].note == ""


def test_the_last_known_skew_stays() -> None:
    now = state(sli()).after(replace(seen(0.0, 1.0), skew_s=-3.5)).after(failed(10.0))
    assert health(now).skew_s == -3.5
