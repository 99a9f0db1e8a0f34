"""The keys of a source, one field for each; the strings under them are the descriptions in the JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ontui.config.entry import Entry
from ontui.config.fields import Dsn, Duration, Header, Interval, Limit, Line, SecretText, StatusCodes, Url
from ontui.config.references import ReadableFile


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
