"""A schema as text, as the server's catalogue has it: the same from PostgreSQL 15 to 18."""

from __future__ import annotations

from typing import Any

_RELATIONS = """
SELECT c.oid, c.relname, c.relkind::text AS kind
FROM pg_class c WHERE c.relnamespace = 'yinuo'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || CASE WHEN a.attidentity = 'a' THEN ' identity' ELSE '' END
    || CASE WHEN a.attgenerated = 's' THEN ' generated' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_CONSTRAINTS = """
SELECT 'constraint ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = $1 AND contype <> 'n' ORDER BY contype, pg_get_constraintdef(oid)
"""
_INDEXES = """
SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = $1 AND NOT indisprimary ORDER BY pg_get_indexdef(indexrelid)
"""
_GRANTS = """
SELECT 'grant ' || string_agg(lower(privilege), ', ' ORDER BY privilege) || ' to ' || grantee
    || coalesce(' on ' || attname, '')
FROM (
    SELECT x.privilege_type AS privilege, x.grantee::regrole::text AS grantee, NULL::name AS attname, 0 AS place
    FROM pg_class c, aclexplode(c.relacl) x WHERE c.oid = $1 AND x.grantee <> c.relowner
    UNION ALL
    SELECT x.privilege_type, x.grantee::regrole::text, a.attname, a.attnum
    FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = $1
) g GROUP BY grantee, attname, place ORDER BY grantee, place
"""
_COMMENTS = """
SELECT coalesce(a.attname, '') AS column, d.description AS comment
FROM (
    SELECT NULL::name AS attname, 0 AS attnum
    UNION ALL
    SELECT attname, attnum FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
) a
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = $1 AND d.objsubid = a.attnum
ORDER BY a.attnum
"""


async def described(connection: Any) -> str:
    """Tables and views with columns, constraints, indexes and grants, a line each."""
    lines: list[str] = []
    for relation in await connection.fetch(_RELATIONS):
        lines.append(f"{'table' if relation['kind'] == 'r' else 'view'} {relation['relname']}")
        for query in (_COLUMNS, _CONSTRAINTS, _INDEXES, _GRANTS):
            lines += [f"    {row[0]}" for row in await connection.fetch(query, relation["oid"])]
    return "\n".join(lines) + "\n"


async def comments(connection: Any) -> dict[str, str | None]:
    """relation and relation.column → its comment."""
    found = {}
    for relation in await connection.fetch(_RELATIONS):
        for row in await connection.fetch(_COMMENTS, relation["oid"]):
            found[f"{relation['relname']}.{row['column']}".rstrip(".")] = row["comment"]
    return found


async def columns(connection: Any, relation: str) -> list[str]:
    """Names of a relation's columns in order."""
    return [
        row[0]
        for row in await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum",
            f"yinuo.{relation}",
        )
    ]
