"""Which user the embedded servers run as: our own, or, for root, a user id that belongs to nobody else.

PostgreSQL refuses to run as root, and a broker need not. No account is made and none is borrowed: the id comes from
a range that distributions leave alone (systemd's "unused" range), is derived from the purpose and the data directory,
and has no entry in the user database. So no other program runs as that user, and nothing that does exist can read
the servers' files or send them signals.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yinuo.errors import Misuse

FREE_IDS = range(60578, 61184)
LENT_NAMES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and a group id."""

    uid: int
    gid: int


def is_root() -> bool:
    """True when servers must not run as the user we are."""
    return os.geteuid() == 0


def server_identity(purpose: str, directory: Path, *, data: Path | None = None) -> Identity | None:
    """The identity for a server whose files lie in `directory`; None: it runs as we do.

    Where `data` belongs to such an identity already, it is that one, also after a move; else where the directory
    around lets such a group pass, that one, so that two servers side by side do not lock each other out.

    Misuse when root may not take any other user id here (a container that maps only one).
    """
    if not is_root():
        return None
    for owner in _owners(directory, data):
        if owner in FREE_IDS:
            return usable(Identity(owner, owner))
    start = int.from_bytes(
        hashlib.sha256(f"{purpose}\0{directory}".encode(errors="replace")).digest()[:4], "big"
    )
    for step in range(len(FREE_IDS)):
        number = FREE_IDS[(start + step) % len(FREE_IDS)]
        if not _named(number):
            return usable(Identity(number, number))
    raise Misuse(
        f"every user id of {FREE_IDS.start}–{FREE_IDS.stop - 1} has an account here, so none is left for {purpose}: "
        "run yinuo as an ordinary user, or set YINUO_DATABASE_URL and YINUO_KAFKA_URL"
    )


def _owners(directory: Path, data: Path | None) -> Iterator[int]:
    with contextlib.suppress(FileNotFoundError):
        if data is not None:
            yield data.stat().st_uid
    with contextlib.suppress(FileNotFoundError):
        yield directory.parent.stat().st_gid


def named_identity(gid: int) -> Identity:
    """A user that stands in the user database, with the group `gid` (initdb must look its own user up by name)."""
    for name in LENT_NAMES:
        try:
            uid = pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
        if uid != 0:
            return usable(Identity(uid, gid))
    raise Misuse(
        f"PostgreSQL may not run as root, and none of the accounts {', '.join(LENT_NAMES)} exists: "
        "run yinuo as an ordinary user, or set YINUO_DATABASE_URL"
    )


def usable(identity: Identity) -> Identity:
    """The identity, if this process may take it; Misuse otherwise."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(identity.gid)
            os.setuid(identity.uid)
        except OSError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise Misuse(
            f"the embedded servers may not run as root, and user id {identity.uid} cannot be used here: "
            "run yinuo as an ordinary user, or set YINUO_DATABASE_URL and YINUO_KAFKA_URL"
        )
    return identity


def may_enter(directory: Path, identity: Identity) -> Path | None:
    """None when the identity may pass through `directory` and all its parents; else the first that is closed."""
    for folder in [*reversed(directory.parents), directory]:
        status = folder.stat()
        needed = 0o001
        if status.st_uid == identity.uid:
            needed = 0o100
        elif status.st_gid == identity.gid:
            needed = 0o010
        if not status.st_mode & needed:
            return folder
    return None


def _named(number: int) -> bool:
    import grp

    for lookup in (pwd.getpwuid, grp.getgrgid):
        try:
            lookup(number)
        except KeyError:
            continue
        return True
    return False
