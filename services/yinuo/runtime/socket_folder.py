"""Folders for Unix sockets: closed to all but their user, with a path short enough to be a socket's address."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from yinuo.errors import Misuse
from yinuo.runtime.identity import Identity

LONGEST_SOCKET_PATH = 103
"""In bytes: macOS takes 103, Linux 107."""


def socket_folder(wanted: Path, longest_name: str, identity: Identity | None) -> tuple[Path, Path | None]:
    """The folder for sockets with names up to `longest_name`, and again if it is a temporary one to be removed.

    It is `wanted` where a socket's path may be so; else a short one among the temporary folders. Misuse: nowhere.
    """
    folder, temporary = wanted, None
    if not _fits(folder / longest_name):
        folder = temporary = _short_temporary_folder(wanted, longest_name)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if identity is not None:
        os.chown(folder, identity.uid, identity.gid)
    return folder, temporary


def _fits(socket: Path) -> bool:
    """True when the path can be a socket's: short enough, and free of what separates paths in settings and DSNs."""
    path = os.fsencode(socket)
    return len(path) <= LONGEST_SOCKET_PATH and not any(mark in path for mark in b',"\\\n') and _is_utf8(path)


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _short_temporary_folder(wanted: Path, longest_name: str) -> Path:
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 (mkdtemp makes the folder ours)
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="yinuo-", dir=parent))
            if _fits(folder / longest_name):
                return folder
            folder.rmdir()
    raise Misuse(f"the path of {wanted} is too long for a socket: set YINUO_DATA_DIR to a shorter one")
