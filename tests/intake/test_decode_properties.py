"""Whatever the bytes: an Article or a BadInput, never another exception; and a valid article survives its round trip."""

from __future__ import annotations

import codecs
import json
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yinuo.errors import BadInput
from yinuo.intake import decode
from yinuo.intake.decode import Headers, Limits, decode_article
from yinuo_schemas import Article

NAMES = st.sampled_from(["content-type", "Content-Type", *Article.model_fields, "x-other", ""])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20)
    | st.sampled_from(["2023-02-01", "2023-02-30", "a b", "0", "\ufeff", "县长承诺修路。"])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))
OBJECTS = st.dictionaries(st.sampled_from([*Article.model_fields, "other"]) | st.text(max_size=5), VALUES)
JSON_BYTES = OBJECTS.map(lambda fields: json.dumps(fields).encode())
CONTENT = (
    st.none()
    | st.binary(max_size=200)
    | JSON_BYTES
    | JSON_BYTES.map(lambda whole: whole[: len(whole) // 2])
    | st.text(max_size=50).map(lambda text: text.encode("gb18030", "replace"))
    | st.binary(max_size=50).map(lambda tail: b'{"text": "' + tail)
)
TYPES = st.sampled_from([b"application/json", b"text/plain; charset=gbk", b"image/png", b"", b"\xff"])
HEADERS = st.lists(
    st.tuples(NAMES, st.none() | st.binary(max_size=20)) | st.tuples(st.just("content-type"), TYPES),
    max_size=4,
)
LIMITS = st.sampled_from([Limits(), Limits(max_text_chars=5, max_message_bytes=64)])


def article_or_refusal(key: bytes | None, value: bytes | None, headers: Headers, limits: Limits) -> None:
    try:
        article = decode_article(key, value, headers, limits)
    except BadInput as refusal:
        line = str(refusal)
        assert line.isprintable(), line
        assert 0 < len(line) < 700
        line.encode()
        return
    assert isinstance(article, Article)
    assert article.article_id
    assert len(article.text) <= limits.max_text_chars
    article.model_dump_json().encode()


@given(st.none() | st.binary(max_size=20), CONTENT, HEADERS, LIMITS)
@example(None, b'{"text": "a", "title": ' + b"[" * 900 + b"]" * 900 + b"}", [], Limits())
@example(None, b'{"text": "a", "\\ud800": 1}', [], Limits())
@example(None, b'{"text": "a", "revision": ' + b"9" * 5000 + b"}", [], Limits())
@example(None, "a".encode("utf-16"), [], Limits())
def test_any_message_is_an_article_or_one_line(
    key: bytes | None, value: bytes | None, headers: Headers, limits: Limits
) -> None:
    article_or_refusal(key, value, headers, limits)


def test_another_exception_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted violation: a decoder that lets an encoding error through."""
    monkeypatch.setattr(decode, "_decoded", lambda content: content.decode("utf-8"))
    with pytest.raises(UnicodeDecodeError):
        article_or_refusal(None, b"\xff", [], Limits())


READABLE = st.characters(exclude_categories=["Cs"]).filter(lambda c: c in "\t\n\r\f" or ord(c) >= 0x20)
TEXTS = st.text(READABLE, min_size=1, max_size=80).filter(lambda text: text.strip() and text[0] != "\ufeff")
LINES = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
IDS = st.none() | st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="/"), min_size=1, max_size=200
).filter(str.isprintable)
ARTICLES = st.builds(
    Article,
    text=TEXTS,
    article_id=IDS,
    title=LINES,
    source=LINES,
    published_on=st.none() | st.dates(min_value=date(1, 1, 1)),
    url=LINES,
    page=LINES,
    author=LINES,
    region=LINES,
    revision=st.integers(0, 2**31 - 1),
)


@given(ARTICLES, st.sampled_from([b"", codecs.BOM_UTF8]))
def test_an_article_sent_as_json_arrives_as_it_was(article: Article, mark: bytes) -> None:
    assert decode_article(None, mark + article.model_dump_json().encode()) == article.with_id()


@given(ARTICLES, st.sampled_from([b"", codecs.BOM_UTF8]))
def test_an_article_sent_as_text_with_headers_arrives_as_it_was(article: Article, mark: bytes) -> None:
    fields = article.model_dump(mode="json", exclude={"text"}, exclude_none=True)
    headers = [(name, str(value).encode()) for name, value in fields.items()]
    headers.append(("content-type", b"text/plain"))
    assert decode_article(None, mark + article.text.encode(), headers) == article.with_id()


@given(TEXTS)
def test_a_gb18030_text_arrives_as_it_was_unless_it_is_utf8_too(text: str) -> None:
    content = text.encode("gb18030")
    try:
        expected = content.decode("utf-8")
    except UnicodeDecodeError:
        expected = text
    arrived = decode_article(None, content, [("content-type", b"text/plain")]).text
    assert arrived == expected.removeprefix("\ufeff")
