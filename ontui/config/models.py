"""The keys of the config file: one model for each kind of entry, one field for each key.

The strings under the fields are the descriptions in the JSON Schema (`ontui check --schema`).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ontui.config.fields import (
    ActionId,
    Argument,
    Baseline,
    ClockTime,
    ConditionText,
    Days,
    Dsn,
    Duration,
    Header,
    InputName,
    Interval,
    Limit,
    Line,
    MetricName,
    Page,
    Patience,
    Pattern,
    PlainUrl,
    ReadableFile,
    Script,
    SecretText,
    SeverityName,
    SliId,
    SourceId,
    StatusCodes,
    SystemId,
    Text,
    Timezone,
    Url,
    Variable,
)


class Entry(BaseModel):
    """What all entries have in common: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class BusinessHours(Entry):
    """When `1 business day` counts."""

    days: Days = "mon-fri"
    """Days of work, such as mon-fri."""
    begins: ClockTime = Field("09:00", alias="from")
    """When a day of work begins, in the system's time zone."""
    ends: ClockTime = Field("17:00", alias="to")
    """When it ends."""


class SystemEntry(Entry):
    """The system this config is about."""

    id: SystemId
    """Short name, used in file names and locks, and typed to confirm what is dangerous."""
    name: Line | None = None
    """Name for people; the id unless given."""
    environment: Line = "unknown"
    """Free text: production, staging, …"""
    production: bool | None = None
    """Whether confirmations are strict. Unless given: true when `environment` begins with "prod" or is not given."""
    timezone: Timezone = "UTC"
    """For business days and papers; the screen shows UTC."""
    business_hours: BusinessHours | None = None
    """When `1 business day` counts; checked here, used by clocks for people."""
    read_only: bool = False
    """Removes everything that changes anything."""


class RunbooksEntry(Entry):
    """The folder of Markdown pages."""

    path: Line
    """Folder, relative to this file."""
    run_fences: list[Line] = []
    """Languages of fences that may become runnable steps; none unless named."""


class DefaultsEntry(Entry):
    """What sources use unless they say otherwise."""

    every: Interval = 15.0
    """How often a source is asked."""
    timeout: Limit = 5.0
    """How long one poll may take; shorter than `every`."""


class SeverityEntry(Entry):
    """One rung of the severity ladder, worst first."""

    name: Line
    """The system's own name for it, such as SEV-1 or P0."""
    level: Literal["critical", "warning"]
    """`critical` pages and makes the SLI critical; `warning` makes it a warning."""
    respond_within: Patience = ""
    """A duration, or `1 business day`."""
    acknowledge_within: Patience = ""
    """A duration, or `1 business day`."""
    update_every: Patience = ""
    """A duration."""


class SourceEntry(Entry):
    """What every source has."""

    every: Interval | None = None
    """How often it is asked."""
    timeout: Limit | None = None
    """How long one poll may take; shorter than `every`."""


class BasicEntry(Entry):
    """HTTP basic authentication."""

    username: Line
    """The user."""
    password: SecretText
    """Text, ${VAR}, {file: PATH} or {command: [PROGRAM, …]}."""


class HttpAccessEntry(SourceEntry):
    """How an HTTP server is reached."""

    url: Url
    """http or https address, with its base path."""
    headers: dict[Header, SecretText] = {}
    """Sent with every request."""
    basic: BasicEntry | None = None
    """HTTP basic authentication."""
    bearer: SecretText | None = None
    """Bearer token."""
    ca_file: ReadableFile | None = None
    """PEM file of the authorities to trust instead of the machine's."""
    client_cert: ReadableFile | None = None
    """PEM file of a client certificate."""
    client_key: ReadableFile | None = None
    """PEM file of its key, where it is not in the same file."""
    verify: bool = True
    """Whether the server's certificate is checked; false is said on the screen."""


class PrometheusEntry(HttpAccessEntry):
    """A server that answers PromQL under /api/v1."""

    type: Literal["prometheus"]
    """What kind of source it is."""
    stale_after: Duration | None = None
    """Data older than this is stale; unless given, three times the longest of poll and scrape interval."""


class PostgresEntry(SourceEntry):
    """A PostgreSQL server, looked at over one kept connection."""

    type: Literal["postgres"]
    """What kind of source it is."""
    dsn: Dsn
    """postgresql://user:password@host:5432/database, or host=… dbname=…"""


class ExpectEntry(Entry):
    """What a healthy answer looks like."""

    status: StatusCodes = [200]
    """A status code, or a list of them."""
    json_body: dict[Line, Any] = Field({}, alias="json")
    """Dotted paths in a JSON body, and the value each must have."""
    contains: Line = ""
    """Text the body must hold."""


