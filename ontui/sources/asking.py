"""What is asked of a source for an SLI: the very words, and a command line that repeats the question elsewhere.

A type of source that can be asked by hand adds a `case` to each of the two functions.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from ontui.domain.sli import Sli
from ontui.domain.source import (
    AlertmanagerSource,
    CommandSource,
    EnvSource,
    HttpAccess,
    HttpSource,
    LogSource,
    MetricsSource,
    PgbouncerSource,
    PostgresSource,
    PrometheusSource,
    RedisSource,
    Source,
    StatuspageSource,
)

_ALERTS = "/api/v2/alerts"
PROBE = "1"
"""What a PromQL server is asked when it is only to answer."""
_REDIS_TLS = {
    "--cacert": "ssl_ca_certs", "--cacertdir": "ssl_ca_path", "--cert": "ssl_certfile", "--key": "ssl_keyfile"
}  # fmt: skip
"""Options of redis-cli, and what they are called behind the ? of an address."""
_NEVER_SHOWN = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


def question(source: Source, sli: Sli, server: str = "") -> str:
    """What the source is asked, exactly as it is sent; the SLI's own words where the source knows no others.

    `server` is what the source last said of itself: a replica is asked other things than a primary.
    """
    match source:
        case PrometheusSource():
            return sli.query or PROBE
        case PostgresSource():
            return _sql(sli, server).strip()
        case HttpSource():
            return f"{source.method} {source.address}"
        case AlertmanagerSource():
            return "\n".join(("GET " + source.address + _ALERTS, *(f"filter={text}" for text in source.filter)))
        case MetricsSource():
            return "\n".join(filter(None, (f"GET {source.address}", sli.ask if sli.series else "")))
        case StatuspageSource():
            return "\n".join(filter(None, (f"GET {_summary(source.address)}", sli.component)))
        case EnvSource():
            longer = f", at least {sli.min_length} characters" if sli.min_length > 1 else ""
            return f"{sli.variable}{longer} ({source.address})"
        case CommandSource():
            return shlex.join(source.argv)
        case RedisSource() if sli.key:
            return f"TYPE {sli.key}, then {' or '.join(_counts())} {sli.key}"
        case RedisSource():
            return "PING" if sli.metric in ("up", "latency") else "INFO"
        case PgbouncerSource():
            return "show pools"
        case _:
            return sli.ask


def as_command(source: Source, sli: Sli, server: str = "") -> str:
    """A line for a POSIX shell that repeats the question; secrets are `$VARIABLES` in it. Empty where there is none."""
    match source:
        case PrometheusSource():
            data = f"--data-urlencode {shlex.quote(f'query={sli.query or PROBE}')}"
            place = _place(source, f"{source.url}/api/v1/query")
            return " ".join(["curl -sS", *_shown_to(source.access), data, *place])
        case HttpSource():
            how = {"GET": "", "HEAD": " -I"}.get(source.method, f" -X {source.method}")
            follow = " -L" if source.follow_redirects else ""
            return " ".join([f"curl -sS -i{how}{follow}", *_shown_to(source.access), *_place(source, source.url)])
        case AlertmanagerSource():
            wanted = " ".join(f"--data-urlencode {shlex.quote(f'filter={text}')}" for text in source.filter)
            place = _place(source, source.url + _ALERTS)
            return " ".join(["curl -sS -G", *_shown_to(source.access), *filter(None, (wanted,)), *place])
        case MetricsSource():
            return " ".join(["curl -sS -L", *_shown_to(source.access), *_place(source, source.url), *_lines_of(sli)])
        case StatuspageSource():
            return " ".join(["curl -sS -L", *_shown_to(source.access), *_place(source, _summary(source.url))])
        case EnvSource() if source.file:
            line = rf"^\s*(export\s+)?{re.escape(sli.variable)}\s*="
            return f"grep -qE {shlex.quote(line)} {shlex.quote(source.file)} && echo set || echo not set"
        case EnvSource():
            return f'[ "${{#{sli.variable}}}" -ge {sli.min_length} ] && echo present || echo missing'
        case RedisSource() if sli.key:
            words = *_redis_cli(str(source.url)), *_redis_database(str(source.url)), '"$count"', shlex.quote(sli.key)
            each = " ".join(words)
            return f"for count in {' '.join(_counts())}; do {each}; done | grep -xEm1 '[0-9]+'"
        case RedisSource():
            return " ".join([*_redis_cli(str(source.url)), question(source, sli)])
        case PostgresSource() | PgbouncerSource():
            return f"psql -X -d {shlex.quote(_conninfo(source))} -c {shlex.quote(question(source, sli, server))}"
        case CommandSource():
            counting = f" | grep -cP -- {shlex.quote(sli.match)}" if sli.match else ""
            return f"cd {shlex.quote(source.cwd)} && {shlex.join(source.argv)}{counting}"
        case LogSource():
            return _of_file(shlex.quote(source.path), sli)
        case _:
            return ""


def variable(name: str) -> str:
    """The environment variable that stands for a header: `X-Scope-OrgID` → `X_SCOPE_ORGID`."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    return plain if not plain[:1].isdigit() else f"_{plain}"


