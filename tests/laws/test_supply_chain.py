"""Law: what `make setup` installs is on one list, with a hash for each file and a licence for each package."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from laws.repository import ROOT
from laws.test_licences import COPYLEFT, locked

LOCKED = re.findall(
    r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
)


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    file = tmp_path_factory.mktemp("sbom") / "sbom.json"
    recipe = subprocess.run(
        ["make", "-n", "sbom"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    command = next(line for line in recipe.replace("\\\n", " ").splitlines() if "cyclonedx_py" in line)
    words = command.partition("&&")[0].split()
    arguments = [str(file) if word == "sbom.json" else word for word in words[1:]]
    made = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    found: dict[str, object] = json.loads(file.read_text("utf-8"))
    return found


def test_the_bill_of_materials_is_the_lock(sbom: dict[str, object]) -> None:
    assert sbom["bomFormat"] == "CycloneDX"
    components = sbom["components"]
    assert isinstance(components, list)
    assert sorted((one["name"], one["version"]) for one in components) == sorted(LOCKED)
    for one in components:
        hashes = [found for reference in one["externalReferences"] for found in reference.get("hashes", [])]
        assert hashes, one["name"]
        assert {found["alg"] for found in hashes} == {"SHA-256"}


def test_the_list_of_licences_is_the_lock_and_holds_no_gpl() -> None:
    listed = subprocess.run(
        [Path(sys.executable).with_name("pip-licenses"), "--python", sys.executable, "--format=json",
         "--packages", *locked()],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = {canonicalize_name(one["Name"]): one["License"] for one in json.loads(listed.stdout)}
    assert set(found) == {canonicalize_name(name) for name in locked()}
    bad = [
        name for name, stated in found.items()
        if all(COPYLEFT.search(part) for part in re.split(r" OR |; ", stated)) or stated == "UNKNOWN"
    ]  # fmt: skip
    assert bad == []
    assert COPYLEFT.search("GNU General Public License v3 (GPLv3)")
