"""pg_stat_statements: whether it can be read here, and what would make it so."""

import re
from dataclasses import dataclass

EXTENSION = "pg_stat_statements"
_COLUMN = re.compile(r'column "?(?:\w+\.)?(\w+)"? does not exist')
_SINCE_13 = re.compile(r"^(total|min|max|mean|stddev)_time$")
_SINCE_17 = re.compile(r"^blk_(read|write)_time$")


@dataclass(frozen=True, slots=True)
class Statements:
    """Where the extension is, as far as our role may know."""

    schema: str | None
    """As SQL wants it written; None: it is not in this database."""
    usable: bool
    """Whether our role may look into that schema."""
    found: bool
    """Whether its name alone is enough."""
    preloaded: bool | None
    """Whether the server has loaded its library; None where our role may not know."""

    SQL = """
select quote_ident(nspname) as schema, coalesce(has_schema_privilege(n.oid, 'USAGE'), false) as usable,
  to_regclass('pg_stat_statements') is not null as found,
  case when pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
    then current_setting('shared_preload_libraries') like '%pg_stat_statements%' end as preloaded
from (select) one left join pg_extension e on extname = 'pg_stat_statements'
  left join pg_namespace n on n.oid = extnamespace"""

    def grant(self, role: str) -> str:
        """The exact GRANT that our role lacks; empty when it lacks none."""
        return f"GRANT USAGE ON SCHEMA {self.schema} TO {role}" if self.schema and not self.usable else ""

    def missing(self, role: str) -> str:
        """One sentence on how to enable it; empty when it can be read."""
        load = "add it to shared_preload_libraries, restart, and " if self.preloaded is False else ""
        if self.schema is None:
            return f"{EXTENSION} is not installed in this database: {load}CREATE EXTENSION {EXTENSION}"
        if self.preloaded is False:
            return f"{EXTENSION} is not loaded: add it to shared_preload_libraries and restart the server"
        return f"{EXTENSION} may not be read: {self.grant(role)}" if self.grant(role) else ""

    def advice(self, failure: str, role: str) -> str:
        """What would mend a statement that names the extension and failed so; empty when that is not its doing."""
        if column := _COLUMN.search(failure):
            return _renamed(column.group(1))
        if "must be loaded via" in failure:
            return f"add {EXTENSION} to shared_preload_libraries and restart the server"
        if missing := self.missing(role):
            return missing
        if "(42P01)" in failure and not self.found:
            return f"it is in the schema {self.schema} here: write {self.schema}.{EXTENSION}"
        return ""


def _renamed(column: str) -> str:
    if _SINCE_13.match(column):
        return f"it is called {column.replace('_time', '_exec_time')} since PostgreSQL 13"
    if _SINCE_17.match(column):
        return f"it is called shared_{column} since PostgreSQL 17"
    return ""
