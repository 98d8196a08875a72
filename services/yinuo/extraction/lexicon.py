"""The word tables as compiled matchers: verbs, manner, cues, frames, nouns. Data in, patterns out, nothing decided."""

from __future__ import annotations

import re
from typing import Any

from yinuo.extraction.data import alternation, toml_table

_VERBS = toml_table("verbs.toml")
_CUES = toml_table("cues.toml")
_FRAMES = toml_table("frames.toml")
_NOUNS = toml_table("nouns.toml")

VERB_CLASSES = ("completive", "attain", "bare", "process", "other", "evaluative")


def _checked(name: str, table: dict[str, Any], sections: tuple[str, ...]) -> None:
    """Refuse unknown sections and lines without an example: a misspelt key must not switch a rule off."""
    if tuple(table) != sections:
        raise ValueError(f"{name}: sections are {sections}, found {tuple(table)}")
    for section, lines in table.items():
        for word, example in lines.items():
            if not isinstance(example, str) or not example:
                raise ValueError(f"{name}: [{section}] {word} has no example")


_MANNER = toml_table("manner.toml")
_checked("verbs.toml", _VERBS, VERB_CLASSES)
_checked("manner.toml", _MANNER, ("manner",))
_checked("cues.toml", _CUES, ("guarantee", "aim", "commitment", "lookalike"))
_checked("frames.toml", _FRAMES, ("frame", "tail", "third_party", "past", "standing", "event"))
_checked("nouns.toml", _NOUNS, ("thing", "campaign", "praise", "vague", "generic", "class"))

VERB_CLASS: dict[str, str] = {word: name for name in reversed(VERB_CLASSES) for word in _VERBS[name]}
ALSO_PROCESS = frozenset(_VERBS["attain"]) & frozenset(_VERBS["process"])
_RESULT = "[做抓建管守用讲打种养育引拓盘激唱办护补拉织兜念理拧压](?:优|强|大|热|实|细|精|活|好|牢|足|亮|响|靓|美|深|透|密|长|紧)"
SHORT_ALONE = re.compile("[再新先]?[建修种拆办引招栽改装架铺添换挖]")
SHORT_VERB = re.compile(
    "[再新先]?[建修种拆办引招栽改装架铺添换挖](?=[\\d一二两三四五六七八九十百]{1,6}余?[个座处条家所公万亩栋套间户台辆名株])"
)
"""建10所, 再修2条: verbs of one character only where a counted thing follows at once."""
VERB = re.compile(
    rf"{SHORT_VERB.pattern}|(?!研究[院所生]|生产(?:总值|力|性|线|资料|经营))(?:{alternation(tuple(VERB_CLASS))})(?![率者员性量额值](?!能|质|别|工|产|度|外))|{_RESULT}"
)
MANNER = re.compile(f"{alternation(tuple(_MANNER['manner']))}(?:地|的)?")
PROCESS_MANNER = frozenset(
    {
        "严格",
        "加快",
        "加速",
        "持续",
        "不断",
        "逐步",
        "继续",
        "全力",
        "大力",
        "积极",
        "稳步",
        "扎实",
        "聚力",
        "着力",
    }
)
"""Manner words that name a process themselves: 持续攻坚, 加快建设 have no end state."""

CUE_CLASS: dict[str, str] = {
    word: name for name in ("commitment", "aim", "guarantee") for word in _CUES[name]
}
_LOOKALIKE = alternation(tuple(_CUES["lookalike"]))
CUE = re.compile(rf"(?!{_LOOKALIKE}){alternation(tuple(CUE_CLASS))}")
CARRYING = frozenset(
    {
        "力争",
        "争取",
        "确保",
        "努力",
        "力求",
        "预期目标",
        "目标是",
        "必须",
        "务必",
        "保证",
        "将",
        "要",
        "拟",
        "计划",
        "将会",
        "将要",
    }
)

