"""Laws that the files show: size, SQL in its place, loopback only, no trace of a machine, no silent skip."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest

from laws.repository import ROOT, python_files, strings, tracked_files

LONGEST = 500
"""Lines of one Python file; about 400 is the aim."""

SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|VIEW|ROLE)"
    r"|ALTER\s+(TABLE|ROLE)|DROP\s+(TABLE|VIEW|ROLE)|TRUNCATE\s+\w)",
    re.IGNORECASE | re.DOTALL,
)
ALL_ADDRESSES = re.compile(r"\b0\.0\.0\.0\b|^::$|\[::\]|INADDR_ANY")

# Put together from parts, so that this file does not hold what it looks for.
TRACES = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in (
            ("pypi", ".org"),
            ("pythonhosted", ".org"),
            ("npmjs", ".org"),
            ("npmjs", ".com"),
            ("repo.maven.apache", ".org"),
            ("repo1.maven", ".org"),
            ("deb.debian", ".org"),
            ("crates", ".io"),
            ("proxy.golang", ".org"),
            ("/wor", "k/"),
            ("/ro", "ot/"),
            ("/tmp/", "brief"),
            ("bash_", "jobs"),
        )
    )
)

Finder = Callable[[str], list[int]]


def too_long(source: str) -> list[int]:
    lines = source.count("\n")
    return [lines] if lines > LONGEST else []


def sql(source: str) -> list[int]:
    return [line for line, text in strings(source) if SQL.search(text)]


def open_addresses(source: str) -> list[int]:
    return [line for line, text in strings(source) if ALL_ADDRESSES.search(text)]


def open_addresses_outside_python(text: str) -> list[int]:
    lines = enumerate(text.splitlines(), 1)
    return [n for n, line in lines if ALL_ADDRESSES.search(line) and not line.lstrip().startswith("#")]


def traces(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if TRACES.search(line)]


def silent_skips(source: str) -> list[int]:
    """Lines of skip, skipif, xfail and importorskip that give no reason."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_skip(node.func)]
    return [call.lineno for call in calls if not _gives_reason(call)] + _bare_marks(tree)


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


_MARKS = ("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")
_CALLS = ("pytest.skip", "pytest.xfail", "pytest.importorskip")


def _is_skip(function: ast.expr) -> bool:
    return _name(function) in (*_MARKS, *_CALLS)


def _gives_reason(call: ast.Call) -> bool:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
    if _name(call.func) in ("pytest.skip", "pytest.xfail", "pytest.mark.skip"):
        named += call.args[:1]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in named)


def _bare_marks(tree: ast.Module) -> list[int]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _name(node) in _MARKS and id(node) not in called
    ]


def found_in(paths: list[str], finder: Finder) -> list[str]:
    hits = []
    for name in paths:
        try:
            text = (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        hits += [f"{name}:{line}" for line in finder(text)]
    return hits


def names(*folders: str) -> list[str]:
    return [path.as_posix() for path in python_files(*folders)]


def everything() -> list[str]:
    return [path.as_posix() for path in tracked_files()]


def test_files_are_short() -> None:
    assert found_in(names("services/", "schemas/", "tests/", "scripts/"), too_long) == []


def test_sql_stands_in_sql_files() -> None:
    outside = [name for name in names("services/", "schemas/") if "/storage/" not in name]
    assert found_in(outside, sql) == []


def test_nothing_listens_on_all_addresses() -> None:
    assert found_in(names("services/"), open_addresses) == []
    deployed = [name for name in everything() if name.startswith("deploy/") and not name.endswith(".md")]
    assert deployed
    assert found_in(deployed, open_addresses_outside_python) == []


def test_no_trace_of_a_registry_or_a_machine() -> None:
    assert found_in(everything(), traces) == []


def test_no_skip_without_a_reason() -> None:
    assert found_in(names("tests/"), silent_skips) == []


@pytest.mark.parametrize(
    ("finder", "planted"),
    [
        (too_long, "x = 1\n" * (LONGEST + 1)),
        (sql, 'query = "SELECT id FROM pledges"'),
        (sql, 'query = f"insert into {table} values (1)"'),
        (sql, 'query = """\nSELECT *\nFROM x\n"""'),
        (open_addresses, 'host = "0.0.0.0"'),
        (open_addresses, 'host = "::"'),
        (open_addresses_outside_python, "listeners=PLAINTEXT://0.0.0.0:9092"),
        (traces, "see https://" + "pypi" + ".org/simple"),
        (traces, "data = '" + "/wor" + "k/main'"),
        (silent_skips, "import pytest\n@pytest.mark.skip\ndef test(): ..."),
        (silent_skips, "import pytest\n@pytest.mark.skipif(True)\ndef test(): ..."),
        (silent_skips, "import pytest\n@pytest.mark.xfail(strict=True)\ndef test(): ..."),
        (silent_skips, "import pytest\npytest.skip()"),
        (silent_skips, "import pytest\npytest.skip('')"),
        (silent_skips, "import pytest\npytest.importorskip('x')"),
    ],
)
def test_each_planted_break_is_found(finder: Finder, planted: str) -> None:
    assert finder(planted)


@pytest.mark.parametrize(
    ("finder", "harmless"),
    [
        (sql, '"""Reads what SELECT … FROM gives."""'),
        (sql, 'help = "Select the rows to show."'),
        (open_addresses, '"""Its default is 0.0.0.0."""'),
        (open_addresses, 'host = "127.0.0.1"'),
        (open_addresses, 'slice = "a::b"'),
        (open_addresses_outside_python, "# not 0.0.0.0"),
        (silent_skips, "import pytest\npytest.skip(f'no JDK: {how}')"),
        (silent_skips, "import pytest\n@pytest.mark.xfail(reason='Tansu', strict=True)\ndef test(): ..."),
    ],
)
def test_what_is_harmless_is_not_found(finder: Finder, harmless: str) -> None:
    assert finder(harmless) == []
