"""Who speaks as 全区, 我县 or 公司 where nobody is named beside it: the body that a text as a whole is of."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from yinuo.extraction import lexicon
from yinuo.extraction.passages import Page
from yinuo.extraction.places import code_of, ends_like_organisation, full_name, is_place, named_places
from yinuo.extraction.voices import short_organisation, titled_persons


def issuer_of(text: str, page: Page) -> str | None:
    """The division that the words mean by 全区, else the body that title or signature name."""
    return _assembled(text, page) or _division(text) or _town(text) or _publisher(text, page)


_OF_TOWN = re.compile(
    "(?P<level>[县镇乡])(?:里|上(?=[再还要将计今])|委|党委|政府|长|财政)|全(?P<all>[县镇乡])"
)
# what ends so and is the name of none: 全镇, 城镇, 古镇, 各乡镇, 示范县
_TOWN = re.compile(
    "(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,3}?[县镇乡])|(?<=[县区市在是对到访的年把，。、“—])([\u4e00-\u9fff]{2}[县镇乡])"
)
_NO_TOWN = re.compile(
    "[全各该本我邻外古集小城乡重名强个座市郊范大穷][县镇乡]$|^(?:今年|去年|明年|我们|他们|有的|整个|进入|来到|走进|年|重点)"
)


def _town(text: str) -> str | None:
    """Who speaks as 全镇, 镇里, 县委: the town or county that the text names more often than any other of that level."""
    told = Counter(found["level"] or found["all"] for found in _OF_TOWN.finditer(text))
    if not told:
        return None
    level = told.most_common(1)[0][0]
    names = [name for pair in _TOWN.findall(text) for name in pair if name.endswith(level)]
    counts = Counter(name for name in names if not _NO_TOWN.search(name) and not lexicon.VERB.match(name))
    ranked = counts.most_common(2)
    alone = len(ranked) == 1 or (len(ranked) == 2 and ranked[0][1] > ranked[1][1])
    return ranked[0][0] if ranked and alone else None


def with_reporter(text: str, page: Page) -> Page:
    """A report to a people's congress is in the words of the one whose post and name stand under its title."""
    if _assembled(text, page) is None:
        return page
    for block in page.blocks[:6]:
        line = text[block.start : block.end].strip()
        named = titled_persons(line) if len(line) <= 24 else []
        if len(named) == 1 and line.endswith(named[0][1].name):
            reporter = named[0][1]
            return replace(
                page,
                blocks=tuple(
                    replace(block, speaker=reporter)
                    if block.kind == "body" and block.speaker is None
                    else block
                    for block in page.blocks
                ),
            )
    return page


def _assembled(text: str, page: Page) -> str | None:
    """The division whose people's congress a report is given to."""
    for block in page.blocks[:4]:
        found = _ASSEMBLY.search(text, block.start, block.end)
        who = found["who"].rpartition("在")[2] if found else ""
        if 2 <= len(who) <= 8 and who[-1] in "省市区县旗州":
            return who
    return None


def _division(text: str) -> str | None:
    """Who speaks as 全区, 我县: the division of that level that the text names twice, or alone."""
    for word, ending in (("区", "区"), ("县", "县"), ("市", "市"), ("省", "省")):
        if f"全{word}" not in text and f"我{word}" not in text:
            continue
        names: dict[str, int] = {}
        written: dict[str, tuple[int, str]] = {}
        for name, count in named_places(text).items():
            code = code_of(name)
            full = full_name(code) if code else None
            if full and full.endswith(ending):
                names[full] = names.get(full, 0) + count
                written[full] = max(written.get(full, (0, "")), (count, name))
        best = max(sorted(names), key=names.__getitem__, default=None)
        # one of many in a news bulletin is not it
        most = best is not None and 2 * names[best] >= sum(names.values())
        if best is not None and most and (names[best] >= 2 or len(names) == 1):
            return written[best][1]
    return None


_REPORT = re.compile(r"(?:\d{4}年)?(?P<who>[\u4e00-\u9fff]{2,12}?)(?:人民政府|政府)工作报告")
_ASSEMBLY = re.compile(
    r"(?:在|[—－-])?(?P<who>[\u4e00-\u9fff]{2,12}?)第[一二三四五六七八九十\d]{1,4}届人民代表大会"
)
_NOTICE = re.compile(
    r"(?P<who>[^，。；：\s]{2,24}?)(?:关于|\d{4}年|(?:公告|通告|公示|通知|承诺书?|公开信|倡议书))"
)


_DAY = re.compile(
    r"[\d〇○零一二三四五六七八九]{4}年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日"
)


def _publisher(text: str, page: Page) -> str | None:
    """The body that the title of a notice or report names (沐桥村村民委员会公告), or that signs above the day."""
    for block in page.blocks[:3]:
        heads = block.kind in ("headline", "kicker")
        titled = _NOTICE.match(text, block.start, block.end) if heads else None
        reports = _REPORT.match(text, block.start, block.end) if heads else None
        if reports and is_place(reports["who"]):
            return reports["who"]
        if titled and ends_like_organisation(titled["who"]):
            return short_organisation(titled["who"])
    for line, following in pairwise(page.blocks[:3]):  # 青石村村民委员会 above 关于…的公示
        body = text[line.start : line.end].strip()
        about = text.startswith("关于", following.start)
        if about and len(body) <= 30 and ends_like_organisation(body):
            return short_organisation(body)
    for line, day in pairwise(page.blocks[-4:]):  # 大青山镇人民政府 above 2026年3月8日
        signed = text[line.start : line.end].strip()
        if (
            _DAY.fullmatch(text[day.start : day.end].strip())
            and ends_like_organisation(signed)
            and len(signed) <= 30
        ):
            return short_organisation(signed)
    return None


_COMPANY = re.compile(
    r"(?P<stem>[\u4e00-\u9fff]{2,8}?)(?:（[\u4e00-\u9fff]{2,6}）|集团)?(?:股份|控股|集团)?有限(?:责任)?公司"
)


def company_of(text: str) -> str | None:
    """Who speaks as 公司: the one company that the text names in full and calls by its short name elsewhere."""
    stems = {found["stem"] for found in _COMPANY.finditer(text)}
    named = [stem for stem in sorted(stems) if text.count(stem) >= 2]
    return named[0] if len(stems) == len(named) == 1 else None


# 县人民医院新院区要在6月底前开诊, 县委, 县财政: said by the county's head, the county answers for it
FACILITY = re.compile(
    "(?:医院|卫生院|院区|校区|学校|[小中]学|幼儿园|水厂|处理厂|电厂|车站|园区|大桥|公路|广场|公园|市场|项目|财务)$|^(?:政府)?各(?:有关|相关|职能)?(?:部门|单位)|^[市区县镇乡](?:委|财政|党委)$|^(?:人民)?政府$"
)
_LEVELS = "省市区县镇乡村"
NAMELESS = frozenset(
    f"{level}{organ}" for level in _LEVELS for organ in ("", "委", "政府", "人民政府", "党委")
)


def same_level(pronoun: str, organisation: str) -> bool:
    """我村 is not the county: a pronoun that names a level fits only a body of that level, or one that names none."""
    level, own = pronoun[-1], organisation[-1]
    return level not in _LEVELS or own not in _LEVELS or level == own
