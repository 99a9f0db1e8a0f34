"""The exact GRANT that would let a statement through which was refused."""

import re
from dataclasses import dataclass

from psycopg.sql import Literal

from ontui.sources.postgres_link import Link

_DENIED = re.compile(
    r"permission denied for (schema|function|table|(?:materialized )?view|foreign table) (.+) \(42501\)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """Something in the database, as SQL wants it written."""

    name: str

    SCHEMAS = "select quote_ident(nspname) as name from pg_namespace where nspname = {}"
    FUNCTIONS = """
select format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)) as name
from pg_proc p join pg_namespace n on n.oid = pronamespace
where proname = {} and not has_function_privilege(p.oid, 'EXECUTE') limit 2"""
    RELATIONS = """
select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
where relname = {} and relkind in ('r', 'p', 'v', 'm', 'f') and not has_table_privilege(c.oid, 'SELECT') limit 2"""


async def grant_for(link: Link, failure: str, role: str) -> str:
    """`GRANT SELECT ON sales.orders TO monitor`; empty when the failure is another, or does not say enough."""
    if not (denied := _DENIED.search(failure)):
        return ""
    kind, name = denied.groups()
    sql, right = {
        "schema": (Named.SCHEMAS, "USAGE ON SCHEMA"),
        "function": (Named.FUNCTIONS, "EXECUTE ON FUNCTION"),
    }.get(kind, (Named.RELATIONS, "SELECT ON"))
    found = await link.rows(Named, sql.format(Literal(name).as_string(None)))
    # The server does not say in which schema, nor which of several functions of a name.
    return f"GRANT {right} {found[0].name} TO {role}" if len(found) == 1 else ""
