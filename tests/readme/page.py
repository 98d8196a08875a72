"""The commands of a README: those in fenced blocks and those in prose, in their order, each with how it is run.

A fence says it behind its language: ```sh alone. What says nothing, or stands nowhere here, is `unaccounted`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

RUN = ("make", "alone", "up", "with-up", "kcat", "own-servers")
"""Where a block's commands run; what each means is `test_commands.py`'s."""
PROGRAMS = ("make", "yinuo", "kcat")

NOT_RUN = {
    "make test": "it runs this test",
    "make setup": "it made the environment that this test runs in",
    "make lint": "it takes the whole tree and runs beside the tests (.ci/run)",
    "make schemas": "it writes into the tree; tests/schemas compares what it would write",
    "make settings": "it writes into this page; test_commands.py compares what it would write",
    "make chaos": "it takes half an hour; tests/chaos runs a short part of it in each test run",
    "make backlog": "it takes half an hour: a bench, not a test",
    "make chaos CHAOS='--list'": "the harness needs Java; tests/chaos runs it",
    "yinuo extract page.txt --explain": "a row of a table; the same command runs above on a seed",
}

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(?P<text>[^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, or one block of Python or SQL, in line `line` of the page. `how`: one of RUN, or `prose`."""

    line: int
    language: str
    how: str
    text: str


def steps(page: str) -> list[Step]:
    """Everything on the page that one could run, in its order."""
    found = [step for fence in _FENCE.finditer(page) for step in _of_fence(page, fence)]
    fenced = {step.text for step in found}
    # Blanked, not cut, so that lines keep their numbers.
    prose = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), page)
    for span in _SPAN.finditer(prose):
        text = span["text"]
        if text.split()[0] in PROGRAMS and text not in fenced and text not in PROGRAMS[1:]:
            found.append(Step(_line(prose, span.start()), "sh", "prose", text))
    return sorted(found, key=lambda step: step.line)


def _of_fence(page: str, fence: re.Match[str]) -> list[Step]:
    language, _, how = fence["info"].strip().partition(" ")
    begin = _line(page, fence.start()) + 1
    if language != "sh":
        return [Step(begin, language, how, fence["text"])]
    return [
        Step(begin + at, language, how, line)
        for at, line in enumerate(fence["text"].splitlines())
        if line.strip() and not line.startswith("#")
    ]


def _line(page: str, position: int) -> int:
    return page.count("\n", 0, position) + 1


def unaccounted(page: str, prose: tuple[str, ...]) -> list[str]:
    """What is neither run nor on the list of what is not; `prose` are the commands of the prose that are run."""
    return [
        f"{step.line}: {step.text.strip()}"
        for step in steps(page)
        if step.text not in NOT_RUN
        and (
            (step.how == "prose" and step.text not in prose)
            or (step.how != "prose" and (step.how not in RUN or step.language not in ("sh", "python", "sql")))
        )
    ]
