"""Articles by the ten thousand, written by COPY: for plans that must not scan large tables, and for measuring.

Deterministic, made of words drawn as unevenly as real ones are. Not for the reading of language: rows are made up
together with the sentence they stand in, quotes hold.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate, islice
from typing import Any

from yinuo.storage.rows import ARTICLE_COLUMNS, METRICS, PASSAGE_COLUMNS, PLEDGES
from yinuo.storage.searching import name_tokens, search_tokens

NOW = datetime(2025, 1, 1, tzinfo=UTC)
TODAY = date(2025, 1, 1)
FIRMNESS = ("guarantee", "commitment", "aim", "effort", "rhetoric")
CUES = ("确保", "将", "力争", "努力", "持续")
TOPICS = ("growth", "industry", "transport", "environment", "education", "health", "culture", "other")
KINDS = ("镇", "县", "市", "局", "区")
COMMON = (
    "发展",
    "建设",
    "工作",
    "项目",
    "推进",
    "服务",
    "全面",
    "经济",
    "社会",
    "企业",
    "群众",
    "高质量发展",
)

_PLACES = "永安平和宁远东南西北海江河山湖州阳城林泉石金玉龙凤云青白红长丰兴福德仁义明光华新古大小上下"
_THINGS = "学校医院公路桥梁码头厂房园区仓库温室果园茶田渔港水库渠道泵站电站热网管廊广场公园书屋剧院站台"


@dataclass(frozen=True, slots=True)
class Size:
    """How many articles, rows an article, and characters of text around the rows."""

    articles: int
    pledges: int
    metrics: int
    filler: int
    promisers: int = 5000


@dataclass(slots=True)
class Batch:
    """Records for the tables, each in COPY's column order."""

    articles: list[tuple[Any, ...]] = field(default_factory=list)
    passages: list[tuple[Any, ...]] = field(default_factory=list)
    pledges: list[tuple[Any, ...]] = field(default_factory=list)
    metrics: list[tuple[Any, ...]] = field(default_factory=list)


