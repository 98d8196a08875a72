"""What a figure is to its text: target, achieved, expected, baseline or threshold (guideline §4).

Asks in a fixed order: does it only qualify a class; does it only size a thing; does a pledge aim at it; is it an
estimate; is it aimed at by anybody; was it reached or reported. What nothing says is standing: a baseline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from yinuo.extraction import lexicon
from yinuo.extraction.bases import changes
from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.periods import Period, is_compared, leaves_level
from yinuo.extraction.reading import CJK
from yinuo.extraction.sites import Site

_TABLE = toml_table("status.toml")
_SECTIONS = ("expects", "aims", "reaches", "stands", "delivers", "class_of")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"status.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")


def _words(section: str) -> str:
    return alternation(tuple(_TABLE[section]))


_NOUN = f"[{CJK}“”（）]"
_EXPECTS = re.compile(_words("expects"))
_WILL = re.compile("(?:将|将会|仍将|有望)(?:在|为|有)?$")
_AIMS = re.compile(alternation(tuple(word for word in _TABLE["aims"] if word != "将")))
_REACHES = re.compile(f"{_words('reaches')}|{lexicon.DONE.pattern}")
_ONE_OF = re.compile("^[^，]{0,24}之一$")
_PART_OF_GOAL = re.compile("[^，]{0,6}(?:目标|计划|任务)(?:任务)?的$")
_MUST = re.compile("[须要]达到$")
_FORETELLS = ("将", "将会", "即将", "将于", "有望", "可望", "仍将")
_STANDS = re.compile(f"(?:{_words('stands')})[^，的]{{0,6}}$")
_NOT_NAMES = ("使用", "以", "共", "约", "达", "为", "近", "总", "计", "了", "和", "及", "与", "有", "的")
_SIZED_BY = re.compile("(?:年产|年产能|设计时速|日处理|年处理|总投资|设计产能|产能|占地|建筑面积)$")
_SIZE_TOLD = re.compile("(?:^|[，、；：的])(?:总投资|投资|年?产能|占地)(?:达|为|约)?$")
_RESULT = re.compile(f"(?:{_words('reaches')}|[出至到达]|进入|(?:累计|已|共)完成投资)$")
_LISTED_UNDER = re.compile("[^的，；。]*")
_NAMELY = re.compile("(?:计划|行动|目标|任务|工程)，即[^，。]*$")
_CAPACITY = re.compile(f"{_NOUN}{{0,8}}(?:厂|场|矿|电站|机组|生产线|处置)")
_CAPACITY_UNITS = ("吨", "千瓦", "兆瓦", "只", "头", "羽", "立方米")
_IN_CLASS = re.compile("(?:^|[，、；]|其中|有)$")
_NEAR = 80
_PERSONS = ("名", "人", "位")
_GRADES = ("层", "级", "岁", "周岁", "年", "座", "人", "位", "分")
_DIGITS = "0123456789一二三四五六七八九十百千万亿两"
_MADE_OF = re.compile("^[^，。；]{0,12}(?:组成|构成)")
_DELIVERED = re.compile(f"(?:{_words('delivers')})等?$")
_FIRST_PART = re.compile(f"{_NOUN}{{0,40}}")
_DELIVERED_WORK = re.compile(f"的{_NOUN}{{0,12}}(?:{_words('delivers')})")
_OF_WORK = re.compile(f"的(?:{_words('delivers')})")
_PLANNED = re.compile(f"的?{_NOUN}{{0,8}}(?:任务|目标|计划|水平|增速|增长)(?:$|[，、（])")
_CLASS = re.compile(
    f"(?:以上|以下|以内)?的?(?:规模以上|重点|重大|优质|农业|工业|特色)?(?:{_words('class_of')})"
)
_ATTRIBUTE = re.compile(f"(?:{_NOUN}{{0,10}})?的(?!是)")
# 总投资2亿元，4月开工: what a project costs, in a clause of its own
_COSTS = re.compile(
    "[，、（]?(?:项目|工程|计划|预计|概算)?(?:总投资|概算投资|投资概算|总造价)(?:额)?(?:约|为|达)?"
)
_ACTED_ON = re.compile(f"(?:对|把|给|向)[{CJK}“”]{{0,10}}$")
_NAMED_BEFORE = re.compile(f"[{CJK}A-Za-z”）]{{2}}$")
_NOUN_BEHIND = re.compile(f"[{CJK}“]")
_ROUND = re.compile("[过百千万亿]+[元吨]?")
_ABOUT = re.compile("(?:行动|计划|方案|政策|规划|机制|体系)$")
_FORESEES = re.compile("预计|预测|据测算")
_MAY = re.compile("可能(?:达到|会|为|在)?$")
_REPORTS = re.compile(f"{lexicon.DONE.pattern}|同比")
_CHANGES = re.compile("(?:增长|下降|上升|上涨|下跌|回落|盈利|亏损)$")
_DOES = re.compile(
    alternation(tuple(word for word, sort in lexicon.VERB_CLASS.items() if sort == "completive"))
)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about a site: its period, whether that is yet to come or over, and the number before.

    `neighbour`: the rule of the number before in the stretch. `before`: status of the number before in the sentence.
    """

    period: Period | None
    ahead: bool
    over: bool
    neighbour: str
    before: str | None


