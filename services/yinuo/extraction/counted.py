"""Which expressions count or measure something in the world: those go into clauses, the others into the ledger.

Also gives fractions, shares, milestones and bare amounts the form that a metric has: 近1/4 is below 25 %, the 600th
aircraft is 600 aircraft, 2.8万亿 of 研发投入 are 元. Not for status or indicator. Law: offsets are never changed
except to take in a classifier (第600架).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.expressions.model import Expression

_TABLE = toml_table("counted.toml")
_SECTIONS = ("abstract", "counts_on", "measured_in_days", "money", "people", "parts")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"counted.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_ABSTRACT = re.compile(alternation(tuple(_TABLE["abstract"])))
_PEOPLE = re.compile(alternation(tuple(_TABLE["people"])))
_COUNTS_ON = re.compile(alternation(tuple(_TABLE["counts_on"])))
_DAYS = re.compile(alternation(tuple(_TABLE["measured_in_days"])))
_MONEY = re.compile(alternation(tuple(_TABLE["money"])))
_PARTS = re.compile(alternation(tuple(_TABLE["parts"])))
_CODE = re.compile(r"0\d")  # 01组: a numeral with a leading zero is a code
_RANKED = re.compile("[居列排位名获]|升[至到]|跃|世界|全[国球省市区县]|保持")
_FRACTION = re.compile(r"[\d.]+/\d+|[一二三四五六七八九十百千万]+分之[一二三四五六七八九十百千万]+")
_REACH = 16


def counted(
    text: str, expressions: Iterable[Expression]
) -> tuple[list[Expression], list[tuple[Expression, str]]]:
    """(times and the numbers that count, the other numbers with the ledger's reason), in order."""
    kept: list[Expression] = []
    left_out: list[tuple[Expression, str]] = []
    expressions = _with_shared_units(text, list(expressions))
    ratios = _ratio_parts(text, expressions)
    for found in expressions:
        number = _as_metric(text, found, ratios)
        if number is not None:
            kept.append(number)
        elif found.kind != "date":
            left_out.append((found, _why_not(text, found)))
        if found.kind == "date" or (found.kind == "duration" and number is None):
            kept.append(found)
    return kept, left_out


def _why_not(text: str, found: Expression) -> str:
    """The ledger's reason for a number that counts nothing."""
    if found.kind in ("duration", "ordinal"):
        return found.kind
    if _in_name(text, found) or found.unit is None or _CODE.match(text, found.core_start):
        return "name"
    return "slogan" if _ABSTRACT.match(text, found.core_end) else "no_number"


_UNMEASURED = re.compile(
    "(?:指标|任务|目标|计划)[^，。]{0,8}(?:超额|全面|如期|圆满|提前|顺利)[^，。]{0,2}(?:完成|实现)|超额完成"
)


def is_unmeasured(words: str) -> bool:
    """各项指标超额完成: a result that asks for a number and gives none."""
    return _UNMEASURED.search(words) is not None


def _as_metric(text: str, found: Expression, ratios: dict[int, str | None]) -> Expression | None:
    if found.kind == "date":
        return None
    if found.kind == "duration":
        return _days(text, found)
    if _is_idiom(text, found):
        return None
    if text[found.start - 1 : found.start] == "每":
        return None  # 每10股派1.5元: what the rate is counted on
    if _in_name(text, found) or _CODE.match(text, found.core_start):
        return None
    if found.start in ratios:
        return replace(
            found, kind="percent" if ratios[found.start] else "number", unit=ratios[found.start] or ""
        )
    if found.unit is None and found.kind in ("number", "range"):
        return _bare(text, found)
    if found.kind == "ordinal":
        return _ordinal(text, found)
    if found.value is None and (found.low is None or found.high is None):
        return None
    return found if _counts(text, found) else None


_IDIOM = re.compile("一块|一分钱|一毛钱")
_GROUP_NAME = re.compile(
    "[一二三四五六七八九十]{1,2}组(?![成织建合])"
)  # 五组、七组: village groups go by their numbers
_GROUPS_COUNTED = re.compile("[分共设为]$|成立|组建")
_WHEELS = re.compile("[两三四]轮(?:概念|摩托|农用|电动)?车|[两三四]轮(?:摩托|驱动)")
_AGE_MEASURED = re.compile("年龄|寿命|平均|岁$")
_UNIT_LINE = re.compile("单位[：:]$")
_SEASON = re.compile(r"(?:19|20)\d\d/(?:19|20)?\d\d")


def _is_idiom(text: str, found: Expression) -> bool:
    """建一块、成一块; 不花一分钱; 三轮车; 2010/2011年度; 单位：亿元; 18岁的贾克斯, whose age is no figure of the article."""
    if _IDIOM.match(text, found.start) and found.kind == "money":
        return True
    if _GROUP_NAME.match(text, found.core_start) and not _GROUPS_COUNTED.search(
        text, max(0, found.start - 3), found.start
    ):
        return True
    if _WHEELS.match(text, found.core_start) or _SEASON.match(text, found.core_start):
        return True
    if _UNIT_LINE.search(text, max(0, found.start - 4), found.start):
        return True
    alone = found.unit == "岁" and found.low == found.high and text.startswith("的", found.end)
    return alone and _AGE_MEASURED.search(_clause_before(text, found.start)) is None


_JOIN = re.compile("[、和与及]|以及")


def _with_shared_units(text: str, expressions: list[Expression]) -> list[Expression]:
    """加快0.1、0.4和0.9个百分点: bare numbers in a list have the unit of the share that ends it."""
    shared: list[Expression] = []
    for found in reversed(expressions):
        after = shared[-1] if shared else None
        if (
            after is not None
            and after.kind == "percent"
            and found.kind == "number"
            and found.unit is None
            and "." in text[found.start : found.end]
            and _JOIN.fullmatch(text, found.end, after.start)
        ):
            found = replace(found, kind="percent", unit=after.unit)
        shared.append(found)
    return shared[::-1]


def _counts(text: str, found: Expression) -> bool:
    """一 with a classifier is an article (but 近一倍, 上万名 measure); one Chinese digit before 方面, 工作 heads a list; 万家 is a word."""
    short = found.number is not None and found.number.end - found.number.start == 1
    if not short or found.kind != "quantity" or text[found.core_start].isdigit():
        return True
    after = found.core_end - (found.unit == "方面") * 2
    if found.unit == "点":
        return False  # 原因有两点; an index stands in digits
    if found.unit == "大":
        return text.startswith("类", found.core_end) or _listed(text, found)  # 八大类 are kinds, counted
    if found.unit == "倍" or found.start < found.core_start or "级" in text[found.core_end - 1 : found.end]:
        return True  # 近一倍, 上万名, 万台级
    return text[found.core_start] not in "一万千百" and _ABSTRACT.match(text, after) is None


def _listed(text: str, found: Expression) -> bool:
    """新能源、新材料等三大产业, 甲和乙两大巨头: members named before; 三大工程： members named behind."""
    before = text[max(0, found.start - 40) : found.start]
    clause = re.split("[，。；：\n]", before)[-1]
    if "、" in clause or re.search("[和与及]", clause) or clause.endswith("等") or "”" in clause[-3:]:
        return True
    return re.match(r"[^，。；：\n]{1,10}[：—（]", text[found.end : found.end + 12]) is not None


def _in_name(text: str, found: Expression) -> bool:
    """“三类500强”, “四好农村路”: a figure in a short quotation is part of a name."""
    if found.kind in ("percent", "money"):
        return False
    opening = text.rfind("“", max(0, found.start - 10), found.start)
    if opening < 0 or "”" in text[opening : found.start]:
        return False
    closing = text.find("”", found.end, opening + 14)
    return closing >= 0 and not text[found.core_start].isdigit()


def _bare(text: str, found: Expression) -> Expression | None:
    """近1/4 → 25 %, 7成 → 70 %, 研发投入2.8万亿 → 元; other bare numerals measure nothing."""
    if _FRACTION.search(text, found.start, found.end):
        return _scaled(found, Decimal(100))
    if text.startswith("成", found.end) and text[found.end + 1 : found.end + 2] not in (
        "立",
        "为",
        "功",
        "果",
    ):
        return _scaled(replace(found, end=found.end + 1, core_end=found.end + 1), Decimal(10))
    return _of_what_is_named(text, found)


_CROWD = re.compile("(?:客流|客流量|旅客|客运量|到访量)(?:首次|一举|已)?$")
_TIMES_OF_PEOPLE = re.compile("(人次|人数|户数)(?:约|已|将)?(?:为|达到?|超过?|突破)?$")
_INDEX = re.compile(
    "(?:指数|系数|收入比|存贷比|产出比|容积率|弹性)[^，。]{0,14}(?:为|报|达|至|到|由|从|[由从]上年的)$"
    # PUE降至1.25: an index that goes by its letters
    "|[A-Z]{2,6}）?(?:值|指标)?(?:平均)?(?:为|达到?|降[至到]|控制在|下降|降低)?$"
)


def _of_what_is_named(text: str, found: Expression) -> Expression | None:
    """A bare numeral measures what stands beside it: 人次为957万, 近8万市民, 指数为51.1, 研发投入2.8万亿."""
    large = text[found.core_end - 1] in "万亿"
    before = _clause_before(text, found.start)
    people = _TIMES_OF_PEOPLE.search(before)
    if people and large:
        return replace(found, kind="quantity", unit=people[1].removesuffix("数"))
    if large and _CROWD.search(before):
        return replace(found, kind="quantity", unit="人次")
    if large and _PEOPLE.match(text, found.end):
        return replace(found, kind="quantity", unit="")
    if "." in text[found.start : found.end] and not large and _INDEX.search(before):
        return replace(found, unit="")
    sentence = re.split("[。；\n]", text[max(0, found.start - 30) : found.start])[-1]
    if text[found.core_end - 1] == "亿" and _MONEY.search(sentence):
        return replace(found, kind="money", unit="元", currency="CNY")
    return None


def _scaled(found: Expression, factor: Decimal) -> Expression:
    def times(value: Decimal | None) -> Decimal | None:
        return (
            None
            if value is None
            else Decimal(format((value * factor).quantize(Decimal("0.0001")).normalize(), "f"))
        )

    return replace(
        found,
        kind="percent",
        unit="%",
        value=times(found.value),
        low=times(found.low),
        high=times(found.high),
    )


def _ordinal(text: str, found: Expression) -> Expression | None:
    """A rank where something ranks; 第600架 counts how many there have been; 第三届 and 第三 alone only order."""
    if text[found.start] != "第":
        return found
    behind = _COUNTS_ON.match(text, found.end)
    serial = text.startswith("连续", found.start - 2)
    if behind and found.value is not None and (found.value >= 10 or serial):
        return replace(found, kind="quantity", end=behind.end(), core_end=behind.end(), unit=behind[0])
    if text[found.end : found.end + 1] in tuple("届次个条章节期批轮季场代方者"):
        return None
    before = re.split("[。；！？\n]", text[max(0, found.start - 8) : found.start])[-1]
    return found if _RANKED.search(before) else None


_MORE_DAYS = re.compile("[比较][^，。]{1,6}(?:增加|减少|多|少)$")  # 优良天数274天，比上年增加6天


def _days(text: str, found: Expression) -> Expression | None:
    """优良天数达到350天: where days measure a quantity they are no duration."""
    span = re.fullmatch(r"P(?:([\d.]+)D|T([\d.]+)H)", found.duration or "")
    if span is None:
        return None
    before = re.split("[，。；\n]", text[max(0, found.start - _REACH) : found.start])[-1]
    behind = re.split("[，。；\n]", text[found.end : found.end + _REACH])[0]
    if _MORE_DAYS.search(before):
        before = text[max(0, found.start - 3 * _REACH) : found.start].rpartition("。")[2]
    if behind[:1] in ("内", "前", "后") or not (_DAYS.search(before) or _DAYS.search(behind)):
        return None
    value = Decimal(span[1] or span[2])
    measured = replace(found, kind="quantity", value=value, low=value, high=value, duration=None)
    return _bounded(text, replace(measured, unit="天" if span[1] else "小时"))


def _bounded(text: str, found: Expression) -> Expression:
    """26天左右, 2000小时以上: the bound behind a duration that measures."""
    end = found.end + 2
    match text[found.end : end]:
        case "左右" | "上下":
            return replace(found, end=end, approximate=True)
        case "以上":
            return replace(found, end=end, high=None)
        case "以内" | "以下":
            return replace(found, end=end, low=None, high_inclusive=True)
    return found


def _clause_before(text: str, at: int) -> str:
    return re.split("[，。；\n]", text[max(0, at - 40) : at])[-1]


def _ratio_parts(text: str, expressions: list[Expression]) -> dict[int, str | None]:
    """The starts of the parts of each a:b:c, with % where they are shares of a whole."""
    parts: dict[int, str | None] = {}
    run: list[Expression] = []
    for found in [*expressions, None]:
        joined = run and found is not None and text[run[-1].end : found.start] in (":", "：", "∶")
        if found is not None and found.kind == "number" and found.value is not None and (joined or not run):
            run.append(found)
            continue
        if len(run) > 1 and _PARTS.search(_clause_before(text, run[0].start)):
            total = sum((part.value or Decimal(0) for part in run), Decimal(0))
            share = "%" if len(run) > 2 and abs(total - 100) <= 1 else None
            parts |= {part.start: share for part in run}
        run = [found] if found is not None and found.kind == "number" and found.value is not None else []
    return parts
