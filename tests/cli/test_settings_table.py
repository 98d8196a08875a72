"""The settings table: every setting, secrets masked, wrong ones and misspelt ones named."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from yinuo.cli.settings_table import masked, read_settings, setting_rows, unknown_settings
from yinuo.runtime.settings import Settings


def test_every_setting_has_a_row_with_a_meaning() -> None:
    rows = setting_rows(Settings())
    assert [row.name for row in rows] == ["YINUO_" + name.upper() for name in Settings.model_fields]
    assert all(row.meaning and row.default for row in rows)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "YINUO_DATABASE_URL", "postgresql://reader:hunter2@db.example/yinuo?sslpassword=hunter2"
    )
    monkeypatch.setenv("YINUO_KAFKA_SASL_PASSWORD", "hunter2")
    shown = str(setting_rows(Settings()))
    assert "hunter2" not in shown
    assert "postgresql://reader:***@db.example/yinuo" in shown


def test_no_secret_is_shown_where_the_settings_do_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_DATABASE_URL", "postgresql://reader:hunter2@db.example/yinuo")
    monkeypatch.setenv("YINUO_KAFKA_SASL_PASSWORD", "hunter2")
    monkeypatch.setenv("YINUO_KAFKA_PARTITIONS", "0")
    settings = read_settings()
    assert isinstance(settings, ValidationError)
    assert "hunter2" not in str(setting_rows(settings))


def test_every_wrong_setting_is_named_not_only_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_KAFKA_PARTITIONS", "many")
    monkeypatch.setenv("YINUO_TOPIC_PREFIX", "a b")
    wrong = {row.name for row in setting_rows(read_settings()) if row.wrong}
    assert wrong == {"YINUO_KAFKA_PARTITIONS", "YINUO_TOPIC_PREFIX"}


def test_a_misspelt_setting_is_named_with_the_nearest() -> None:
    (line,) = unknown_settings({"YINUO_KAFKA_URI": "x", "YINUO_LOG_LEVEL": "INFO", "HOME": "/"})
    assert line == "YINUO_KAFKA_URI is no setting; did you mean YINUO_KAFKA_URL?"


def test_masked() -> None:
    assert masked("postgresql://u:p@h/d") == "postgresql://u:***@h/d"
    assert masked("postgresql:///d?host=/s&password=p") == "postgresql:///d?host=/s&password=***"
    assert masked("postgresql://u:a/b@c@h/d") == "postgresql://u:***@h/d", "not percent-encoded"
    assert masked("token") == "***"
