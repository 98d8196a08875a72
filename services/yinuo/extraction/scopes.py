"""What reaches over clauses: time, subject, speaker, cue, and whether the words look forward at all.

Walks the clauses of one page from left to right and hands each the state it stands in. Scopes reach to the right
only; a paragraph ends them, except the year of a plan's heading or lead-in (guideline §3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.clauses import read_clauses
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.genre import BELOW, PLAN_LEAD, genre_of, heads_list, time_of_goals
from yinuo.extraction.issuers import FACILITY, NAMELESS, same_level
from yinuo.extraction.kinds import own_act_expected
from yinuo.extraction.passages import Block, Page
from yinuo.extraction.places import is_place
from yinuo.extraction.rows import Speaker
from yinuo.extraction.sentences import announcing, echoes, void_sentences
from yinuo.extraction.voices import Attribution, attributions, short_organisation


@dataclass(frozen=True, slots=True)
class Setting:
    """What a clause inherits. `forward` names why the words look forward, None if they do not.

    `announces`: the clause stands in the sentence that only announces what its paragraph is about. `void`: why
    nothing in the sentence is undertaken: `container` (为贯彻…，制定本方案: a document enacts itself), `question`.
    `ahead`: a deadline still to come is in scope (到2027年，…). `summarised`: narration that lists
    what a named official undertakes, so that every clause reports an act of its own.
    """

    block: Block
    speaker: Speaker | None
    promiser: str | None
    promiser_at: tuple[int, int] | None
    time: Expression | None
    carried_cue: Word | None
    forward: str | None
    past: bool
    third_party: bool
    announces: bool
    void: str | None
    ahead: bool
    summarised: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A clause in its setting, and whether it is the first of its sentence."""

    clause: Clause
    setting: Setting
    opens_sentence: bool


_PLAN = re.compile(
    "政府工作的总体要求|工作安排|工作部署|主要任务|重点任务|总体目标|主要目标|工作目标|重点工作|发展目标|目标任务|工作要点|保障措施|下一步|工作打算|预期目标"
)
_POLICY = re.compile(
    "(?:特?制定|提出)(?:本|如下|以下)(?:行动|实施|工作)?(?:计划|方案|意见|措施|办法)|(?:责任|牵头)单位："
)
_NAVIGATION = re.compile("[>＞»]|当前位置")  # 首页 > 往期回顾: where a page stands on its site
_REVIEW = re.compile("回顾|工作总结|过去[一五]年|主要成效|基本情况|取得的成|存在的问题")
# 全年目标任务也已分解下达：…; 按照人大批准的计划，…: what the rest of the sentence lists is aimed at.
_TARGETS_SET = re.compile(
    "(?:目标任务|年度目标|全年目标|预期目标|目标)[^，。]{0,10}：$|"
    "(?:按照|根据|按)[^，。]{0,40}(?:批准|确定|通过|下达|提出)的[^，。]{0,12}(?:计划|目标|任务)，$"
)
_PROMISES = re.compile("(?:承诺|保证|力争|确保)$")  # 县长承诺，…: the cue alone governs what follows
_GOALS = re.compile(
    "(预期目标|奋斗目标|主要目标|总体目标|工作目标|发展目标)(?:是|为)?$"
)  # of all that its paragraph lists
_WHOLE_PERIOD = re.compile(
    "全年|上半年|下半年|年末|年底(?!前)|[一二三四]季度|前[一二三四]季度"
)  # 全年新增 reports, 年内新增 plans
_COMPARED = re.compile("同比|环比|比上年|比去年|较上年|较去年")
_REPORTED = re.compile("数据显示|统计显示|据统计|截至|截止到?|初步核算|(?:公布|发布|提供)的数据")


