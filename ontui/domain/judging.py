"""What one poll means for an alert: an answer, with the past that may come with it, or none."""

from dataclasses import replace
from itertools import pairwise

from ontui.domain.alert import Alert, Phase
from ontui.domain.condition import Kind
from ontui.domain.sample import Reading, Sample
from ontui.domain.sli import Indicator
from ontui.domain.source_health import SourceHealth


def unanswered(alert: Alert, indicator: Indicator, sample: Sample, before: SourceHealth, *, believed: bool) -> Alert:
    """The alert after a failed poll: it stands still, unless it is about that, or about age, which goes on.

    `before`: how its source fared until then.
    """
    at, last, gap_s = sample.at, indicator.reading, indicator.sli.gap_s
    if alert.rule.condition.kind is Kind.FAILING and believed and sample.fault is not None:
        if before.fault is not None and before.next_at is not None and before.tried_at is not None:
            gap_s = max(gap_s, before.next_at - before.tried_at + indicator.sli.timeout_s)   # it is asked more rarely
        return alert.after(Reading.unknown(at, sample.fault.text), indicator.baseline, (), gap_s)
    if alert.rule.condition.kind is not Kind.OLDER or last is None:
        return alert.frozen(at)
    aged = replace(last, at=at, data_age_s=at - last.at + (last.data_age_s or 0.0), history=())
    return alert.after(aged, indicator.baseline, (), gap_s)


def answered(alert: Alert, indicator: Indicator, reading: Reading) -> Alert:
    """The alert after a reading; history that comes with it is judged too: six bad minutes fire at once."""
    sli = indicator.sli
    window_s = alert.rule.window_s(sli.interval_s)
    # A past is a past of values, and that of one row.
    if not reading.history or len(reading.rows) > 1 or alert.rule.condition.about_data:
        return alert.after(reading, indicator.baseline, indicator.recent(window_s, reading.at), sli.gap_s)
    spacing_s = min((b.at - a.at for a, b in pairwise(reading.history)), default=sli.interval_s)
    gap_s = 2 * max(spacing_s, sli.interval_s) + sli.timeout_s
    past = indicator.history[:-1]
    replayed = Alert(alert.rule, flaps=alert.flaps)
    for n, point in enumerate(past):
        if point.value is not None:
            recent = [p for p in past[max(0, n - 200) : n] if p.at >= point.at - window_s] if window_s else ()
            rows = tuple(replace(row, value=point.value) for row in reading.rows)
            seen = Reading(point.value, point.at, baseline=reading.baseline, rows=rows)
            replayed = replayed.after(seen, indicator.baseline, recent, gap_s, watched=False)
    replayed = replayed.after(reading, indicator.baseline, indicator.recent(window_s, reading.at), gap_s)
    reaches_back = replayed.since is not None and past and replayed.since - past[0].at <= alert.rule.hold_s + gap_s
    if alert.phase is replayed.phase is Phase.FIRING and reaches_back:   # it may well have begun before that past
        return replace(replayed, since=alert.since)
    return replayed