def status_of(site: Site, told: Told) -> tuple[str, str]:
    """(status, the rule that gave it)."""
    if _is_threshold(site):
        return "threshold", "status/class"
    if _sizes(site) or (told.neighbour == "status/size" and _goes_on(site)):
        return "baseline", "status/size"
    if _COSTS.fullmatch(site.lead):
        return "baseline", "status/cost"
    if "现有" in site.predicate or site.lead.endswith("用好"):
        return "baseline", "status/stands"
    if told.over and _has_no_cue(site):
        return _of_time_past(site)
    if is_compared(site):
        return "achieved", "status/compared"
    if told.before == "expected" and site.clause.cue is None and changes(site):
        return "expected", "status/continued"
    if site.spot.pledge is not None and not _is_foreseen(site):
        return "target", "status/pledge"
    if _NAMELY.search(site.sentence):
        return "target", "status/aim"
    if told.before is not None and (_speaks_on(site) or _is_part(site)):
        return told.before, "status/continued"
    if _is_estimate(site):
        return "expected", "status/estimate"
    if _STANDS.search(site.lead) or _MADE_OF.search(site.tail):
        return "baseline", "status/stands"
    if _is_aimed_at(site, told):
        return "target", "status/aim"
    if leaves_level(site):
        return "achieved", "status/level_left"
    if _is_acting(site):
        return "baseline", "status/actor"
    if _is_reached(site, told.period):
        return "achieved", "status/reached"
    if told.before == "achieved" and _is_bare(site):
        return "achieved", "status/listed"
    return "baseline", "status/standing"


def _has_no_cue(site: Site) -> bool:
    item = site.spot.item
    if site.clause.cue is not None or (
        site.spot.pledge is None and (item is None or item.setting.forward is None)
    ):
        return False
    return item is None or item.setting.carried_cue is None


def _of_time_past(site: Site) -> tuple[str, str]:
    """一季度，全市生产总值386亿元: said in July it is no goal, whatever plan it stands in."""
    if _is_estimate(site):
        return "expected", "status/estimate"
    stands = _STANDS.search(site.lead) or _MADE_OF.search(site.tail) or _is_acting(site)
    if stands and not leaves_level(site):
        return "baseline", "status/stands"
    return "achieved", "status/time_past"


_SPEAKS_ON = re.compile(
    "占|同比|环比|比上|比去|较上|较去|较年|增长|下降|增速|增幅|升幅|降幅|涨幅|跌幅|增加|减少"
)


def _speaks_on(site: Site) -> bool:
    """…3.2万亩，占年度任务的64%: a share or a change of the figure before is to the text what that one is."""
    return site.clause.cue is None and site.lead == site.whole and _SPEAKS_ON.match(site.lead) is not None


def _is_part(site: Site) -> bool:
    """其中陆地240万千瓦，海上340万千瓦: the parts of a figure are to the text what the whole is."""
    words = site.sentence[-60:]
    return "其中" in words and site.clause.cue is None and _is_bare(site) and not _EXPECTS.search(site.lead)


