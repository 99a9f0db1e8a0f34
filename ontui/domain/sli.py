"""A service level indicator: what it is, what was seen of it, and how it stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ontui.domain.alert import Alert, AlertRule, Phase
from ontui.domain.condition import Condition, Kind
from ontui.domain.quantity import format_age, format_beside
from ontui.domain.sample import Fault, Point, Reading, Row
from ontui.domain.status import Status

HISTORY_S = 3600.0
"""How far back the ring of an SLI reaches."""
HISTORY_POINTS = 1000
"""The most points it keeps."""
DAY_S = 86_400.0
STALE_FLOOR_S = 15.0
"""Nothing is called stale for being younger than this."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page elsewhere that explains an SLI."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Past:
    """A baseline that is what the SLI itself was at another time."""

    ago_s: float
    times: int = 1
    """The median of what it was so long ago, twice as long ago, and so on: so many values."""

    @property
    def instants_s(self) -> list[float]:
        """How long ago each is."""
        return [self.ago_s * n for n in range(1, self.times + 1)]


@dataclass(frozen=True, slots=True)
class Sli:
    """What is measured, in which unit, and what is promised of it."""

    id: str
    title: str
    group: str
    source: str
    unit: str
    interval_s: float
    timeout_s: float
    metric: str = ""
    """The name of a built-in metric of the source; or one of the next three."""
    query: str = ""
    """PromQL."""
    sql: str = ""
    json_path: str = ""
    """A dotted path or JMESPath to a number in the body of a health endpoint or in a program's output."""
    series: str = ""
    """A selector into an exposition, such as `http_requests_total{code="500"}`."""
    over: str = ""
    """The selector whose value `series` is divided by."""
    rate: bool = False
    """Whether `series` (and `over`) are counters, of which the growth between two polls is taken."""
    combine: str = ""
    """sum, max, min or avg of all series that match; several are an error without it."""
    match: str = ""
    """A regular expression; the value is how many lines of a log match it per minute, or of a program's output."""
    regex: str = ""
    """A regular expression whose first group is the number in a program's output; with rows, `name` and `value`."""
    variable: str = ""
    """The environment variable that must be there."""
    min_length: int = 1
    """How long `variable` must at least be."""
    component: str = ""
    """The name of a vendor's component."""
    key: str = ""
    """The key of a Redis whose elements are counted."""
    rows: str = ""
    """The label or column that names the rows, where the answer has many."""
    row_value: str = ""
    """The column that holds their values, where it cannot be told from the answer."""
    empty: float | None = None
    """The value when an answer has no rows at all; without it that is no data."""
    freshness: str = ""
    """A selector whose newest sample tells how old the data behind `query` is."""
    objective: Condition | None = None
    baseline: float | None = None
    """A fixed baseline; a queried one comes with each reading."""
    baseline_query: str = ""
    """PromQL or SQL for the baseline, in the source's own tongue."""
    baseline_past: Past | None = None
    """Where the baseline is its own past."""
    alerts: tuple[AlertRule, ...] = ()
    runbook: str = ""
    actions: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def ask(self) -> str:
        """What the source is asked, exactly."""
        ratio = f"{self.series} / {self.over}" if self.over else self.series
        asked = self.query or self.sql or self.json_path or ratio or self.match or self.regex
        return asked or self.variable or self.component or self.key or self.metric

    @property
    def fresh_for_s(self) -> float:
        """The age up to which a reading is fresh."""
        return max(1.5 * self.interval_s + self.timeout_s, STALE_FLOOR_S if self.interval_s < 5 else 0.0)

    @property
    def known_for_s(self) -> float:
        """The age past which even a stale value is no longer shown."""
        return max(10 * self.interval_s, 2 * self.fresh_for_s)

    @property
    def gap_s(self) -> float:
        """The longest distance of two samples that still counts as consecutive."""
        return 2 * self.interval_s + self.timeout_s

    def words(self, value: float, baseline: float | None = None) -> str:
        """A value of it for people; never rounded onto a limit that it is not on."""
        conditions = [*([self.objective] if self.objective else []), *(rule.condition for rule in self.alerts)]
        limits = tuple(bound for c in conditions if (bound := c.bound(baseline)) is not None)
        return format_beside(value, limits, self.unit)

    def judged(self, alert: Alert) -> str:
        """What an alert was last judged by, for people: a value, or how old the data is; empty where there was none."""
        if alert.value is None:
            return ""
        if alert.rule.condition.kind is Kind.OLDER:
            return f"{format_age(alert.value)} old"
        return self.words(alert.value)

    def row_words(self, row: Row, baseline: float | None = None) -> str:
        """A row's value for people."""
        return self.words(row.value, baseline) if row.value is not None else "–"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an SLI stands at an instant: everything a line about it needs."""

    status: Status
    value: float | None
    """Shown dimmed unless `fresh`."""
    text: str
    """The value with its unit, or a word."""
    age_s: float | None
    reason: str
    """Why it is not simply ok; empty when it is."""
    objective_met: bool | None
    fresh: bool
    """Whether the value may be trusted at this instant."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """An SLI with what was seen of it."""

    sli: Sli
    reading: Reading | None = None
    """The last answer about it."""
    history: tuple[Point, ...] = ()
    """Oldest first, at most HISTORY_S long."""
    fault: Fault | None = None
    """Why the last poll of its source failed; None after a good one."""

    @property
    def baseline(self) -> float | None:
        """The baseline in force."""
        queried = self.reading.baseline if self.reading else None
        return queried if queried is not None else self.sli.baseline

    def after(self, reading: Reading) -> "Indicator":
        """With one more reading; a flawed value leaves a gap in the history."""
        point = Point(reading.at, reading.value if reading.flaw is None else None)
        caveat = "; ".join(filter(None, (reading.caveat, *self._doubts(reading))))
        newest = reading.history[-1].at if reading.history else float("-inf")
        older = (*reading.history, *(p for p in self.history if p.at > newest))
        kept = [p for p in older if reading.at - HISTORY_S <= p.at < reading.at]
        return replace(
            self,
            reading=replace(reading, history=(), caveat=caveat),
            history=(*kept[-(HISTORY_POINTS - 1) :], point),
            fault=None,
        )

    def _doubts(self, reading: Reading) -> Iterator[str]:
        """What is wrong with a value that its source sees nothing wrong with."""
        if reading.value is None or reading.flaw is not None:
            return
        baseline = reading.baseline if reading.baseline is not None else self.sli.baseline
        conditions = [rule.condition for rule in self.sli.alerts] + ([self.sli.objective] if self.sli.objective else [])
        if baseline == 0 and any(c.kind is Kind.BASELINE and c.bound(baseline) is None for c in conditions):
            yield "the baseline is 0"
        if self.sli.unit == "seconds" and abs(reading.value - reading.at) < DAY_S < reading.value:
            yield "its time is nonsense: 1970"

    def failed(self, at: float, fault: Fault) -> "Indicator":
        """After a failed poll: the last reading stays, ages, and leaves a gap in the history."""
        return replace(self, fault=fault, history=(*self.history[-(HISTORY_POINTS - 1) :], Point(at, None)))

    def recent(self, seconds: float, at: float) -> Sequence[Point]:
        """The points of the last `seconds` before `at`."""
        return [p for p in self.history if at - seconds <= p.at < at]

    def standing(self, alerts: Iterable[Alert], now: float) -> Standing:
        """How it stands now, given its own alerts."""
        own = list(alerts)
        standing = self._seen(own, now)
        lacking = sorted((a for a in own if a.about_data), key=lambda a: a.rule.severity.rank)
        if standing.fresh or not lacking:
            return standing
        status = Status.CRITICAL if any(a.pages for a in lacking) else Status.WARNING
        reason = ": ".join(filter(None, (f"{lacking[0].rule.name} firing", standing.reason)))
        return replace(standing, status=status, reason=reason)

    def _seen(self, alerts: list[Alert], now: float) -> Standing:
        """The same by what was seen alone: an alert about missing or old data makes it no worse."""
        reading = self.reading
        if reading is None:
            reason = self.fault.text if self.fault else "waiting for the first answer"
            return Standing(Status.UNKNOWN, None, "?", None, reason, None, False)
        age_s = max(0.0, now - reading.at)
        text = self.sli.words(reading.value, self.baseline) if reading.value is not None else "–"
        if age_s > self.sli.known_for_s:
            return Standing(Status.UNKNOWN, None, "?", age_s, self._late("not heard for", age_s), None, False)
        if age_s > self.sli.fresh_for_s:
            return Standing(Status.STALE, reading.value, text, age_s, self._late("stale", age_s), None, False)
        if reading.flaw is not None:
            return Standing(reading.flaw, reading.value, text, age_s, reading.reason, None, False)
        if reading.value is None:
            return Standing(Status.NO_DATA, None, text, age_s, reading.reason, None, False)
        met = self.sli.objective.holds(reading, self.baseline) if self.sli.objective else None
        status, reason = self._judged(alerts, met, reading.caveat)
        return Standing(status, reading.value, text, age_s, reason, met, True)

    def _late(self, how: str, age_s: float) -> str:
        return f"{how} {format_age(age_s)}" + (f": {self.fault.text}" if self.fault else "")

    def _judged(self, alerts: list[Alert], met: bool | None, caveat: str) -> tuple[Status, str]:
        firing = [a for a in alerts if a.phase is Phase.FIRING]
        firing.sort(key=lambda a: (a.well_since is not None, a.rule.severity.rank))
        pending = [a for a in alerts if a.phase is Phase.PENDING]
        worst = next((row.name for row in self.reading.rows), "") if self.reading else ""
        tail = (f": {worst}" if worst else "") + (f" · {caveat}" if caveat else "")
        if firing:
            status = Status.CRITICAL if any(a.pages for a in firing) else Status.WARNING
            word = "firing" if firing[0].well_since is None else "flapping"
            return status, f"{firing[0].rule.name} {word}" + tail
        if pending:
            return Status.WARNING, f"{pending[0].rule.name} pending" + tail
        if met is False and self.sli.objective:
            return Status.WARNING, f"objective {self.sli.objective.words(self.sli.unit)} missed" + tail
        return (Status.WARNING, caveat) if caveat else (Status.OK, "")
