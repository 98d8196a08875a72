"""Files, folders, JSON lines and standard input as named articles, for the commands that take PATH…|-.

Not for Kafka messages. Law: what cannot mean anything is said before anything is read; what cannot be read is named,
and the rest goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from yinuo.errors import BadInput, Misuse, Unavailable, YinuoError
from yinuo.intake.decode import Limits, decode_article
from yinuo_schemas import Article

STDIN = "-"
IN_FOLDERS = (".txt", ".json", ".jsonl")
"""What counts as an article inside a folder; a file named itself is read whatever it is called."""


@dataclass(frozen=True, slots=True)
class Input:
    """One article, or the reason why it is none, under the name that a message gives it: a.txt, b.jsonl:3, -.

    `stem` names an output file after the input file; None: the article's id does (lines of a JSONL file, stdin).
    """

    name: str
    stem: str | None
    path: Path | None
    article: Article | None
    error: YinuoError | None


def read_inputs(
    paths: Sequence[str],
    *,
    fields: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Input]:
    """All articles of the paths, in order; folders recursively and sorted, `-` is `stdin`.

    `fields` is metadata from flags: it is all that a text gets, and fills in what a JSON article does not say.
    Raises Misuse at the call; the iterator itself raises nothing.
    """
    if not paths:
        raise Misuse("name a file, a folder, or - for standard input")
    if paths.count(STDIN) > 1:
        raise Misuse("- stands twice: standard input can be read once")
    if STDIN in paths and stdin is None:
        raise Misuse("standard input is closed: name a file, or pipe the text in")
    files = [file for path in paths for file in _files(path)]
    reader = _Reader(dict(fields or {}), limits or Limits(), stdin)
    if "article_id" in reader.fields and (len(files) > 1 or files[0].endswith(".jsonl")):
        raise Misuse("--article-id fits one article only: leave it out, or name one file")
    return reader.read(files)


def _files(path: str) -> list[str]:
    if path == STDIN:
        return [path]
    place = Path(path)
    try:
        if place.is_dir():
            found = sorted(_articles_below(place))
            if not found:
                raise Misuse(
                    f"{path}: no {', '.join(IN_FOLDERS)} file in this folder: name another, or a file"
                )
            return found
        place.stat()
    except FileNotFoundError:
        raise Misuse(f"{path}: there is no such file or folder") from None
    except (OSError, ValueError) as error:
        raise Misuse(f"{path}: cannot be read: {_reason(error)}") from None
    return [path]


def _articles_below(folder: Path) -> Iterator[str]:
    """Regular files with a known ending; hidden ones and what is no file are passed over, links are not followed."""

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if not name.startswith(".") and file.suffix.lower() in IN_FOLDERS and file.is_file():
                yield str(file)


@dataclass(frozen=True, slots=True)
class _Reader:
    fields: Mapping[str, object]
    limits: Limits
    stdin: BinaryIO | None

    def read(self, files: Iterable[str]) -> Iterator[Input]:
        for name in files:
            path = None if name == STDIN else Path(name)
            stem = path.stem if path else None
            try:
                yield from self._read_one(name, stem, path)
            except OSError as error:
                reason = Unavailable(f"cannot be read: {_reason(error)}")
                yield Input(name, stem, path, None, reason)

    def _read_one(self, name: str, stem: str | None, path: Path | None) -> Iterator[Input]:
        if path is None:
            assert self.stdin is not None
            yield from self._read_stdin(self.stdin)
            return
        with path.open("rb") as file:
            if path.suffix.lower() == ".jsonl":
                yield from self._read_lines(name, path, self._lines(file))
            else:
                is_json = path.suffix.lower() == ".json"
                yield self._input(name, stem, path, self._whole(file), is_json, "file")

    def _read_stdin(self, file: BinaryIO) -> Iterator[Input]:
        """JSON lines where the first line is a whole object; else one article, told apart as the topic does."""
        first = file.readline(self.limits.max_message_bytes + 1)
        if _is_object(first):
            yield from self._read_lines(STDIN, None, chain([first], self._lines(file)))
            return
        content = first + self._whole(file)
        is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        yield self._input(STDIN, None, None, content, is_json, "input")

    def _read_lines(self, name: str, path: Path | None, lines: Iterable[bytes]) -> Iterator[Input]:
        found = False
        for number, line in enumerate(lines, start=1):
            if line.strip():
                found = True
                yield self._input(f"{name}:{number}", None, path, line, True, "line")
        if not found:
            yield self._input(name, None, path, b"", True, "file")

    def _whole(self, file: BinaryIO) -> bytes:
        """The file, or its first bytes and one too many: enough to refuse it, not to fill the memory."""
        return file.read(self.limits.max_message_bytes + 1)

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Lines without their end; of a line over the limit only its beginning, one byte too long."""
        most = self.limits.max_message_bytes + 1
        while line := file.readline(most):
            rest = line
            while len(rest) == most and not rest.endswith(b"\n"):
                rest = file.readline(most)
            yield line[:-1].removesuffix(b"\r") if line.endswith(b"\n") else line

    def _input(
        self, name: str, stem: str | None, path: Path | None, content: bytes, is_json: bool, what: str
    ) -> Input:
        try:
            article = decode_article(
                None,
                content,
                [("content-type", b"application/json" if is_json else b"text/plain")],
                self.limits,
                defaults=self.fields,
                as_text="put it into a .txt file",
                what=what,
            )
        except BadInput as error:
            return Input(name, stem, path, None, error)
        return Input(name, stem, path, article, None)


def _is_object(line: bytes) -> bool:
    if not line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
