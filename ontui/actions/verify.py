"""Whether a repair helped: seen in the SLI itself, on fresh samples taken after the run."""

from ontui.domain.action import Effect, Verdict, Verify
from ontui.domain.condition import Kind
from ontui.domain.sli import Indicator, Standing
from ontui.domain.state import State
from ontui.domain.status import Status
from ontui.domain.streak import Side

GOOD_TO_RECOVER = 2
"""Good samples in a row that make it recovered."""


class Watch:
    """Looks at one SLI after a run until it is clear whether the run helped, at most for `within_s`."""

    def __init__(self, run: str, verify: Verify, before: Standing | None, *, ended_at: float) -> None:
        self._run, self._verify, self._ended_at = run, verify, ended_at
        fresh = before is not None and before.fresh
        self._was_well = fresh and before is not None and _was_well(before)
        self._value = before.value if fresh and before is not None else None
        self._before = (before.text if fresh else f"{before.text} (stale)") if before else "?"
        self._seen_at = ended_at
        self._good = 0
        self._good_at = ended_at
        """When the first of the good samples in a row was taken."""
        self._well: bool | None = None
        """How the last sample after the run was: None when it could not be judged, or there was none."""

    def after(self, state: State, now: float) -> Verdict | None:
        """The verdict, as soon as there is one; to be asked whenever the state may have moved."""
        indicator = state.indicators[self._verify.sli]
        reading = indicator.reading
        if reading is not None and reading.at > self._seen_at:
            self._seen_at = reading.at
            self._well = is_well(indicator)
            if self._well:
                self._good_at = self._good_at if self._good else reading.at
            self._good = self._good + 1 if self._well else 0
        standing = state.standing(self._verify.sli, now)
        if self._good >= GOOD_TO_RECOVER and standing.fresh:
            if self._was_well:
                why = f"{self._before} was well before it ran, and {standing.text} is now"
                return self._verdict(Effect.CANNOT_TELL, standing, now, why)
            return self._verdict(Effect.RECOVERED, standing, self._good_at)
        if now - self._ended_at < self._verify.within_s:
            return None
        if self._well is False and standing.fresh:
            better = "better, but " if self._is_better(indicator) else ""
            return self._verdict(Effect.NO_EFFECT, standing, now, better + _wrong(indicator))
        return self._verdict(Effect.CANNOT_TELL, standing, now, self._doubt(indicator, standing))

    def given_up(self, state: State, now: float, why: str) -> Verdict:
        """The verdict where a better one cannot be waited for."""
        standing = state.standing(self._verify.sli, now) if self._verify.sli in state.indicators else None
        return self._verdict(Effect.CANNOT_TELL, standing, now, why)

    def _verdict(self, effect: Effect, standing: Standing | None, at: float, reason: str = "") -> Verdict:
        took_s, after = max(0.0, at - self._ended_at), standing.text if standing else "?"
        return Verdict(self._run, self._verify.sli, effect, self._before, after, took_s, reason)

    def _is_better(self, indicator: Indicator) -> bool:
        """Whether it went the way of its objective by a tenth or more."""
        objective, value = indicator.sli.objective, indicator.reading.value if indicator.reading else None
        if objective is None or value is None or self._value is None:
            return False
        gained = (self._value - value) if objective.symbol.startswith("<") else (value - self._value)
        return objective.symbol[:1] in ("<", ">") and gained >= 0.1 * abs(self._value) > 0

    def _doubt(self, indicator: Indicator, standing: Standing) -> str:
        if not standing.fresh or self._seen_at <= self._ended_at:
            return f"data stale: {standing.reason}" if standing.reason else "data stale"
        if self._good:
            return "only one good sample since"
        if indicator.reading is not None and indicator.reading.caveat:
            return indicator.reading.caveat
        return "it has neither an objective nor an alarm that could be judged"


def _was_well(before: Standing) -> bool:
    return before.status is Status.OK and before.objective_met is not False


def is_well(indicator: Indicator) -> bool | None:
    """Whether the last reading meets the objective or, where there is none, is in no alarm; None: cannot be told."""
    reading, sli = indicator.reading, indicator.sli
    if reading is None or reading.flaw is not None or reading.value is None or reading.caveat:
        return None
    if sli.objective is not None:
        return sli.objective.holds(reading, indicator.baseline)
    sides = []
    for rule in sli.alerts:
        if rule.condition.kind is Kind.OLDER and reading.data_age_s is None:
            continue   # an answer is as young as its question
        recent = indicator.recent(rule.window_s(sli.interval_s), reading.at)
        sides.append(rule.side(reading, indicator.baseline, recent))
    if Side.BAD in sides or Side.BETWEEN in sides:
        return False
    return None if not sides or None in sides else True


def _wrong(indicator: Indicator) -> str:
    """What is still not well."""
    sli = indicator.sli
    if sli.objective is not None:
        return f"objective {sli.objective.words(sli.unit)} still missed"
    value = indicator.reading.value if indicator.reading else None
    return f"still in alarm at {sli.words(value)}" if value is not None else "still in alarm"
