"""The exact GRANT that would let a statement through which was refused."""

import re
from dataclasses import dataclass

from psycopg.sql import Literal

from ontui.sources.postgres_link import Link

_DENIED = re.compile(r"permission denied for (schema|table|(?:materialized )?view|foreign table) (.+) \(42501\)$")


@dataclass(frozen=True, slots=True)
class Named:
    """Something in the database, as SQL wants it written."""

    name: str

    SCHEMAS = "select quote_ident(nspname) as name from pg_namespace where nspname = {}"
    RELATIONS = """
select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
where relname = {} and relkind in ('r', 'p', 'v', 'm', 'f') and not has_table_privilege(c.oid, 'SELECT') limit 2"""


async def grant_for(link: Link, failure: str, role: str) -> str:
    """`GRANT SELECT ON sales.orders TO monitor`; empty when the failure is another, or does not say enough."""
    if not (denied := _DENIED.search(failure)):
        return ""
    kind, name = denied.groups()
    sql = Named.SCHEMAS if kind == "schema" else Named.RELATIONS
    found = await link.rows(Named, sql.format(Literal(name).as_string(None)))
    if len(found) != 1:  # the server does not say in which schema
        return ""
    return f"GRANT {'USAGE ON SCHEMA' if kind == 'schema' else 'SELECT ON'} {found[0].name} TO {role}"
