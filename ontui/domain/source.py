"""Where numbers come from: what each kind of source needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ontui.domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What every source has; its `type` is the word used in the config."""

    id: str
    type: str
    interval_s: float
    timeout_s: float
    """Total deadline of one poll; always shorter than the interval."""
    address: str = ""
    """Where it points, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAccess:
    """How an HTTP server is reached and what is shown to it."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    basic: tuple[str, Secret] | None = None
    bearer: Secret | None = None
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSource(Source):
    """A server that answers PromQL under `/api/v1`."""

    url: str
    """With its base path, without a trailing slash."""
    access: HttpAccess = HttpAccess()
    stale_after_s: float | None = None
    """Data older than this is stale; None: three times the longest of poll and scrape interval, at least 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSource(Source):
    """A PostgreSQL server, looked at over one kept connection."""

    dsn: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSource(Source):
    """A health endpoint."""

    url: str
    method: str = "GET"
    access: HttpAccess = HttpAccess()
    status: tuple[int, ...] = (200,)
    """The status codes that are well."""
    json: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """Dotted paths in a JSON body and the value each must have."""
    contains: str = ""
    """Text the body must hold."""
    down_after: int = 3
    """Failed checks in a row that make it down; fewer are shown as `1 of 3`."""
    follow_redirects: bool = False


AnySource = PrometheusSource | PostgresSource | HttpSource
