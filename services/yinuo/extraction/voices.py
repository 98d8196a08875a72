"""Who speaks: persons named with their post and organisation, and the verbs of saying that bind words to them.

Works on the clean view. Knows the forms of names, not the names: the tables are `posts.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.reading import CJK
from yinuo.extraction.rows import Speaker

_TABLE = toml_table("posts.toml")
_SURNAME = f"(?:{alternation(_TABLE['compound_surnames'])}|[{''.join(_TABLE['surnames'].split())}])"
_POST_CORE = alternation(_TABLE["posts"])
_RANK = alternation(_TABLE["ranks"])
_POST = f"(?:{_RANK})?(?:{_POST_CORE})"
SAYING = alternation(_TABLE["saying"])
_ORGANS = sorted(_TABLE["organs"], key=len, reverse=True)

_AFTER_NAME = rf"(?=(?:(?:\d{{1,2}}月)?\d{{1,2}}日)?(?:同志|先生|女士|在|今天|近日|日前|则|还|也|对此|进一步|向|就|对|告诉)?(?:{SAYING})|在|的|同志|先生|女士|等|对|向|就|[：:，,。、；！？”】》）（\s]|$)"
NAME = rf"(?P<name>{_SURNAME}[{CJK}]{{1,2}}?){_AFTER_NAME}"
_TITLED = re.compile(
    rf"(?P<org>[{CJK}A-Za-z0-9（）“”·]{{0,30}}?)(?P<post>{_POST}(?:[、兼]+[{CJK}]{{0,8}}?{_POST})*)[、， 　]?{NAME}"
)
_NAME_ALONE = re.compile(rf"^{_SURNAME}[{CJK}]{{1,2}}$")
_ORG_LEAD = re.compile(
    r".*(?:记者对|专访|对话|采访了?|访谈|[—–-]访|一访|来看|播出|邀请到?了?|听取了?|[对访据与由是让请]|(?<=[部局委长记者员司厅院会])和)(?=[^对访据与由是让请]{2,}$)"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A person or body that says something at `[start, end)` of the view; the words stand right of `end`.

    `quote_before` tells that a quotation stands directly left of `start` (“……。”张三说。).
    """

    start: int
    end: int
    speaker: Speaker | None
    organisation: str | None
    quote_before: bool


def is_person_name(text: str) -> bool:
    """Whether a short text has the form of a Chinese person's name."""
    return _NAME_ALONE.match(text) is not None


def titled_persons(text: str) -> list[tuple[int, Speaker]]:
    """Persons named with a post, with the offset of the name, in order."""
    found = []
    for match in _TITLED.finditer(text):
        organisation, post = _split(match["org"], match["post"])
        found.append((match.start("name"), Speaker(match["name"], post, organisation)))
    return found


def _split(lead: str, post: str) -> tuple[str | None, str]:
    """Organisation and post out of 上海市委 + 副书记、市长: the organ stays with the organisation."""
    organisation = _ORG_LEAD.sub("", lead).strip("“”（）·")
    for organ in ("党委", "党组", "党工委", "党支部", "党总支"):
        if organisation.endswith(organ) and post in ("书记", "副书记", "成员"):
            return organisation[: -len(organ)] or None, organ + post
        if post.startswith(organ):
            return organisation or None, post
    return organisation or None, post


_INVITED = re.compile("^(?:(?:请|邀请)?(?:来了|到了?)|来到)(?=[^，]{3,}$)")  # 我们请来了省商务厅…
# 东湖区青石镇: the body is the lower of the two
_LOWER = re.compile(
    rf"(?:[{CJK}]{{2,4}}省)?(?:[{CJK}]{{2,4}}市)?[{CJK}]{{2,5}}[区县市旗]([{CJK}]{{2,5}}?(?:镇|乡|街道|村|社区).*)$"
)


