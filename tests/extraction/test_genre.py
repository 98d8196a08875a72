"""A page out of the middle of a plan promises; the same verbs in a report of what was done do not."""

from yinuo import extract

_TASKS = [
    "新建公园3处",
    "改造小区20个",
    "完善供热设施",
    "推进滨河新区建设",
    "建成污水处理厂1座",
    "引进企业5家",
]
_PLAN = "。".join([*_TASKS, *(f"继续{task}" for task in _TASKS), *(f"积极{task}" for task in _TASKS)]) + "。"
_REPORT = (
    "。".join(f"{task}，同比增长{number}%" for number, task in enumerate([*_TASKS, *_TASKS, *_TASKS], 1))
    + "。"
)


def test_tasks_one_after_the_other_are_a_plan() -> None:
    assert len(extract(_PLAN).pledges) == 18


def test_the_same_tasks_with_their_growth_are_a_report() -> None:
    assert extract(_REPORT).pledges == []


def test_planted_a_few_bare_sentences_are_no_plan() -> None:
    assert extract("。".join(_TASKS) + "。").pledges == []
