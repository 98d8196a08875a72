"""Every setting of yinuo, its default and its meaning: environment variables `YINUO_*`, also from `.env`.

With none set everything is embedded. `yinuo doctor` and the README's table are made from this class.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from yinuo.errors import Misuse

PREFIX = "YINUO_"

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


def default_data_dir() -> Path:
    """`/var/lib/yinuo` for root, else the platform's user data directory."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/yinuo")
    return Path(platformdirs.user_data_dir("yinuo"))


class Settings(BaseSettings):
    """The settings of one process. Sizes in bytes or characters, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    kafka_url: str | None = Field(
        None, description="Brokers, `host:port[,host:port]`, `kafka://` allowed; unset: embedded."
    )
    kafka_security_protocol: SecurityProtocol = Field("PLAINTEXT", description="How to talk to the brokers.")
    kafka_sasl_mechanism: SaslMechanism | None = Field(None, description="With SASL_SSL: SCRAM-SHA-512.")
    kafka_sasl_username: str | None = Field(None, description="The service's Kafka user.")
    kafka_sasl_password: SecretStr | None = Field(None, description="Its password.")
    kafka_ssl_cafile: Path | None = Field(None, description="PEM file of the CA that signed the brokers.")
    kafka_group_instance_id: str | None = Field(
        None, description="Static membership: a worker's own name; if two have it, the first one ends."
    )
    kafka_partitions: int = Field(4, ge=1, le=1000, description="Partitions of topics made at start.")
    kafka_create_topics: bool = Field(True, description="Make missing topics at start; 0: the operator does.")
    embedded_kafka_port: int = Field(
        19092, ge=0, le=65535, description="Port of the embedded broker; 0: a free one."
    )
    database_url: SecretStr | None = Field(None, description="postgresql://…; unset: embedded.")
    topic_prefix: str = Field("", description="Goes literally before all topic and group names.")
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Where the embedded servers keep their data."
    )
    health_bind: str | None = Field(
        None, description="host:port for /healthz, /readyz, /metrics; unset: none."
    )
    web_bind: str = Field(
        "127.0.0.1:8470", description="host:port of pages and gateway; off: `yinuo up` has none."
    )
    web_token: SecretStr | None = Field(
        None, description="Who uses pages and gateway must know it; needed for any address but loopback."
    )
    web_hosts: str = Field(
        "", description="Names, with commas between, under which browsers reach the pages from elsewhere."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, else json."
    )
    max_text_chars: int = Field(200_000, ge=1, description="Longest article text, in characters.")
    max_message_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="Largest raw message, in bytes.")
    max_bug_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Share of articles that a bug, or the database, fails at which a service stops.",
    )
    extract_processes: int = Field(
        2, ge=1, le=64, description="Reading processes of one extractor; started as needed."
    )
    extract_seconds: float = Field(
        60, gt=0, description="Longest time for reading one article; beyond it counts as a bug."
    )
    keep_history_days: int = Field(
        1825, ge=0, description="Replaced forms of articles and rows are kept so long; 0: for ever."
    )
    keep_dead_letters_days: int = Field(
        90, ge=0, description="Dead letters are kept so long once resolved or ignored; 0: for ever."
    )
    timezone: str = Field("Asia/Shanghai", description='What "today" is.')

    @field_validator("kafka_url")
    @classmethod
    def _without_scheme(cls, value: str | None) -> str | None:
        if value is None:
            return None
        servers = value.removeprefix("kafka://")
        if not re.fullmatch(r"[^\s,:/]+:\d+(,[^\s,:/]+:\d+)*", servers):
            raise ValueError("write host:port[,host:port]")
        return servers

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"postgres(ql)?://", value.get_secret_value()):
            raise ValueError("write postgresql://user:password@host:port/database")
        return value

    @field_validator("data_dir")
    @classmethod
    def _of_a_home(cls, value: Path) -> Path:
        try:
            return value.expanduser()
        except RuntimeError:
            raise ValueError(f"{value.parts[0]} is nobody's home directory: write the path out") from None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("write a name of the time zone database, as in Asia/Shanghai") from None
        return value

    @field_validator("health_bind")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"unix:/.+|[^\s/]+:\d{1,5}", value):
            raise ValueError("write host:port, as in 127.0.0.1:8471")
        return value

    @field_validator("web_bind")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not re.fullmatch(r"off|(\[[0-9A-Fa-f:.]+\]|[^\s/:]+):\d{1,5}", value):
            raise ValueError("write host:port, as in 127.0.0.1:8470, or off")
        return value

    @field_validator("web_token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[!-~]{16,200}", value.get_secret_value()):
            raise ValueError(
                "at least 16 letters, digits or signs, no blanks: `openssl rand -hex 16` makes one"
            )
        return value

    @field_validator("topic_prefix")
    @classmethod
    def _kafka_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._-]{0,100}", value):
            raise ValueError("letters, digits, '.', '_' and '-' only")
        return value


def default_settings(**changes: Any) -> Settings:
    """The defaults with these changes; neither the environment nor `.env` is looked at."""
    return Settings.model_construct(None, **changes)


def as_environment(settings: Settings) -> dict[str, str]:
    """All settings that are set as YINUO_ variables, secrets included: for the environment of a child process."""
    variables: dict[str, str] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, bool):
            value = int(value)
        elif isinstance(value, Path):
            value = value.absolute()
        if value is not None:
            variables[PREFIX + name.upper()] = str(value)
    return variables


def load_settings() -> Settings:
    """The settings of this process; Misuse names the first wrong one in one line."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise Misuse(f"{name}: {reason}; see `yinuo doctor` for what it may be") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f".env cannot be read ({error}): mend it or move it away") from None
