"""Every setting with its value, default and meaning, for `yinuo doctor` and the README; secrets masked."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from yinuo.runtime.settings import Settings, load_settings

PREFIX = "YINUO_"
_PASSWORD = re.compile(r"(//[^:/@\s]*:)\S*(?=@)|((?:password|passfile|sslpassword)=)[^&\s]*", re.IGNORECASE)
_DEFAULTS_IN_WORDS = {"data_dir": "/var/lib/yinuo for root, else the user data directory"}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: its environment variable, its value, the default, the meaning, what is wrong."""

    name: str
    value: str
    default: str
    meaning: str
    wrong: str | None


def setting_rows(settings: Settings | ValidationError) -> list[SettingRow]:
    """All settings in the order of `Settings`; what is wrong with one stands in its row."""
    wrong = _wrong_settings(settings) if isinstance(settings, ValidationError) else {}
    return [_row(name, field, settings, wrong) for name, field in Settings.model_fields.items()]


def read_settings() -> Settings | ValidationError:
    """The settings of this process, or everything that is wrong with them; Misuse for a `.env` that is no text."""
    try:
        return Settings()
    except ValidationError as error:
        return error
    except (OSError, UnicodeDecodeError):
        # It has the line for that.
        return load_settings()


def given_settings() -> dict[str, str]:
    """What is set, name → text: in `.env`, and above it in the environment."""
    written = dotenv_values(str(Settings.model_config["env_file"]), encoding="utf-8")
    return {name.upper(): value for name, value in written.items() if value is not None} | os.environ


def unknown_settings(environment: Mapping[str, str]) -> list[str]:
    """A line for each variable with our prefix that is no setting, with the nearest that is."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    lines = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            lines.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ""))
    return lines


def _row(
    name: str, field: FieldInfo, settings: Settings | ValidationError, wrong: Mapping[str, str]
) -> SettingRow:
    if isinstance(settings, Settings):
        value = shown(getattr(settings, name))
    else:
        raw = given_settings().get(PREFIX + name.upper())
        value = default_text(name, field) if raw is None else _masked_raw(field, raw)
    return SettingRow(
        PREFIX + name.upper(), value, default_text(name, field), field.description or "", wrong.get(name)
    )


def default_text(name: str, field: FieldInfo) -> str:
    """The default as the table shows it; a dash where there is none."""
    return _DEFAULTS_IN_WORDS.get(name) or shown(field.default)


def shown(value: Any) -> str:
    """A value for people: booleans as 1 and 0 (what one may write), a secret without its secret part."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    return f"{value:g}" if isinstance(value, float) else str(value)


def masked(secret: str) -> str:
    """An address without its password; any other secret is stars alone."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}***", secret) if "://" in secret else "***"


def _masked_raw(field: FieldInfo, raw: str) -> str:
    return masked(raw) if "SecretStr" in str(field.annotation) else raw


def _wrong_settings(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in error.errors():
        name = str(one["loc"][0]).lower().removeprefix(PREFIX.lower())
        found.setdefault(name, str(one["msg"]).removeprefix("Value error, "))
    return found


def first_wrong(rows: Sequence[SettingRow]) -> list[str]:
    """One line for each wrong setting."""
    return [f"{row.name}: {row.wrong}; it is now {row.value}" for row in rows if row.wrong]
