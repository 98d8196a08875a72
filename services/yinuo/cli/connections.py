"""Where a command finds broker and database: the settings, else a running `yinuo up`. It starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yinuo.errors import Misuse

if TYPE_CHECKING:
    from yinuo.runtime.run_file import RunningUp
    from yinuo.runtime.settings import Settings

PATIENCE_SECONDS = 10.0
"""How long an `up` that is just starting is waited for."""


def running_up(settings: Settings) -> RunningUp | None:
    """The `yinuo up` on the data directory of these settings, if one runs."""
    from yinuo.cli.console import waiting
    from yinuo.runtime.run_file import find_running

    running = find_running(settings.data_dir)
    if running is not None:
        return running
    with waiting("looking for a `yinuo up` that is just starting"):
        return find_running(settings.data_dir, patience_seconds=PATIENCE_SECONDS)


def database_address(settings: Settings) -> str:
    """The DSN of the database that these settings mean; Misuse says what to start or set if there is none."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    running = running_up(settings)
    if running is None:
        raise Misuse(_nothing_runs(settings, "YINUO_DATABASE_URL"))
    return running.dsn


def with_broker(settings: Settings) -> Settings:
    """The settings with a broker's address in them; Misuse says what to start or set if there is none."""
    if settings.kafka_url is not None:
        return settings
    running = running_up(settings)
    if running is None:
        raise Misuse(_nothing_runs(settings, "YINUO_KAFKA_URL"))
    return settings.model_copy(
        update={"kafka_url": running.bootstrap, "kafka_security_protocol": "PLAINTEXT"}
    )


def _nothing_runs(settings: Settings, variable: str) -> str:
    return f"no `yinuo up` runs on {settings.data_dir}: start one, or set {variable} (or YINUO_DATA_DIR, if it is another's)"
