"""This platform in words, for messages about binaries that are missing."""

from __future__ import annotations

import platform
import sys


def platform_name() -> str:
    """System, machine and C library, as in "Linux aarch64 (musl)"."""
    libc = platform.libc_ver()[0] or ("musl" if sys.platform.startswith("linux") else "")
    return f"{platform.system()} {platform.machine()}" + (f" ({libc})" if libc else "")
