"""Who answers: which server and which role, and what that role may see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """Who answers; asked at every poll, because a failover can change it under a kept connection."""

    now_s: float
    """The server's clock, seconds since the epoch."""
    started_s: float
    replica: bool
    version: str
    vnum: int
    """160004 for 16.4."""
    user: str
    """Whom the server takes us for; behind a pooler that need not be whom the DSN names."""
    role: str
    """The same, as SQL wants it written."""
    host: str | None
    """The address that answers; None over a Unix socket."""
    port: int | None
    sees_all: bool
    """Whether our role may see other roles' sessions."""
    member: bool
    """Whether it was granted that right; it may have it and not inherit it."""
    fits_in: bool
    """Whether a new login of ours may have the slots that an administrator keeps back (since 16); true without any."""

    SQL = """
select extract(epoch from clock_timestamp())::float8 as now_s,
  extract(epoch from pg_postmaster_start_time())::float8 as started_s,
  pg_is_in_recovery() as replica,
  current_setting('server_version') as version,
  current_setting('server_version_num')::int as vnum,
  current_user::text as user, quote_ident(current_user) as role,
  host(inet_server_addr()) as host, inet_server_port() as port,
  pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') as sees_all,
  pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER') as member,
  coalesce(current_setting('reserved_connections', true)::int, 0) = 0 or coalesce((
    select pg_has_role(current_user, oid, 'USAGE') from pg_roles where rolname = 'pg_use_reserved_connections'
  ), true) as fits_in"""

    @property
    def cure(self) -> str:
        """What lets our role see other roles' sessions."""
        if self.member and self.vnum < 160000:
            return f"ALTER ROLE {self.role} INHERIT"
        return f"GRANT pg_monitor TO {self.role}" + (" WITH INHERIT TRUE" if self.member else "")

    @property
    def place(self) -> str:
        """`10.0.0.7:5432 as monitor`: where we really are, and as whom."""
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        return f"{f'{host}:{self.port}' if host else 'a Unix socket'} as {self.user}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which cluster answers: the same number on a primary and its replicas, another everywhere else."""

    identifier: str

    SQL = "select system_identifier::text as identifier from pg_control_system()"