def _is_bare(site: Site) -> bool:
    """其中甲12万元、乙58万元: a noun and its number in a list of figures."""
    if not site.lead and site.whole.endswith("、"):
        return True
    if len(site.lead.strip("，、和及与 ")) < 2:
        return False
    return lexicon.VERB.search(site.lead) is None and "有" not in site.lead and "是" not in site.lead


def _written(site: Site) -> str:
    start = site.clause.start
    return site.clause.text[site.number.start - start : site.number.end - start]


def _measures(site: Site) -> bool:
    """Whether the unit measures (元, 吨, 公里) and does not count things one by one."""
    return site.number.kind == "money" or site.number.unit_si is not None


def _is_threshold(site: Site) -> bool:
    number, words = site.number, site.tail
    written = _written(site)
    if written.endswith("级") or (words.startswith("级") and _measures(site)):
        return True
    bounded = number.low is None or number.high is None or words.startswith(("以上", "以下"))
    if bounded and site.more and _WHICH_ARE.fullmatch(words):
        return True
    aged = number.unit in ("岁", "周岁") and written.endswith(("以上", "以下", "以内", "及以上"))
    if aged and not _OF_AGE.search(site.predicate):
        return True  # 65岁以上老年人: which of them
    if bounded and site.more and number.unit in _GRADES and re.fullmatch(f"{_NOUN}{{1,8}}", words):
        return written.endswith(("以上", "以下", "以内"))
    if not _CLASS.match(words):
        return False
    if _measures(site) and site.more and _is_class_counted(site):
        return True
    if bounded and (_measures(site) or site.number.unit in ("座", "级")):
        return True
    return _measures(site) and _ROUND.fullmatch(written) is not None and site.more


# 高于1.6的21个数据中心, 10亿元以上的不少于5个: which of them are counted
_WHICH_ARE = re.compile("(?:以上|以下)?的(?:项目|企业)?(?:不少于|不低于|达到?|有|为|共|占|超过?)?")


_FOUNDS = re.compile("(?:设立|组建|发起|成立|募集)[^，]{0,8}规模(?:为|达)?$")
_OF_AGE = re.compile("年龄|寿命|岁数")


def _is_class_counted(site: Site) -> bool:
    """其中10亿元项目2个: an amount alone before the noun, whose number follows, says which class is counted."""
    found = _CLASS.match(site.tail)
    return found is not None and found.end() == len(site.tail) and _IN_CLASS.search(site.lead) is not None


def _is_result(site: Site) -> bool:
    """解决了3948人的饮水问题, 释放出9万辆的产能, 实施了26公里供水、117公里供热: what an act that is over came to."""
    if _SIZE_TOLD.search(site.lead) or site.spot.pledge is not None:
        return False
    if _RESULT.search(site.lead) or leaves_level(site):
        return True
    verb, start = site.clause.verb, site.clause.start
    if verb is None or not 0 <= site.number.start - verb.end <= _NEAR:
        return False
    between = site.clause.text[verb.end - start : site.number.start - start]
    if site.clause.text.startswith("了", verb.end - start):
        return _LISTED_UNDER.fullmatch(between) is not None
    work = lexicon.VERB_CLASS.get(verb.text) == "completive" and _LISTED_UNDER.fullmatch(between)
    return bool(work) and not _measures(site) and _DELIVERED_WORK.search(site.tail) is not None


def _is_capacity(site: Site) -> bool:
    """5万只养鸡场, 80吨污泥焚烧厂: what a plant holds or handles is its size, also where it is to be built."""
    return site.number.unit in _CAPACITY_UNITS and _CAPACITY.match(site.tail) is not None


def _sizes(site: Site) -> bool:
    """Whether the number only gives the size of a thing that the clause is about or acts on."""
    if site.number.kind == "ordinal" or (site.number.unit == "次" and lexicon.VERB.match(site.tail)):
        return False  # 先后三次实施了…
    if site.number.unit == "大" or _ONE_OF.search(site.clause.text[site.number.end - site.clause.start :]):
        return True
    if _PLANNED.match(site.tail) or _is_result(site):
        return False
    if _is_capacity(site):
        return True
    if (site.tail[:1] != "的" and _is_work(site.tail)) or _OF_WORK.match(site.tail):
        return _has_name_before(site) and site.spot.pledge is None and _measures(site)
    if _counts_head(site):
        return False
    if _acts_on(site):
        return True
    if site.number.kind == "percent" or changes(site) or _was_done(site):
        return False
    if _FOUNDS.search(site.predicate) and site.spot.pledge is not None:
        return False  # 设立总规模50亿元的基金: what is put up, not what is there
    if _has_attribute(site) and not (site.more and not _measures(site)):
        return True
    if _ABOUT.search(site.tail) and site.lead.endswith("等"):
        return True
    if _SIZED_BY.search(site.lead) and _NOUN_BEHIND.match(site.tail):
        return True
    bare = _written(site)[0] in _DIGITS  # 增加值跨过万亿元大关 is a predicate
    return bare and _measures(site) and _NOUN_BEHIND.match(site.tail) is not None and _has_name_before(site)


