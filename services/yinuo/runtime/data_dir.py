"""The data directory of `yinuo up`: made when missing, refused when it is not safely ours; and temporary ones.

Not for what lies in it. No parent's mode is changed, and nothing is followed into another user's folder.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yinuo.errors import Misuse
from yinuo.runtime.identity import Identity, is_root, may_enter
from yinuo.runtime.processes import FolderRemover

_NOBODY_IN_PARTICULAR = Identity(uid=-1, gid=-1)
_MEND = "set YINUO_DATA_DIR to another directory"


def prepared_data_dir(data_dir: Path) -> Path:
    """The directory, absolute, existing and ours. Misuse, in one line, when it cannot be that."""
    try:
        data_dir = Path(os.path.realpath(data_dir.expanduser()))
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_owner(data_dir)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except FileExistsError:
        raise Misuse(f"the data directory {data_dir} is a file: {_MEND}") from None
    except OSError as error:
        raise unusable(data_dir, error) from None
    return data_dir


def unusable(data_dir: Path, error: OSError) -> Misuse:
    """The line for a data directory that the system lets nobody use."""
    if error.errno == errno.ENAMETOOLONG:
        return Misuse(
            f"the path of the data directory is too long ({len(os.fsencode(data_dir))} bytes): {_MEND}"
        )
    if error.errno == errno.ENOSPC:
        return Misuse(f"the disk of the data directory {data_dir} is full: make room, or {_MEND}")
    return Misuse(f"cannot write to the data directory {data_dir} ({error.strerror}): {_MEND}")


@contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A data directory that is removed at the end, also when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="yinuo-", dir=_open_temporary_folder()))
    try:
        remover = FolderRemover(folder)
    except BaseException:  # Ctrl-C included
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield folder
    finally:
        remover.close()


def _open_temporary_folder() -> Path:
    """Where temporary data goes: root's must lie where an unprivileged server can reach it."""
    usual = Path(tempfile.gettempdir())
    if not is_root():
        return usual
    for folder in (usual, Path("/tmp"), Path("/var/tmp")):  # noqa: S108 (mkdtemp makes a folder of our own there)
        if folder.is_dir() and may_enter(Path(os.path.realpath(folder)), _NOBODY_IN_PARTICULAR) is None:
            return folder
    return usual


def _check_owner(data_dir: Path) -> None:
    """Refuse a directory in which somebody else could put files in our way."""
    status = data_dir.stat()
    if status.st_uid not in (os.geteuid(), 0):
        raise Misuse(f"the data directory {data_dir} belongs to {_user(status.st_uid)}: {_MEND}")
    if status.st_mode & 0o002:
        raise Misuse(
            f"everybody may write to the data directory {data_dir}: chmod o-w {data_dir}, or {_MEND}"
        )


def _user(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"