def place_clauses(
    text: str,
    page: Page,
    expressions: list[Expression],
    reference: date | None,
    issuer: str | None,
    company: str | None = None,
) -> Iterator[Placed]:
    """Every clause of every answer and body paragraph in its setting, in order. `company`: who 公司 is."""
    mode = "plan" if _POLICY.search(text) else genre_of(text)
    plan_time: Expression | None = None
    turn, turn_forward = -1, False
    reported: Expression | None = None
    for index, block in enumerate(page.blocks):
        inside = [found for found in expressions if block.body <= found.start and found.end <= block.end]
        if block.kind in ("headline", "kicker"):
            if block.level in (0, 1):
                words = text[block.start : block.end]
                if _NAVIGATION.search(words):
                    continue
                if _REVIEW.search(words):
                    mode, plan_time = "review", None
                elif _PLAN.search(words):
                    mode = "plan"
                    plan_time = next((t for t in inside if t.kind == "date"), plan_time)
            continue
        if block.kind not in ("answer", "body"):
            continue
        if block.turn != turn:
            turn, turn_forward = block.turn, False
        walker = _Paragraph(
            text,
            page,
            block,
            reference,
            issuer,
            mode,
            (plan_time if mode == "plan" else None) or time_of_goals(text, page, index, expressions),
            turn_forward and block.kind == "answer",
            reported,
            heads_list(page, index),
            company,
        )
        yield from walker.placed(read_clauses(text, block.body, block.end, inside))
        turn_forward, reported = walker.opened, walker.reported
        if walker.plan_opened:
            mode, plan_time = "plan", walker.plan_time or plan_time
            issuer = issuer or walker.plan_promiser


_FOR_OTHERS = re.compile("(?:可以?|应当?|须|需|请)(?:于|在)?$")  # 村民可于3月20日前向村委会反映
_HELD = re.compile("[^，]{0,12}(?:召开|举行|闭幕|结束|公布|发布)的")  # 前不久召开的中央经济工作会议提出
_FROM_HERE_ON = re.compile("下一步|今后|接下来|未来，")
_TOLD_TODAY = re.compile("今[天日]|昨[天日]|近日|日前|^(?:不过|但|而)?随着")
_IF_DONE = re.compile("等[^，]{1,8}了(?:就|再|后)")  # 等大桥通了就投用: 了 in what is waited for
_ALL_BELOW = re.compile(
    "各(?:级|地|市|县|区|部门|有关|相关|责任|单位|镇|乡|街道)[^，。]{0,16}?(?:要(?!求)|须|应当?|务必)"
)
_ESTIMATES = re.compile("(?:预计|预测|估计|测算|判断)$")
_DEMANDS = re.compile("指出|要求|提出|强调|部署|明确|号召|决定|建议|认为|希望|倡议|声明")


_GOES_ON = re.compile(
    "(?:正在|正)(?:[加抓全积大稳]|着力|努力|深入|推进|推动|构建|建设|实施|开展|筹建|筹备|谋划|打造|扩建|研究|制定)"
)


_CENTRAL = ("部", "委", "局", "行", "署", "院", "总台", "集团")


