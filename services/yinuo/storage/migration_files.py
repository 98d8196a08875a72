"""The SQL files that make the schema: in a checkout under `schemas/postgres`, in a wheel inside `yinuo_schemas`.

`NNNN_name.sql` are migrations: each runs once, in order, and is never changed after a release. `views.sql` and
`grants.sql` are made anew whenever they or a migration change; a release that changes one brings a migration too,
so that the number alone says which schema is newer. `roles.sql` is for the whole server and stands apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import yinuo_schemas

REPLACEABLE = ("views.sql", "grants.sql")
"""Files without a number, in the order in which they are made anew."""
ROLES = "roles.sql"

_NUMBERED = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One SQL file; `number` is None for those that are made anew."""

    name: str
    number: int | None
    text: str

    @property
    def checksum(self) -> str:
        """sha256 (hex) over the text, line ends as LF."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """All files of one release."""

    migrations: tuple[SchemaFile, ...]
    views: SchemaFile
    grants: SchemaFile
    roles: SchemaFile


def schema_files(folder: Traversable | None = None) -> SchemaFiles:
    """The files of this installation, or of `folder`. ValueError when a number is missing or there twice."""
    folder = folder or _folder()
    texts = {
        entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".sql")
    }
    views, grants, roles = (SchemaFile(name, None, texts.pop(name)) for name in (*REPLACEABLE, ROLES))
    return SchemaFiles(_in_order(texts.items()), views, grants, roles)


def _in_order(texts: Iterable[tuple[str, str]]) -> tuple[SchemaFile, ...]:
    migrations = []
    for name, text in sorted(texts):
        numbered = _NUMBERED.fullmatch(name)
        if numbered is None:
            raise ValueError(f"{name}: a migration is named NNNN_what.sql")
        migrations.append(SchemaFile(name, int(numbered[1]), text))
    numbers = [migration.number for migration in migrations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"migrations are numbered 0001, 0002, … without gaps, not {numbers}")
    return tuple(migrations)


def _folder() -> Traversable:
    installed = resources.files(yinuo_schemas) / "postgres"
    if installed.is_dir():
        return installed
    return Path(yinuo_schemas.__file__).resolve().parents[1] / "postgres"
