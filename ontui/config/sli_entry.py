"""The keys of an SLI and its alerts; the strings under the fields are the descriptions in the JSON Schema."""

from typing import Annotated, Literal

from pydantic import Field

from ontui.config.entry import Entry
from ontui.config.fields import (
    Duration,
    Line,
    Pattern,
    PlainUrl,
    Script,
    Selector,
    Series,
    Variable,
)
from ontui.config.limits import Baseline, ClearText, ConditionText, Number
from ontui.config.references import ActionId, MetricName, Page, SeverityName, SourceId


class LinkEntry(Entry):
    """A page elsewhere."""

    title: Line
    """What it is called."""
    url: PlainUrl
    """Where it is."""


class AlertEntry(Entry):
    """When an SLI raises an alert, and what helps."""

    when: ConditionText
    """`> 800ms`, `< 50% of baseline`, `older than 10m`, `rising`, `falling`, `absent` or `failing` (cannot be read)."""
    severity: SeverityName
    """A name from `severities`."""
    name: Line | None = None
    """What it is called; unless given, made from the SLI's title."""
    hold: Duration = Field(0.0, alias="for")
    """How long the condition must hold over consecutive fresh samples."""
    in_a_row: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many polls in a row must see it hold, beside `for` or instead of it; for `metric: up`, failed checks."""
    clear: ClearText | None = None
    """What must hold for it to resolve, on the good side of `when`; unless given, that `when` does not hold."""
    runbook: Page | None = None
    """`page.md#section` in the runbooks folder; unless given, looked for by name."""
    actions: tuple[ActionId, ...] = ()
    """Repairs that may help, best first."""


class SliEntry(Entry):
    """What is measured: exactly one way of asking, which the type of its source decides."""

    source: SourceId
    """Where it comes from."""
    title: Line | None = None
    """Name for people; made from the id unless given."""
    group: Line | None = None
    """SLIs of one group stand together; the source's id unless given."""
    query: Script | None = None
    """PromQL, for a prometheus source."""
    metric: MetricName | None = None
    """A built-in metric of the source."""
    sql: Script | None = None
    """SQL that answers with one number, or with rows, for a postgres source."""
    json_path: Line | None = Field(None, alias="json")
    """Dotted path or JMESPath to a number in the body of an http source or in the output of a command."""
    series: Series | None = None
    """A series as it is exposed, such as cache_hits_total{cache="menu"}, for a metrics source."""
    over: Series | None = None
    """The series that `series` is divided by: a ratio of the two."""
    rate: bool = False
    """Whether these are counters, of which the growth between two polls is taken."""
    combine: Literal["sum", "max", "min", "avg"] | None = None
    """What is made of several series that match; several are an error without it."""
    match: Pattern | None = None
    """Regular expression; for a log source how many new lines match it per minute, for a command how many in all."""
    regex: Pattern | None = None
    """Regular expression for a command source: its first group is the number; with `rows`, `name` and `value` are."""
    variable: Variable | None = None
    """The environment variable that must be there, for an env source."""
    min_length: Annotated[int, Field(ge=1, le=100_000)] = 1
    """How long the variable must at least be."""
    component: Line | None = None
    """The name of a vendor's component, for a statuspage source."""
    key: Line | None = None
    """The key whose elements are counted: a list, set, sorted set, hash or stream, for a redis source."""
    rows: Line | None = None
    """The label or column that names the rows, where the answer has many; the SLI is as bad as its worst row."""
    value: Line | None = None
    """The column that holds the rows' values, where there is more than one that could."""
    empty: Number = None
    """The value when the answer has no rows at all; unless given, that is no data."""
    freshness: Selector | None = None
    """A series whose newest sample tells how old the data behind `query` is."""
    unit: Line | None = None
    """seconds, ratio, percent, bytes, count, per_second, per_minute, per_day, or a word of your own."""
    objective: ConditionText | None = None
    """What is promised: `<= 300ms`. A miss is a warning, no alert."""
    baseline: Baseline = None
    """What is usual: a number, {query: …} in the source's own language, or {ago: 7d}: the same, last week."""
    alerts: tuple[AlertEntry, ...] = ()
    """Each with its own condition and severity."""
    runbook: Page | None = None
    """`page.md#section` for the SLI itself."""
    actions: tuple[ActionId, ...] = ()
    """Repairs that may help whatever the alert."""
    links: tuple[LinkEntry, ...] = ()
    """Pages elsewhere that explain it."""