class HttpEntry(HttpAccessEntry):
    """A health endpoint."""

    type: Literal["http"]
    """What kind of source it is."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """How it is asked."""
    expect: ExpectEntry = Field(default_factory=lambda: ExpectEntry.model_validate({}))
    """What a healthy answer looks like."""
    down_after: Annotated[int, Field(ge=1, le=100)] = 3
    """Failed checks in a row that make it down."""
    follow_redirects: bool = False
    """Whether a redirect is followed rather than judged."""


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
    actions: list[ActionId] = []
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
    freshness: Script | None = None
    """A selector whose newest sample tells how old the data behind `query` is."""
    unit: Line | None = None
    """seconds, ratio, percent, bytes, count, per_second, per_minute, per_day, or a word of your own."""
    objective: ConditionText | None = None
    """What is promised: `<= 300ms`. A miss is a warning, no alert."""
    baseline: Baseline = None
    """What is usual: a number, or {query: …} in the source's own language."""
    alerts: list[AlertEntry] = []
    """Each with its own condition and severity."""
    runbook: Page | None = None
    """`page.md#section` for the SLI itself."""
    actions: list[ActionId] = []
    """Repairs that may help whatever the alert."""
    links: list[LinkEntry] = []
    """Pages elsewhere that explain it."""


class InputEntry(Entry):
    """A value asked for before an action is planned."""

    type: Literal["string", "integer", "number", "boolean", "choice"]
    """string, integer, number, boolean or choice."""
    title: Line = ""
    """What it is called; its name unless given."""
    pattern: Pattern = ""
    """What a whole string must match."""
    choices: list[Text] = []
    """What may be chosen."""
    min: float | None = None
    """The smallest number."""
    max: float | None = None
    """The largest number."""
    default: Text | None = None
    """Used unless another is given."""


class VerifyEntry(Entry):
    """How to tell whether an action helped."""

    sli: SliId
    """The SLI that is watched afterwards."""
    within: Duration = 300.0
    """How long to wait for it to be well."""


class ActionEntry(Entry):
    """A named repair; exactly one of `run`, `shell` and `sql`."""

    danger: Literal["read", "change", "destroy"]
    """read: no question. change: y/N, in production the system's id. destroy: always the system's id."""
    title: Line | None = None
    """What it does; made from the id unless given."""
    run: Annotated[list[Argument], Field(min_length=1)] | None = None
    """Program and arguments, never a shell; `{input}` stands for the value of an input."""
    shell: Script | None = None
    """A script for sh; inputs arrive as $1, $2, …"""
    sql: Script | None = None
    """One statement for a postgres source; `%(input)s` stands for the value of an input."""
    preview_sql: Script | None = None
    """Shows what `sql` would hit, before it is confirmed."""
    source: SourceId | None = None
    """The postgres source `sql` runs on."""
    inputs: dict[InputName, InputEntry] = {}
    """Values asked for first."""
    env: list[Variable] = []
    """Names of environment variables it may see, beside PATH, HOME, LANG and TERM."""
    cwd: Line | None = None
    """Folder it runs in, relative to this file; this file's folder unless given."""
    timeout: Limit = 60.0
    """How long it may run."""
    on_disconnect: Literal["kill", "detach"] = "kill"
    """What becomes of it when the terminal goes away."""
    verify: VerifyEntry | None = None
    """The SLI that tells whether it helped."""


class Head(Entry):
    """All keys but those whose entries have names of their own."""

    version: Literal[1]
    """The version of this format."""
    system: SystemEntry
    """What this config is about."""
    runbooks: RunbooksEntry | None = None
    """The folder of Markdown pages."""
    defaults: DefaultsEntry = DefaultsEntry()
    """What sources use unless they say otherwise."""
    severities: Annotated[list[SeverityEntry], Field(min_length=1)] | None = None
    """The severity ladder, worst first; SEV-1 and SEV-2 (critical) and SEV-3 (warning) unless given."""
    keymap: dict[str, Line] = {}
    """Other keys for what the help screen lists."""
    theme: Line = ""
    """Name of a colour theme; the program's own unless given."""


class File(Head):
    """The config file of ontui."""

    sources: dict[str, Annotated[PrometheusEntry | PostgresEntry | HttpEntry, Field(discriminator="type")]]
    """Where numbers come from, by id."""
    slis: dict[str, SliEntry] = {}
    """What is measured, by id, in the order of the screen."""
    actions: dict[str, ActionEntry] = {}
    """Named repairs, by id."""
