"""Places and organisations by form and by the table of administrative divisions (`regions.tsv`, GB/T 2260)."""

from __future__ import annotations

import re

from yinuo.extraction.data import alternation, toml_table, tsv_rows
from yinuo.extraction.reading import CJK
from yinuo.extraction.rows import Region

_ROWS = [
    (code, name)
    for code, name in tsv_rows("regions.tsv")
    if name not in ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
]
# Divisions whose names are also common nouns: alone they name no place.
_COMMON_NOUNS = frozenset(
    {"老城区", "城区", "郊区", "矿区", "新城区", "城中区", "市中区", "东区", "西区", "新区"}
)
_ROWS = [(code, name) for code, name in _ROWS if name not in _COMMON_NOUNS]
_ZONES: dict[str, str] = toml_table("zones.toml")["zone"]
_FULL: dict[str, list[str]] = {}
for _code, _name in _ROWS:
    _FULL.setdefault(_name, []).append(_code)

_NATIONS = "壮族|回族|维吾尔|藏族|蒙古族|蒙古|土家族|苗族|侗族|彝族|羌族|傣族|景颇族|傈僳族|白族|哈尼族|布依族|朝鲜族|哈萨克|柯尔克孜|满族|各族|瑶族|黎族|畲族|裕固族|东乡族|撒拉族|保安族|土族|独龙族|怒族|普米族|佤族|拉祜族|布朗族|纳西族|水族|仡佬族|毛南族|仫佬族|达斡尔族|鄂温克族|鄂伦春"
_STEM = re.compile(rf"(?:(?:{_NATIONS})*自治[区州县旗]|特别行政区|[省市县区旗盟]|地区|林区)$")


def _stems() -> dict[str, str]:
    """Short names that stand alone (山东, 青岛, 海拉尔): provinces and cities always, counties if unique and 3 long."""
    stems: dict[str, str] = {}
    taken: dict[str, int] = {}
    for code, name in _ROWS:
        stem = _STEM.sub("", name)
        if len(stem) < 2 or stem == name:
            continue
        taken[stem] = taken.get(stem, 0) + 1
        stands_alone = code.endswith("00") or len(stem) >= 3
        if stands_alone and (stem not in stems or code.endswith("0000")):
            stems[stem] = code
    return {stem: code for stem, code in stems.items() if code.endswith("00") or taken[stem] == 1}


_STEMS = _stems()
PLACE_NAMES = frozenset(_FULL) | frozenset(_STEMS) | frozenset(_ZONES)
PLACE = re.compile(alternation(tuple(PLACE_NAMES)))

ORGANISATION_ENDS = (
    "工商联",
    "妇联",
    "残联",
    "侨联",
    "文联",
    "总工会",
    "团委",
    "政协",
    "国资国企",
    "人民政府",
    "政府",
    "管委会",
    "管委",
    "委员会",
    "党委",
    "党工委",
    "市委",
    "区委",
    "县委",
    "省委",
    "办公室",
    "总局",
    "公安局",
    "局",
    "厅",
    "财政部",
    "商务部",
    "自然资源部",
    "农业农村部",
    "水利部",
    "教育部",
    "部",
    "署",
    "发展改革委",
    "国家发改委",
    "发改委",
    "国资委",
    "卫健委",
    "委",
    "公司",
    "集团",
    "银行",
    "医院",
    "大学",
    "学院",
    "学校",
    "中学",
    "小学",
    "研究院",
    "研究所",
    "法院",
    "检察院",
    "协会",
    "商会",
    "联盟",
    "基金会",
    "开发区",
    "高新区",
    "新区",
    "示范区",
    "自贸区",
    "街道",
    "社区",
    "村委会",
    "居委会",
    "村",
    "镇",
    "乡",
    "县",
    "市",
    "区",
    "省",
    "自治区",
    "州",
    "旗",
    "盟",
    "厂",
    "合作社",
    "指挥部",
    "工作组",
    "联社",
    "股份",
    "控股",
    "证券",
    "支队",
    "大队",
    "总队",
    "财政",
    "部委",
    "部门",
    "各地",
    "各部门",
    "各级",
)
_ENDS = re.compile(f"(?:{alternation(ORGANISATION_ENDS)})$")
SUBJECT = re.compile(
    rf"(?:{PLACE.pattern})(?:(?:(?![将要拟在以的正还力争确推建实完加]|计划)[{CJK}（）]){{0,12}}?(?:{alternation(ORGANISATION_ENDS)}))?(?=[^的])|"
    rf"(?:(?![将要拟的])[{CJK}A-Za-z（）·]){{1,16}}?(?:{alternation(ORGANISATION_ENDS)})(?![{CJK}]{{0,1}}(?:化|级|域|位|场|民|内|间|界|长|际|性|的|建设|升级|转型))"
)
_NO_ORGANISATION = re.compile(
    "(?:项目|工程|产业|企业发展|城乡|城镇|城市|农村|乡村|超市|股市|楼市|夜市|门市|上市|今后|各区|全部|部分|内部|干部|中部|东部|西部|南部|北部|局部|地区|片区|景区|城区|社区|小区|灾区|山区|校区|辖区|棚户区|街区|厂区|库区|功能区|保护区|集聚区|聚集区|核心区|居民区|居住区|林区|牧区)$"
)


