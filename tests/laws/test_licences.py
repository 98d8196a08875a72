"""Law: what yinuo installs is under permissive licences; nothing under the GPL, nothing without a licence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata

import pytest
from packaging.requirements import Requirement

from laws.repository import ROOT

COPYLEFT = re.compile(r"\b(A|L)?GPL|GNU\b|Affero|General Public", re.IGNORECASE)
FIELDS = ("License-Expression", "License")


def locked() -> list[str]:
    """Names in requirements.lock that belong on this platform."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    wanted = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[A-Za-z0-9]", line)]
    return [one.name for one in wanted if one.marker is None or one.marker.evaluate()]


def stated(name: str) -> list[str]:
    """Every word a distribution's metadata says about its licence; a whole text is cut to its first line."""
    about = metadata(name)
    words = [value.strip().splitlines()[0] for field in FIELDS if (value := about.get(field, "").strip())]
    return words + [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]


def fault(words: Iterable[str]) -> str | None:
    """What is wrong with a licence as stated; an alternative (OR) without the GPL is enough."""
    words = [word for word in words if word not in ("", "UNKNOWN", "License :: OSI Approved")]
    if not words:
        return "states no licence"
    bad = [word for word in words if all(COPYLEFT.search(part) for part in word.split(" OR "))]
    return f"is under {bad[0]}" if bad else None


def test_the_lock_is_read() -> None:
    assert {"pydantic", "faust-streaming", "asyncpg"} <= set(locked())


@pytest.mark.parametrize("name", locked())
def test_a_permissive_licence(name: str) -> None:
    try:
        words = stated(name)
    except PackageNotFoundError:
        pytest.fail(f"{name} is in the lock and not installed: run `make setup`")
    assert fault(words) is None, name


@pytest.mark.parametrize(
    "words",
    [
        ["GPL-3.0-or-later"],
        ["AGPL-3.0-only"],
        ["LGPL-2.1"],
        ["GNU General Public License v3"],
        ["MIT", "License :: OSI Approved :: GNU General Public License v2 (GPLv2)"],
        ["MIT AND GPL-2.0-only"],
        [],
        ["UNKNOWN"],
    ],
)
def test_each_planted_licence_is_found(words: list[str]) -> None:
    assert fault(words)


@pytest.mark.parametrize("words", [["MIT"], ["Apache-2.0 OR GPL-2.0-only"], ["BSD-derived (Repoze)"]])
def test_a_permissive_one_is_not(words: list[str]) -> None:
    assert fault(words) is None


def test_the_project_has_its_own() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "000_6db2fce664966d35.txt" in (ROOT / "NOTICE").read_text("utf-8")
