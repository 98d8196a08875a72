"""Lengths of time and spans counted from now: 三年, 两年半, 15个工作日, 三年内, 未来五年, 近三年, 十年来, 20天后.

For: a number with a unit of time and what stands around it. Not for: calendar dates (times.py).
Law kept: a length without a start stays a length; 三年行动 and 百日攻坚 are names and give nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from yinuo.extraction.expressions.data import CalendarLine, alternation
from yinuo.extraction.expressions.decimals import HALF, plain, plus, times
from yinuo.extraction.expressions.moments import Moment, month_span, shifted_by, year_span
from yinuo.extraction.expressions.numerals import Number, Numerals

_UNITS = {
    "年": "Y", "年头": "Y", "学年": "Y", "个年头": "Y", "个年": "Y", "周年": "Y", "个月": "M", "個月": "M", "月": "", "季度": "Q", "个季度": "Q",
    "周": "W", "个周": "W", "星期": "W", "个星期": "W", "礼拜": "W", "个礼拜": "W", "天": "D", "日": "D", "昼夜": "D", "个昼夜": "D",
    "个工作日": "D", "工作日": "D", "个自然日": "D", "日夜": "D", "小时": "H", "个小时": "H", "钟头": "H", "个钟头": "H",
    "分钟": "m", "分": "", "刻钟": "q", "秒": "S", "秒钟": "S", "世纪": "C", "个世纪": "C",
}  # fmt: skip
_UNIT = re.compile(rf" ?({alternation(_UNITS)})(?!(?<=周)岁|(?<=年)[份轻龄代]|(?<=日)[元圆币本语])")
_ORDER = "CYQMWDHmS"
_NAMED = re.compile(
    r"(?:[\u3400-\u9fff]{0,4})?(?:行动|规划|计划(?!生育)|攻坚|纲要|禁渔|禁捕|制(?![定造约])|大变样工程)|期(?:国债|贷款|LPR)|一遇|一度|一次|之计|级|报|产|薪|检|审|龄|货|租|终|夜饭|轮|鉴|利率|游|均|久|限"
)
_REPEATED = re.compile(r"一(年|天|日|周|个?月)(?:又?一)?\1")  # 一天天, 一年又一年
_NEVER_AFTER = re.compile(r"[第每逐历隔半周代]\Z")
_LINK = re.compile(r" ?(?:——?|--?|[–~～至到]) ?")
_MORE = re.compile(r"[多余]")
_HALF_TAIL = re.compile(r"半(?![年月天日小个时])")
_MINUTE_HALF = re.compile(r"半(?=$|[^\u3400-\u9fff]|钟|[的左以])")
_SECONDS = re.compile(r"(?:\d{1,2}(?:\.\d+)?|[一二三四五六七八九十]{1,3})秒")
UNIT_AHEAD = (
    r"年|月|日|号|天|周|星期|礼拜|小时|钟头|刻钟|分钟|分(?:\d|[一二三四五六七八九十半])|秒|季度|学年|世纪|昼夜|工作日|"
    r"[个多余]{1,2}(?:月|季度|星期|礼拜|小时|工作日|自然日|世纪|年头|半月|半小时|年|钟头|周|天)"
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time at `[start, end)`: count of one unit (Y M W D H m S), or several joined in `iso`.

    most: the longer end of 三到五年 and 两三年, within which 三到五年内 is kept.
    """

    start: int
    end: int
    count: Decimal
    unit: str
    iso: str
    approximate: bool = False
    working: bool = False
    most: Decimal | None = None


