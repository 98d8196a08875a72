"""Law: every seed is valid input, none stands twice, and each one's origin is told."""

from __future__ import annotations

import re

import pytest

from laws.repository import ROOT
from yinuo import extract_article
from yinuo.intake.decode import decode_article
from yinuo_schemas import Article

SEEDS = ROOT / "seeds"
README = (SEEDS / "README.md").read_text("utf-8")
FILES = sorted(SEEDS.glob("*.txt"))
LINES = (SEEDS / "articles.jsonl").read_text("utf-8").splitlines()

ARTICLES: dict[str, Article] = {path.name: decode_article(None, path.read_bytes()) for path in FILES} | {
    f"articles.jsonl:{number}": decode_article(None, line.encode()) for number, line in enumerate(LINES, 1)
}
OWN = {name: article for name, article in ARTICLES.items() if not name.startswith("000_")}


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_there_are_enough() -> None:
    assert len(OWN) >= 10
    assert all(article.published_on and article.source for name, article in OWN.items() if ":" in name)


@pytest.mark.parametrize("name", OWN)
def test_a_length_of_a_page(name: str) -> None:
    assert 300 <= len(OWN[name].text) <= 1500


def test_none_stands_twice() -> None:
    openings = [without_blanks(article.text)[:60] for article in ARTICLES.values()]
    assert len(set(openings)) == len(openings)
    ids = [article.article_id for article in ARTICLES.values()]
    assert len(set(ids)) == len(ids)


def test_each_is_told_of() -> None:
    for path in FILES:
        assert f"`{path.name}`" in README
    for number, _ in enumerate(LINES, 1):
        assert re.search(rf"^\| {number} \|", README, re.MULTILINE)
    assert "does not cover it" in README


def test_only_inputs_and_their_page_stand_there() -> None:
    assert {path.suffix for path in SEEDS.iterdir()} == {".txt", ".jsonl", ".md"}


def test_the_kinds_are_what_they_say() -> None:
    raw = (SEEDS / "004_company_news_gb18030.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert b"\r\n" in raw
    assert "０" in ARTICLES["006_traditional_full_width.txt"].text
    assert ARTICLES["007_english.txt"].text.isascii()
    assert re.search(r"\d\n\d|\d \d", ARTICLES["005_scan_damage.txt"].text)


def test_the_sample_page_is_as_it_was() -> None:
    assert len(ARTICLES["000_6db2fce664966d35.txt"].text) == 3657


@pytest.mark.parametrize("name", ARTICLES)
def test_each_is_read(name: str) -> None:
    extraction = extract_article(ARTICLES[name])
    text = extraction.article.text
    for row in (*extraction.pledges, *extraction.metrics):
        assert text[row.start : row.end] == row.quote
    if "english" in name:
        assert not extraction.pledges
        assert not extraction.metrics
    else:
        assert extraction.metrics
