"""The head of a clause from left to right: connective, time, subject, cue, manner, verb.

Says what stands where; whether something is promised is decided in `scopes.py` and `pledges.py`.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.places import SUBJECT, ends_like_organisation, is_place
from yinuo.extraction.unlisted import read_disposed, read_unlisted

_PREPOSITION = re.compile(
    r"(?:在|以|为|对|与|同|向|从|把|于|就|依托|围绕|通过|聚焦|按照|根据|结合|针对|突出|立足|利用|借助|面向|沿着|本着|会同|协同|联合)(?!此)"
)
_PRONOUN = re.compile(
    r"(?:本|我|该)?(?:公司|集团|园区|企业)(?=今年|明年|\d{4}年|[将拟会计要力还已正也亦])|[省市区县镇乡村][里上](?=今年|明年|准备|打算|再|按|[将拟会计要力还已正也亦])|"
    r"我们|本[区市县镇乡省村局部委院校司]|我[区市县镇乡省国村局部委院校司行处们]|(?!全国[\u4e00-\u9fff]{0,6}(?:[工妇残侨文]商?联|总工会|政协|人大|协会|商会|委员会))全[区市县镇乡省国村行校系统厅局]{1,2}"
)


def parse_head(text: str, clause: Clause) -> None:
    """Fill the head of a clause from left to right; each part at most a few times, so linear in its length."""
    position = clause.start
    enumerator = lexicon.ENUMERATOR.match(text, position, clause.end)
    if enumerator:
        clause.enumerated = True
        position = enumerator.end()
    clause.core = position
    for _ in range(12):
        moved = _one_part(text, clause, position)
        if moved is None:
            break
        position = moved
    if clause.cue is None and clause.verb is not None:
        _read_attribute(text, clause)
    if clause.verb is None or clause.verb.sort != "completive":
        read_disposed(text, clause)
    if clause.verb is None:
        _find_modal_subject(text, clause, position)
    if clause.verb is None:
        _find_progressive(text, clause, position)
    if clause.verb is None:
        _find_nominal_predicate(text, clause, position)
    if clause.verb is None and clause.cue is not None and clause.cue.text == "将":
        _read_disposal(text, clause)
    if clause.verb is None and clause.cue is not None and clause.cue.text in _CARRIES_CLAUSE:
        _find_embedded_verb(text, clause)
    if clause.verb is None and lexicon.FROM_NOW.search(clause.text[:14]):
        _find_verb_behind(text, clause, clause.start + 4)
    if clause.verb is None and clause.time is not None and clause.time_leads and clause.time.deadline:
        _find_verb_behind(text, clause, clause.time.end + 2, any_sort=True)
    if clause.verb is None:
        read_unlisted(text, clause, position)
    if clause.verb is None and clause.cue is not None and clause.cue.text in _CUE_IS_VERB:
        clause.verb = Word(clause.cue.start, clause.cue.end, clause.cue.text, "other")


_DISPOSAL = re.compile(
    "(?<!的)(?:纳入|列入|列为|打造成|建设成为?|建成|办成|转化为|提升为|升级为|改造为|转变为|下放|延长|缩短|扩大到|提高到|提高至|降至|降低至|延伸到|用于|移交)"
)


def _read_disposal(text: str, clause: Clause) -> None:
    """将产品纳入支持范围: 将 with an object and what is made of it is 把, no modal."""
    assert clause.cue is not None
    if text[clause.cue.end : clause.cue.end + 1] in "从由":
        return  # 标准将从3元提高到5元: the modal
    found = _DISPOSAL.search(text, clause.cue.end + 2, clause.end)
    if found:
        sort = lexicon.VERB_CLASS.get(found[0], "other")
        clause.verb = Word(found.start(), found.end(), found[0], sort)
        clause.cue = clause.outer_cue = None


_PROGRESSIVE = re.compile("正在|正(?=[加抓全积着])")


def _find_progressive(text: str, clause: Clause, position: int) -> None:
    """平台二期正在加紧开发: what stands before 正在 is the subject, whatever its form."""
    found = (
        _PROGRESSIVE.search(text, position, min(clause.end, position + 30)) if clause.cue is None else None
    )
    if found is None or found.start() - position < 2 or text[found.start() - 1] in "的“、和与":
        return
    at: int | None = found.end()
    for _ in range(6):
        moved = _one_part(text, clause, at) if at is not None else None
        if moved is None:
            break
        at = moved
    if clause.verb is None and at is not None and re.fullmatch("[\u4e00-\u9fff]{2,4}", text[at : clause.end]):
        clause.verb = Word(at, at + 2, text[at : at + 2], "process")  # 正在加紧施工
    if clause.verb is not None and clause.subject is None:
        lead = text[position : found.start()]
        clause.subject = Word(position, found.start(), lead, _subject_sort(lead))


_ATTRIBUTE_FIRST = re.compile("\\d[^，的]*的[^，的]{2,16}?(?=将于|将|拟|计划(?=[^的，、]{2}))")


def _read_attribute(text: str, clause: Clause) -> None:
    """投资2亿元的二期项目将于5月投产: the first verb stands in an attribute of the subject."""
    assert clause.verb is not None
    lead = _ATTRIBUTE_FIRST.search(text, clause.verb.end, clause.end)
    if lead is None or lead.start() > clause.verb.end + 2:
        return
    clause.verb, clause.manner = None, []
    _find_modal_subject(text, clause, clause.core)


_CUE_IS_VERB = frozenset({"争创", "争取", "力争", "瞄准", "冲刺", "力求", "不发生", "确保", "保证"})
_CARRIES_CLAUSE = frozenset({"确保", "保证", "力争", "争取", "力求", "有望"})


def _find_embedded_verb(text: str, clause: Clause) -> None:
    """确保各项工作实现新突破: behind a cue that takes a clause, the verb of that clause."""
    assert clause.cue is not None
    _find_verb_behind(text, clause, clause.cue.end + 2)


def _find_verb_behind(text: str, clause: Clause, position: int, any_sort: bool = False) -> None:
    """The first verb from `position` on that stands in no attribute: a result, or of any class where a deadline leads."""
    for match in lexicon.VERB.finditer(text, position, clause.end):
        attributive = text[match.start() - 1] in "的、和与及“" or text[match.end() : match.end() + 1] in (
            "的",
            "",
        )
        sort = lexicon.VERB_CLASS.get(match[0], "process")
        if not attributive and (any_sort or sort in ("completive", "attain")):
            clause.verb, clause.nominal = Word(match.start(), match.end(), match[0], sort), True
            return


def _one_part(text: str, clause: Clause, position: int) -> int | None:
    """Read one part of the head at `position`; the new position, or None when the head ends here."""
    end = clause.end
    while position < end and text[position] in "，、 　":
        position += 1
    now = lexicon.NOW.match(text, position, end) if position == clause.start else None
    if now:
        return now.end()
    at = position + (text[position : position + 1] in ("在", "于"))  # 我们会在年内把…
    time = next(
        (found for found in clause.times if found.start in (position, at) and found.end < end + 1), None
    )
    if time is not None:
        if clause.time is None:
            clause.time = time
            apart = text[time.end : time.end + 1] == "，"  # 力争到2027年，…
            leads = clause.cue is None or clause.cue.sort == "commitment" or apart
            clause.time_leads = leads and time.start == position  # 将于6月…: of this predicate alone
        return time.end
    if clause.verb is not None:
        return None
    connective = lexicon.CONNECTIVE.match(text, position, end)
    if (
        connective
        and clause.subject is None
        and clause.cue is None
        and not lexicon.VERB.match(text, position, end)
    ):
        if position == clause.core:
            clause.core = connective.end()
        return connective.end()
    adverb = _ADVERB.match(text, position, end) if clause.subject is not None and clause.cue is None else None
    if adverb:
        return adverb.end()
    led = clause.cue is not None or clause.time is not None
    again = _AFTER_CUE.match(text, position, end) if led else None
    if again:
        return again.end()
    will = _WILL.match(text, position, end) if clause.subject is not None and clause.cue is None else None
    if will:
        clause.outer_cue = clause.cue = Word(position, position + 1, "会", "commitment")
        return position + 1
    cue = lexicon.CUE.match(text, position, end)
    if cue and not _is_verb_use(text, cue, end):
        word = Word(cue.start(), cue.end(), cue[0], lexicon.CUE_CLASS[cue[0]])
        clause.outer_cue = clause.outer_cue or word
        if clause.cue is None or word.sort != "commitment":
            clause.cue = word
        return cue.end() + (cue[0].endswith("目标") and text[cue.end() : cue.end() + 1] in ("是", "为"))
    manner = lexicon.MANNER.match(text, position, end)
    verb = lexicon.VERB.match(text, position, end)
    if verb and text[verb.end() : verb.end() + 1] == "的" and not clause.numbers:
        return None  # 今年实施的政策: an attribute
    if verb and (manner is None or verb.end() >= manner.end()) and not _followed_by_verb(text, verb, end):
        clause.verb = Word(verb.start(), verb.end(), verb[0], _sort_of(verb[0], clause))
        return None
    if manner:
        clause.manner.append(Word(manner.start(), manner.end(), manner[0], "manner"))
        return manner.end()
    if verb:
        clause.manner.append(Word(verb.start(), verb.end(), verb[0], "manner"))
        return verb.end()
    if clause.subject is None and clause.cue is None:
        subject = _subject(text, position, end)
        if subject is not None:
            clause.subject = subject
            return subject.end
    return _behind_preposition(text, clause, position)


def _sort_of(verb: str, clause: Clause) -> str:
    """The class of a verb; 突破核心技术 without a number is a process, not a level passed."""
    if lexicon.SHORT_ALONE.fullmatch(verb):
        return "completive"
    sort = lexicon.VERB_CLASS.get(verb, "other")  # 做强, 建好: a result compound follows the cue before it
    return "process" if sort == "attain" and verb in lexicon.ALSO_PROCESS and not clause.numbers else sort


_AFTER_CUE = re.compile("[再先](?=[\u4e00-\u9fff]{2})")  # 要再增加4000个
_ADVERB = re.compile("正在|[还也亦正均都则又再仍就先](?![次度])")
# 我们会在6月底前建成: a modal only behind a subject; elsewhere 会 is a meeting.
_WILL = re.compile(rf"会(?:赶?在|把|将|于|为|对|与|进一步|{lexicon.MANNER.pattern}|{lexicon.VERB.pattern})")
_PROCESS_ADVERB = frozenset(
    {"严格", "加快", "加速", "持续", "继续", "推进", "深化", "强化", "统筹", "创新", "探索", "突出"}
)


_PLANNING = frozenset({"研究", "探索", "谋划", "布局", "组织", "规划", "筹备", "推进", "联合"})


def _followed_by_verb(text: str, verb: re.Match[str], end: int) -> bool:
    """加快建设, 持续深化, 研究出台: the first of two verbs is the manner or the preparation of the second."""
    return (
        verb[0] in _PLANNING
        and (following := lexicon.VERB.match(text, verb.end(), end)) is not None
        and lexicon.VERB_CLASS.get(following[0]) in ("completive", "bare")
    ) or (
        verb[0] in _PROCESS_ADVERB
        and verb[0] in lexicon.PROCESS_MANNER
        and (
            lexicon.VERB.match(text, verb.end(), end) is not None
            or lexicon.MANNER.match(text, verb.end(), end) is not None
        )
    )


def _is_verb_use(text: str, cue: re.Match[str], end: int) -> bool:
    """要 in 要素, 计划 as a noun (计划总投资, 计划内), 准备 as a noun: no cue."""
    rest = text[cue.end() : min(end, cue.end() + 3)]
    if rest.startswith("了"):  # 确保了: done
        return True
    if cue[0] == "计划":
        return rest.startswith(("总投资", "内", "外", "的", "书", "任务", "、", "和", "中"))
    if cue[0] in ("准备", "决定", "目标是"):
        return rest.startswith(("的", "工作", "了", "性"))
    return not rest and cue[0] not in ("预期目标",)


def _subject(text: str, position: int, end: int) -> Word | None:
    """An explicit subject at `position`: pronoun, place or organisation, followed by the rest of a predicate."""
    pronoun = _PRONOUN.match(text, position, end)
    if pronoun:
        return Word(position, pronoun.end(), pronoun[0], "pronoun")
    found = SUBJECT.match(text, position, end)
    if found is None:
        return None
    stop = found.end()
    if lexicon.VERB.match(text, position, stop) and not is_place(found[0]):
        return None  # 带动全省…: a verb and its object
    for _ in range(4):  # 工业和信息化部、文化和旅游部联合开展…
        other = SUBJECT.match(text, stop + 1, end) if text[stop : stop + 1] == "、" else None
        if other is None or not ends_like_organisation(other[0]):
            break
        stop = other.end()
    others = _AND_OTHERS.match(text, stop, end)
    if others:
        stop = others.end()
    if (
        stop >= end
        or text[stop] in "的、"
        or text[position] in "为对以把给向由在从"
        or lexicon.FRAME.match(text, position)
        or _NO_AGENT.search(text[position:stop])
    ):
        return None
    if not is_place(found[0]) and not ends_like_organisation(found[0]):
        return None
    after = text[stop : stop + 6]
    if _PREDICATE.match(after):
        return Word(position, stop, text[position:stop], "organisation")
    return None


# 充分考虑我区…, 第四届博览会在苏州…: what stands before a place is no part of its name
_NO_AGENT = re.compile("(?:^.+(?:我|全|本)[省市区县镇乡村]|[\u4e00-\u9fff]在[\u4e00-\u9fff]{2,4})$")
_AND_OTHERS = re.compile(
    r"等(?:[一二三四五六七八九十\d]{1,3}个?)?(?:部门|部委|单位|地|省|市|区|国|家)?(?=[^的等])"
)
_PREDICATE = re.compile(
    rf"(?:[还也亦正均都则又再仍就已先]|正在|同时|计划|今年|明年|年内)?(?:{lexicon.CUE.pattern}|{lexicon.MANNER.pattern}|{lexicon.VERB.pattern}|"
    r"会(?!议|同|展|员|上|场)|在|以|对|与|围绕|坚持|聚焦|立足|依托|把|为|从|按照|充分|通过|\d|年|全年|力|，)"
)


def _behind_preposition(text: str, clause: Clause, position: int) -> int | None:
    """在…领域打造, 以更大力度改革: jump over a prepositional phrase to the verb behind it."""
    if not _PREPOSITION.match(text, position, clause.end):
        return None
    best: int | None = None
    for match in _PP_END.finditer(text, position + 1, clause.end):
        after = match.end()
        if (
            lexicon.VERB.match(text, after, clause.end)
            or lexicon.MANNER.match(text, after, clause.end)
            or lexicon.CUE.match(text, after, clause.end)
        ):
            best = after
            break
    if best is None:
        for match in lexicon.VERB.finditer(text, position + 2, clause.end):
            before = text[match.start() - 1]
            quoted = text.count("“", position, match.start()) > text.count("”", position, match.start())
            if (
                not quoted
                and before not in "的“、和与"
                and text[match.end() : match.end() + 1]
                not in (
                    "的",
                    "、",
                    "和",
                    "与",
                    "及",
                )
            ):
                best = match.start()
                break
    return best


_PP_END = re.compile(
    "(?:等?(?:领域|方面|环节|行业|地区|区域|范围内|基础上|过程中|前提下|同时|力度|方式|标准|契机|抓手|目标|主线|重点|导向)|[上中下内后前])(?:，)?"
)


def _find_modal_subject(text: str, clause: Clause, position: int) -> None:
    """X将…, X拟…, X力争…: what stands before the modal is the subject, whatever its form."""
    if clause.cue is not None:
        return
    while position < clause.end and text[position] in "，、":
        position += 1
    for match in _MODAL.finditer(text, position, min(clause.end, position + 46)):
        lead = text[position : match.start()].rstrip("还也正均都则又再仍就")
        if len(lead) < 2 or lead[-1] in "的“、和与" or ("“" in lead and "”" not in lead):
            continue
        if match[0] == "要" and not _AFTER_YAO.match(text, match.end(), clause.end):
            continue
        if not lead.endswith(("期间", "期内", "时", "之后", "之前", "方面", "以来")):
            clause.subject = Word(position, position + len(lead), lead, _subject_sort(lead))
        word = Word(match.start(), match.end(), match[0], lexicon.CUE_CLASS[match[0]])
        clause.outer_cue = clause.cue = word
        at: int | None = match.end()
        for _ in range(8):
            moved = _one_part(text, clause, at) if at is not None else None
            if moved is None:
                break
            at = moved
        if clause.verb is None and at is not None:
            _find_nominal_predicate(text, clause, at)
        return


_MODAL = re.compile(
    "必须(?!的)|务必|(?<![即必终仍])将(?!军|来|近|信)(?:会|于|要)?|拟(?!定)|即将|力争|争取|确保(?!了)|有望|计划(?!总|内|外|的)|(?<![主重需首必纲只不简摘概])要(?!求|素|点|害|闻|件|么)"
)
_AFTER_YAO = re.compile(rf"{lexicon.VERB.pattern}|{lexicon.MANNER.pattern}|在|以|把|为|对|有")


_OFFICIAL = re.compile(
    "(?:主席|总理|总书记|书记|部长|省长|市长|区长|县长|镇长|局长|主任|委员长|总统|首相|大使)$"
)


def _subject_sort(lead: str) -> str:
    if _PRONOUN.fullmatch(lead):
        return "pronoun"
    if is_place(lead) or ends_like_organisation(lead):
        return "organisation"
    return "person" if _OFFICIAL.search(lead) else "thing"


_NOMINAL = tuple(
    sorted(
        (word for word, sort in lexicon.VERB_CLASS.items() if sort == "attain"),
        key=len,
        reverse=True,
    )
)
_STATE = (
    "超额完成",
    "达到要求",
    "投入运营",
    "投入使用",
    "建成投产",
    "建成投用",
    "开工建设",
    "竣工投产",
    "全面完成",
    "建成",
    "投产",
    "达产",
    "投用",
    "开工",
    "竣工",
    "通车",
    "破题",
    "落地",
    "完工",
    "达标",
    "启用",
    "开业",
    "入住",
    "见效",
    "全覆盖",
    "清零",
    "归零",
    "上线",
    "投运",
    "落户",
    "通水",
    "试车",
    "收尾",
    "开班",
    "起执行",
    "起施行",
    "起实施",
)
_REACHES = (
    *("完成", "实现", "提高", "增加", "减少", "上升", "压减", "降低", "新增", "缩短", "累计"),
    *("精简", "压缩", "下降", "提升", "缩减", "扩大", "配备"),
)
STATE = re.compile("|".join(map(re.escape, _STATE)))
_COMPLETIVE = tuple(
    sorted(
        (w for w, sort in lexicon.VERB_CLASS.items() if sort == "completive" and w != "实现"),
        key=len,
        reverse=True,
    )
)
_NOMINAL_PREDICATE = re.compile(
    "|".join(
        (
            *sorted(map(re.escape, (*_NOMINAL, *_STATE, *_REACHES)), key=len, reverse=True),
            f"(?:{'|'.join(_COMPLETIVE)})$",
        )
    )
)


_LEVEL_NAMED = re.compile(r"[^，、]{0,10}(?:要求|标准|目标|[ⅠⅡⅢⅣⅤ一二三四五]类水?|[一二三四五A-Z]级)$")


def _find_nominal_predicate(text: str, clause: Clause, position: int) -> None:
    """旅游收入超4亿元, 购物广场投入运营: a noun phrase with a predicate of attaining or of an end state."""
    if clause.verb is not None:
        return
    start = position if clause.cue is None else max(position, clause.cue.end)
    for match in _NOMINAL_PREDICATE.finditer(text, start, clause.end):
        if match[0] in _REACHES and any(number.start == match.end() for number in clause.numbers):
            if match.start() - start < 2 or text[match.start() - 1] in "的、和与及“":
                continue
            sort = "attain"
        elif match[0] in _STATE or lexicon.VERB_CLASS.get(match[0]) == "completive":
            opens = match.start() == start > clause.start  # 年底前全部达标: no noun phrase, the verb itself
            if not opens and (match.start() - start < 2 or text[match.start() - 1] in "的、和与及“不"):
                continue
            if text[match.end() : match.end() + 1] == "的":
                continue
            sort = "completive"
        elif _LEVEL_NAMED.match(text, match.end(), clause.end) or any(
            number.start <= match.start() <= number.end or 0 <= number.start - match.end() <= 8
            for number in (*clause.numbers, *(time for time in clause.times if time.kind == "duration"))
        ):
            sort = "attain"
        else:
            continue
        inner = lexicon.CUE.search(text, start, match.start())
        if (
            inner
            and not _is_verb_use(text, inner, clause.end)
            and inner.start() > start
            and clause.cue is None
        ):
            clause.cue = clause.outer_cue = Word(
                inner.start(), inner.end(), inner[0], lexicon.CUE_CLASS[inner[0]]
            )
        clause.verb = Word(match.start(), match.end(), match[0], sort)
        clause.nominal = True
        return
