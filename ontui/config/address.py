"""Reading addresses: where they point without their secrets, and which secrets they hold."""

import re
from difflib import get_close_matches
from urllib.parse import parse_qsl, unquote, urlsplit

_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)\s*")
_SECRET_WORDS = re.compile(r"pass|secret|token|credential|api.?key|auth|cookie|signature|private", re.I)
_LIBPQ = {
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "require_auth", "channel_binding",
    "connect_timeout", "client_encoding", "options", "application_name", "fallback_application_name", "keepalives",
    "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "replication", "gssencmode",
    "sslmode", "requiressl", "sslnegotiation", "sslcompression", "sslcert", "sslkey", "sslkeylogfile",
    "sslpassword", "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "requirepeer",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "min_protocol_version", "max_protocol_version",
    "krbsrvname", "gsslib", "gssdelegation", "scram_client_key", "scram_server_key", "service", "servicefile",
    "target_session_attrs", "load_balance_hosts", "oauth_issuer", "oauth_client_id", "oauth_client_secret",
    "oauth_scope",
}  # fmt: skip
"""The keywords of a connection string, up to PostgreSQL 18."""
_SCHEMES = ("postgresql://", "postgres://")
_REDIS_OPTIONS = {
    "db", "username", "password", "ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password",
    "ssl_cert_reqs", "ssl_check_hostname",
}  # fmt: skip
"""What may stand behind the ? in the address of a Redis, by redis-py's names."""


_PLAIN = re.compile(r"((?:[a-z][a-z0-9+.-]*://|localhost)[\w.:\[\]-]*)/?([^\s@?#=;]*)", re.A | re.I)
"""A scheme and a host, or the machine itself; what stands behind them may be a token."""


def secretive(name: str) -> bool:
    """Whether a key, header or parameter of this name is likely to hold a secret."""
    return bool(_SECRET_WORDS.search(name))


def without_user(netloc: str) -> str:
    """`host:port` of `user:password@host:port`."""
    return netloc.rpartition("@")[2]


def user_info(url: str) -> tuple[str, str] | None:
    """User and password of a URL, decoded; None when it has none."""
    info, at, _ = _netloc(url).rpartition("@")
    if not at:
        return None
    user, _, password = info.partition(":")
    return unquote(user), unquote(password)


def strip_user(url: str) -> str:
    """The URL without user, password, and slash at its end."""
    netloc = _netloc(url)
    return url.replace(netloc, without_user(netloc), 1).rstrip("/")


def passwords(text: str) -> list[str]:
    """Every secret inside a URL or connection string, as written and decoded."""
    found: list[str] = []
    if "://" in text:
        info, at, _ = _netloc(text).rpartition("@")
        if at and ":" in info:
            found.append(info.partition(":")[2])
        elif loose := re.search(r"://[^\s:/@]*:(\S+)@", text):
            found.append(loose[1])  # an unescaped slash in a password makes the address wrong, not the password public
        query = text.partition("?")[2].partition("#")[0]
        found += [v for pair in query.split("&") for k, _, v in [pair.partition("=")] if secretive(k)]
    else:
        found += [v for k, v in _pairs(text).items() if secretive(k)]
        found += [m[2].strip("'") for m in _PAIR.finditer(text) if secretive(m[1])]
    return [w for v in found for w in dict.fromkeys((v, unquote(v))) if w]


def url_problem(url: str) -> str:
    """Why this is no usable http address; empty when it is one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "a valid host and port"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "an address such as https://host:9090/path"
    if any(c.isspace() for c in url):
        return "an address without spaces"
    return ""


def url_address(url: str, *, whole: bool = True) -> str:
    """`https://host:port/path`; without the scheme when the URL itself may not be shown as it was given."""
    parts = urlsplit(url)
    place = without_user(parts.netloc) + parts.path.rstrip("/")
    return f"{parts.scheme}://{place}" if whole else place


def redis_problem(url: str) -> str:
    """Why this is no usable address of a Redis; empty when it is one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "a valid host and port"
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not options.keys() <= _REDIS_OPTIONS:   # their names are not shown: they may be a password with a ? in it
        return f"behind the ? only {', '.join(sorted(_REDIS_OPTIONS))}"
    if parts.scheme != "rediss" and any(name.startswith("ssl_") for name in options):
        return "rediss:// with options of TLS"
    if options.get("ssl_cert_reqs", "required") not in ("required", "optional", "none"):
        return "ssl_cert_reqs=required, optional or none"
    if not re.fullmatch(r"\d{0,4}", options.get("db", ""), re.A):
        return "the number of a database after db="
    if parts.scheme == "unix":
        return "" if parts.path else "unix:///path/to/redis.sock"
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or port == 0:
        return "an address such as redis://:password@host:6379/0"
    return "" if re.fullmatch(r"/?\d{0,4}", parts.path) else "the number of a database after the port"


def redis_address(url: str) -> str:
    """`host:port/database`, or the path of a socket."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else without_user(parts.netloc) + parts.path.rstrip("/")


def dsn_problem(dsn: str) -> str:
    """Why this is no PostgreSQL connection string; empty when it may be one."""
    if dsn.startswith(_SCHEMES):
        hosts = without_user(_netloc(dsn)).split(",")
        if all(re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(:\d*)?", h) for h in hosts):
            return ""
        return "a valid host and port"
    pairs = _pairs(dsn)
    if unknown := [key for key in pairs if key not in _LIBPQ]:
        close = get_close_matches(unknown[0], _LIBPQ, 1)
        return f"keywords of libpq; it has no {unknown[0]!r}" + (f", did you mean {close[0]!r}?" if close else "")
    return "" if pairs else "postgresql://user:password@host:5432/database, or host=… dbname=…"


def pgbouncer_problem(dsn: str) -> str:
    """The same of the console of a PgBouncer."""
    if problem := dsn_problem(dsn):
        return problem
    return "" if _host_and_database(dsn)[1] in ("", "pgbouncer") else "the database pgbouncer, which is its console"


def dsn_address(dsn: str) -> str:
    """`host:port/database`."""
    host, name = _host_and_database(dsn)
    return (host or "local socket") + (f"/{name}" if name else "")


def _host_and_database(dsn: str) -> tuple[str, str]:
    """Where it points, with the port, and to what there; each may be empty."""
    if dsn.startswith(_SCHEMES):
        rest = dsn.partition("://")[2].partition("?")
        netloc, _, database = rest[0].partition("/")
        query = dict(parse_qsl(rest[2]))
        host = unquote(without_user(netloc)) or query.get("host", query.get("hostaddr", ""))
        if query.get("port") and ":" not in host:
            host += f":{query['port']}"
        return host, unquote(database) or query.get("dbname", "")
    pairs = _pairs(dsn)
    host = pairs.get("host", pairs.get("hostaddr", "")) + (f":{pairs['port']}" if pairs.get("port") else "")
    return host, pairs.get("dbname", "")


def plain_address(text: str) -> str:
    """A wrong address as far as its host, if it certainly holds no secret; else empty."""
    match = _PLAIN.fullmatch(text)
    return f"{match[1]}/…" if match and match[2] else match[1] if match else ""


def _netloc(url: str) -> str:
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def _pairs(dsn: str) -> dict[str, str]:
    """The `key=value` pairs of a libpq connection string; empty when it is none."""
    found: dict[str, str] = {}
    position = 0
    while position < len(dsn):
        match = _PAIR.match(dsn, position)
        if not match or match.end() == position:
            return {}
        value = match[2]
        if value.startswith("'"):
            value = value[1:-1]
        found[match[1]] = re.sub(r"\\(.)", r"\1", value)
        position = match.end()
    return found
