"""What a figure measures, in the words of the text: the noun it counts, or the noun phrase it is said of.

A counted noun stands behind its classifier (12个项目), a measured one before the number (产值3亿元). A change or a
share that names nothing takes over what the clause before it measured; 分别 deals out a list in its order.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.bases import BASE, DIRECTIONS, changes
from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.reading import CJK
from yinuo.extraction.sites import Site

_TABLE = toml_table("indicators.toml")
_SECTIONS = ("predicate", "acts", "cuts", "carries")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"indicators.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_PREDICATE_WORDS = (*_TABLE["predicate"], *(word for word in DIRECTIONS if word[-1] not in "幅率速"))
_ENDS = re.compile(f"(?:{alternation(_PREDICATE_WORDS)}|[了，、：“的])$")
_LONGEST_WORD = max(map(len, _PREDICATE_WORDS))
_ACT = re.compile(
    f"(?!发现金){alternation(tuple(_TABLE['acts']))}|{alternation(tuple(w for w, c in lexicon.VERB_CLASS.items() if c == 'completive'))}"
)
_ACT_LAST = re.compile(f"(?:{_ACT.pattern})$")
_CUTS = re.compile(alternation(tuple(_TABLE["cuts"])))
_CARRIES = frozenset(_TABLE["carries"])
_NOUN = re.compile(f"[{CJK}A-Za-z\\d“”·—]{{1,24}}")
_HEAD = re.compile(
    "[总人金]?[额量率值数积度费模次价比格]$|^(?:标准|面积|金额|数量|人数|里程|规模|总数|总量|总额|收入|支出|用户|任务|进度|资金额)$"
)
_WORK_ENDS = ("工程", "项目", "任务", "活动", "行动", "计划", "产业", "用地", "标准", "设备", "面积", "目标")
_RANK_LEAD = re.compile(
    "(?:指标)?(?:连续)?(?:均|都|稳|持续|始终|继续|首次)*(?:保持在?|位居|位列|居于?|列|排名?在?|跃居|名列|升至|排|成为|稳居)?"
    "(?:全[国市省区县球]|世界|国内|亚洲|[省市区]内|同类[^，]{0,6}|行业)*(?:的)?$"
)
_RANKS = re.compile("(?:指标)?(?:连续|继续|均|稳|持续)*(?:位居|位列|排名|居全|列全|跃居|名列)")
_OTHERS = re.compile("(?:高于|低于|快于|慢于|好于|多于)[^，]{0,16}$|比[^，]{0,12}(?:[高低]出|[高低多少])$")
_PER = re.compile(
    "每[人户亩吨股个斤](?:每[年月日天])?$|(?:为|在|达|达到)每(?:公斤|千克|平方米|立方米)$|由?同期的?$"
)
_ASIDE = re.compile("——[^—]{0,60}——")
_LIGHT = ("完成", "实现")
_LEADING = re.compile(
    f"(?:{lexicon.CUE.pattern}|(?:{lexicon.MANNER.pattern})(?={lexicon.VERB.pattern})|[，、：；“”的了和与及]|其中|全年|同时|并|还|也|另有|一是|二是|三是|其(?![他余中实])|我们|[共现]?有(?![效机色限线关序]))+"
)
_LISTED = re.compile("[、和与及]")


def indicator_of(site: Site, carried: str | None, measured: list[str]) -> str | None:
    """The indicator of a site; `carried` is that of the number before it, `measured` those of its sentence."""
    shared = _dealt_out(site, measured, carried)
    if shared is not None:
        return shared
    before = _phrase_before(site)
    whole_of_share = site.number.kind == "percent" and site.tail.startswith("的") and not changes(site)
    if whole_of_share and before is not None and (_PLACE_ONLY.fullmatch(before) or site.lead.endswith("把")):
        before = None
    if _noun_follows(site) or (before is None and site.number.kind != "ordinal"):
        counted = _counted_noun(site)
        if counted is not None:
            return counted
    if before is not None and _ACT_LAST.search(before) and site.tail.startswith("的"):
        return _counted_noun(site) or carried  # 拉动3亿元的投资规模
    if before is None or len(before) == 1 or before in _CARRIES:
        return carried or (before if before in _CARRIES else None)
    if before.startswith("占") and carried is not None and site.lead == site.whole:
        return carried + before
    return before


def _noun_follows(site: Site) -> bool:
    """12个项目, 4000万元救灾资金, 54亿元的投资计划; but 储备30天的战略 and 投资5亿元的二期 measure what stands before."""
    number, tail = site.number, site.tail
    if number.kind == "ordinal":
        return False
    counts = number.kind == "quantity" and number.unit_si is None and number.unit not in ("天", "小时", "倍")
    if counts or site.lead.endswith("相当于"):
        return True
    if tail.startswith("的"):
        return _PLANNED.match(tail) is not None
    written = site.clause.text[number.start - site.clause.start : number.end - site.clause.start]
    return number.kind != "percent" and (written.endswith("级") or not changes(site))


_HAS = re.compile("^[全我][国省市区县镇乡村州旗](?:[共现拥]?有)(?![效机色限线关序])")
_PLACE_ONLY = re.compile(f"(?:[全我][国省市区县镇乡村州旗]|[{CJK}]{{2,3}}[省市区县镇乡村])(?:有|已有)?")
_PLANNED = re.compile(f"的[{CJK}]{{0,6}}(?:任务|目标|计划)(?:$|[，、（])")


def _counted_noun(site: Site) -> str | None:
    """The noun behind the number, cut where a predicate begins; 6条共7500米道路: behind the next number."""
    tail = site.tail
    if tail in ("", "共", "共计", "约", "总长") and site.more:
        following = next((other for other in site.clause.numbers if other.start >= site.number.end), None)
        tail = site.clause.text[following.end - site.clause.start :] if following else tail
    if site.number.unit == "部门":
        return _departments(tail)
    at = 0
    for skipped in ("以上", "左右", "以下", "级", "的"):
        at += len(skipped) * tail.startswith(skipped, at)
    found = _NOUN.match(tail, at)
    if found is None or tail in ("至", "到") or _NO_NOUN.match(tail, at):
        return None
    acts = lexicon.VERB.match(tail, at)
    if (
        site.number.kind == "money"
        and acts
        and acts[0] != "投资"
        and lexicon.VERB_CLASS.get(acts[0]) != "other"
    ):
        return None  # 投资3亿元实施改造: the money is what stands before
    manner = lexicon.MANNER.match(tail, at)
    if site.number.kind == "money" and manner and manner[0] not in _NOMINAL_MANNER:
        return None
    words = found[0]
    stop = len(words)
    for time in site.clause.times:
        inside = time.start - site.number.end - at
        if 0 <= inside < stop:
            stop = inside
    possessive = words.find("的", 1)
    stop = min(stop, possessive) if possessive > 0 else stop
    verb = site.clause.verb
    disposes = verb is not None and "把" in site.lead
    acts_at = verb.start - site.number.end - at if verb is not None and disposes else 0
    stop = min(stop, acts_at) if acts_at >= 2 else stop  # 把三条背街小巷修好
    joined = re.search("[和与及](?=.{4})", words)
    stop = min(stop, joined.start()) if joined and joined.start() >= 2 else stop
    cut = _CUTS.search(words, 1)
    stop = min(stop, cut.start()) if cut else stop
    words = words[:stop]
    if not words.endswith(_WORK_ENDS) and not lexicon.THING_END.search(words):
        cut = next((verb for verb in lexicon.VERB.finditer(words, 2) if _is_predicate(words, verb)), None)
        words = words[: cut.start()] if cut else words
    words = words.replace("了", "") if site.number.unit == "次" else words
    done = words.find("了")
    words = words[: done - 1] if done > 1 else words
    manner = lexicon.MANNER.search(words, 2)
    if manner and manner[0] not in _NOMINAL_MANNER:
        words = words[: manner.start()]
    words = words[:20].rstrip("和与及、“”")
    words = words.removesuffix("建设") if len(words) > 4 else words
    return _with_work(site, words, tail[at:]) if words and not lexicon.VERB.fullmatch(words) else None


_NOMINAL_MANNER = frozenset(
    {"重点", "综合", "高质量", "优质", "特色", "集中", "创新", "统一", "联合", "安全", "绿色"}
)


def _is_predicate(words: str, verb: re.Match[str]) -> bool:
    """An act or a level ends the noun; a process (科技创新平台, 企业孵化器) may stand inside it."""
    sort = lexicon.VERB_CLASS.get(verb[0])
    return sort in ("completive", "attain") or (
        sort == "bare" and len(words) - verb.end() in (0, *range(4, 30))
    )


_NO_NOUN = re.compile(
    "上方|之上|增长|增加|[增减降升][到至]|缩小|收窄|放宽|转为|转亏|(?:跃升|攀升|上升|提高|下降|减少|扩大)[到至为]|同比|环比|比(?![赛例])|较[上去年]|占|为(?![民农老])|是|其中|在(?![册建校编园岗产])|新?(?:大关|台阶)|门槛|关口"
    "|[中后前时起内上下](?=[，。；、]|$)|之[中内后前]"
)


def _departments(tail: str) -> str:
    """五部门联合印发…: what the departments do together."""
    acts = re.match(f"(?:近日|日前|今天|昨天)?(?P<act>(?:联合|共同)?(?:{lexicon.VERB.pattern}))", tail)
    return f"{acts['act']}部门" if acts else "部门"


def _with_work(site: Site, words: str, tail: str) -> str:
    """22公里道路的扩建: the work done on what is measured belongs to it, where it ends the clause."""
    rest = tail[len(words) :]
    whole = re.match(f"的[{CJK}和]{{2,6}}(?=$|[、，])", rest)
    if whole and site.spot.pledge is not None and not rest.endswith(("任务", "目标", "计划")):
        return words + whole[0]
    return words


def _phrase_before(site: Site) -> str | None:
    """The noun phrase before the number, without time, base, predicate, cue and act."""
    words = _without_times(site)
    if site.whole[: len(site.whole) - len(site.lead)].endswith("大") and words == site.lead:
        words = re.split("[，；：]", site.whole)[-1]  # 甲、乙两大产业规模达到3亿元
    if words.startswith("的") and words != "的":
        whole = site.whole if "、" not in words[:-1] else words.rpartition("、")[2]
        words = BASE.sub("", re.split("[，；：]", whole)[-1])  # 财政收入超亿元的乡镇达6个
    words = _PER.sub("", _ASIDE.sub("", _OTHERS.sub("", words)))
    words = re.split("[，；：]", words)[-1] if words.rstrip("，；：") == words else words.rstrip("，；：")
    words = re.sub("（[^）]*）?", "", words) if words.count("（") else words
    if site.number.kind == "ordinal" or site.number.unit == "名":
        words = _RANKS.split(_RANK_LEAD.sub("", words, count=1), maxsplit=1)[0]
    words = _LEVEL_BEFORE.sub("", words)
    words = _behind_act(_stripped(words))
    words = _LEADING.sub("", words, count=1) if _LEADING.match(words) else words
    words = _HAS.sub("", words, count=1)
    verb = site.clause.verb
    if verb is not None and not site.clause.nominal and words.startswith(verb.text):
        rest = words[len(verb.text) :]
        words = words if len(rest) < 2 or (_HEAD.search(rest[-3:]) and len(rest) <= 4) else rest
        second = lexicon.VERB.match(words) if words is rest else None  # 改造提升老旧管网
        words = words[second.end() :] if second and len(words) >= second.end() + 3 else words
    words = _stripped(words).strip("，、的和了与及 　）（“”").removeprefix("级")
    if words.startswith("已") and lexicon.VERB.fullmatch(words, 1):
        return None
    return words[-30:] or None


# 产量由8.1万辆增至…, 把品牌价值做到…: what leads from one level to the next
_LEVEL_BEFORE = re.compile("[由从](?:的|原来的|目前的|现在的)?$")


def _without_times(site: Site) -> str:
    words = BASE.sub("", site.predicate)
    start = site.clause.start
    for time in site.clause.times:
        words = words.replace(site.clause.text[time.start - start : time.end - start], "", 1)
    return words


def _stripped(words: str) -> str:
    """Without the predicate at its end, word by word."""
    while True:
        found = _ENDS.search(words, max(0, len(words) - _LONGEST_WORD))
        if found is None or words[: found.start()].endswith(_WHOLE_WORDS.get(found[0], "\0")):
            return words
        words = words[: found.start()]


_PART_OF_YEAR = re.compile("第?[一二三四](?:季度)?|[上下]半年|")
_WHOLE_WORDS = {
    "增": ("新", "净", "年"),
    "降": ("下",),
    "均": ("人", "平"),
    "比": ("占", "之", "入"),
    "以": ("予",),
    "能": ("产", "功", "节"),
    "可": ("许",),
}
"""人均, 占比, 产能: what ends so is no predicate."""


def _behind_act(words: str) -> str:
    """银行减免费用 → 费用, 营造林完成 → 营造林; a verb inside a compound (采购金额) stays."""
    found = list(_ACT.finditer(words))
    for verb in reversed(found):
        rest = words[verb.end() :]
        if rest[:1] in ("", "的", "和") or (len(rest) < 2):
            continue
        if verb[0] in _LIGHT or not (_HEAD.search(rest[-3:]) and len(rest) <= 6):
            subject = words[: verb.start()]
            whole = len(rest) <= 2 and verb[0] not in _LIGHT and 2 <= len(subject) <= 14
            return words if whole else rest
    return words


def _dealt_out(site: Site, measured: list[str], carried: str | None) -> str | None:
    """A、B分别增长a和b: the k-th of the list; without a list, the k-th of what was measured last."""
    # 分别下降9.2%和增长13.7%: each with its own predicate
    if "分别" in site.clause.text and len(measured) >= 2:
        if site.lead.startswith("分别") and _TURNS.fullmatch(site.tail):
            return measured[-2]
        if _TURNS.fullmatch(site.lead):
            return measured[-1]
    if site.together < 2 or "分别" not in site.predicate:
        return None
    words = BASE.sub("", site.predicate[: site.predicate.index("分别")])
    for time in site.clause.times:
        words = words.replace(
            site.clause.text[time.start - site.clause.start : time.end - site.clause.start], ""
        )
    words = re.split("[，；：]", words)[-1]
    items = [item for item in _LISTED.split(words) if item]
    if items and site.clause.times and all(_PART_OF_YEAR.fullmatch(item) for item in items):
        return carried
    if len(items) == site.together:
        last, model = items[-1], items[-2]
        shared = last[len(model) :] if len(last) >= len(model) + 2 and len(model) <= 4 else ""
        return items[site.order] + (shared if site.order < site.together - 1 else "")
    if not words.strip() and len(measured) >= site.together:
        return measured[len(measured) - site.together :][site.order]
    return None


_TURNS = re.compile("[和、](?:同比)?(?:增长|下降|提高|降低|减少|增加|上升|回落|上涨|下跌)")
_TOPIC = re.compile(
    f"([{CJK}A-Za-z“”（）]{{2,16}}?)(?:在|自|从|于|近年来|再次|首次|持续|不断|稳步|快速|继续|逐年|进一步|明显|大幅|总体|再创|呈)"
)


def topic_of(words: str) -> str | None:
    """外汇储备在建国之初，也只有…: what a clause without a number sets as the topic of the next."""
    found = _TOPIC.match(words)
    return found[1] if found and not lexicon.VERB.match(found[1]) else None
