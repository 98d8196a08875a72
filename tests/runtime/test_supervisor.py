"""Ctrl-C at every single line of the demo's supervision: it is heard, once, and everything is ended."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import pytest

from yinuo.runtime import data_dir, supervisor
from yinuo.runtime.stack import Step

SUPERVISION = (supervisor.__file__, data_dir.__file__, __file__)
Trace = Callable[[FrameType, str, Any], Any]


class Tree:
    """Stands in for the process tree: what counts here is whether it is ended, and whether its folder was."""

    living: ClassVar[set[Path]] = set()

    def __init__(
        self, settings: object, folder: Path, *, on_step: Callable[[Step], None], **_: object
    ) -> None:
        self.folder = folder
        self._on_step = on_step

    def start(self) -> None:
        self.living.add(self.folder)
        self._on_step(Step("services", 0.0))

    def stop(self, *, quickly: bool) -> None:
        assert quickly
        self.living.discard(self.folder)


@pytest.fixture(autouse=True)
def _pythons_own_interrupt(monkeypatch: pytest.MonkeyPatch, short_folder: Path) -> Iterator[None]:
    monkeypatch.setattr(supervisor, "Stack", Tree)
    monkeypatch.setattr(data_dir, "_open_temporary_folder", lambda: short_folder)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def demo() -> None:
    with supervisor.demo_stack(on_step=lambda step: None) as tree:
        assert isinstance(tree, Tree)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, (
            "asyncio listens only to this one"
        )
        assert tree.folder in Tree.living
        assert tree.folder.exists()


def interrupting(at: int, met: list[str]) -> Trace:
    """A trace function that sends SIGINT before the line number `at` that is run; `met` gets each line."""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in SUPERVISION:
            return None
        if event == "line":
            met.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
            if len(met) == at:
                signal.raise_signal(signal.SIGINT)
        return trace

    return trace


def outcome(at: int, met: list[str]) -> str:
    sys.settrace(interrupting(at, met))
    try:
        demo()
    except KeyboardInterrupt:
        return "interrupted"
    except BaseException as error:  # noqa: BLE001 (named by the assertion)
        return repr(error)
    finally:
        sys.settrace(None)
    return "done"


def test_ctrl_c_at_any_line_of_the_demo_ends_everything(short_folder: Path) -> None:
    lines: list[str] = []
    assert outcome(0, lines) == "done"
    assert len(lines) > 50
    for at in range(1, len(lines) + 1):
        met: list[str] = []
        said = outcome(at, met)
        where = f"{at} of {len(lines)}: {lines[at - 1]}"
        assert said == "interrupted", where
        assert not Tree.living, where
        assert not list(short_folder.iterdir()), where
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, where
