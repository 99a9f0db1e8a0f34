"""What went wrong with a PostgreSQL server, in words for people.

Failed connections carry no SQLSTATE in psycopg, only text; queries carry both.
"""

import re

import psycopg

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.text import one_line

FULL = "TOO MANY CLIENTS: server refuses new connections (53300)"

_BY_STATE = {
    "53300": FaultKind.SATURATED,
    "57P03": FaultKind.STARTING,
    "28P01": FaultKind.AUTH,
    "28000": FaultKind.AUTH,
    "42501": FaultKind.AUTH,
    "3D000": FaultKind.CONFIG,
    "57014": FaultKind.TIMEOUT,
    "57P01": FaultKind.LOST,
    "57P02": FaultKind.LOST,
}
_BY_TEXT = (
    (FaultKind.SATURATED, r"query_wait_timeout"),
    (FaultKind.SATURATED, r"too many clients|remaining connection slots|too many connections"),
    (FaultKind.SATURATED, r"no more connections allowed|max clients"),
    (FaultKind.STARTING, r"starting up|in recovery mode|shutting down|not (yet )?accepting connections"),
    (FaultKind.CONFIG, r'database "[^"]*" (does not exist|is not currently accepting connections)|no such database'),
    (FaultKind.CONFIG, r"startup parameter|configuration parameter|invalid (connection option|port|integer|sslmode)"),
    (FaultKind.CONFIG, r"server is (not )?in hot standby|session is (not )?read-only|target_session_attrs"),
    (FaultKind.AUTH, r'role "[^"]*" (does not exist|is not permitted to log in)|no such user|pg_hba\.conf'),
    (FaultKind.AUTH, r"permission denied for database"),
    (FaultKind.PROTOCOL, r"expected authentication request"),
    (FaultKind.AUTH, r"password|authentication|SCRAM"),
    (FaultKind.TLS, r"SSL|TLS|certificate"),
    (FaultKind.DNS, r"translate host name|not known|name resolution|No address associated|nodename nor servname"),
    (FaultKind.TIMEOUT, r"timeout expired|timed out"),
    (FaultKind.UNREACHABLE, r"No route to host|unreachable"),
    (FaultKind.REFUSED, r"refused|No such file or directory"),
    (FaultKind.LOST, r"closed|reset by peer|Broken pipe|terminating connection|could not (receive|send) data|EOF"),
    (FaultKind.PROTOCOL, r"invalid response|protocol"),
)
_PREFIX = re.compile(
    r"^(- host: .*?, hostaddr: [^:]*: )?(connection failed: )?(connection to server (at|on socket) .*? failed: )?"
    r"((FATAL|PANIC|ERROR): +)?"
)
_SHORT = {
    FaultKind.REFUSED: ((r"refused", "connection refused"), (r"No such file", "no server at this socket")),
    FaultKind.LOST: ((r"closed the connection unexpectedly", "server closed the connection unexpectedly"),),
}


def fault_of(error: psycopg.Error, sqlstate: str | None = None) -> Fault:
    """The kind and the words of a failure; `sqlstate` is what a probe found out when the error itself does not tell.

    It is empty where the server went on to ask for a password: then it is up, and does not want us.
    """
    lines = [_PREFIX.sub("", line) for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    state = sqlstate or error.sqlstate
    if state in _BY_STATE:
        return Fault(_BY_STATE[state], _words(_BY_STATE[state], lines[0], state))
    for kind, pattern in _BY_TEXT:
        for line in lines:
            if re.search(pattern, line, re.I):
                return Fault(kind, _words(kind, line, state))
    kind = FaultKind.AUTH if sqlstate == "" else FaultKind.LOST
    kind = FaultKind.CONFIG if isinstance(error, psycopg.ProgrammingError) else kind
    return Fault(kind, with_state(lines[0], state))


def recognised(error: psycopg.Error) -> bool:
    """Whether the words of a failed connection are known ones; a server may speak another language."""
    return error.sqlstate in _BY_STATE or any(re.search(pattern, str(error), re.I) for _, pattern in _BY_TEXT)


def words_of(error: psycopg.Error) -> str:
    """The server's own words about a statement that failed, on one line, with its SQLSTATE."""
    primary = error.diag.message_primary or (str(error).splitlines() or [type(error).__name__])[0]
    return with_state(_PREFIX.sub("", primary), error.sqlstate)


def with_state(text: str, state: str | None) -> str:
    """The text with its SQLSTATE, once."""
    line = one_line(text, 180)
    return f"{line} ({state})" if state and state not in line else line


def ended(error: psycopg.Error) -> bool:
    """Whether the server said with this that the session is over."""
    return error.diag.severity_nonlocalized in ("FATAL", "PANIC")


def _words(kind: FaultKind, line: str, state: str | None) -> str:
    if kind is FaultKind.SATURATED:
        if re.search(r"query_wait_timeout|no more connections|max clients", line, re.I):
            return f"POOL EXHAUSTED: {one_line(line, 120)}"
        if re.search(r'for (role|database|user) "', line):
            return f"TOO MANY CLIENTS: {with_state(line, state or '53300')}"
        return FULL
    for pattern, words in _SHORT.get(kind, ()):
        if re.search(pattern, line):
            return words
    return with_state(line, state)
