"""Programs end with the process that started them, whatever ends it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yinuo.errors import Unavailable
from yinuo.runtime.processes import FolderRemover, GuardedProcess, Program, Rung, last_lines, run_to_end

SLEEPER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


def python(code: str, **changes: Any) -> Program:
    options: dict[str, Any] = {
        "argv": [sys.executable, "-c", code],
        "env": os.environ,
        "cwd": Path("/"),
        "stop": [Rung(signal.SIGTERM, 5.0)],
        "orphan": [],
    }
    return Program(**(options | changes))


def said(log: Path, word: str) -> bool:
    deadline = time.monotonic() + 20
    while word not in log.read_text():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


STARTED = f"""
    import os
    import signal
    import sys
    from pathlib import Path
    from yinuo.runtime.processes import GuardedProcess, Program, Rung
    code = {STUBBORN!r}
    stop, log = [Rung(signal.SIGTERM, 5.0)], Path(os.devnull)
    process = GuardedProcess(Program([sys.executable, "-c", code], os.environ, Path("/"), stop, [], log))
    print(process.pid, process._guard.pid, flush=True)
"""


def test_a_program_ends_when_its_parent_is_killed(
    parent_of: Callable[..., Any], gone: Callable[..., bool], alive: Callable[[int], bool]
) -> None:
    parent = parent_of(STARTED)
    program, guard = map(int, parent.said[-2:])
    assert alive(program) and alive(guard)
    parent.kill()
    assert gone(program, guard)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_program_ends_when_its_guard_is_killed(
    parent_of: Callable[..., Any], gone: Callable[..., bool]
) -> None:
    parent = parent_of(STARTED)
    program, guard = map(int, parent.said[-2:])
    os.kill(guard, signal.SIGKILL)
    assert gone(program)


def test_what_a_program_started_ends_with_it(tmp_path: Path, gone: Callable[..., bool]) -> None:
    log = tmp_path / "log"
    start = f"c = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])"
    code = f"import subprocess, sys; {start}; print(c.pid, flush=True); c.wait()"
    with GuardedProcess(python(code, log=log)) as process:
        assert said(log, "\n")
        grandchild = int(log.read_text())
    assert process.poll() == 128 + signal.SIGTERM
    assert gone(grandchild)


def test_the_ladder_ends_in_sigkill(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = GuardedProcess(python(STUBBORN, stop=[Rung(signal.SIGTERM, 0.2)], log=log))
    assert said(log, "deaf")
    process.stop()
    assert process.wait(20) == 128 + signal.SIGKILL


def test_a_hurry_overtakes_a_patient_stop(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = GuardedProcess(python(STUBBORN, stop=[Rung(signal.SIGTERM, 600.0)], log=log))
    assert said(log, "deaf")
    process.stop()
    assert process.wait(0.3) is None
    process.stop_quickly()
    assert process.wait(20) == 128 + signal.SIGKILL


def test_exit_codes_are_told() -> None:
    assert run_to_end(python("raise SystemExit(7)"), 20) == 7
    assert run_to_end(python("pass"), 20) == 0
    assert run_to_end(python(SLEEPER), 0.2) is None


def test_a_terminal_interrupt_does_not_reach_a_program(tmp_path: Path) -> None:
    """Ctrl-C goes to the process group of the terminal: servers must outlive it until they are drained."""
    with GuardedProcess(python(SLEEPER)) as process:
        assert os.getsid(process.pid) != os.getsid(0)
        assert os.getpgid(process.pid) == process.pid


def test_a_program_starts_with_usual_signals_even_from_a_background_job(tmp_path: Path) -> None:
    """A shell ignores SIGINT for its background jobs; what they start must still hear it."""
    log = tmp_path / "log"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = GuardedProcess(
            python(f"print('up', flush=True); {SLEEPER}", stop=[Rung(signal.SIGINT, 20)], log=log)
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert said(log, "up")
    process.stop()
    assert process.wait(20) == 128 + signal.SIGINT


def test_no_secret_stands_in_a_command_line() -> None:
    with GuardedProcess(
        python(SLEEPER, env=os.environ | {"YINUO_DATABASE_URL": "postgresql://u:hunter2@/x"})
    ) as process:
        for pid in (process.pid, process._guard.pid):
            command = Path(f"/proc/{pid}/cmdline")
            if command.exists():
                assert b"hunter2" not in command.read_bytes()


def test_a_program_that_cannot_start_is_named() -> None:
    with pytest.raises(Unavailable, match=r"cannot start /nowhere/server: .*No such file"):
        GuardedProcess(python("", argv=["/nowhere/server"]))


def test_a_folder_is_removed_when_its_user_is_killed(
    parent_of: Callable[..., Any], gone: Callable[..., bool]
) -> None:
    parent = parent_of(
        """
        import tempfile
        from pathlib import Path
        from yinuo.runtime.processes import FolderRemover
        folder = Path(tempfile.mkdtemp(prefix="yt-"))
        (folder / "a").mkdir()
        (folder / "a" / "file").write_text("x")
        remover = FolderRemover(folder)
        print(folder, flush=True)
        """
    )
    folder = Path(parent.said[0])
    assert folder.exists()
    parent.kill()
    assert gone(folder)


def test_a_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    remover = FolderRemover(folder)
    assert folder.exists()
    remover.close()
    assert not folder.exists()


def test_last_lines_are_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes("first\n\n  second \nthird 完\n\n".encode())
    assert last_lines(log, 2) == "second · third 完"
    assert last_lines(tmp_path / "none") == ""