FRAME = re.compile(alternation(tuple(_FRAMES["frame"])))
TAIL = re.compile(
    alternation(tuple(word for word in _FRAMES["tail"] if word != "以"))
    + "|以(?=[^，]*(?:引领|带动|促进|推动|支撑|保障|赋能|服务|拉动|助推))"
)
THIRD_PARTY = re.compile(alternation(tuple(_FRAMES["third_party"])))
_WEAK_PAST = ("新高", "荣获", "圆满", "得到", "取得", "获得", "连续", "成功", "顺利")
_FORMS = {
    "曾": "(?<![老小姓])曾(?=经|[任获被在是到有为建获办])",
    "已": "已(?!有的)",
    "了": "(?<![为除受不])了(?!解|然|不|得|结)",
    "新高": "新高(?![地度])",
    "取得": "取得(?!的)",
    "获得": "获得(?!的)",
    "得到": "得到(?!的)",
}
DONE = re.compile(
    "|".join(_FORMS.get(word, re.escape(word)) for word in _FRAMES["past"] if word not in _WEAK_PAST)
)
ACHIEVED = re.compile("|".join(_FORMS.get(word, re.escape(word)) for word in _WEAK_PAST))
"""Words of success: past by themselves, but 将…取得新进展 looks forward."""
BEFORE_EVENT = re.compile(f"(?:{alternation(tuple(_FRAMES['event']))})前")
STANDING = re.compile(alternation(tuple(_FRAMES["standing"])))

THING = re.compile(alternation(tuple(_NOUNS["thing"])))
CAMPAIGN = re.compile(
    f"(?:{alternation(tuple(_NOUNS['campaign']))})(?!性|支点|联动|定位|规划|意义|地位|需求|力量|布局|要地|腹地|枢纽|目标|举措|措施|开放|发展)"
)
VAGUE = re.compile(alternation(tuple(_NOUNS["vague"])))
THING_END = re.compile(
    f"(?:{alternation(tuple(_NOUNS['thing']))})(?:建设|工作|前期工作|等|发展|改造|升级|提升)*$"
)
_GENERIC = alternation(tuple(_NOUNS["generic"]))
_CLASS = alternation(tuple(_NOUNS["class"]))
GENERIC = re.compile(
    rf"(?:[^，“《]*的)?(?:(?:{_GENERIC}|{_CLASS}|建设|[和、])*(?:{_CLASS})(?:建设|工作|落地)*)$"
)
"""An object that only says what sort of thing: 一批重大项目, 各项制度, 具有带动作用的项目和企业."""

PRAISE_END = re.compile(f"(?:{alternation(tuple(_NOUNS['praise']))})(?:和[^，]*)?$")

CONNECTIVE = re.compile(
    r"(?:与此同时|同时|此外|另外|其中|下一步|接下来|一方面|另一方面|首先|其次|再次|最后|为此|因此|所以|对此|而且|并且|还有|其次是|再就是|"
    r"[一二三四五六七八九十]{1,2}(?:是|要(?!求))|第[一二三四五六七八九十]{1,2}[，、]|第[一二三四五六七八九十](?=要|是)|并|也|还|更(?![好加大多])|又|则|仍|再|而|且|均|都|就)[，、]?"
)
ENUMERATOR = re.compile(
    r"(?:第[一二三四五六七八九十百]{1,3}[章编部节条][ 　]?|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}\s?[.．、](?!\d)|[①-⑳]|"
    r"[一二三四五六七八九十]{1,2}(?:是|要(?!求))|第[一二三四五六七八九十]{1,2}[，、是]|[二三四]方面)"
)
NOW = re.compile(
    "(?:从|自)?(?:目前|眼下|当前|近日|日前|连日来|今天（[^）]{1,10}）|(?:即日|今日|今天|今晚|今|近日|明日)起(?![草步点来初]))"
)
"""Words for the present and for a beginning now; no dates, since they name no day."""
FROM_NOW = re.compile(r"(?:即日|今日|今天|今晚|今|近日|明日|\d日?)起(?![草步点来初])")

WORDS: frozenset[str] = frozenset(
    word
    for words in (
        VERB_CLASS,
        CUE_CLASS,
        _MANNER["manner"],
        *(_NOUNS[section] for section in ("thing", "campaign", "praise", "vague", "generic", "class")),
    )
    for word in words
    if len(word) >= 2
)
"""Every word of the tables with two characters or more: what a line break may have torn."""