def _shown_to(access: HttpAccess) -> Iterator[str]:
    """The options of curl for what is shown to the server, and for whom we trust."""
    for name in access.headers:
        yield from ("-H", f'{shlex.quote(f"{name}: ")}"${variable(name)}"')
    if access.bearer is not None:
        yield from ("-H", '"Authorization: Bearer $TOKEN"')
    if access.basic is not None:
        yield from ("-u", f'{shlex.quote(f"{access.basic[0]}:")}"$PASSWORD"')
    for option, path in (("--cacert", access.ca_file), ("--cert", access.client_cert), ("--key", access.client_key)):
        if path:
            yield from (option, shlex.quote(path))
    if not access.verify:
        yield "-k"


def _place(source: Source, url: str) -> Iterator[str]:
    """The address; without its scheme where the whole of it is not to be seen."""
    scheme, _, rest = url.partition("://")
    if set(rest) & set("[]{}"):
        yield "-g"   # no patterns
    if not source.address.startswith(f"{scheme}:"):
        yield from ("--proto-default", scheme, shlex.quote(rest))
    else:
        yield shlex.quote(url)


def _summary(url: str) -> str:
    from ontui.sources.statuspage_summary import summary_url

    return summary_url(url)


def _lines_of(sli: Sli) -> Iterator[str]:
    """Only the lines of an exposition that hold what is asked for; all of them where their names are a pattern."""
    from ontui.domain.selector import parse_selector

    selectors = [parse_selector(text) for text in (sli.series, sli.over) if text]
    names = list(dict.fromkeys(selector.name for selector in selectors))
    if names and all(names):
        yield from ("|", "grep", "-E", shlex.quote(f"^({'|'.join(names)})[{{ ]"))


def _of_file(path: str, sli: Sli) -> str:
    """What stands at the end of a file; how many lines came in a minute, nobody can ask of it."""
    if sli.match:
        return f"tail -n 1000 {path} | grep -P -- {shlex.quote(sli.match)}"
    return f"tail -n 20 {path}" if sli.metric == "lines_per_minute" else f"ls -l {path}"


def _redis_cli(url: str) -> Iterator[str]:
    """The program and how it reaches the server; its own variable for a password keeps it out of the process list."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    if parts.password or "password" in given:
        yield 'REDISCLI_AUTH="$PASSWORD"'
    yield "redis-cli"
    if parts.scheme == "unix":
        yield from ("-s", shlex.quote(unquote(parts.path)))
    else:
        yield from ("-h", shlex.quote(parts.hostname or "localhost"), "-p", str(parts.port or 6379))
    if user := unquote(parts.username or "") or given.get("username"):
        yield from ("--user", shlex.quote(user))
    if parts.scheme == "rediss":
        yield "--tls"
        for option, name in _REDIS_TLS.items():
            if name in given:
                yield from (option, shlex.quote(given[name]))
        if given.get("ssl_cert_reqs") == "none":
            yield "--insecure"


def _redis_database(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    number = dict(parse_qsl(parts.query)).get("db") or ("" if parts.scheme == "unix" else parts.path.strip("/"))
    if number not in ("", "0"):
        yield from ("-n", shlex.quote(number))


def _counts() -> Iterable[str]:
    from ontui.sources.redis_keys import COUNTED_BY

    return COUNTED_BY.values()


def _conninfo(source: PostgresSource | PgbouncerSource) -> str:
    """The connection without its secrets: psql asks for a password, or takes it from $PGPASSWORD or ~/.pgpass."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        given = conninfo_to_dict(str(source.dsn))
    except psycopg.Error:   # its text would quote parts of the DSN
        return source.address
    return make_conninfo(**{key: str(value) for key, value in given.items() if key not in _NEVER_SHOWN})


def _sql(sli: Sli, server: str) -> str:
    """The statement behind an SLI of PostgreSQL; a rate or a hit ratio is the difference of two answers to it."""
    from ontui.sources.postgres_asks import NEEDS, Activity, Amount, Ask, Counters, Follower, Locks, Replay
    from ontui.sources.postgres_server import Server

    statements = {
        Ask.ACTIVITY: Activity.SQL, Ask.LOCKS: Locks.SQL, Ask.XID_AGE: Amount.XID_SQL, Ask.SIZE: Amount.SIZE_SQL,
        Ask.REPLICATION: Replay.SQL if ", replica" in server else Follower.SQL, Ask.COUNTERS: Counters.SQL,
    }  # fmt: skip
    need = NEEDS.get(sli.metric)
    return sli.sql or (statements[need] if need else Server.SQL)
