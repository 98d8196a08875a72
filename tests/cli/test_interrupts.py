"""Ctrl-C and SIGTERM at any moment of `up` and `demo`: the exit code of the contract, and nothing left behind.

The moments are things that have just happened (a folder is there, a line was said), not times: so each is really met,
however slow the machine.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, SEEDS, Finished, one_line
from .living import Living, living, until

Yinuo = Callable[..., Finished]
Moment = Callable[[Living, Path], object]


def _below(folder: Path, pattern: str) -> bool:
    try:
        return any(folder.glob(pattern))
    except OSError:
        return False  # a folder of it went while it was looked through


UP_MOMENTS: dict[str, Moment] = {
    "the lock is taken": lambda up, data: (data / "up.lock").exists(),
    "the broker has a log": lambda up, data: (data / "kafka.log").exists(),
    "the broker stands": lambda up, data: "Kafka broker" in up.remarked,
    "the database is being made": lambda up, data: _below(data, "postgres/data*"),
    "the database stands": lambda up, data: "Postgres" in up.remarked,
    "the schema stands": lambda up, data: "schema" in up.remarked,
    "everything stands": lambda up, data: "yinuo is up" in up.said,
}


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        *((moment, signal.SIGINT) for moment in UP_MOMENTS),
        ("the database is being made", signal.SIGTERM),
        ("everything stands", signal.SIGTERM),
    ],
)
def test_up_ends_with_0_and_leaves_nothing(
    own: dict[str, str], open_folder: Path, moment: str, number: signal.Signals
) -> None:
    data = Path(own["YINUO_DATA_DIR"])
    with living(["up"], own, open_folder / "work") as up:
        until(lambda: UP_MOMENTS[moment](up, data) or up.process.poll() is not None, moment)
        assert up.process.poll() is None, up.remarked
        assert up.interrupt(number) == 0, up.remarked
        assert "Traceback" not in up.remarked
        assert "stopped with" not in up.remarked, "nothing was sent, so nothing was lost"
        _nothing_is_left(own, open_folder)
        assert not (data / "up.json").exists()


def test_what_an_interrupted_up_left_unmade_is_made_by_the_next(
    own: dict[str, str], open_folder: Path
) -> None:
    data = Path(own["YINUO_DATA_DIR"])
    with living(["up"], own, open_folder / "work") as up:
        until(lambda: _below(data, "postgres/data*"), "the database is being made")
        assert up.interrupt() == 0
    with living(["up"], own, open_folder / "again") as up:
        up.says("yinuo is up")
        assert up.interrupt() == 0


def test_a_second_signal_ends_up_sooner_and_as_cleanly(own: dict[str, str], open_folder: Path) -> None:
    with living(["up"], own, open_folder / "work") as up:
        up.says("yinuo is up")
        up.process.send_signal(signal.SIGINT)
        assert up.interrupt(signal.SIGINT) == 0
        _nothing_is_left(own, open_folder)


DEMO_MOMENTS: dict[str, Moment] = {
    "its folder is there": lambda demo, tmp: _below(tmp, "yinuo-*"),
    "the broker stands": lambda demo, tmp: "Kafka broker" in demo.remarked,
    "the database is being made": lambda demo, tmp: _below(tmp, "yinuo-*/postgres/data*"),
    "the database stands": lambda demo, tmp: "Postgres" in demo.remarked,
    "everything stands": lambda demo, tmp: "extractor, writer, pages" in demo.remarked,
    "articles were sent": lambda demo, tmp: " sent" in demo.remarked,
}


@pytest.mark.parametrize("moment", DEMO_MOMENTS)
def test_an_interrupted_demo_leaves_nothing(own: dict[str, str], open_folder: Path, moment: str) -> None:
    tmp = Path(own["TMPDIR"])
    with living(["demo", str(SEEDS)], own, open_folder / "work") as demo:
        until(lambda: DEMO_MOMENTS[moment](demo, tmp) or demo.process.poll() is not None, moment)
        code = demo.interrupt()
        # At the last moment it may have come to its end by itself, or be so near that the signal itself ends the
        # interpreter, which a shell calls 130 too.
        assert code in ((130, 0, -signal.SIGINT) if moment == "articles were sent" else (130,)), demo.remarked
        assert "Traceback" not in demo.remarked
        _nothing_is_left(own, open_folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_a_demo_that_is_ended_otherwise_leaves_nothing_either(
    own: dict[str, str], open_folder: Path, number: signal.Signals
) -> None:
    with living(["demo", str(SEEDS)], own, open_folder / "work") as demo:
        demo.says("Postgres")
        demo.interrupt(number)
        until(lambda: not demo.survivors(), "every process of it is gone")
        until(lambda: not any(Path(own["TMPDIR"]).iterdir()), "its folder is gone")


@pytest.mark.parametrize("arguments", [["up"], ["extractor"], ["writer"]])
def test_ctrl_c_while_a_service_still_loads_is_its_ordinary_end(
    own: dict[str, str], open_folder: Path, arguments: list[str]
) -> None:
    loading = (
        "import sys, yinuo.cli.app; from yinuo.cli import main\n"
        "main._invoke = lambda arguments: (_ for _ in ()).throw(KeyboardInterrupt)\n"
        "sys.exit(main.run(sys.argv[1:]))"
    )
    finished = subprocess.run([COMMAND[0], "-c", loading, *arguments], capture_output=True, env=own)
    assert (finished.returncode, finished.stderr) == (0, b"")


def test_ctrl_c_that_arrives_in_a_finaliser_is_heard(own: dict[str, str]) -> None:
    dropping = (
        "import signal, sys, time; from yinuo.cli import main\n"
        "class Going:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "def command(arguments):\n"
        "    Going()\n"
        "    time.sleep(60)\n"
        "main._invoke = command\n"
        "sys.exit(main.run(['extract']))"
    )
    finished = subprocess.run([COMMAND[0], "-c", dropping], capture_output=True, env=own)
    assert (finished.returncode, finished.stderr) == (130, b"")


def test_ctrl_c_while_python_ends_changes_no_exit_code(own: dict[str, str]) -> None:
    ending = (
        "import signal, sys; from yinuo.cli import main\n"
        "class Last:\n"
        "    raise_signal, number = signal.raise_signal, signal.SIGINT\n"
        "    def __del__(self): self.raise_signal(self.number)\n"
        "sys.last_of_all = Last()\n"
        "main.run = lambda arguments: 1\n"
        "main.main()"
    )
    finished = subprocess.run([COMMAND[0], "-c", ending], capture_output=True, env=own)
    assert (finished.returncode, finished.stderr) == (1, b"")


def _nothing_is_left(own: dict[str, str], folder: Path) -> None:
    here = Living.__new__(Living)
    here.folder = folder
    assert here.survivors() == []
    assert list(Path(own["TMPDIR"]).iterdir()) == []
    assert list(Path(own["HOME"]).iterdir()) == []


def test_two_on_one_data_directory(own: dict[str, str], open_folder: Path, yinuo: Yinuo) -> None:
    with living(["up"], own, open_folder / "work") as up:
        up.says("yinuo is up")
        second = yinuo("up", settings=own)
        assert second.returncode == 2
        line = one_line(second)
        assert f"another `yinuo up` (process {up.process.pid}) runs on {own['YINUO_DATA_DIR']}" in line
        assert "YINUO_DATA_DIR" in line.partition(": stop it")[2]
        assert yinuo("pledges", settings=own).returncode == 0, "the first goes on"
        assert up.interrupt() == 0


@pytest.mark.parametrize("streams", ["<&-", "<&- >&-", "<&- >&- 2>&-"])
def test_demo_with_closed_streams(own: dict[str, str], open_folder: Path, streams: str) -> None:
    finished = subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", *COMMAND, "demo", str(SEEDS)],
        capture_output=True,
        env=own,
        cwd=open_folder,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    _nothing_is_left(own, open_folder)
