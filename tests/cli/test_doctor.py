"""`yinuo doctor`: well or not, what is wrong and how to mend it, and no secret in any of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

import servers

from .conftest import Finished, one_line
from .living import Living

Yinuo = Callable[..., Finished]


def findings(finished: Finished) -> dict[str, tuple[str, str]]:
    """What was looked at → `ok` or `WRONG`, and the line with the one that mends it."""
    assert finished.stderr == b""
    found: dict[str, tuple[str, str]] = {}
    what = ""
    for line in finished.stdout.decode().partition("\n\n")[2].splitlines():
        if line.startswith("      "):
            word, said = found[what]
            found[what] = word, said + " " + line.strip()
        else:
            word, _, rest = line.partition(" ")
            what, _, said = rest.strip().partition(": ")
            found[what] = word, said
    return found


@pytest.fixture
def nobody() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_all_is_well_with_a_running_up(yinuo: Yinuo, up: Living) -> None:
    finished = yinuo("doctor", settings=up.environment)
    found = findings(finished)
    assert finished.returncode == 0
    assert {word for word, _ in found.values()} == {"ok"}
    assert list(found) == ["settings", "python", "data directory", "kafka", "postgres", "web"]
    assert "topics there" in found["kafka"][1]
    assert "postgresql://yinuo:***@" in found["postgres"][1]
    assert "schema up to date" in found["postgres"][1]


def test_all_is_well_with_nothing_running(yinuo: Yinuo) -> None:
    finished = yinuo("doctor", settings={"YINUO_EMBEDDED_KAFKA_PORT": "0"})
    found = findings(finished)
    assert finished.returncode == 0
    assert found["kafka"][1].startswith("embedded, not running `yinuo up` starts it")
    assert found["postgres"][1].startswith("embedded, not running `yinuo up` starts it")


def test_no_setting_is_shown_as_changed_that_is_not(yinuo: Yinuo) -> None:
    shown = yinuo("doctor", settings={"YINUO_EMBEDDED_KAFKA_PORT": "0"}).stdout.decode()
    changed = [line.split(" ")[0] for line in shown.splitlines() if "(default " in line]
    assert changed == ["YINUO_EMBEDDED_KAFKA_PORT", "YINUO_DATA_DIR"]


def test_the_broker_is_away(yinuo: Yinuo, nobody: str, database: str) -> None:
    finished = yinuo("doctor", settings={"YINUO_KAFKA_URL": nobody, "YINUO_DATABASE_URL": database})
    found = findings(finished)
    assert finished.returncode == 1
    assert found["kafka"][0] == "WRONG"
    assert f"Kafka at {nobody} cannot be reached" in found["kafka"][1]
    assert "YINUO_KAFKA_URL says where" in found["kafka"][1]
    assert found["postgres"][0] == "ok"


def test_the_database_is_away_and_its_password_is_not_shown(
    yinuo: Yinuo, embedded_broker: servers.Broker, nobody: str
) -> None:
    settings = {
        "YINUO_KAFKA_URL": embedded_broker.bootstrap,
        "YINUO_DATABASE_URL": f"postgresql://reader:geheim@{nobody}/yinuo?sslpassword=geheim",
        "YINUO_KAFKA_SASL_PASSWORD": "geheim",
    }
    finished = yinuo("doctor", settings=settings)
    found = findings(finished)
    assert finished.returncode == 1
    assert found["postgres"][0] == "WRONG"
    assert "is it running? YINUO_DATABASE_URL says where" in found["postgres"][1]
    assert found["kafka"][0] == "ok"
    assert b"geheim" not in finished.stdout + finished.stderr


def test_an_address_that_is_none_does_not_show_its_password(yinuo: Yinuo) -> None:
    settings = {
        "YINUO_DATABASE_URL": "postgresql://u:ge/heim@db:port/yinuo",
        "YINUO_EMBEDDED_KAFKA_PORT": "0",
    }
    finished = yinuo("doctor", settings=settings)
    assert finished.returncode == 1
    word, said = findings(finished)["postgres"]
    assert word == "WRONG"
    assert "percent-encoded" in said
    assert b"heim" not in finished.stdout + finished.stderr


def executed(database: str, sql: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(database)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(execute())


def test_a_schema_that_is_older(yinuo: Yinuo, empty_database: str) -> None:
    finished = yinuo(
        "doctor", settings={"YINUO_DATABASE_URL": empty_database, "YINUO_EMBEDDED_KAFKA_PORT": "0"}
    )
    assert finished.returncode == 1
    word, said = findings(finished)["postgres"]
    assert word == "WRONG"
    assert "run `yinuo migrate`" in said
    migrated = yinuo("migrate", settings={"YINUO_DATABASE_URL": empty_database})
    assert migrated.returncode == 0
    again = yinuo("migrate", settings={"YINUO_DATABASE_URL": empty_database})
    assert again.stdout == b"the database is up to date\n"


@pytest.mark.parametrize("command", [["doctor"], ["pledges"], ["dead", "list"], ["migrate"]])
def test_a_schema_that_is_newer(yinuo: Yinuo, database: str, command: list[str]) -> None:
    executed(
        database,
        "INSERT INTO yinuo.schema_version (file, number, checksum) VALUES ('9999_later.sql', 9999, 'x')",
    )
    finished = yinuo(*command, settings={"YINUO_DATABASE_URL": database, "YINUO_EMBEDDED_KAFKA_PORT": "0"})
    assert finished.returncode in (1, 2)
    said = findings(finished)["postgres"][1] if command == ["doctor"] else one_line(finished)
    assert "newer than this yinuo (it has 9999_later.sql): install the release that made it" in said


def test_the_port_is_taken(yinuo: Yinuo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        finished = yinuo("doctor", settings={"YINUO_EMBEDDED_KAFKA_PORT": port})
        assert finished.returncode == 1
        word, said = findings(finished)["kafka"]
        started = yinuo("up", settings={"YINUO_EMBEDDED_KAFKA_PORT": port})
        assert started.returncode == 2
    for line in (said, one_line(started)):
        assert f"127.0.0.1:{port} is taken" in line
        assert "set YINUO_EMBEDDED_KAFKA_PORT to another port" in line
    assert word == "WRONG"


def test_the_health_address_is_taken_before_anything_is_started(yinuo: Yinuo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        finished = yinuo("up", settings={"YINUO_HEALTH_BIND": bind, "YINUO_EMBEDDED_KAFKA_PORT": "0"})
    assert finished.returncode == 2
    assert f"YINUO_HEALTH_BIND: cannot listen on {bind}" in one_line(finished)


def test_the_pages_port_is_taken_before_anything_is_started(yinuo: Yinuo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = {"YINUO_WEB_BIND": bind, "YINUO_EMBEDDED_KAFKA_PORT": "0"}
        looked = yinuo("doctor", settings=settings)
        started = yinuo("up", settings=settings)
    assert (looked.returncode, started.returncode) == (1, 2)
    for line in (findings(looked)["web"][1], one_line(started)):
        assert f"YINUO_WEB_BIND: cannot listen on {bind}" in line
        assert "set another port" in line


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("/proc/yinuo", "cannot write to the data directory /proc/yinuo"),
        ("/dev/null", "the data directory /dev/null is a file"),
        ("/dev/null/below", "cannot write to the data directory /dev/null/below"),
        ("x" * 300, "the path of the data directory is too long"),
        ("~nobody-of-that-name/yinuo", "~nobody-of-that-name is nobody's home directory"),
    ],
)
def test_a_data_directory_that_cannot_be_one(yinuo: Yinuo, folder: str, said: str) -> None:
    settings = {"YINUO_DATA_DIR": folder, "YINUO_EMBEDDED_KAFKA_PORT": "0"}
    started = yinuo("up", settings=settings)
    assert started.returncode == 2
    assert said in one_line(started)
    looked = yinuo("doctor", settings=settings)
    assert looked.returncode == 1
    assert b"WRONG" in looked.stdout
    assert b"YINUO_DATA_DIR" in looked.stdout
    asked = yinuo("pledges", settings=settings)
    assert asked.returncode == 2
    assert "YINUO_DATA_DIR" in one_line(asked)


def test_home_in_dotenv_is_the_home(yinuo: Yinuo, bare: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "work" / ".env").write_text("YINUO_DATA_DIR=~/y\n")
    del bare["YINUO_DATA_DIR"]
    assert f"no `yinuo up` runs on {bare['HOME']}/y:" in one_line(yinuo("pledges"))


def test_dotenv_is_looked_at_as_the_environment_is(yinuo: Yinuo, tmp_path: Path) -> None:
    dotenv = tmp_path / "work" / ".env"
    dotenv.write_text("YINUO_KAFKA_PARTITIONS=0\nYINUO_KAFKA_URI=x\n")
    found = yinuo("doctor")
    assert found.returncode == 1
    assert b"YINUO_KAFKA_PARTITIONS: Input should be greater than or equal to 1; it is now 0" in found.stdout
    assert b"YINUO_KAFKA_URI is no setting; did you mean YINUO_KAFKA_URL?" in found.stdout
    dotenv.write_bytes(b"YINUO_LOG_LEVEL=\xff\n")
    for command in ("doctor", "pledges"):
        finished = yinuo(command)
        assert finished.returncode == 2
        assert ".env cannot be read" in one_line(finished)
        assert "mend it or move it away" in one_line(finished)