def short_organisation(organisation: str | None) -> str | None:
    """The short place or body name: 青岛开发区管委 → 青岛开发区, 上海市委 → 上海市, 福建省委 → 福建省."""
    if not organisation:
        return None
    organisation = _INVITED.sub("", organisation)
    lower = _LOWER.match(organisation)
    organisation = lower[1] if lower else organisation
    for organ in _ORGANS:
        if organisation.endswith(organ) and len(organisation) > len(organ) + (organ != "人民政府"):
            stem = organisation[: -len(organ)]
            return stem + organ[0] if organ[0] in "省市区县州旗盟" and organ[-1] == "委" else stem
    return organisation


_SAYS = re.compile(
    rf"(?P<who>(?:[{CJK}A-Za-z0-9（）“”·、]{{0,30}}?))(?:(?P<name>{_SURNAME}[{CJK}]{{1,2}}?)|(?P<unnamed>(?:有关|相关|主要)?(?:负责人|负责同志|发言人|人士|工作人员)))"
    rf"(?:同志|先生|女士)?(?:(?:\d{{1,2}}月)?\d{{1,2}}日|今天|昨天|近日|日前)?(?:则|还|也|对此|在[^，。：；“”]{{1,24}}?(?:时|上|中|期间)|向(?:本报)?记者|进一步|接受[^，。]{{1,12}}采访时|对(?:本报)?记者)?(?P<verb>{SAYING})(?:，|：|:|。|$|(?=“))"
)


def attributions(text: str, offset: int, known: dict[str, Speaker]) -> list[Attribution]:
    """Where somebody says something in one paragraph `text` that starts at `offset` of the view, in order.

    A bare surname-and-name counts only for a person named with a post somewhere (`known`), or when it stands at
    the start of a sentence; so that 刘庄表示 a village does not become a speaker by chance.
    """
    found: list[Attribution] = list(_turn(text, offset))
    for match in _SAYS.finditer(text):
        if found and match.start() < found[-1].end - offset:
            continue
        speaker, organisation, start = _who(match, known)
        if speaker is None and organisation is None:
            continue
        if text[start : start + 1] == "”":
            start += 1
        before = text[:start].rstrip()
        quote_before = before.endswith("”")
        found.append(Attribution(offset + start, offset + match.end(), speaker, organisation, quote_before))
    return found


def _turn(text: str, offset: int) -> Iterator[Attribution]:
    """交通运输部规划司副司长 林建国：我们将…: how broadcasts set who speaks at the head of a paragraph."""
    colon = text.find("：", 0, _LONGEST_TURN)
    titled = _TITLED.match(text[:colon]) if colon > 0 else None
    if titled is None or titled.end() != colon:
        return
    organisation, post = _split(titled["org"], titled["post"])
    speaker = Speaker(titled["name"], post, organisation)
    yield Attribution(offset, offset + colon + 1, speaker, short_organisation(organisation), False)


_LONGEST_TURN = 48


def _who(match: re.Match[str], known: dict[str, Speaker]) -> tuple[Speaker | None, str | None, int]:
    if match["unnamed"]:
        organisation = _ORG_LEAD.sub("", match["who"]).split("、")[-1] if match["who"] else ""
        return None, short_organisation(organisation) if len(organisation) >= 2 else None, match.start()
    name, start = match["name"], match.start("name")
    if name not in known and name[1:] in known:  # 主席王明: 席 is a surname too
        name, start = name[1:], start + 1
    titled = _TITLED.search(match["who"] + match["name"])
    if titled and titled["name"] == name:
        body, post = _split(titled["org"], titled["post"])
        speaker = known.get(name)
        if speaker is None or speaker.organisation is None:
            speaker = Speaker(name, post, body)
        return speaker, short_organisation(speaker.organisation), match.start()
    if name in known:
        return known[name], short_organisation(known[name].organisation), start
    for length in (2, 3):  # the lazy name may have stopped early: 李守 of 李守晟
        longer = match["who"][-1:] + name if length == 3 else name
        if longer in known:
            return known[longer], short_organisation(known[longer].organisation), start - 1
    return None, None, start