class Durations:
    """The reader of lengths of time with the words that anchor them to now."""

    def __init__(self, numerals: Numerals, lines: Sequence[CalendarLine]) -> None:
        """Derive the patterns from the lines with role ahead and behind."""
        self._numerals = numerals
        self._around = {line.text: line for line in lines if line.role in ("ahead", "behind")}
        self._before = re.compile(rf"{alternation(self._around)}的?\Z")

    def at(self, text: str, start: int, floor: int, today: date | None) -> Moment | None:
        """The length at `start`, or the span it makes with the words around it. A name gives grain `name`."""
        length = self.length_at(text, start)
        if length is None or _NEVER_AFTER.search(text, max(floor, start - 1), start):
            return None
        repeated = _REPEATED.match(text, start)
        named = repeated.end() if repeated else _name_end(text, length)
        if named is not None:
            return Moment(length.start, named, None, None, "name", "none")
        if text[start] in "百千万" and not text.startswith("内", length.end):  # 上百年 is no span before now
            return _bare(length)
        return self._anchored(text, length, floor, today) or _bare(length)

    # --- the length itself ----------------------------------------------------------------------------------

    def length_at(self, text: str, start: int) -> Length | None:
        """三年半, 一个半月, 一年又一个月21天, 半年, 十几年."""
        first = self._between(text, start) or self._part(text, start)
        if first is None:
            return None
        if first.most is not None:
            return first
        parts = [first]
        while parts[-1].iso and len(parts) < 4:
            at = parts[-1].end + (text[parts[-1].end : parts[-1].end + 1] in ("又", "零"))
            following = self._part(text, at)
            if following is None or _ORDER.index(following.unit) <= _ORDER.index(parts[-1].unit):
                break
            parts.append(following)
        if len(parts) == 1:
            return first
        return Length(start, parts[-1].end, first.count, first.unit, _joined(parts), first.approximate)

    def _between(self, text: str, start: int) -> Length | None:
        """三到五年, 3-5年, 3年至5年: as long as its shorter end at least, and as its longer end at most."""
        number = self._numerals.at(text, start) if not text.startswith("半", start) else None
        if number is None or number.shape in ("digits", "scale", "vague", "pair") or number.value >= 1000:
            return None
        unit = _UNIT.match(text, number.end)
        link = _LINK.match(text, unit.end() if unit else number.end)
        longer = self._part(text, link.end()) if link else None
        if longer is None or longer.count <= number.value or longer.most is not None:
            return None
        if text[longer.end - 1] == "日" and not _AFTER.match(text, longer.end):
            return None  # 15-20日 are days of a month
        shorter = self._part(text, start) if unit else replace(longer, count=number.value)
        if shorter is None or shorter.unit != longer.unit or shorter.count != number.value:
            return None
        iso = _iso(number.value, longer.unit)
        return replace(longer, start=start, count=number.value, iso=iso, approximate=True, most=longer.count)

    def _part(self, text: str, start: int) -> Length | None:
        if text.startswith("半", start):
            unit = _UNIT.match(text, start + 1)
            if unit is None or not _UNITS[unit[1]] or text.startswith(("年度", "月板", "天窗"), start + 1):
                return None
            return _length(start, unit.end(), HALF, unit[1])
        number = self._numerals.at(text, start)
        if number is None or number.shape == "digits":
            return None
        bounded = text[start - 1 : start] in ("上", "近", "过") or text.startswith(
            ("日内", "天内"), number.end
        )
        if number.shape == "scale" and not bounded:
            return None
        return self._counted(text, number)

    def _counted(self, text: str, number: Number) -> Length | None:
        at = number.end
        more = _MORE.match(text, at) if number.value >= 10 else None
        at = more.end() if more else at
        half_inside = text.startswith(("个半月", "个半小时", "个半星期", "个半年", "个半钟头"), at)
        unit = _UNIT.match(text, at + 2) if half_inside else _UNIT.match(text, at)
        name = "" if unit is None else ("个" + unit[1]) if half_inside else unit[1]
        if unit is None or not _UNITS.get(name):
            return self._minutes(text, number, at) or self._month_count(text, number, at)
        if name == "年" and 1000 <= number.value < 3000 and number.shape == "arabic" and not more:
            return None
        end, count = unit.end(), number.value
        if half_inside:
            count = plus(count, HALF)
        elif (half := _HALF_TAIL.match(text, end)) and _UNITS[unit[1]] in "YMHmD":
            count, end = plus(count, HALF), half.end()
        nights = text[number.start : number.end] + "夜"
        if name == "天" and text.startswith(nights, end):
            end += len(nights)  # 三天三夜
        later = _MORE.match(text, end) if not more else None
        end = later.end() if later and not text.startswith(("多元", "多次"), end) else end
        vague = bool(more or later or number.more or number.low is not None)
        length = _length(number.start, end, count, name, vague)
        pair = number.shape == "pair" and number.high is not None and length.count == number.value
        return replace(length, most=number.high) if pair else length

    def _minutes(self, text: str, number: Number, at: int) -> Length | None:
        """5分30秒, 五分半: 分 is a minute only with what follows."""
        if not text.startswith("分", at) or number.shape in ("scale", "vague"):
            return None
        if _MINUTE_HALF.match(text, at + 1):
            return _length(number.start, at + 2, plus(number.value, HALF), "分钟")
        return _length(number.start, at + 1, number.value, "分钟") if _SECONDS.match(text, at + 1) else None

    def _month_count(self, text: str, number: Number, at: int) -> Length | None:
        """三个多月, 5个多小时: the vague word stands after 个."""
        if not text.startswith(("个多", "个余"), at):
            return None
        unit = _UNIT.match(text, at + 2)
        return (
            _length(number.start, unit.end(), number.value, "个" + unit[1], True)
            if unit and _UNITS.get("个" + unit[1])
            else None
        )

    # --- anchored to now ------------------------------------------------------------------------------------

    def _anchored(self, text: str, length: Length, floor: int, today: date | None) -> Moment | None:
        after = _AFTER.match(text, length.end)
        before = self._before.search(text, max(floor, length.start - 4), length.start)
        line = (
            before
            and self._around[before[0].removesuffix("的") if before[0] not in self._around else before[0]]
        )
        if line and line.not_after and text.endswith(line.not_after, 0, before.start() if before else 0):
            line = None
        if line is not None and before is not None and _may_anchor(line, length):
            end = length.end
            if (
                line.value != "calendar"
                and after
                and _AFTER_WORDS[after["word"]] in ("within", "since", "during")
            ):
                end = after.end()
            return _with_direction(line, length, before.start(), end, today)
        if after is None or (length.unit in "HmS" and _AFTER_WORDS[after["word"]] != "within"):
            return None
        return _with_ending(_AFTER_WORDS[after["word"]], length, after.end(), today)


