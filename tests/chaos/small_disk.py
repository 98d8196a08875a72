"""A disk that can be filled: a folder put on a small tmpfs of its own, in a mount namespace that ends with the run.

Needs the right to mount, which `missing` tries out. Whoever uses the folder must be stopped while it comes and goes.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOM = 16 * 1024 * 1024
"""Bytes that are left beside what the folder holds: enough to start a server, little to fill."""
PAGE = 4096
_NEW_MOUNTS = 0x00020000


def missing() -> str:
    """Take this process and what it starts from now on into mounts of their own; why that cannot be, "" if it can."""
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS):
        return f"a small disk needs the right to mount ({os.strerror(ctypes.get_errno())})"
    with tempfile.TemporaryDirectory() as folder:
        try:
            # What is mounted here must not be seen outside.
            _done("mount", "--make-rprivate", "/")
            _done("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
            _done("umount", folder)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"a small disk needs the right to mount ({error})"
    return ""


class SmallDisk:
    """The disk under a folder."""

    def __init__(self, folder: Path) -> None:
        """Does nothing yet."""
        self._folder = folder
        self._filler = folder / "filler"
        self._aside = folder.with_name(folder.name + ".aside")

    def mount(self) -> None:
        """Move the folder onto a disk of its own."""
        owner = self._folder.stat()
        size = ROOM + sum(_room(path) for path in self._folder.rglob("*"))
        self._folder.rename(self._aside)
        self._folder.mkdir()
        options = f"size={size},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
        _done("mount", "-t", "tmpfs", "-o", options, "tmpfs", self._folder)
        # Files with holes would hide room that their owner takes for granted.
        _done("cp", "-a", "--sparse=never", f"{self._aside}/.", self._folder)

    def fill(self) -> None:
        """Leave not a byte."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(PAGE)):
                    pass
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Move the folder back to where it was, with what it holds now."""
        self.free()
        shutil.rmtree(self._aside)
        _done("cp", "-a", self._folder, self._aside)
        _done("umount", self._folder)
        self._folder.rmdir()
        self._aside.rename(self._folder)


def _room(path: Path) -> int:
    return PAGE + -(-path.lstat().st_size // PAGE) * PAGE


def _done(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)
