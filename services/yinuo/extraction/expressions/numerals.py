"""Numerals: 711亿, 一百二十, 5万4千6百, 十几万, 数十亿, 壹佰零肆, 二〇二三, 2e5 as values.

For: finding numerals and multiplying them out. Not for: units, signs, comparators, or whether a numeral is meant
as a number at all (quantities.py). Law kept: linear in the length of the text; 万 and 亿 are known here alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from yinuo.extraction.expressions.data import BadRules, NumeralLine
from yinuo.extraction.expressions.decimals import ONE, ZERO, plain, plus, raised, shifted, times

_LONGEST = 40  # characters; what is longer is a serial number or damage, never an amount
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?|\.\d+"
_EXPONENT = re.compile(r"[eE]([+-]?\d{1,2})(?![\dA-Za-z])|\^([+-]?\d{1,2})(?![\d])")
_CONSECUTIVE = frozenset({(a, a + 1) for a in range(1, 9)} | {(3, 5)})
_ONE_OR_TWO = re.compile("一[两兩](?=[年个個天月周家人名项次条处件种])")
_MORE = "多余來来几幾"


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral at `[start, end)`.

    low, high: bounds where the numeral names a span itself (三五百, 几十). more: 余, 多 or 几 inside (十余万).
    shape: arabic digit digits pair (三五) composed scale vague. scale: power of ten of the closing multiplier,
    which a range may share (3至5万).
    """

    start: int
    end: int
    value: Decimal
    shape: str
    scale: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    more: bool = False


class Numerals:
    """The reader of numerals for one set of numeral characters."""

    def __init__(self, lines: Sequence[NumeralLine]) -> None:
        """Compile the tables. Raises BadRules for a line that is neither digit nor multiplier."""
        self.digits = {
            line.text: line.digit for line in lines if line.digit is not None and line.power is None
        }
        self.powers = {line.text: line.power for line in lines if line.power is not None}
        self.multiples = {line.text: line.times for line in lines if line.times is not None}
        self.twenties = {line.text: line.digit for line in lines if line.digit is not None and line.power}
        self.not_before = {line.text: line.not_before for line in lines if line.not_before}
        if any(line.digit is None and line.power is None and line.times is None for line in lines):
            raise BadRules("numerals.toml: a line needs digit, power or times")
        digits, powers = "".join(self.digits), "".join(self.powers)
        self.zeros = frozenset(text for text, value in self.digits.items() if value == 0)
        self.characters = frozenset(digits + powers)
        indefinite = f"[几数幾數](?=[{powers}])|好几(?=[{powers}])"
        self.start = re.compile(rf"[0-9{digits}{powers}]|{indefinite}|\.(?=\d)")
        self.too_long = re.compile(rf"[0-9{digits}{powers},.]{{{_LONGEST},}}")
        self._arabic = re.compile(_ARABIC)
        strings = "".join(line.text for line in lines if line.text in self.digits and line.string)
        self._counting = frozenset(self.digits) - frozenset(strings)
        self._digit_run = re.compile(rf"[{digits}][{strings}]*")
        self._decimals = re.compile(rf"[点點]([{digits}]+|\d+)")
        self._power_run = re.compile(rf"[{powers}]+")
        self._fast_stop = self.characters | frozenset(_MORE + "点點个個eE^0123456789打")

    def at(self, text: str, start: int) -> Number | None:
        """The longest numeral that begins at `start`, or None."""
        arabic = self._arabic.match(text, start)
        if arabic is None:
            return _Composition(self, text, start).number()
        end = arabic.end()
        if end - start > _LONGEST:
            return None
        following = text[end : end + 1]
        if following in self.powers and text[end + 1 : end + 2] not in self._fast_stop:
            power = self.powers[following]
            if not self._is_unit(text, end, following) and following not in self.twenties:
                value = plain(shifted(_decimal(arabic[0]), power))
                return Number(start, end + 1, value, "arabic", power)
        if following not in self._fast_stop:
            return Number(start, end, _decimal(arabic[0]), "arabic")
        powered = _EXPONENT.match(text, end)
        if powered:
            return _raised(start, powered, _decimal(arabic[0]))
        return _Composition(self, text, start).number()

    def _is_unit(self, text: str, at: int, character: str) -> bool:
        """Whether a multiplier belongs to the unit after it: 千 in 千瓦."""
        stops = self.not_before.get(character)
        return stops is not None and text.startswith(stops, at + 1)

    def digit_string(self, run: str) -> Decimal:
        """二〇二三 as 2023."""
        return Decimal("".join(str(self.digits[character]) for character in run))