def _is_work(tail: str) -> bool:
    """道路整治提升工程: a noun phrase that ends in work, alone up to a mark."""
    part = _FIRST_PART.match(tail)
    assert part is not None
    alone = tail[part.end() : part.end() + 1] in ("", "，", "、", "（")
    acts = any(found[0] not in _TABLE["delivers"] for found in _DOES.finditer(part[0]))
    return alone and not acts and _DELIVERED.search(part[0].rstrip("（）")) is not None


_BENEFIT = re.compile("得到|受益|获益|享受到|圆了")


def _benefit(site: Site) -> bool:
    """近4万居民的居住条件得到改善: how many people had the good of it."""
    return site.number.unit in (*_PERSONS, "户", "") and _BENEFIT.search(site.tail) is not None


def _has_attribute(site: Site) -> bool:
    """36个村的居民: the number sizes what something else belongs to; 相当于26天的用量 and a clause with a verb do not."""
    found = _ATTRIBUTE.match(site.tail)
    if found is not None and _benefit(site):
        return False
    if found is None or site.lead.endswith("相当于"):
        return False
    return lexicon.VERB.search(found[0], 1) is None or "以" in found[0]


def _goes_on(site: Site) -> bool:
    """700万吨露天矿、400万吨褐煤提质: in a list of sized things the later ones are sized too."""
    listed = re.fullmatch(f"{_NOUN}{{0,12}}[、，和]", site.lead) or site.lead in ("", "、", "，", "和")
    return bool(listed) and _NOUN_BEHIND.match(site.tail) is not None and site.number.kind != "percent"


def _acts_on(site: Site) -> bool:
    """对62公里海岸线: the object of 对, 把 with nothing between that could be the verb."""
    found = _ACTED_ON.search(site.predicate)
    if found is None or lexicon.VERB.search(found[0][1:]) is not None:
        return False
    if site.number.kind == "percent" and found[0] == "把":
        return False  # 把八成以上的支出用于民生: a quota
    rest = site.clause.text[site.number.end - site.clause.start :]
    owned = re.search("的[^，的]{1,8}$", rest)
    return owned is not None and lexicon.VERB.search(rest[: owned.start()]) is None


def _was_done(site: Site) -> bool:
    """已设立2个国家植物园的: the number is the object of an act that is over."""
    return site.spot.pledge is None and re.search(f"(?:已|已经)(?:{_DOES.pattern})$", site.lead) is not None


def _counts_head(site: Site) -> bool:
    """打造500个全国领先的场景: right behind the verb the number counts the head, whatever stands between."""
    verb = site.clause.verb
    return verb is not None and verb.end == site.number.start and not _measures(site)


def _has_name_before(site: Site) -> bool:
    """大唐700万吨露天矿: a noun right before the number, and no verb or cue that the number is the object of."""
    verb, cue = site.clause.verb, site.clause.cue
    for word in (verb, cue, *site.clause.manner):
        if word is not None and word.end == site.number.start:
            return False
    lead = site.lead
    if lead.endswith(_NOT_NAMES):
        return False
    if not _NAMED_BEFORE.search(lead):
        return False
    acts = (*lexicon.VERB.finditer(lead), *_REACHES.finditer(lead))
    return not any(found.end() == len(lead) for found in acts)


def _is_foreseen(site: Site) -> bool:
    """预计…，旅游收入达到83亿元: an estimate goes on over a clause without a cue of its own; 可能 is one."""
    if _MAY.search(site.predicate):
        return True
    return site.clause.cue is None and _FORESEES.search(site.sentence) is not None