_AFTER_WORDS = {
    "内": "within", "以内": "within", "之内": "within", "时间内": "within", "期内": "within", "来": "since", "以来": "since", "间": "during",
    "里": "during", "后": "after", "之后": "after", "以后": "after", "前": "ago", "之前": "ago", "以前": "ago", "期间": "during",
}  # fmt: skip
_AFTER = re.compile(
    rf"的?(?P<word>{alternation(_AFTER_WORDS)})(?![部容外涵蒙]|自|到(?!来)|天|续|景|程|隔|接|约|者|往|期|所)"
)


def _length(start: int, end: int, count: Decimal, name: str, vague: bool = False) -> Length:
    unit = _UNITS[name]
    if unit == "Q":
        count, unit = times(count, Decimal(3)), "M"
    elif unit == "q":
        count, unit = times(count, Decimal(15)), "m"
    elif unit == "C":
        count, unit = times(count, Decimal(100)), "Y"
    if unit == "Y" and count == HALF:
        count, unit = Decimal(6), "M"
    count = plain(count)
    return Length(start, end, count, unit, _iso(count, unit), vague, "工作" in name)


def _iso(count: Decimal, unit: str) -> str:
    text = format(count, "f")
    return f"PT{text}{unit.upper()}" if unit in "HmS" else f"P{text}{unit}"


def _joined(parts: Sequence[Length]) -> str:
    dates = "".join(part.iso[1:] for part in parts if part.unit not in "HmS")
    clock = "".join(part.iso[2:] for part in parts if part.unit in "HmS")
    return f"P{dates}" + (f"T{clock}" if clock else "")


def _name_end(text: str, length: Length) -> int | None:
    """三年行动, 五年规划, 十年禁渔, 一年一度: the length is part of a name or a set phrase."""
    found = _NAMED.match(text, length.end)
    if found is None or not (length.unit in "YD" or found[0][0] in "级报薪租"):
        return None
    return found.end() if found[0] in ("一度", "一次", "一遇") else length.end