class Generator:
    """Makes the articles of one size, always the same."""

    def __init__(self, size: Size) -> None:
        """Draws the names and words first."""
        self._size = size
        self._random = random.Random(1)
        self._promisers = [self._name(_PLACES, 2) + KINDS[at % len(KINDS)] for at in range(size.promisers)]
        self._speakers = [self._name(_PLACES, 3) for _ in range(size.promisers)]
        self._things = [self._name(_THINGS, 3) for _ in range(400)]
        self._words = [*COMMON, *(self._name(_PLACES + _THINGS, 2) for _ in range(3000))]
        # As in real text the n-th word is about n times rarer than the first.
        self._weights = list(accumulate(1 / (at + 2) for at in range(len(self._words))))

    def batches(self, articles_each: int = 1000) -> Iterator[Batch]:
        """The articles in batches, until there are as many as wanted."""
        numbers = iter(range(self._size.articles))
        while part := list(islice(numbers, articles_each)):
            batch = Batch()
            for number in part:
                self._add(batch, number)
            yield batch

    def _name(self, characters: str, length: int) -> str:
        return "".join(self._random.choices(characters, k=length))

    def _add(self, batch: Batch, number: int) -> None:
        article_id = sha256(str(number).encode()).hexdigest()[:16]
        promiser = self._promisers[int(len(self._promisers) * self._random.random() ** 2)]
        speaker = self._random.choice(self._speakers)
        stamp = ("bench", "articles.raw", number % 4, number // 4, "0.1.0", "digest")
        parts: list[str] = []
        length = 0
        named: list[tuple[Any, ...]] = []
        for row in range(self._size.pledges):
            filler = self._filler(self._size.filler // self._size.pledges)
            quote, pledge, metrics = self._sentence(article_id, row, promiser, speaker, length + len(filler))
            parts += [filler, quote, "。"]
            length += len(filler) + len(quote) + 1
            batch.pledges.append((article_id, *pledge, *stamp, NOW))
            batch.metrics += ((article_id, *metric, *stamp, NOW) for metric in metrics)
            named += metrics
        text, title = "".join(parts), f"{promiser}{self._random.choice(self._things)}的{self._filler(4)}"
        published = TODAY - timedelta(days=number % 2000)
        batch.articles.append(
            (
                article_id, 0, title, f"{promiser[:2]}日报", published, None, None, None, promiser, text,
                sha256(text.encode()).hexdigest(), published, "published", "[]", "yinuo", *stamp, NOW, NOW, NOW,
                search_tokens(title, text), name_tokens({metric[4] for metric in named}, title, text),
            )
        )  # fmt: skip
        batch.passages.append((article_id, 0, 0, len(text), "body", None, None, None, *stamp))

    def _filler(self, length: int) -> str:
        words = self._random.choices(self._words, cum_weights=self._weights, k=max(1, length // 2))
        return "".join(words) + "。"

    def _sentence(
        self, article_id: str, row: int, promiser: str, speaker: str, start: int
    ) -> tuple[str, tuple[Any, ...], list[tuple[Any, ...]]]:
        """A promise as text, as a pledge, and the numbers in it as metrics."""
        chosen = self._random.randrange(len(CUES))
        thing = self._random.choice(self._things)
        each = self._size.metrics // self._size.pledges
        amounts = [self._random.randrange(1, 1000) for _ in range(each)]
        quote = f"{CUES[chosen]}新建{thing}" + "和".join(f"{amount}处" for amount in amounts)
        due = None if row % 3 == 0 else TODAY + timedelta(days=self._random.randrange(-1500, 1500))
        pledge_id = sha256(f"{article_id} {row}".encode()).hexdigest()[:16]
        pledge = (
            pledge_id, start, start + len(quote), quote, "aspiration" if row % 5 == 4 else "pledge", promiser, speaker,
            "书记", None, "新建", thing, None, None, due, None, "explicit" if due else "none", None, FIRMNESS[chosen],
            start, start + len(CUES[chosen]), CUES[chosen], ("testable", "weak", "none")[row % 3], 6, "unstated",
            self._random.choice(TOPICS), promiser, None, "{}", "[]", "[]", '["bench"]',
        )  # fmt: skip
        return (
            quote,
            pledge,
            list(self._metrics(article_id, pledge_id, promiser, thing, quote, start, amounts)),
        )

    def _metrics(
        self,
        article_id: str,
        pledge_id: str,
        promiser: str,
        thing: str,
        quote: str,
        start: int,
        amounts: list[int],
    ) -> Iterator[tuple[Any, ...]]:
        at = 0
        for place, amount in enumerate(amounts):
            words = f"{amount}处"
            at = quote.index(words, at)
            year = self._random.randrange(2015, 2030)
            status = ("target", "achieved", "expected")[place % 3]
            yield (
                sha256(f"{pledge_id} {place}".encode()).hexdigest()[:16], start + at, start + at + len(words), words,
                f"{thing}数量", Decimal(amount), None, "处", None, "ge", status, "count", "stock", str(year),
                date(year, 1, 1), date(year, 12, 31), None, promiser, promiser, None,
                pledge_id if status == "target" else None, "[]", "[]", '["bench"]',
            )  # fmt: skip
            at += len(words)


async def write(connection: Any, batches: Iterable[Batch]) -> None:
    """COPY the batches and let the planner look at them."""
    columns = {
        "articles": (*ARTICLE_COLUMNS, "search_tokens", "name_tokens"),
        "passages": PASSAGE_COLUMNS,
        "pledges": PLEDGES.columns,
        "metrics": METRICS.columns,
    }
    for batch in batches:
        for table, names in columns.items():
            await connection.copy_records_to_table(
                table, schema_name="yinuo", columns=names, records=getattr(batch, table)
            )
    await connection.execute("VACUUM ANALYZE")