def _decimal(arabic: str) -> Decimal:
    return plain(Decimal(arabic.replace(",", "")))


def _raised(start: int, powered: re.Match[str], base: Decimal) -> Number:
    value = shifted(base, int(powered[1])) if powered[1] else raised(base, int(powered[2]))
    return Number(start, powered.end(), plain(value), "arabic")


class _Composition:
    """One numeral read character by character; stops at the first that cannot belong to it."""

    __slots__ = (
        "_at", "_big", "_high", "_last", "_low", "_more", "_numerals", "_pending", "_pieces", "_section",
        "_shape", "_small", "_start", "_tail", "_text", "_total", "_zero",
    )  # fmt: skip

    def __init__(self, numerals: Numerals, text: str, start: int) -> None:
        self._numerals, self._text, self._start, self._at = numerals, text, start, start
        self._total, self._section = ZERO, ZERO
        self._pending: Decimal | None = None  # a digit that waits for its multiplier
        self._small, self._big = 99, 99  # the last multipliers, which must decrease
        self._last: int | None = None  # the multiplier just read
        self._tail, self._pieces = 0, 0  # closing multipliers, digits read
        self._zero, self._more = False, False
        self._low: Decimal | None = None
        self._high: Decimal | None = None
        self._shape = ""

    def number(self) -> Number | None:
        self._indefinite()
        while self._step():
            pass
        self._dozens()
        if self._at == self._start or not self._shape:
            return None
        return self._closed()

    def _indefinite(self) -> None:
        """几十, 数百万: the indefinite digit is 1 and may be ten times as much."""
        text, at = self._text, self._at
        word = "好几" if text.startswith("好几", at) else text[at : at + 1]
        if (
            word in ("几", "数", "幾", "數", "好几")
            and text[at + len(word) : at + len(word) + 1] in self._numerals.powers
        ):
            self._pending, self._shape = ONE, "vague"
            self._at += len(word)

    def _dozens(self) -> None:
        """五打 is sixty; 打 before 造 and the like is a verb."""
        word = self._text[self._at : self._at + 1]
        factor = self._numerals.multiples.get(word) if self._pieces or self._shape else None
        if (
            factor is None
            or self._shape in ("digits", "pair", "scale", "vague")
            or self._numerals._is_unit(self._text, self._at, word)
        ):
            return
        self._total, self._section, self._last = times(self._whole(), Decimal(factor)), ZERO, None
        self._pending, self._tail, self._shape, self._at = None, 0, "composed", self._at + 1

    def _step(self) -> bool:
        character = self._text[self._at : self._at + 1]
        if not character or self._at - self._start > _LONGEST:
            return False
        if character in self._numerals.powers:
            return self._multiplier(character)
        if character in self._numerals.digits:
            return self._digits(character)
        if character.isascii() and (character.isdigit() or character == "."):
            return self._arabic()
        if character in "点點":
            return self._decimals()
        if character in _MORE:
            return self._more_inside(character)
        return character in "个個" and self._measured_multiplier()

    def _arabic(self) -> bool:
        found = self._numerals._arabic.match(self._text, self._at)
        if (
            found is None
            or self._pending is not None
            or (self._pieces and self._last is None and not self._zero)
        ):
            return False
        value = _decimal(found[0])
        if self._last is not None and value >= shifted(ONE, self._last):
            return False
        self._pending, self._at, self._tail = value, found.end(), 0
        self._pieces += 1
        self._shape = "composed" if self._shape else "arabic"
        return True

    def _digits(self, character: str) -> bool:
        numerals = self._numerals
        if character in numerals.zeros and self._last is not None and not self._zero:
            if (
                self._text[self._at + 1 : self._at + 2] not in numerals.characters
                and not self._text[self._at + 1 : self._at + 2].isdigit()
            ):
                return False
            self._zero, self._at = True, self._at + 1
            return True
        if self._pending is not None or (self._last is not None and not self._may_count(character)):
            return False
        run = numerals._digit_run.match(self._text, self._at)
        assert run is not None
        if len(run[0]) == 1:
            return (
                self._one_or_two() if _ONE_OR_TWO.match(self._text, self._at) else self._one_digit(character)
            )
        return self._several_digits(run[0])

    def _may_count(self, character: str) -> bool:
        """两 is a digit only before a multiplier (一万两千); after a numeral it is the weight (三十两)."""
        numerals = self._numerals
        return (
            character not in numerals._counting or self._text[self._at + 1 : self._at + 2] in numerals.powers
        )

    def _one_or_two(self) -> bool:
        """一两年, 一两个: one or two."""
        if self._pieces or self._last is not None:
            return False
        self._pending, self._low, self._high = ONE, ONE, Decimal(2)
        self._at, self._shape, self._pieces = self._at + 2, "pair", 1
        return True

    def _one_digit(self, character: str) -> bool:
        self._pending = Decimal(self._numerals.digits[character])
        self._shape = "composed" if self._shape else "digit"
        self._at += 1
        self._pieces += 1
        self._tail = 0
        return True

    def _several_digits(self, run: str) -> bool:
        """三五百 and 十七八 name a span; 二〇二三 is a string of digits; else the first digit alone belongs."""
        first, second = (self._numerals.digits[character] for character in run[:2])
        after = self._text[self._at + 2 : self._at + 3]
        if (
            len(run) == 2
            and (first, second) in _CONSECUTIVE
            and (self._last is not None or after in self._numerals.powers)
        ):
            if self._last not in (None, 1):
                return self._one_digit(run[0])
            base = self._total if self._last is None else plus(self._total, self._section)
            self._pending, self._low, self._high = (
                Decimal(first),
                plus(base, Decimal(first)),
                plus(base, Decimal(second)),
            )
            self._at, self._shape, self._pieces = self._at + 2, "span", self._pieces + 1
            return True
        if self._pieces or self._last is not None:
            return self._one_digit(run[0]) if self._last is not None else False
        if len(run) > _LONGEST:
            self._at = self._start
            return False
        if len(run) == 2 and (first, second) in _CONSECUTIVE:
            self._low, self._high = Decimal(first), Decimal(second)
            self._pending, self._shape = Decimal(first), "pair"
        else:
            self._pending, self._shape = self._numerals.digit_string(run), "digits"
        self._at, self._pieces = self._at + len(run), 1
        return True

    def _multiplier(self, character: str) -> bool:
        numerals = self._numerals
        power = numerals.powers[character]
        if numerals._is_unit(self._text, self._at, character) or self._shape in ("digits", "pair"):
            return False
        if character in numerals.twenties:
            if self._pending is not None or self._small <= power:
                return False
            self._pending = Decimal(numerals.twenties[character])
        fits = self._small_multiplier(power) if power < 4 else self._big_multiplier(power)
        if not fits:
            return False
        self._shape = (
            self._shape if self._shape in ("vague", "span") else "composed" if self._pieces else self._shape
        )
        self._scale_bounds(power)
        self._tail = self._tail + power
        self._last, self._zero, self._at = power, False, self._at + 1
        if character in numerals.twenties:
            self._pieces += 1
        if not self._shape:
            self._shape = "composed" if character in ("十", "拾", *numerals.twenties) else "scale"
        elif self._shape == "arabic":
            self._shape = "composed"
        return True

    def _small_multiplier(self, power: int) -> bool:
        bare = self._pending is None
        if power >= self._small or (bare and not (power == 1 or self._at == self._start)):
            return False
        self._section = plus(self._section, shifted(ONE if self._pending is None else self._pending, power))
        self._small, self._pending = power, None
        return True

    def _big_multiplier(self, power: int) -> bool:
        amount = plus(self._section, self._pending or ZERO)
        if not amount and self._pending is not None:
            return False
        if not amount:
            if not self._total and self._at != self._start:
                return False
            amount = ONE if self._at == self._start else ZERO
        if not amount:  # 万亿, 万万
            self._total = shifted(self._total, power)
        elif power >= self._big:
            self._total = shifted(plus(self._total, amount), power)
        else:
            self._total = plus(self._total, shifted(amount, power))
        self._section, self._pending, self._small, self._big = ZERO, None, 99, power
        return True

    def _scale_bounds(self, power: int) -> None:
        if self._low is not None and self._high is not None:
            if power < 4 and self._last is not None:
                return
            self._low, self._high = shifted(self._low, power), shifted(self._high, power)

    def _decimals(self) -> bool:
        """一点五, 三点一四: digits after 点 belong to the numeral when digits stand before it."""
        found = self._numerals._decimals.match(self._text, self._at)
        if found is None or not self._pieces or "." in self._text[self._start : self._at]:
            return False
        digits = found[1] if found[1].isascii() else str_digits(self._numerals, found[1])
        whole = self._whole()
        fraction = shifted(Decimal(digits), -len(digits))
        self._total, self._section, self._pending = ZERO, ZERO, plus(whole, fraction)
        self._small, self._big, self._last, self._tail = 99, 99, None, 0
        self._at, self._shape = found.end(), "composed"
        return True

    def _more_inside(self, character: str) -> bool:
        """余, 多, 几 between digits and a multiplier (十余万, 500多万) or 几 as the last digit (十几)."""
        text, powers = self._text, self._numerals.powers
        following = text[self._at + 1 : self._at + 2]
        big = following in powers and not self._numerals._is_unit(text, self._at + 1, following)
        ended = self._last is not None or (self._shape == "arabic" and character in "多余")
        if not ended or self._more or self._low is not None:
            return False
        if big and (powers[following] >= 4 or character in "几幾"):
            self._more, self._at = True, self._at + 1
            return True
        if character in "几幾" and self._last is not None:
            self._more, self._at, self._tail = True, self._at + 1, 0
        return False

    def _measured_multiplier(self) -> bool:
        """三个亿, 5个亿: the classifier of 亿 stands inside the numeral."""
        following = self._text[self._at + 1 : self._at + 2]
        if self._pending is None and self._last is None:
            return False
        if self._shape in ("digits", "pair", "scale") or self._numerals.powers.get(following, 0) < 8:
            return False
        self._at += 1
        return True

    def _whole(self) -> Decimal:
        """All read so far; a last digit without multiplier counts in the next lower place (九百九, 九万四)."""
        pending = self._pending or ZERO
        shorthand = (
            self._last is not None
            and not self._zero
            and self._last > 1
            and self._pending is not None
            and self._text[self._at - 1] not in self._numerals.zeros
            and pending < 10
            and pending == int(pending)
        )
        if shorthand:
            assert self._last is not None
            pending = shifted(pending, self._last - 1)
        return plus(plus(self._total, self._section), pending)

    def _closed(self) -> Number:
        value = plain(self._whole())
        low, high, shape = self._low, self._high, self._shape
        if shape == "vague":
            low, high = value, times(value, Decimal(10))
        elif shape == "span":
            value = plain(low) if low is not None else value
            shape = "composed"
        scale = self._tail if self._pieces <= 1 and self._pending is None else 0
        if self._pieces > 1 and self._pending is None and self._big != 99:
            scale = self._big
        return Number(
            self._start, self._at, value, shape, scale, low and plain(low), high and plain(high), self._more
        )


def str_digits(numerals: Numerals, run: str) -> str:
    """五二 as "52"."""
    return "".join(str(numerals.digits[character]) for character in run)
