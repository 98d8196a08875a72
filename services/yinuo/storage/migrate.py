"""Bring the schema `yinuo` to this release, or tell that it is not.

One transaction for everything: a migration that fails leaves what was there. Two that start at once follow one
another. Law: running all migrations from nothing gives the schema in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import asyncpg

from yinuo.errors import Misuse
from yinuo.storage.connection import Connection, opened
from yinuo.storage.faults import SchemaMismatch, told_apart
from yinuo.storage.migration_files import SchemaFile, SchemaFiles, schema_files
from yinuo.storage.sql_files import statements

OLDEST_SERVER = 150000
"""PostgreSQL 15, as `server_version_num` says it."""

_SQL = statements("schema")


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What was done. `sql_for_admin`: what an administrator must run first, then `yinuo migrate` again."""

    applied: tuple[str, ...]
    sql_for_admin: str | None


async def migrate(
    dsn: str, files: SchemaFiles | None = None, *, timezone: str | None = None
) -> MigrationReport:
    """Apply what is missing: migrations, views, roles and their rights; nothing twice.

    `timezone`: the zone that says which day `yinuo.today()` is; None leaves it as it stands (Asia/Shanghai at first).

    Raises SchemaMismatch when the database is newer than this release or an applied file was changed, Misuse when
    the user or the server cannot hold the schema (with the SQL that mends it), Unavailable.
    """
    files = files or schema_files()
    async with opened(dsn) as connection:
        with told_apart(connection):
            async with connection.transaction():
                report = await _migrated(connection, files)
                noted = await _note_timezone(connection, timezone)
                return replace(report, applied=(*report.applied, *noted))


async def check_schema(connection: Connection, files: SchemaFiles | None = None) -> None:
    """SchemaMismatch unless the tables behind the connection are exactly those of this release."""
    files = files or schema_files()
    with told_apart(connection):
        applied = await _applied(connection)
    _refuse_newer_or_changed(applied, files)
    missing = [file.name for file in (*files.migrations, files.views) if _is_due(file, applied)]
    if missing:
        what = (
            "has no tables of yinuo"
            if not applied
            else f"is older than this yinuo ({', '.join(missing)} missing)"
        )
        raise SchemaMismatch(f"the database {what}: run `yinuo migrate`")


async def _migrated(connection: Connection, files: SchemaFiles) -> MigrationReport:
    await _check_server(connection)
    await connection.execute(_SQL["lock"])
    applied = await _applied(connection)
    _refuse_newer_or_changed(applied, files)
    if not applied:
        await _check_right(connection)
    due = [migration for migration in files.migrations if _is_due(migration, applied)]
    if due or _is_due(files.views, applied):
        due.append(files.views)
    for file in due:
        await _apply(connection, file)
    sql_for_admin = await _roles(connection, files)
    if sql_for_admin is None and (due or _is_due(files.grants, applied)):
        await _apply(connection, files.grants)
        due.append(files.grants)
    return MigrationReport(tuple(file.name for file in due), sql_for_admin)


async def _note_timezone(connection: Connection, timezone: str | None) -> tuple[str, ...]:
    statement = timezone and await connection.fetchval(_SQL["timezone_statement"], timezone)
    if not statement:
        return ()
    await connection.execute(statement)
    return (f"timezone {timezone}",)


async def _check_server(connection: Connection) -> None:
    server = await connection.fetchrow(_SQL["server"])
    assert server is not None
    if server["version_number"] < OLDEST_SERVER:
        raise Misuse(f"PostgreSQL {server['version']} is too old: yinuo needs 15 or newer")
    if server["encoding"] != "UTF8":
        raise Misuse(
            f"the database is encoded {server['encoding']}: make one with `CREATE DATABASE … ENCODING 'UTF8' "
            "TEMPLATE template0`"
        )


async def _check_right(connection: Connection) -> None:
    right = await connection.fetchrow(_SQL["may_create_schema"])
    assert right is not None
    if not right["may_create"]:
        user = right["username"]
        raise Misuse(
            f"{user} may not make the schema yinuo in {right['database']}: let an administrator run there "
            f"`CREATE SCHEMA yinuo AUTHORIZATION {user};`, then run `yinuo migrate` again"
        )


async def _applied(connection: Connection) -> Mapping[str, asyncpg.Record]:
    """The files that were applied, by name; none where there is no schema yet."""
    if not await connection.fetchval(_SQL["has_versions"]):
        return {}
    return {row["file"]: row for row in await connection.fetch(_SQL["versions"])}


def _is_due(file: SchemaFile, applied: Mapping[str, asyncpg.Record]) -> bool:
    row = applied.get(file.name)
    return row is None or row["checksum"] != file.checksum


def _refuse_newer_or_changed(applied: Mapping[str, asyncpg.Record], files: SchemaFiles) -> None:
    ours = {file.name: file for file in files.migrations}
    for name, row in sorted(applied.items()):
        if row["number"] is None:
            continue
        if row["number"] > len(ours):
            raise SchemaMismatch(
                f"the database is newer than this yinuo (it has {name}): install the release that made it, or a newer"
            )
        if name not in ours or ours[name].checksum != row["checksum"]:
            raise SchemaMismatch(
                f"{name} is not the file that was applied to the database: a migration never changes; install the "
                "release that made the database, or a newer"
            )


async def _apply(connection: Connection, file: SchemaFile) -> None:
    await connection.execute(file.text)
    await connection.execute(_SQL["record"], file.name, file.number, file.checksum)


async def _roles(connection: Connection, files: SchemaFiles) -> str | None:
    """Make the roles that are missing; the SQL to do so where this user may not."""
    state = await connection.fetchrow(_SQL["role_state"])
    assert state is not None
    if state["present"]:
        return None
    if not state["may_create"]:
        return files.roles.text
    await connection.execute(files.roles.text)
    return None
