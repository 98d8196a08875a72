"""Stretches in which a numeral names, numbers or addresses something: 1+6+N, COVID-19, 一、, （2）, 8:30, “六个创新突破”.

For: the spans that hold no number. Not for: words with a numeral (lookalikes.toml), names of plans (durations.py).
Law kept: linear in the length of the text; patterns that start with a common character run only where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_CJK = "\u3400-\u9fff"
_NUMBER = "一二三四五六七八九十"
_PART_OF_DAY = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚|夜间"
_ALWAYS = (
    # 8:30, 9时30分, 上午9点
    r"(?<![\d:：.比])(?=\d)(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d)?(?![\d.:：])(?!的?比)",
    r"(?<!\d)\d{1,2}许?时许?(?=[，。就，起至到]|$|\d{1,2}分)(?:\d{1,2}分)?",
    rf"(?=[凌清早上中下傍晚夜])(?:{_PART_OF_DAY})(?:\d{{1,2}}|[{_NUMBER}]{{1,3}})[时点](?:\d{{1,2}}分|半)?",
    # 1.推进 after a heading that lost its line; 9.1.2
    rf"(?<![\d.])\d{{1,2}}[.．](?=[{_CJK}])",
    # 一、 1. （一） 一是 at the head of a line or sentence; （2） anywhere
    rf"(?<![^\n。；;！？：” \t\u3000])"
    rf"(?:第?[{_NUMBER}]{{1,3}}[、.．](?!第[{_NUMBER}])|[（(][{_NUMBER}]{{1,3}}[)）]|\d{{1,2}}(?:\.\d{{1,2}}){{0,3}}[、.．)）](?!\d)|[{_NUMBER}](?:是|要)(?!亿))",
    r"[（(]\d{1,2}[)）]",
    r"(?<![\d.])\d{1,5}(?:\.\d{1,5}){2,6}(?![\d.])",  # 192.168.1.1, version 2.0.1
    rf"第[{_NUMBER}]{{1,3}}个五年(?:规划|计划)",
    # 九届十四次全会
    rf"[{_NUMBER}]{{1,3}}届[{_NUMBER}]{{1,3}}[次中]",
)
_ONLY_WITH = (
    ("://", r"https?://[!-~]+"),
    ("www.", r"www\.[!-~]+"),
    ("@", r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9.-]{1,255}"),
    ("+", rf"(?=\d)(?<![\dA-Za-z+])\d{{1,6}}(?:\+[\dA-Za-z{_CJK}]{{1,2}})+(?![%\d])"),  # 1+6+N
    ("号", r"[〔\[（(]\d{4}[〕\])）]\d+号"),  # document numbers
    ("-", r"(?=[A-Z])(?<![A-Za-z])[A-Z][A-Za-z]{0,20}-\d+[A-Za-z\d-]*"),  # COVID-19, F-35
    ("-", r"(?=0)(?<![\d.])0\d{2,3}-\d{7,8}(?!\d)"),  # telephone numbers
    ("0后", r"(?=[05-9]0后)(?<!\d)[05-9]0后(?![\d退续来])"),  # those born in the eighties
    ("”", rf"[“‘]\d{{3,8}}[”’](?=[{_CJK}])"),  # “8337”思路
)
_FIRST = f"[\\d{_NUMBER}第（(凌清早上中下傍晚夜]"
_ALWAYS_PATTERN = re.compile(f"(?={_FIRST})(?:{'|'.join(_ALWAYS)})")
_ONLY_WITH_PATTERNS = tuple((needle, re.compile(pattern)) for needle, pattern in _ONLY_WITH)
_QUOTED_SET = re.compile(rf"[“\"‘「]([一二两三四五六七八九十]{{1,2}}[{_CJK}]{{2,9}})[”\"’」]")
_TIME = re.compile(r"[年月日天]")
_MOST_SETS = 40


def name_spans(text: str) -> Iterator[Span]:
    """The spans, in no order; they may overlap."""
    for found in _ALWAYS_PATTERN.finditer(text):
        yield found.span()
    for needle, pattern in _ONLY_WITH_PATTERNS:
        if needle in text:
            for found in pattern.finditer(text):
                yield found.span()
    yield from _quoted_sets(text)


def _quoted_sets(text: str) -> Iterator[Span]:
    """“六个创新突破”: a numeral with its noun alone between quotation marks is a name, wherever it stands."""
    names: dict[str, None] = {}
    for found in _QUOTED_SET.finditer(text):
        if len(names) < _MOST_SETS and not _TIME.match(found[1], 1):
            names[found[1]] = None
    for name in names:
        start = text.find(name)
        while start >= 0:
            yield start, start + len(name)
            start = text.find(name, start + len(name))
