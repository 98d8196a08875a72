"""Law: every locked requirement has hashes and one version, and no lock names where packages come from."""

from __future__ import annotations

import re

import pytest

from laws.repository import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(\s*;[^\\]+)?$")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}$")


def faults(text: str) -> list[str]:
    """One line for each entry that pip could not check, and for each address."""
    found = []
    joined = text.replace("\\\n", " ")
    for line in joined.splitlines():
        entry = line.partition(" #")[0].strip()
        if not entry or entry.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+(?=--hash)", entry)
        if "://" in entry or entry.startswith(("-i ", "--index", "--extra-index", "--find-links", "-f ")):
            found.append(f"address: {entry[:60]}")
        elif not REQUIREMENT.match(requirement.strip()):
            found.append(f"not one version: {requirement[:60]}")
        elif not hashes or not all(HASH.match(value.strip()) for value in hashes):
            found.append(f"no hash: {requirement[:60]}")
    return found


def versions(text: str) -> dict[str, str]:
    matches = (REQUIREMENT.match(line.rstrip(" \\")) for line in text.splitlines())
    return {match["name"]: match["version"] for match in matches if match}


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_locked(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert len(versions(text)) > 20
    assert faults(text) == []


def test_both_locks_agree() -> None:
    runtime, development = (versions((ROOT / name).read_text("utf-8")) for name in LOCKS)
    assert {name: development.get(name) for name in runtime} == runtime


GOOD = "rich==15.0.0 \\\n    --hash=sha256:" + "a" * 64 + "\n"


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("rich==15.0.0\n", "no hash"),
        (GOOD.replace("sha256", "md5"), "no hash"),
        (GOOD.replace("==", ">="), "not one version"),
        ("rich\n", "not one version"),
        ("--index-url https://packages.example/simple\n" + GOOD, "address"),
        ("rich @ https://packages.example/rich.whl\n", "address"),
        (GOOD + "six==1.17.0\n", "no hash: six"),
    ],
)
def test_each_planted_break_is_found(planted: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(planted))


def test_a_good_entry_is_none() -> None:
    assert faults(GOOD + "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "b" * 64) == []
