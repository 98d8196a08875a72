"""A Dockerfile read as stages of instructions, and what is wrong with it by this project's rules."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

BUILD_TOOLS = re.compile(r"\b(gcc|g\+\+|clang|make|cmake|cargo|build-essential|apt-get|apk)\b")
SECRET = re.compile(r"(PASSWORD|SECRET|TOKEN|DATABASE_URL)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continuation lines joined."""

    name: str
    arguments: str

    def exec_form(self) -> list[str]:
        """The words of a JSON array, as CMD, ENTRYPOINT and HEALTHCHECK … CMD have."""
        words: list[str] = json.loads(self.arguments[self.arguments.index("[") :])
        return words


def stages(text: str) -> list[list[Instruction]]:
    """The instructions of each stage, FROM first; comments and blank lines left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[list[Instruction]] = []
    for line in joined.splitlines():
        name, _, arguments = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if name:
            found[-1].append(Instruction(name, arguments.strip()))
    return found


def faults(text: str) -> list[str]:
    """One line for each rule that the Dockerfile breaks."""
    parts = stages(text)
    end = parts[-1]
    everything = [instruction for stage in parts for instruction in stage]
    found = [
        f"not pinned: {i.arguments}" for i in everything if i.name == "FROM" and not _pinned(i.arguments)
    ]
    found += ["one stage: what builds would stay in the image"] if len(parts) < 2 else []
    found += [f"ADD can fetch: {i.arguments}" for i in everything if i.name == "ADD"]
    found += [f"a secret in the image: {i.arguments}" for i in everything if _holds_secret(i)]
    found += [f"installs without hashes: {i.arguments}" for i in everything if _unlocked(i)]
    found += [f"tools in the end image: {i.arguments}" for i in end if _brings_tools(i)]
    found += ["no HEALTHCHECK"] if not any(i.name == "HEALTHCHECK" for i in end) else []
    users = [i.arguments for i in end if i.name == "USER"]
    found += (
        [f"runs as {users[-1] if users else 'root'}: give a number, not 0"] if not _is_user(users) else []
    )
    return found


def _pinned(image: str) -> bool:
    _, colon, tag = image.split(" ")[0].partition(":")
    return bool(colon) and bool(re.match(r"\d+\.\d+", tag))


def _holds_secret(instruction: Instruction) -> bool:
    return instruction.name in ("ENV", "ARG") and bool(SECRET.search(instruction.arguments))


def _unlocked(instruction: Instruction) -> bool:
    if instruction.name != "RUN":
        return False
    steps = [step for step in instruction.arguments.split("&&") if re.search(r"\bpip install\b", step)]
    return any("--require-hashes" not in step and "--no-index" not in step for step in steps)


def _brings_tools(instruction: Instruction) -> bool:
    return instruction.name == "RUN" and bool(BUILD_TOOLS.search(instruction.arguments))


def _is_user(users: list[str]) -> bool:
    return bool(users) and bool(re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]))