_OPENS_PREDICATE = re.compile(
    "初步|逐步|基本|全面|加快|形成|建成|推进|推动|实现|做好|加强|提升|完善|深化|支持|引导|鼓励|确保"
)


def is_place(text: str) -> bool:
    """Whether the text is the name of an administrative division or a zone, long or short."""
    return text in PLACE_NAMES


def ends_like_organisation(text: str) -> bool:
    """Whether the text has the form of a body that can undertake something."""
    return (
        _ENDS.search(text) is not None
        and _NO_ORGANISATION.search(text) is None
        and _OPENS_PREDICATE.match(text) is None
    )


def region_of(name: str | None) -> Region | None:
    """The region that a body's name begins with or is, with its code where only one place bears the name."""
    if not name:
        return None
    for zone, code in _ZONES.items():
        if name.startswith(zone):
            return Region(zone, code)
    found = PLACE.match(name)
    if found is None:
        return None
    inner = PLACE.match(name, found.end())
    place = inner[0] if inner and inner[0] in _FULL else found[0]
    codes = _FULL.get(place) or [_STEMS[place]]
    if place in _FULL and inner and len(codes) > 1:
        outer = (_FULL.get(found[0]) or [_STEMS[found[0]]])[0].rstrip("0")
        codes = [code for code in codes if code.startswith(outer[:4])] or codes
    return Region(place, codes[0] if len(codes) == 1 else None)


def _by_head() -> dict[str, tuple[str, ...]]:
    """The names by their first two characters, longest first: one look-up a character is cheaper than a pattern."""
    heads: dict[str, list[str]] = {}
    for name in sorted(PLACE_NAMES, key=lambda name: (-len(name), name)):
        heads.setdefault(name[:2], []).append(name)
    return {head: tuple(names) for head, names in heads.items()}


_BY_HEAD = _by_head()


# 建成县级平台, 示范县, 代县长: two characters that are a county's name only where they stand by themselves
_NO_SHORT_NAME = re.compile(
    rf"^[{CJK}](?<![在于和与及到从对向是由给省市州区、，])|^.?[{CJK}][县市区](?:[长级委域]|书记)"
)


def named_places(text: str) -> dict[str, int]:
    """How often each division is named in a text, by its full name or a short one of three characters or more."""
    counts: dict[str, int] = {}
    position = 0
    while position < len(text) - 1:
        names = _BY_HEAD.get(text[position : position + 2])
        name = next((name for name in names if text.startswith(name, position)), None) if names else None
        if (
            name is not None
            and len(name) == 2
            and _NO_SHORT_NAME.search(text, max(0, position - 1), position + 3)
        ):
            name = None
        if name is not None:
            counts[name] = counts.get(name, 0) + 1
        position += len(name) if name else 1
    return counts


def code_of(name: str) -> str | None:
    """GB/T 2260 code of a long or short name, None where several places bear it."""
    codes = _FULL.get(name) or ([_STEMS[name]] if name in _STEMS else [])
    return codes[0] if len(codes) == 1 else _ZONES.get(name)


def full_name(code: str) -> str | None:
    """The name that the table gives for a code."""
    return next((name for known, name in _ROWS if known == code), None)
