"""Opening connections to a PostgreSQL server: guarded, recognisable, and kind to a sick one."""

import os
import re

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.secret import Secrets
from ontui.domain.source import PgbouncerSource, PostgresSource
from ontui.domain.text import one_line
from ontui.sources.failed import Down
from ontui.sources.postgres_deadline import Connection
from ontui.sources.postgres_faults import fault_of, recognised
from ontui.sources.postgres_probe import refusal

LOCK_TIMEOUT_MS = 300
_REFUSES_OPTIONS = re.compile(r"startup parameter|command-line options", re.I)
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_TLS_ONLY = ("require", "verify-ca", "verify-full")


class Door:
    """Where a server is and how it is entered."""

    def __init__(self, source: PostgresSource | PgbouncerSource, *, pooled: bool = False) -> None:
        self._timeout_s = source.timeout_s
        self._secrets = Secrets([source.dsn])
        self.pooled = pooled
        """A pooler is in between: sessions are shared, so nothing may be set for longer than a transaction."""
        self._recognised = False
        self._params: dict[str, str | int] = {}
        self._wrong: Fault | None = None
        try:
            given = conninfo_to_dict(str(source.dsn))
        except psycopg.Error:  # its text would quote parts of the DSN
            text = "the dsn is neither a postgresql:// URI nor key=value pairs"
            self._wrong = Fault(FaultKind.CONFIG, text)
            return
        self._params = {key: value for key, value in given.items() if value is not None}
        self._secrets.add(str(self._params.get("password", "")))

    @property
    def guard_ms(self) -> int:
        """The longest a statement of ours may run at the server: a little less than we wait for it."""
        return max(100, int(self._timeout_s * 900))

    @property
    def address(self) -> str:
        """`db.internal:5432/orders as monitor`, as far as the DSN tells."""
        host = self._param("host", "PGHOST", "localhost") or self._param("hostaddr", "PGHOSTADDR", "")
        user = self.user
        place = f"{host}:{self._param('port', 'PGPORT', '5432')}/{self._param('dbname', 'PGDATABASE', user)}"
        return one_line(f"{place} as {user}" if user else place)

    @property
    def user(self) -> str:
        """As whom we come; empty where the DSN leaves it to libpq."""
        return self._param("user", "PGUSER", "")

    def hide(self, text: str) -> str:
        """The text without the password, which a server may quote."""
        return self._secrets.mask(text)

    async def open(self, name: str, *, read_only: bool, statement_ms: int | None = None) -> Connection:
        """A new connection in autocommit; raises Down. A pooler that refuses options is entered without them."""
        if self._wrong:
            raise Down(self._wrong)
        guards = self._guards(read_only=read_only, statement_ms=statement_ms or self.guard_ms)
        try:
            if not self.pooled:
                try:
                    return await self._connect(name, guards)
                except psycopg.OperationalError as error:
                    if not _REFUSES_OPTIONS.search(str(error)):
                        raise
            connection = await self._connect(name, None)
            self.pooled = True
        except psycopg.Error as error:
            raise Down(self.fault(error, await self._probed(error))) from None
        except (OSError, UnicodeError) as error:
            raise Down(Fault(FaultKind.DNS, self.hide(one_line(error)))) from None
        return connection

    async def recognise(self, connection: Connection) -> None:
        """Tell a pooler that takes our options and drops them by the process it names, which is not the server's."""
        if self.pooled or self._recognised:
            return
        row = await (await connection.execute(b"select pg_backend_pid()")).fetchone()
        self.pooled, self._recognised = row != (connection.info.backend_pid,), True

    def fault(self, error: psycopg.Error, sqlstate: str | None = None) -> Fault:
        """The failure in words, without secrets."""
        found = fault_of(error, sqlstate)
        if found.kind is FaultKind.TIMEOUT and isinstance(error, psycopg.errors.ConnectionTimeout):
            return Fault(found.kind, f"no connection within {self._connect_s} s")
        if found.text.startswith("permission denied for database") and (user := self._param("user", "PGUSER", "")):
            dbname = self._param("dbname", "PGDATABASE", user)
            grant = SQL("GRANT CONNECT ON DATABASE {} TO {}").format(Identifier(dbname), Identifier(user))
            return Fault(found.kind, self.hide(one_line(f"{found.text}: {grant.as_string(None)}")))
        return Fault(found.kind, self.hide(found.text))

    async def _connect(self, name: str, guards: str | None) -> Connection:
        given = str(self._params.get("options", os.environ.get("PGOPTIONS", "")))
        options = given if guards is None else f"{guards} {given}".strip()
        keep = {key: value for key, value in self._params.items() if key != "options"}
        own: dict[str, str | int] = {"application_name": name, "client_encoding": "utf8"}
        if options:
            own["options"] = options
        wait = {"connect_timeout": self._connect_s, "tcp_user_timeout": int(self._timeout_s * 1000)}
        params = _KEEPALIVE | wait | keep | own
        given_wait = str(self._params.get("connect_timeout", ""))
        if not given_wait.isdecimal() or not 0 < int(given_wait) < self._connect_s:
            params["connect_timeout"] = self._connect_s
        return await psycopg.AsyncConnection.connect(autocommit=True, prepare_threshold=None, **params)  # type: ignore[arg-type] # libpq's own names and values

    @property
    def _connect_s(self) -> int:
        """Seconds for each of the hosts; below two libpq does not go."""
        hosts = str(self._params.get("host", "")).count(",") + 1
        return max(2, int((self._timeout_s - 0.5) / hosts))

    def _guards(self, *, read_only: bool, statement_ms: int) -> str:
        settings = {
            "statement_timeout": statement_ms,
            "lock_timeout": LOCK_TIMEOUT_MS if read_only else min(statement_ms, 5000),
            "idle_in_transaction_session_timeout": max(10_000, statement_ms),
            **({"default_transaction_read_only": "on"} if read_only else {}),
        }
        return " ".join(f"-c {key}={value}" for key, value in settings.items())

    async def _probed(self, error: psycopg.Error) -> str | None:
        if recognised(error) or str(self._params.get("sslmode", "")) in _TLS_ONLY:
            return None
        host, port = self._param("host", "PGHOST", "localhost"), self._param("port", "PGPORT", "5432")
        user = self._param("user", "PGUSER", "ontui")
        dbname = self._param("dbname", "PGDATABASE", user)
        return await refusal(host.split(",")[0], port.split(",")[0], user, dbname, 1.0)

    def _param(self, key: str, variable: str, default: str) -> str:
        return str(self._params.get(key) or os.environ.get(variable) or default)