def _is_estimate(site: Site) -> bool:
    cue = site.clause.cue
    foretold = site.spot.reason == "forecast" and cue is not None and cue.text in _FORETELLS
    if foretold and not site.lead.endswith("了"):
        return True
    if _WILL.search(site.lead) and not (cue is not None and cue.sort != "commitment" and cue.text != "有望"):
        return True
    found = [*_EXPECTS.finditer(site.sentence)]
    if found and _MAY.search(site.predicate):
        return True
    return (
        bool(found)
        and _REPORTS.search(site.sentence, found[-1].end(), len(site.sentence) - len(site.predicate)) is None
    )


def _is_aimed_at(site: Site, told: Told) -> bool:
    cue, item = site.clause.cue, site.spot.item
    if site.number.kind == "ordinal" and (cue is None or cue.text == "计划" or cue.start > site.number.start):
        return False
    if (
        cue is not None
        and cue.end <= site.number.start
        and not (cue.text == "将" and site.lead.endswith("了"))
    ):
        return True
    if told.ahead and told.period is not None:
        return True
    if item is not None and item.setting.past:
        return False
    if _MUST.search(site.predicate):
        return True
    if _REACHES.search(site.predicate):
        return False
    if _AIMS.search(_PART_OF_GOAL.sub("", site.whole)):
        return True
    return (
        item is not None
        and not (told.period is not None and told.period.now)
        and item.setting.forward is not None
        and site.spot.reason not in ("past", "standing_fact")
    )


def _is_acting(site: Site) -> bool:
    """34家电厂发电量占71%: the counted subject of a clause about something else is only there."""
    if _measures(site) or site.number.kind != "quantity" or site.number.unit in ("天", "倍", "番"):
        return False
    if not _NOUN_BEHIND.match(site.tail):
        return False
    if lexicon.VERB.search(site.whole) or _REACHES.search(site.predicate):
        return False
    if re.search("[有达共获为]$", site.lead):
        return False
    if site.more and site.tail.endswith("的"):
        return False  # 19个国家的23个城市: counted with what it belongs to
    if site.number.unit == "部门":
        return True
    if _benefit(site) or (site.number.unit or "").endswith("次"):
        return False
    if site.number.unit in _PERSONS and site.number.low != site.number.high and not site.whole:
        return False  # 近3000名代表共祭先祖: how many took part
    if site.more:
        return True
    if _CHANGES.search(site.tail):
        return False  # 35个行业利润同比增长
    return len(site.tail) > 6 and _DOES.search(site.tail) is None and _REACHES.search(site.tail) is None


def _acts(site: Site) -> bool:
    """预拨4000万元, 提供小额贷款227万元: what somebody did something with, in words that do not look forward."""
    verb = site.clause.verb
    if (
        verb is None
        or site.clause.nominal
        or site.number.kind in ("percent", "ordinal")
        or verb.end > site.number.start
        or verb.text in _STATIVE
    ):
        return False
    return site.number.start - verb.end <= 16


_STATIVE = frozenset(
    {"包括", "具有", "涉及", "占", "保持", "属于", "面临", "需要", "要求", "覆盖", "涵盖", "提出"}
)


_COMPLETED = re.compile("(?:建成|通车|竣工|投产|投用|完工|开业|揭牌|投入使用)(?:运营|通车|投产|投用)?$")


def _is_reached(site: Site, told: Period | None) -> bool:
    if site.number.kind == "ordinal" or changes(site) or site.number.value == Decimal(0):
        return True
    if (site.number.unit or "").endswith("次"):
        return True  # 出游1.07亿人次: what has been counted has taken place
    if _benefit(site):
        return True
    if site.spot.reason == "past" or _REACHES.search(site.predicate + _written(site)):
        return True
    alone = not site.predicate or lexicon.VERB.search(site.predicate) is None
    if (
        alone
        and site.number.kind == "quantity"
        and (_REACHES.search(site.tail) or _COMPLETED.search(site.tail))
    ):
        return True
    if site.lead.endswith("达") and not site.lead.endswith(("可达", "能达", "计达")):
        return True
    if _acts(site) or _DOES.search(site.predicate) or (_DOES.search(site.tail) and not site.predicate):
        return True
    return told is not None and not told.now
