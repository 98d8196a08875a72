"""Files, folders, JSON lines and standard input: what is named, what is refused, and that the rest goes on."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from yinuo.errors import Misuse
from yinuo.intake.decode import Limits
from yinuo.intake.files import Input, read_inputs

ARTICLE = '{"text": "县长承诺修路。"}'


def read(*paths: Path | str, stdin: bytes | None = None, limits: Limits | None = None) -> list[Input]:
    pipe = None if stdin is None else io.BytesIO(stdin)
    return list(read_inputs([str(path) for path in paths], stdin=pipe, limits=limits))


def told(inputs: list[Input], folder: Path) -> dict[str, str]:
    """Name below the folder → the text, or the line that says why there is none."""
    return {
        one.name.removeprefix(f"{folder}/"): one.article.text if one.article else f"! {one.error}"
        for one in inputs
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contents = {
        "b.txt": "乙".encode(),
        "a.JSON": ARTICLE.encode(),
        "empty.txt": b"",
        "sub/c.jsonl": f"{ARTICLE}\n\n{{bad\r\n{ARTICLE}".encode(),
        "sub/none.jsonl": b"\n \n",
        "sub/.hidden.txt": b"x",
        ".git/d.txt": b"x",
        "page.pdf": b"x",
        "e.txt.bak": b"x",
    }
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "gone.txt").symlink_to("nowhere")
    return tmp_path


def test_a_folder_is_read_whole_and_sorted_and_what_is_bad_in_it_is_named(folder: Path) -> None:
    found = told(read(folder), folder)
    assert list(found) == [
        "a.JSON", "b.txt", "empty.txt", "sub/c.jsonl:1", "sub/c.jsonl:3", "sub/c.jsonl:4", "sub/none.jsonl",
    ]  # fmt: skip
    assert {name for name, said in found.items() if said.startswith("! ")} == {
        "empty.txt", "sub/c.jsonl:3", "sub/none.jsonl",
    }  # fmt: skip
    assert found["empty.txt"] == "! the file is empty: send the text of an article"
    assert found["sub/none.jsonl"] == "! the file is empty: send the text of an article"
    assert "put it into a .txt file" in found["sub/c.jsonl:3"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere.txt", "there is no such file or folder"),
        ("b.txt/c.txt", "cannot be read: Not a directory"),
        ("a\0b", "cannot be read"),
        ("x" * 300, "cannot be read: File name too long"),
        ("nothing", "no .txt, .json, .jsonl file in this folder: name another, or a file"),
        ("gone.txt", "there is no such file or folder"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_read(folder: Path, path: str, said: str) -> None:
    (folder / "nothing" / "deep").mkdir(parents=True)
    (folder / "nothing" / "page.pdf").write_bytes(b"x")
    with pytest.raises(Misuse, match=said):
        read_inputs([str(folder / "b.txt"), f"{folder}/{path}"])


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([], "name a file"),
        (["-", "-"], "- stands twice"),
        (["-"], "standard input is closed: name a file, or pipe the text in"),
    ],
)
def test_misused_standard_input(paths: list[str], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        read_inputs(paths)


def test_one_id_fits_one_article(folder: Path) -> None:
    for paths in ([folder / "b.txt", folder / "a.JSON"], [folder / "sub" / "c.jsonl"]):
        with pytest.raises(Misuse, match="--article-id fits one article only"):
            read_inputs([str(path) for path in paths], fields={"article_id": "x"})
    (one,) = read_inputs([str(folder / "b.txt")], fields={"article_id": "x"})
    assert one.article is not None
    assert one.article.article_id == "x"


def test_a_file_that_breaks_off_is_named_and_the_rest_is_read(folder: Path) -> None:
    found = told(read("/proc/self/mem", folder / "b.txt"), folder)
    assert found["/proc/self/mem"].startswith("! cannot be read: ")
    assert found["b.txt"] == "乙"


def test_a_file_that_goes_between_listing_and_reading_is_named(folder: Path) -> None:
    inputs = read_inputs([str(folder / "a.JSON"), str(folder / "b.txt")])
    (folder / "a.JSON").unlink()
    assert told(list(inputs), folder) == {
        "a.JSON": "! cannot be read: No such file or directory",
        "b.txt": "乙",
    }


@pytest.mark.parametrize(
    ("stdin", "names"),
    [
        (b"", {"-": "! the input is empty: send the text of an article"}),
        ("县长".encode(), {"-": "县长"}),
        ("县长".encode("gb18030"), {"-": "县长"}),
        (b'\xef\xbb\xbf{"text": "a"}\n{"text": "b"}\n', {"-:1": "a", "-:2": "b"}),
        (b'{"text": "a"}', {"-:1": "a"}),
        (b'{\n"text":\n"a"}', {"-": "a"}),
        (b'\n {"text": "a"}', {"-": "a"}),
        (b'\xef\xbb\xbf{\n"text": "a"}', {"-": "a"}),
        (b"{a b}", {"-": "! the JSON does not parse"}),
    ],
)
def test_standard_input_is_one_article_or_one_a_line(stdin: bytes, names: dict[str, str]) -> None:
    found = told(read("-", stdin=stdin), Path("/"))
    assert list(found) == list(names)
    assert all(found[name].startswith(said) for name, said in names.items()), found


def test_what_is_over_the_limit_is_refused_and_the_lines_around_it_are_read(tmp_path: Path) -> None:
    limits = Limits(max_message_bytes=1024)
    long = json.dumps({"text": "a" * 5000})
    (tmp_path / "a.jsonl").write_text(f"{ARTICLE}\n{long}\n{ARTICLE}\n", "utf-8")
    (tmp_path / "b.txt").write_text("a" * 1025)
    (tmp_path / "c.txt").write_text("a" * 1024)
    found = told(read(tmp_path, limits=limits), tmp_path)
    assert list(found) == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "b.txt", "c.txt"]
    line = "! the {} has more than 1,024 bytes: send one article a {}, or raise YINUO_MAX_MESSAGE_BYTES"
    assert found["a.jsonl:2"] == line.format("line", "line")
    assert found["b.txt"] == line.format("file", "file")
    assert found["a.jsonl:3"] == "县长承诺修路。"
    assert found["c.txt"] == "a" * 1024


def test_flags_fill_in_what_a_json_article_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": "a", "source": "own", "title": ""}')
    (one,) = read_inputs([str(tmp_path / "a.json")], fields={"source": "flag", "title": "flag"})
    assert one.article is not None
    assert (one.article.source, one.article.title) == ("own", "flag")


def test_a_name_that_is_no_text_is_read_too(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("a")
    (one,) = read(tmp_path)
    assert one.article is not None
