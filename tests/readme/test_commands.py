"""Law: every command of the README runs, in its order, in an empty home; what does not is on a list, with its reason."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer

import servers
from cli.living import Living, living
from readme.page import NOT_RUN, Step, steps, unaccounted
from yinuo.cli.app import app
from yinuo.runtime.run_file import find_running

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BROKER = "127.0.0.1:19092"
PAGES = "http://127.0.0.1:8470/"
"""The broker's address on the page; the test's own listens elsewhere."""
IN_PROSE = ("make", "yinuo COMMAND --help", "yinuo dead show ID", "yinuo dead replay ID")
COMMANDS = tuple(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group has them

KCAT = """#!{python}
import asyncio, getopt, sys
from aiokafka import AIOKafkaProducer
options, files = getopt.getopt(sys.argv[1:], "Pb:t:H:")
of = dict(options)
headers = [tuple(value.split("=", 1)) for name, value in options if name == "-H"]
async def main():
    async with AIOKafkaProducer(bootstrap_servers=of["-b"]) as producer:
        for file in files:
            content = open(file, "rb").read()
            pairs = [(name, value.encode()) for name, value in headers]
            await producer.send_and_wait(of["-t"], content, headers=pairs)
assert "-P" in of and files
asyncio.run(main())
"""
"""What stands in for kcat where it is not installed: the flags that the page uses, and no others."""


class Reader:
    """Somebody who goes through the page with a working copy and an empty home."""

    def __init__(self, folder: Path, broker: servers.Broker, database: str, prefix: str) -> None:
        for name in ("home", "tmp", "copy", "bin"):
            (folder / name).mkdir(mode=0o711)
        self.copy = folder / "copy"
        shutil.copytree(ROOT / "seeds", self.copy / "seeds")
        shutil.copy(ROOT / "seeds" / "003_interview.txt", self.copy / "page.txt")
        self._own = {"kafka.example:9092": broker.bootstrap, "postgresql://yinuo@db.example/yinuo": database}
        self._exported: dict[str, str] = {"YINUO_TOPIC_PREFIX": prefix}
        self._up: Living | None = None
        self._open = ExitStack()
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "SSL_CERT_FILE") if name in os.environ}
        self.environment = kept | {
            "PATH": os.pathsep.join(
                [str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "YINUO_DATA_DIR": str(folder / "data"),
            "YINUO_EMBEDDED_KAFKA_PORT": "0",
            "YINUO_WEB_BIND": "127.0.0.1:0",
        }
        if shutil.which("kcat") is None:
            (folder / "bin" / "kcat").write_text(KCAT.format(python=sys.executable))
            (folder / "bin" / "kcat").chmod(0o755)

    def close(self) -> None:
        if self._up is not None:
            assert self._up.interrupt() == 0
        self._open.close()
        assert not list(Path(self.environment["HOME"]).iterdir()), "nothing is written into the home"
        assert not list(Path(self.environment["TMPDIR"]).iterdir()), "nothing lies about"

    def does(self, step: Step) -> None:
        """Run it; fails with the line of the page when it fails."""
        match step.language, step.how:
            case "sh", "up":
                self._start(step.text)
            case "sh", "own-servers":
                self._on_own_servers(step)
            case "sh", "make":
                # -o: what is installed stands, whatever the clock says of the lock files.
                make = step.text.replace("make", "make -o .venv/.installed-runtime")
                self._shell(step, make, ROOT)
            case "sh", "prose":
                self._prose(step)
            case "sh", _:
                self._shell(step, self._with_broker(step), self.copy)
            case "python", _:
                self._said(step, [sys.executable, "-c", self._with_broker(step)], self.copy)
            case "sql", _:
                assert asyncio.run(_rows(self._running().dsn, step.text)), f"line {step.line}: no row"
            case _:
                raise AssertionError(f"README.md line {step.line}: nobody runs {step}")

    def _start(self, command: str) -> None:
        program, *arguments = command.split()
        assert program == "yinuo"
        self._up = self._open.enter_context(living(arguments, self.environment, self.copy.parent / "up"))
        self._up.says("yinuo is up")

    def _running(self) -> Any:
        running = find_running(Path(self.environment["YINUO_DATA_DIR"]))
        assert running is not None, "the page starts `yinuo up` first"
        return running

    def _with_broker(self, step: Step) -> str:
        text = step.text
        if BROKER in text:
            text = text.replace(BROKER, self._running().bootstrap)
        return text.replace(PAGES, self._running().web) if PAGES in text else text

    def _on_own_servers(self, step: Step) -> None:
        """Exports hold for what follows; a service runs until it is ended."""
        text = step.text
        for example, real in self._own.items():
            text = text.replace(example, real)
        if text.startswith("export "):
            name, _, value = text.removeprefix("export ").partition("=")
            self._exported[name] = value
            return
        environment = {
            name: value for name, value in self.environment.items() if not name.startswith("YINUO_EMBEDDED")
        }
        environment |= self._exported
        program, *arguments = text.split()
        if arguments[0] not in ("extractor", "writer", "web"):
            self._said(step, [program, *arguments], self.copy, environment)
            return
        with living(arguments, environment, self.copy.parent / arguments[0]) as service:
            service.says("started")
            assert service.interrupt() == 0, service.remarked

    def _prose(self, step: Step) -> None:
        if "COMMAND" in step.text:
            for command in COMMANDS:
                self._shell(step, step.text.replace("COMMAND", command), self.copy)
        elif "ID" in step.text:
            self._shell(step, step.text.replace("ID", self._dead_letter()), self.copy)
        else:
            self._shell(step, step.text, ROOT)

    def _dead_letter(self) -> str:
        """The id of one that is new; the last is awaited, since the one before may just be replayed."""
        bad = self.copy / "bad.bin"
        bad.write_bytes(b"\0")
        subprocess.run(
            [sys.executable, "-c", SEND_BAD.format(broker=self._running().bootstrap, file=str(bad))],
            check=True,
        )
        found = b""

        def listed() -> bool:
            nonlocal found
            found = subprocess.run(
                ["yinuo", "dead", "list", "--format", "jsonl"],
                capture_output=True, env=self.environment, check=True,
            ).stdout  # fmt: skip
            return bool(found)

        from cli.living import until

        until(listed, "a dead letter is listed")
        return str(json.loads(found.splitlines()[0])["identity"])

    def _shell(self, step: Step, command: str, folder: Path) -> None:
        self._said(step, ["sh", "-ec", command], folder)

    def _said(
        self, step: Step, argv: list[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        finished = subprocess.run(
            argv,
            cwd=folder,
            env=environment or self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        error = finished.stderr.decode(errors="replace")
        assert finished.returncode == 0, f"README.md line {step.line}: {step.text}\n{error}"
        assert "Traceback" not in error, error
        silent = any(word in step.text for word in ("submit", "kcat", ">", "replay")) or step.how == "with-up"
        assert finished.stdout or silent, f"README.md line {step.line}: {step.text} prints nothing"


SEND_BAD = """
import asyncio
from aiokafka import AIOKafkaProducer
async def main():
    async with AIOKafkaProducer(bootstrap_servers="{broker}") as producer:
        await producer.send_and_wait("articles.raw", open("{file}", "rb").read())
