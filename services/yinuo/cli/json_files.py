"""Where `--out` writes: one file an article, named before anything is written, each whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from yinuo.errors import Misuse, Unavailable

if TYPE_CHECKING:
    from yinuo.intake.files import Input


def target_names(inputs: Iterable[Input], folder: Path) -> dict[str, str]:
    """Input → file name in the folder. Misuse where two have one name or a file would replace an input."""
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for one in inputs:
        if one.article is None:
            continue
        name = f"{one.stem or one.article.article_id}.json"
        if one.name in names:
            continue
        # Compared without case: on many disks A.json and a.json are one file.
        other = taken.setdefault(name.casefold(), one.name)
        if other != one.name:
            raise Misuse(
                f"--out: {other} and {one.name} would both be {name}: rename one; nothing was written"
            )
        if one.path is not None and _same_file(one.path, folder / name):
            raise Misuse(f"--out: {folder / name} is an input: choose another folder; nothing was written")
        names[one.name] = name
    return names


def _same_file(source: Path, target: Path) -> bool:
    return target.exists() and source.samefile(target)


def prepared_folder(folder: Path) -> Path:
    """The folder, made if it is not there; Misuse where it cannot be one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Misuse(f"--out {folder}: there is a file of that name: name a folder") from None
    except OSError as error:
        raise Misuse(f"--out {folder}: cannot be made: {error.strerror}") from None
    return folder


def write_whole(target: Path, content: str) -> None:
    """Write the file in one step: an interruption leaves the old one or none, and no scrap."""
    try:
        handle, name = tempfile.mkstemp(prefix=".yinuo-", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101 (mkstemp's 0600 would surprise in an output folder)
            os.replace(name, target)  # noqa: PTH105
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Unavailable(f"{target}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
