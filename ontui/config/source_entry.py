"""The keys of a source, one field for each; the strings under them are the descriptions in the JSON Schema."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from ontui.config.entry import Entry
from ontui.config.fields import (
    Argument,
    Dsn,
    Duration,
    ExitCodes,
    Header,
    Interval,
    Limit,
    Line,
    MatcherText,
    PgbouncerDsn,
    RedisUrl,
    SecretText,
    StatusCodes,
    Url,
    Variable,
)
from ontui.config.references import ReadableFile


class SourceEntry(Entry):
    """What every source has."""

    type: str
    """What kind of source it is."""
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
    headers: dict[Header, SecretText] = Field(default_factory=dict)
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
    alerts: bool = False
    """Whether the server's own rules and alerts are looked at too and stand on the board beside ours."""
    watchdog: Line = ""
    """The name of an alert that must always fire: a dead man's switch."""


class PostgresEntry(SourceEntry):
    """A PostgreSQL server, looked at over one kept connection."""

    type: Literal["postgres"]
    """What kind of source it is."""
    dsn: Dsn
    """postgresql://user:password@host:5432/database, or host=… dbname=…"""


class ExpectEntry(Entry):
    """What a healthy answer looks like."""

    status: StatusCodes = (200,)
    """A status code, or a list of them."""
    json_body: dict[Line, Any] = Field(default_factory=dict, alias="json")
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


class MetricsEntry(HttpAccessEntry):
    """An endpoint in Prometheus' exposition format, read directly."""

    type: Literal["metrics"]
    """What kind of source it is."""


class StatuspageEntry(HttpAccessEntry):
    """A vendor's own word about its health."""

    type: Literal["statuspage"]
    """What kind of source it is."""


class AlertmanagerEntry(HttpAccessEntry):
    """An Alertmanager: alerts of others, and silences."""

    type: Literal["alertmanager"]
    """What kind of source it is."""
    filter: tuple[MatcherText, ...] = ()
    """Matchers such as `team="freight"`; other alerts are left out."""
    watchdog: Line = ""
    """The name of an alert that must always be there: a dead man's switch."""
    silent_after: Duration = 120.0
    """An alert that nobody renewed for so long means that whoever evaluates the rules has fallen silent."""


class RedisEntry(SourceEntry):
    """A Redis or Valkey server, looked at over one kept connection."""

    type: Literal["redis"]
    """What kind of source it is."""
    url: RedisUrl
    """redis://user:password@host:6379/0, rediss:// with TLS, or unix:///path."""


class PgbouncerEntry(SourceEntry):
    """A PgBouncer, asked over its admin console."""

    type: Literal["pgbouncer"]
    """What kind of source it is."""
    dsn: PgbouncerDsn
    """postgresql://user:password@host:6432/pgbouncer; the user is one of stats_users or admin_users."""


class CommandEntry(SourceEntry):
    """A program that is run once a poll, and whose output is looked into."""

    type: Literal["command"]
    """What kind of source it is."""
    run: Annotated[tuple[Argument, ...], Field(min_length=1)]
    """The program and its arguments; never a shell."""
    env: tuple[Variable, ...] = ()
    """What it may see of the environment, beside PATH, HOME, LANG and TERM."""
    cwd: Line | None = None
    """Where it runs; the folder of this file unless given."""
    exit: ExitCodes = (0,)
    """The exit code that is well, or a list of them."""


class LogEntry(SourceEntry):
    """A file that grows and is rotated."""

    type: Literal["log"]
    """What kind of source it is."""
    path: Line
    """The file; relative paths start at the folder of this one."""


class EnvEntry(SourceEntry):
    """Environment variables: ontui's own, or those of a .env file. Their values are never shown."""

    type: Literal["env"]
    """What kind of source it is."""
    file: Line | None = None
    """A .env file; unless given, the environment ontui was started in."""


TYPES: Mapping[str, type[SourceEntry]] = {
    "prometheus": PrometheusEntry,
    "postgres": PostgresEntry,
    "http": HttpEntry,
    "metrics": MetricsEntry,
    "redis": RedisEntry,
    "pgbouncer": PgbouncerEntry,
    "alertmanager": AlertmanagerEntry,
    "statuspage": StatuspageEntry,
    "command": CommandEntry,
    "log": LogEntry,
    "env": EnvEntry,
}
"""The model of each type of source."""
AnyEntry = Annotated[
    PrometheusEntry
    | PostgresEntry
    | HttpEntry
    | MetricsEntry
    | RedisEntry
    | PgbouncerEntry
    | AlertmanagerEntry
    | StatuspageEntry
    | CommandEntry
    | LogEntry
    | EnvEntry,
    Field(discriminator="type"),
]
"""A source of whatever type."""
