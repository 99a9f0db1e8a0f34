"""The keys of an SLI and its alerts; the strings under the fields are the descriptions in the JSON Schema."""

from pydantic import Field

from ontui.config.entry import Entry
from ontui.config.fields import Baseline, ConditionText, Duration, Line, PlainUrl, Script, Selector
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
    """`> 800ms`, `< 50% of baseline`, `rising`, `falling`, `absent` or `failing`."""
    severity: SeverityName
    """A name from `severities`."""
    name: Line | None = None
    """What it is called; unless given, made from the SLI's title."""
    hold: Duration = Field(0.0, alias="for")
    """How long the condition must hold over consecutive fresh samples."""
    runbook: Page | None = None
    """`page.md#section` in the runbooks folder; unless given, looked for by name."""
    actions: tuple[ActionId, ...] = ()
    """Repairs that may help, best first."""


class SliEntry(Entry):
    """What is measured; exactly one of `query`, `metric`, `sql` and `json`."""

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
    """SQL that answers with one number, for a postgres source."""
    json_path: Line | None = Field(None, alias="json")
    """Dotted path to a number in the body, for an http source."""
    freshness: Selector | None = None
    """A series whose newest sample tells how old the data behind `query` is."""
    unit: Line | None = None
    """seconds, ratio, percent, bytes, count, per_second, per_minute, per_day, or a word of your own."""
    objective: ConditionText | None = None
    """What is promised: `<= 300ms`. A miss is a warning, no alert."""
    baseline: Baseline = None
    """What is usual: a number, or {query: …} in the source's own language."""
    alerts: tuple[AlertEntry, ...] = ()
    """Each with its own condition and severity."""
    runbook: Page | None = None
    """`page.md#section` for the SLI itself."""
    actions: tuple[ActionId, ...] = ()
    """Repairs that may help whatever the alert."""
    links: tuple[LinkEntry, ...] = ()
    """Pages elsewhere that explain it."""
