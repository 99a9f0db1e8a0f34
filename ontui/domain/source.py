"""Where numbers come from: what each kind of source needs to know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ontui.domain.secret import Secret

_LOOPBACK = ("localhost", "127.0.0.1", "::1", "local socket")
_PORT = re.compile(r":\d+$")


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
    is_spared: ClassVar[bool] = True
    """While it fails it is asked more rarely, which may help whoever answers; a file on this machine needs no help."""

    @property
    def host(self) -> str:
        """Whom it asks, without a port; empty where that is this machine, by loopback or a socket, or not known."""
        place = self.address.partition("://")[2] or self.address
        name = place.partition("/")[0].lower()
        host = name.partition("]")[0].removeprefix("[") if name.startswith("[") else _PORT.sub("", name)
        return "" if host in _LOOPBACK else host

    @property
    def findings(self) -> tuple[str, ...]:
        """What is to be known of whatever it says, because the config wants it so."""
        access = getattr(self, "access", None)
        unchecked = isinstance(access, HttpAccess) and not access.verify and "http://" not in self.address
        return ("its certificate is not checked: verify is false",) if unchecked else ()


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
    alerts: bool = False
    """Whether the server's own rules and alerts are looked at too."""
    watchdog: str = ""
    """The name of an alert that must always fire: a dead man's switch."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSource(Source):
    """An endpoint in Prometheus' exposition format, read directly."""

    url: str
    access: HttpAccess = HttpAccess()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatuspageSource(Source):
    """A vendor's own word about its health, as Atlassian Statuspage publishes it."""

    url: str
    """Of the page; `/api/v2/summary.json` is added where it names no .json itself."""
    access: HttpAccess = HttpAccess()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertmanagerSource(Source):
    """An Alertmanager: alerts of others, and silences."""

    url: str
    """With its base path, without a trailing slash."""
    access: HttpAccess = HttpAccess()
    filter: tuple[str, ...] = ()
    """Matchers such as `team="freight"`; other alerts are left out."""
    watchdog: str = ""
    """The name of an alert that must always be there: a dead man's switch."""
    silent_after_s: float = 120.0
    """An alert that nobody renewed for so long means that whoever evaluates the rules has fallen silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSource(Source):
    """A Redis or Valkey server, looked at over one kept connection."""

    url: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PgbouncerSource(Source):
    """A PgBouncer, asked over its admin console."""

    dsn: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSource(Source):
    """A program that is run once a poll, and whose output is looked into."""

    argv: tuple[str, ...]
    env: tuple[str, ...] = ()
    """Names of the environment variables it may see, beside PATH, HOME, LANG and TERM."""
    cwd: str = ""
    exit_codes: tuple[int, ...] = (0,)
    """Those that are well."""
    distrust: str = ""
    """Why it may not be run, and the remedy: others could change the config or the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource(Source):
    """A file that grows and is rotated."""

    is_spared = False
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvSource(Source):
    """Environment variables: ontui's own, or those of a .env file."""

    is_spared = False
    file: str = ""
    """The .env file; empty: the environment ontui was started in."""


AnySource = (
    PrometheusSource
    | PostgresSource
    | HttpSource
    | MetricsSource
    | StatuspageSource
    | AlertmanagerSource
    | RedisSource
    | PgbouncerSource
    | CommandSource
    | LogSource
    | EnvSource
)