asyncio.run(main())
"""


async def _rows(dsn: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


@pytest.fixture
def reader(embedded_broker: servers.Broker, empty_database: str, topic_prefix: str) -> Iterator[Reader]:
    folder = Path(tempfile.mkdtemp(prefix="yr-", dir=servers.memory_folder()))
    folder.chmod(0o711)
    reader = Reader(folder, embedded_broker, empty_database, topic_prefix)
    yield reader
    reader.close()
    shutil.rmtree(folder)


def test_no_command_of_the_page_is_forgotten() -> None:
    assert unaccounted(README, IN_PROSE) == []


def test_the_list_of_what_is_not_run_names_nothing_that_is_gone() -> None:
    assert set(NOT_RUN) <= {step.text for step in steps(README)} | {"make settings"}
    assert set(IN_PROSE) <= {step.text for step in steps(README)}


@pytest.mark.parametrize(
    "planted",
    [
        "```sh\nyinuo fly\n```\n",
        "```sh somehow\nyinuo fly\n```\n",
        "```\nyinuo fly\n```\n",
        "```ruby with-up\nyinuo fly\n```\n",
        "Or try `yinuo fly`.\n",
    ],
)
def test_a_planted_command_is_found(planted: str) -> None:
    (line,) = unaccounted(README + planted, IN_PROSE)
    assert line.endswith("yinuo fly")


def test_a_planted_command_that_fails_is_named_with_its_line(reader: Reader) -> None:
    (step,) = [step for step in steps(README + "```sh alone\nyinuo fly\n```\n") if step.text == "yinuo fly"]
    with pytest.raises(AssertionError, match=rf"README.md line {step.line}: yinuo fly"):
        reader.does(step)


@pytest.mark.timeout(500)
def test_every_command_runs(reader: Reader) -> None:
    for step in steps(README):
        if step.text not in NOT_RUN:
            reader.does(step)


def test_kcat_itself_ran() -> None:
    """Not a test of yinuo: it says in one line that a stand-in sent what the page sends by kcat."""
    if shutil.which("kcat") is None:
        servers.missing("kcat is not installed (apt-get install kcat): a stand-in ran the README's lines")


def test_the_settings_table_is_the_settings() -> None:
    specification = importlib.util.spec_from_file_location(
        "settings_table", ROOT / "scripts" / "settings_table.py"
    )
    assert specification is not None
    assert specification.loader is not None
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    table = README.partition(script.BEGINS)[2].partition(script.ENDS)[0]
    assert table == script.table(), "run `make settings`"
