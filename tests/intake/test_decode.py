"""Each bad message: the kind it is filed under, and one line that says what is wrong and how to mend it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from yinuo.errors import BadInput
from yinuo.intake.decode import Limits, decode_article
from yinuo_schemas import Article

SMALL = Limits(max_text_chars=10, max_message_bytes=1024)
JSON = [("content-type", b"application/json")]
TEXT = [("content-type", b"text/plain")]


def as_json(**fields: Any) -> bytes:
    return json.dumps({"text": "县里修路。"} | fields).encode()


# name: (value, headers, key, where and what it is, what is wrong, how to mend it)
BAD: dict[str, tuple[bytes | None, Any, bytes | None, str, str, str]] = {
    "no value": (None, [], None, "decode/empty", "the message is empty", "send the text"),
    "no bytes": (b"", [], b"k", "decode/empty", "the message is empty", "send the text"),
    "no bytes said to be JSON": (b"", JSON, None, "decode/empty", "the message is empty", "send the text"),
    "blanks": (b" \t\r\n\f", [], None, "decode/blank", "blank", "send the text"),
    "ideographic blanks": ("\u3000\u00a0\n".encode(), [], None, "decode/blank", "blank", "send the text"),
    "a mark alone": (b"\xef\xbb\xbf", [], None, "decode/blank", "blank", "send the text"),
    "blank in JSON": (as_json(text=" \n"), [], None, "validate/blank", "blank", "send the text"),
    "a picture": (b"\x89PNG\r\n\x1a\n", [], None, "decode/binary", "byte 6 is 0x1A", "UTF-8 or GB18030"),
    "NUL": (b"a\0b", [], None, "decode/binary", "byte 1 is 0x00", "send the page's text"),
    "NUL in JSON": (as_json(text="a\0b"), [], None, "validate/binary", "U+0000 at character 1", "take it"),
    "half a pair": (
        b'{"text": "a\\ud800b"}', [], None, "validate/binary", "U+D800 at character 1", "take it out"
    ),
    "half a pair in the title": (
        b'{"text": "a", "title": "\\udfff"}', [], None, "validate/binary", "title: '\\udfff'", "take it out"
    ),
    "neither encoding": (
        b"\xd6\xd0\xff\xff", [], None, "decode/encoding", "neither UTF-8 (good until byte 0)", "save it as"
    ),
    "UTF-16": ("县".encode("utf-16"), [], None, "decode/encoding", "UTF-16", "save it as UTF-8"),
    "JSON in GB18030": (
        '{"text": "县"}'.encode("gb18030"), [], None, "decode/encoding", "not UTF-8 at byte", "text/plain"
    ),
    "JSON cut off": (b'{"text": "a"', [], None, "decode/json", "does not parse", "content-type: text/plain"),
    "a list": (b"[1]", JSON, None, "decode/json", "no object", "send one article, {…}"),
    "a name twice": (
        b'{"text": "a", "text": "b"}', [], None, "decode/json", "'text' stands twice", "mend it"
    ),
    "no number": (b'{"text": "a", "revision": NaN}', [], None, "decode/json", "NaN is no JSON", "mend it"),
    "too deep": (b'{"text": ' + b"[" * 500_000, [], None, "decode/json", "too deeply", "mend it"),
    "an unknown field": (
        as_json(pubdate="2023-01-01"), [], None, "validate/unknown_field", "pubdate: no such", "published_on"
    ),
    "no text": (b'{"title": "a"}', [], None, "validate/wrong_type", "text: is missing", "every article has"),
    "a number as text": (as_json(text=7), [], None, "validate/wrong_type", "7 is no text", "in quotes"),
    "null as text": (as_json(text=None), [], None, "validate/wrong_type", "null is no text", "in quotes"),
    "a list as title": (as_json(title=["a"]), [], None, "validate/wrong_type", "title: [", "in quotes"),
    "a revision below 0": (as_json(revision=-1), [], None, "validate/wrong_type", "-1 is no revision", "whole"),
    "a truth as revision": (
        as_json(revision=True), [], None, "validate/wrong_type", "true is no revision", "whole number"
    ),
    "a fraction as revision": (
        as_json(revision=1.5), [], None, "validate/wrong_type", "1.5 is no revision", "whole number"
    ),
    "an endless revision": (
        b'{"text": "a", "revision": 1e999}', [], None, "validate/wrong_type", "is no revision", "whole number"
    ),
    "no such day": (as_json(published_on="2023-02-30"), [], None, "validate/bad_date", "no day", "YYYY-MM-DD"),
    "another form of day": (
        as_json(published_on="2023/02/01"), [], None, "validate/bad_date", "no day", "YYYY-MM-DD"
    ),
    "a number as day": (as_json(published_on=20230201), [], None, "validate/bad_date", "no day", "YYYY-MM-DD"),
    "an id with a blank": (as_json(article_id="a b"), [], None, "validate/bad_id", "'a b' is no id", "no blank"),
    "an id with a slash": (as_json(article_id="a/b"), [], None, "validate/bad_id", "'a/b' is no id", "no blank"),
    "a long id": (as_json(article_id="a" * 201), [], None, "validate/bad_id", "is no id", "1 to 200"),
    "a key that is no id": (b"a", [], b"a b", "validate/bad_id", "the key 'a b'", "send another key, or none"),
    "a key that is no text": (b"a", [], b"\xff", "validate/bad_id", "the key '\\xff'", "send another key"),
    "a long message": (b"a" * 1025, [], None, "decode/too_large", "more than 1,024 bytes", "MAX_MESSAGE_BYTES"),
    "a long text": (b"a" * 11, [], None, "validate/too_large", "11 characters", "raise YINUO_MAX_TEXT_CHARS"),
    "a long title": (as_json(title="a" * 2001), [], None, "validate/too_large", "title: 2,001", "at most 2,000"),
    "a foreign content type": (
        b"a", [("content-type", b"image/png")], None, "decode/wrong_type", "'image/png'", "send one or none"
    ),
    "a content type that is no text": (
        b"a", [("content-type", b"\xff\xfe")], None, "decode/wrong_type", "is neither", "send one or none"
    ),
    "a header in GB18030": (
        b"a", [("source", "日报".encode("gb18030"))], None, "decode/encoding", "header source", "in UTF-8"
    ),
    "a bad day in a header": (
        b"a", [("published_on", b"2023-2-1")], None, "validate/bad_date", "'2023-2-1' is no day", "YYYY-MM-DD"
    ),
    "a bad revision in a header": (
        b"a", [("revision", b"two")], None, "validate/wrong_type", "'two' is no revision", "whole number"
    ),
    "a huge revision in a header": (
        b"a", [("revision", b"99999999999")], None, "validate/wrong_type", "is no revision", "2147483647"
    ),
    "a bad id in a header": (b"a", [("article_id", b"a b")], None, "validate/bad_id", "'a b' is no id", "no '/'"),
    "a control character in a header": (
        b"a", [("source", b"\x1b[31m")], None, "validate/binary", "source: '\\x1b[31m'", "take it out"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_message_is_one_line_that_says_what_and_how(name: str) -> None:
    value, headers, key, kind, wrong, mend = BAD[name]
    limits = SMALL if "long" in name and "title" not in name else Limits()
    with pytest.raises(BadInput) as refused:
        decode_article(key, value, headers, limits)
    error, line = refused.value, str(refused.value)
    assert f"{error.stage}/{error.error_type}" == kind, line
    assert wrong in line
    assert mend in line
    assert line.isprintable(), "one line, and nothing that a terminal would obey"
    assert len(line) < 300


GOOD: dict[str, tuple[bytes, Any, bytes | None, dict[str, object]]] = {
    "a header without a value": (b"a", [("title", None)], None, {"title": None}),
    "an empty header": (b"a", [("published_on", b"")], None, {"published_on": None}),
    "a header nobody knows": (b"a", [("x-trace", b"\xff"), ("", None)], None, {"text": "a"}),
    "the last header wins": (b"a", [("source", b"x"), ("SOURCE", b"y")], None, {"source": "y"}),
    "headers are no metadata of JSON": (as_json(), [("title", b"x")], None, {"title": None}),
    "an empty key": (b"a", [], b"", {"article_id": Article(text="a").with_id().article_id}),
    "a key": (b"a", [], "县-1".encode(), {"article_id": "县-1"}),
    "the field before the key": (as_json(article_id="f"), [], b"k", {"article_id": "f"}),
    "JSON forced to be text": (b'{"text": "a"}', TEXT, None, {"text": '{"text": "a"}'}),
    "a mark before JSON": (b"\xef\xbb\xbf" + as_json(), [], None, {"text": "县里修路。"}),
    "two marks lose one": ("\ufeff\ufeff县".encode(), [], None, {"text": "\ufeff县"}),
    "line ends stay": (b"a\r\nb\rc\n", [], None, {"text": "a\r\nb\rc\n"}),
    "GB18030": ("县长，２０２３年。㐀𠀀".encode("gb18030"), [], None, {"text": "县长，２０２３年。㐀𠀀"}),
    "null is absent": (as_json(title=None, revision=None), [], None, {"title": None, "revision": 0}),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_only_looks_odd_is_taken(name: str) -> None:
    value, headers, key, expected = GOOD[name]
    article = decode_article(key, value, headers)
    assert {field: getattr(article, field) for field in expected} == expected


def test_a_content_type_without_a_value_leaves_it_to_the_first_character() -> None:
    with pytest.raises(BadInput, match="does not parse"):
        decode_article(None, b"{", [("content-type", None)])


def test_several_faults_are_counted() -> None:
    with pytest.raises(BadInput, match=r"\(and 2 more\)"):
        decode_article(None, as_json(a=1, b=2, published_on="x"))