def _bare(length: Length) -> Moment:
    return Moment(
        length.start, length.end, None, None, "duration", "relative", duration=length.iso, rule="duration"
    )


def _may_anchor(line: CalendarLine, length: Length) -> bool:
    return length.unit not in "HmS" or line.value != "calendar"


def _whole(length: Length) -> int | None:
    count = length.most or length.count
    return int(count) if count == int(count) else None


def _moved(today: date | None, length: Length, sign: int) -> date | None:
    """Today plus or minus the length; halves of a year count six months, of a month fifteen days."""
    if today is None or length.unit in "HmS":
        return today
    if length.working:
        return _working_days(today, int(length.most or length.count) * sign)
    count = length.most or length.count
    whole = int(count)
    moved = shifted_by(today, length.unit, sign * whole)
    if moved is not None and count != whole:
        moved = shifted_by(
            moved, "M" if length.unit == "Y" else "D", sign * {"Y": 6, "M": 15}.get(length.unit, 3)
        )
    return moved


def _working_days(day: date, count: int) -> date | None:
    """Mondays to Fridays only; public holidays are not known here."""
    weeks, rest = divmod(min(abs(count), 100_000), 5)
    step = 1 if count >= 0 else -1
    try:
        day += timedelta(days=7 * weeks * step)
        while rest:
            day += timedelta(days=step)
            rest -= day.weekday() < 5
    except OverflowError:
        return None
    return day


def _with_direction(line: CalendarLine, length: Length, start: int, end: int, today: date | None) -> Moment:
    """未来五年, 近三年, 前两个月, 下三年."""
    ahead = line.role == "ahead"
    if line.value == "calendar" or line.text.startswith("过去"):
        first, last = _calendar_units(today, length, ahead)
    else:
        moved = _moved(today, length, 1 if ahead else -1)
        first, last = (today, moved) if ahead else (moved, today)
    return Moment(
        start,
        end,
        first,
        last,
        "span",
        "relative",
        deadline=ahead,
        duration=length.iso,
        rule="ahead" if ahead else "behind",
    )


def _calendar_units(today: date | None, length: Length, ahead: bool) -> tuple[date | None, date | None]:
    """Whole years, months, weeks or days before or after the present one."""
    count = _whole(length)
    if today is None or count is None or not 0 < count < 1000:
        return None, None
    if length.unit == "Y":
        years = (today.year + 1, today.year + count) if ahead else (today.year - count, today.year - 1)
        return year_span(years[0])[0], year_span(years[1])[1]
    if length.unit == "M":
        months = (today.month + 1, today.month + count) if ahead else (today.month - count, today.month - 1)
        return month_span(today.year, months[0])[0], month_span(today.year, months[1])[1]
    if length.unit == "W":
        monday = today - timedelta(days=today.weekday())
        edge = monday + timedelta(days=7) if ahead else monday - timedelta(days=7 * count)
        return edge, edge + timedelta(days=7 * count - 1)
    edge = today + timedelta(days=1) if ahead else today - timedelta(days=count)
    return edge, edge + timedelta(days=count - 1)


def _with_ending(ending: str, length: Length, end: int, today: date | None) -> Moment | None:
    """三年内, 十年来, 20天后, 两年前."""
    if ending == "during":
        return None
    if ending == "within":
        first, last, rule = today, _moved(today, length, 1), "within"
    elif ending == "since":
        first, last, rule = _moved(today, length, -1), today, "since"
    else:
        first, last = _around_point(today, length, 1 if ending == "after" else -1)
        rule = ending
    if length.unit in "HmS":
        first = last = None
    return Moment(
        length.start,
        end,
        first,
        last,
        "span",
        "relative",
        deadline=ending == "within",
        duration=length.iso,
        rule=rule,
    )


def _around_point(today: date | None, length: Length, sign: int) -> tuple[date | None, date | None]:
    """两年前 is that year, 三个月后 that month, 20天后 that day."""
    moved = _moved(today, length, sign)
    if moved is None:
        return None, None
    if length.unit == "Y":
        return year_span(moved.year)
    if length.unit == "M":
        return month_span(moved.year, moved.month)
    return moved, moved