class _Paragraph:
    """The state inside one paragraph."""

    def __init__(
        self,
        text: str,
        page: Page,
        block: Block,
        reference: date | None,
        issuer: str | None,
        mode: str | None,
        plan_time: Expression | None,
        opened: bool,
        reported: Expression | None = None,
        heads_list: bool = False,
        company: str | None = None,
    ) -> None:
        self._heads_list, self._company = heads_list, company
        self.reported = reported
        self._text, self._block, self._reference = text, block, reference
        self._mode = mode
        self._time = self._plan_time = plan_time
        self._says: list[Attribution] = (
            attributions(text[block.body : block.end], block.body, page.persons)
            if block.kind == "body"
            else []
        )
        own = short_organisation(block.speaker.organisation) if block.speaker else None
        self._own = (issuer or own) if own in NAMELESS else (own or issuer)
        self._promiser = self._own
        self._promiser_at: tuple[int, int] | None = None
        self._speaker = block.speaker
        self._summarised = block.kind == "body" and bool(page.persons)
        self._past = self._aimed = False
        self._goal: Word | None = None
        self.opened = opened
        self.plan_opened = False
        self.plan_time: Expression | None = None
        self.plan_promiser: str | None = None

    def _opens_plan(self, clause: Clause) -> bool:
        """今年政府工作的总体要求是：, 今年要抓好以下工作：: the lead-in of a plan."""
        return (
            clause.closing == "："
            and self._block.kind == "body"
            and (PLAN_LEAD.search(clause.text) is not None or _PLAN.search(clause.text) is not None)
        )

    def placed(self, clauses: list[Clause]) -> Iterator[Placed]:
        sentence, carried, third, forward_sentence = -1, None, False, False
        announced, void = (
            announcing(clauses, self._mode == "plan", self._block.level > 0, self._heads_list),
            void_sentences(clauses),
        )
        for index, clause in enumerate(clauses):
            opens_sentence = clause.sentence != sentence
            if opens_sentence:
                echoed = third and echoes(clause)
                sentence, carried, third, forward_sentence = clause.sentence, self._goal, False, False
                third = echoed
            self._hear(clause)
            foretells = clause.subject is not None and clause.cue is not None and clause.cue.text == "将"
            third = (third and not foretells) or self._is_third_party(clause)
            self._take_subject(clause)
            self._take_time(clause)
            self._aimed = self._aimed and not opens_sentence
            own = (
                clause.cue is not None
                or self._goes_on(clause)
                or own_act_expected(clause)
                or self._falls_due(clause)
            )
            if own or self._opens_forward(clause):
                forward_sentence = True
                if not third and (clause.subject is None or clause.subject.sort != "thing"):
                    self.opened = True
            past = self._is_past(clause, forward_sentence, carried is not None)
            if past and not own and clause.core == clause.start and index == 0 and self._mode != "plan":
                self.opened = False
            forward = self._forward(clause, own, forward_sentence)
            if self._opens_plan(clause) or (forward_sentence and BELOW.search(clause.text + clause.closing)):
                inside = next(
                    (time for time in clause.times if time.kind == "date" and time.date_end is not None), None
                )
                self.plan_opened, self.plan_time = True, inside or self._time
                self.plan_promiser = self._promiser
                self._mode = "plan"
            yield Placed(
                clause,
                Setting(
                    self._block,
                    self._speaker,
                    self._promiser,
                    self._promiser_at,
                    self._time,
                    carried,
                    forward,
                    past,
                    third,
                    clause.sentence in announced,
                    "no_clause" if self._only_says(clause) else void.get(clause.sentence),
                    self._is_ahead(),
                    self._summarised,
                ),
                opens_sentence,
            )
            self._aimed = self._aimed or _TARGETS_SET.search(clause.text + clause.closing) is not None
            promised = _PROMISES.search(clause.text)
            goals = _GOALS.search(clause.text) if clause.closing == "：" else None
            if goals is not None:
                at = clause.start + goals.start()
                self._goal = carried = Word(at, at + len(goals[1]), goals[1], "aim")
            elif promised is not None and clause.closing in ("，", "："):
                forward_sentence = True
                at = clause.start + promised.start()
                carried = Word(at, clause.end, promised[0], lexicon.CUE_CLASS[promised[0]])
            elif clause.cue is not None:
                cue = clause.outer_cue if clause.obtains() else clause.cue
                carried = cue if cue is not None and cue.text in lexicon.CARRYING else None
            elif clause.has_own_effort() and carried is not None:
                carried = None if carried.sort == "commitment" or clause.manner else carried

    def _goes_on(self, clause: Clause) -> bool:
        """正加快推进…; 近日，X开展…行动; 即日起…: under way now, and going on."""
        since = clause.time.date_start if clause.time is not None else None
        long_ago = since is not None and since < (self._reference or since)
        if _GOES_ON.search(clause.words()) or (lexicon.FROM_NOW.search(clause.text[:14]) and not long_ago):
            return True
        if clause.verb is None or not lexicon.NOW.match(clause.text):
            return False
        agent = clause.subject is not None and clause.subject.sort == "organisation" and not clause.numbers
        acts = agent and clause.verb.sort in ("bare", "process", "other", "completive")
        return clause.verb.text in ("开展", "实施", "组织实施") or (
            acts and clause.text.startswith(("眼下", "当前", "目前"))
        )

    def _hear(self, clause: Clause) -> None:
        """From a verb of saying on, the words are that speaker's; a quotation right before it too."""
        for says in self._says:
            if (
                says.quote_before
                and self._text.rfind("“", self._block.body, says.start) <= clause.start < says.start
            ):
                self._speaker = says.speaker
                if says.organisation:
                    self._promiser, self._promiser_at = says.organisation, (says.start, says.end - 1)
                    self._own = says.organisation
        for says in self._says:
            if clause.start <= says.start < clause.end + 1 and says.end <= clause.end + 2:
                self._speaker = says.speaker
                if says.organisation:
                    self._promiser, self._promiser_at = says.organisation, (says.start, says.end - 1)
                    self._own = says.organisation

    def _only_says(self, clause: Clause) -> bool:
        """……。”张三12月20日在发布会上说。: a clause that is nothing but the attribution."""
        return any(
            says.start <= clause.start + 12 and clause.end <= says.end <= clause.end + 2
            for says in self._says
        )

    def _is_third_party(self, clause: Clause) -> bool:
        if clause.closing == "，" and _ESTIMATES.search(clause.text):
            return True  # 券商预计，…: what follows is an estimate
        words = clause.words()
        if _ALL_BELOW.match(words):
            return True  # 各级各部门要…: what others are told to do
        lead = _HELD.match(words)
        party, demand = lexicon.THIRD_PARTY.match(words, lead.end() if lead else 0), _DEMANDS.search(words)
        first = clause.cue is None or (
            demand is not None and clause.core + demand.start() < clause.cue.start
        )  # 全会强调要深化改革
        return party is not None and demand is not None and first

    def _take_subject(self, clause: Clause) -> None:
        subject = clause.subject
        if (
            subject is None
            or subject.sort in ("thing", "person")
            or subject.text.startswith("该")  # 该局 is who was named last
            or (clause.verb is not None and clause.verb.sort == "attain")
            or (
                self._own is not None
                and (self._speaker or self._mode == "plan")
                and FACILITY.search(subject.text)
            )
        ):
            return
        at = (subject.start, subject.end)
        if subject.text in ("我国", "全国") and not (self._own and self._own.endswith(_CENTRAL)):
            self._promiser, self._promiser_at = "我国", at
            return
        if subject.sort == "pronoun":
            if subject.text.endswith(("公司", "集团")) and self._company:
                self._promiser, self._promiser_at = self._company, at
            elif self._own:
                self._promiser = self._own if same_level(subject.text, self._own) else None
            return
        if subject.text != self._promiser and self._promiser is not None and self._plan_time is None:
            self._time = None  # whose act it is has changed
        self._promiser, self._promiser_at = subject.text, at
        if is_place(subject.text) and self._own is None:
            self._own = subject.text

    def _take_time(self, clause: Clause) -> None:
        if _FROM_HERE_ON.match(clause.text):
            self._time = None
        if clause.time is None or not clause.time_leads or clause.time.kind != "date":
            return
        alone = lexicon.BEFORE_EVENT.search(clause.text)  # 秋季开学前完成…: of this act alone
        if alone or (clause.text.startswith("年初") and not clause.time.deadline):
            return  # 年初安排…: when it was set out, not when it is due
        self._time = self.reported if self._of_reported_year(clause) else clause.time
        last = clause.time.date_end
        if last is not None and self._reference is not None and not self._of_reported_year(clause):
            self.reported = clause.time if last.year < self._reference.year else None

    def _of_reported_year(self, clause: Clause) -> bool:
        """全年, 年末 without 今年 in a report on a past year mean that year."""
        bare = clause.time is not None and clause.text.startswith(
            ("全年", "年末", "年底", "上半年", "下半年", "本年")
        )
        return bare and self.reported is not None and self._mode != "plan"

    def _opens_forward(self, clause: Clause) -> bool:
        """A leading time phrase that ends after the reference year has begun: 今年, 新的一年, 到2025年."""
        time = clause.time
        if time is None or not clause.time_leads or time.date_end is None:
            return False
        year = self._reference.year if self._reference else None
        reports = self._is_nearly_over(time) or _WHOLE_PERIOD.match(clause.words()) is not None
        if clause.cue is None and (self._mode == "review" or (self._mode != "plan" and reports)):
            return False
        return (year is not None and time.date_end.year >= year and time.deadline) or (
            time.date_end is not None
            and self._reference is not None
            and time.date_end > self._reference
            and "以来" not in clause.text
        )

    def _is_ahead(self) -> bool:
        time, reference = self._time, self._reference
        return (
            time is not None
            and time.deadline
            and time.date_end is not None
            and reference is not None
            and time.date_end > reference
        )

    def _falls_due(self, clause: Clause) -> bool:
        """除险加固6月底前通过验收, 增速预期在7%左右: a deadline still to come, or what is expected, in the predicate."""
        reference = self._reference
        done = lexicon.DONE.search(clause.text) or lexicon.ACHIEVED.search(clause.text)
        if clause.verb is None or done or _DEMANDS.search(clause.text) or _TOLD_TODAY.search(clause.text):
            return False
        if clause.cue is None and lexicon.BEFORE_EVENT.search(self._text, clause.core, clause.verb.start):
            return self._mode != "review" and not self._past
        if not clause.nominal:
            return False
        if clause.verb.text.startswith("预期"):
            return True
        return any(
            (
                time.deadline
                or (reference is not None and time.date_start is not None and time.date_start > reference)
            )
            and time.kind == "date"
            and not clause.time_leads
            and clause.core <= time.start
            and not _FOR_OTHERS.search(self._text, clause.core, time.start)
            and time.end <= clause.verb.start
            and (time.date_end is None or reference is None or time.date_end > reference)
            for time in clause.times
        )

    def _is_nearly_over(self, time: Expression) -> bool:
        """今年 with a bare verb, said in its last quarter, reports; earlier it plans."""
        reference = self._reference
        whole_year = (
            time.date_start is not None
            and time.date_end is not None
            and ((time.date_start.month, time.date_start.day, time.date_end.month) == (1, 1, 12))
        )
        return (
            reference is not None
            and whole_year
            and time.date_end is not None
            and time.date_end.year == reference.year
            and reference.month >= 10
        )

    def _is_past(self, clause: Clause, forward: bool, promised: bool) -> bool:
        time = clause.time
        if self._aimed:
            return lexicon.DONE.search(clause.text) is not None
        if (
            time is not None
            and clause.time_leads
            and time.date_end is not None
            and self._reference is not None
        ):
            if self._of_reported_year(clause):
                self._past = True
            else:
                self._past = time.date_end.year < self._reference.year
        elif clause.cue is not None or self._falls_due(clause):
            self._past = False
        if clause.cue is None and (
            _REPORTED.search(clause.text)
            or (self._mode != "plan" and not promised and _COMPARED.search(clause.text))
        ):
            self._past = True
        return (
            self._past
            or (
                lexicon.DONE.search(clause.text) is not None
                and not self._adds_up_ahead(clause)
                and not _IF_DONE.match(clause.words())
            )
            or (not forward and self._mode != "plan" and lexicon.ACHIEVED.search(clause.text) is not None)
        )

    def _adds_up_ahead(self, clause: Clause) -> bool:
        """到2030年，累计建成…: 累计 with a deadline yet to come."""
        return self._opens_forward(clause) and lexicon.DONE.search(clause.text.replace("累计", "")) is None

    def _forward(self, clause: Clause, own: bool, sentence: bool) -> str | None:
        if own:
            return "due" if clause.cue is None and self._falls_due(clause) else "cue"
        if self._mode == "plan" or self._aimed:
            return "plan"
        if sentence:
            return "sentence"
        if self._mode == "review":
            return None
        ours = clause.subject is not None and clause.subject.text == "我们"
        same = clause.subject is None or (
            (ours or clause.subject.text == self._promiser)
            and clause.verb is not None
            and clause.verb.sort != "attain"
        )
        if self.opened and clause.verb is not None and same:
            return "paragraph"
        return None
