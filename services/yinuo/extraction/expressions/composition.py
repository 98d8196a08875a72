"""One numeral put together from digits, multipliers and the words between them: 九千五百九十二亿, 十余万, 三五百.

For: the arithmetic and the grammar of a numeral. Not for: where numerals stand (numerals.py), their characters
(numeral_tables.py).
"""

from __future__ import annotations

import re
from decimal import Decimal

from yinuo.extraction.expressions.decimals import ONE, ZERO, plain, plus, shifted, times
from yinuo.extraction.expressions.numeral_tables import LONGEST, MORE, Number, NumeralTables, decimal_of

_CONSECUTIVE = frozenset({(a, a + 1) for a in range(1, 9)} | {(3, 5)})
_ONE_OR_TWO = re.compile("一[两兩](?=[年个個天月周家人名项次条处件种十百千万亿])")
_LISTED = re.compile("([二三四五六七八])、([三四五六七八九])(?=[十百千万亿])")


class Composition:
    """One numeral read character by character; stops at the first that cannot belong to it."""

    __slots__ = (
        "_at",
        "_big",
        "_high",
        "_last",
        "_low",
        "_more",
        "_pending",
        "_pieces",
        "_section",
        "_shape",
        "_small",
        "_start",
        "_tables",
        "_tail",
        "_text",
        "_total",
        "_zero",
    )  # fmt: skip

    def __init__(self, tables: NumeralTables, text: str, start: int) -> None:
        """Nothing is read yet; `number` reads from `start` on."""
        self._tables, self._text, self._start, self._at = tables, text, start, start
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
        """The numeral, or None when none begins there."""
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
            and text[at + len(word) : at + len(word) + 1] in self._tables.powers
        ):
            self._pending, self._shape = ONE, "vague"
            self._at += len(word)

    def _dozens(self) -> None:
        """五打 is sixty; 打 before 造 and the like is a verb."""
        word = self._text[self._at : self._at + 1]
        factor = self._tables.multiples.get(word) if self._pieces or self._shape else None
        fixed = self._shape in ("digits", "pair", "scale", "vague")
        if factor is None or fixed or self._tables.is_unit(self._text, self._at, word):
            return
        self._total, self._section, self._last = times(self._whole(), Decimal(factor)), ZERO, None
        self._pending, self._tail, self._shape, self._at = None, 0, "composed", self._at + 1

    def _step(self) -> bool:
        character = self._text[self._at : self._at + 1]
        if not character or self._at - self._start > LONGEST:
            return False
        if character in self._tables.powers:
            return self._multiplier(character)
        if character in self._tables.digits:
            return self._digits(character)
        if character.isascii() and (character.isdigit() or character == "."):
            return self._arabic()
        if character in "点點":
            return self._decimals()
        if character in MORE:
            return self._more_inside(character)
        return character in "个個" and self._measured_multiplier()

    def _arabic(self) -> bool:
        found = self._tables.arabic.match(self._text, self._at)
        if (
            found is None
            or self._pending is not None
            or (self._pieces and self._last is None and not self._zero)
        ):
            return False
        value = decimal_of(found[0])
        if self._last is not None and value >= shifted(ONE, self._last):
            return False
        self._pending, self._at, self._tail = value, found.end(), 0
        self._pieces += 1
        self._shape = "composed" if self._shape else "arabic"
        return True

    def _digits(self, character: str) -> bool:
        tables = self._tables
        if character in tables.zeros and self._last is not None and not self._zero:
            if (
                self._text[self._at + 1 : self._at + 2] not in tables.characters
                and not self._text[self._at + 1 : self._at + 2].isdigit()
            ):
                return False
            self._zero, self._at = True, self._at + 1
            return True
        if self._pending is not None or (self._last is not None and not self._may_count(character)):
            return False
        if self._last is not None and self._last >= 4 and self._at == self._start + 1:
            return False  # 万一: no numeral begins with 万 and goes on
        listed = self._listed()
        if listed is not None:
            return listed
        run = tables.digit_run.match(self._text, self._at)
        assert run is not None
        if len(run[0]) == 1:
            return (
                self._one_or_two() if _ONE_OR_TWO.match(self._text, self._at) else self._one_digit(character)
            )
        return self._several_digits(run[0])

    def _may_count(self, character: str) -> bool:
        """两 is a digit only before a multiplier (一万两千); after a numeral it is the weight (三十两)."""
        tables = self._tables
        return character not in tables.counting or self._text[self._at + 1 : self._at + 2] in tables.powers

    def _one_or_two(self) -> bool:
        """一两年, 一两个: one or two."""
        if self._pieces or self._last is not None:
            return False
        self._pending, self._low, self._high = ONE, ONE, Decimal(2)
        scaled = self._text[self._at + 2 : self._at + 3] in self._tables.powers
        self._at, self._shape, self._pieces = self._at + 2, "span" if scaled else "pair", 1
        return True

    def _listed(self) -> bool | None:
        """七、八万 in older spelling is 七八万; None where nothing of that kind stands."""
        found = _LISTED.match(self._text, self._at) if self._at == self._start else None
        if found is None or self._text[self._at - 1 : self._at] in ("第", "、"):
            return None
        first, second = (Decimal(self._tables.digits[character]) for character in found.groups())
        if second != first + 1:
            return None
        self._pending, self._low, self._high = first, first, second
        self._at, self._shape, self._pieces = found.end(), "span", 1
        return True

    def _one_digit(self, character: str) -> bool:
        self._pending = Decimal(self._tables.digits[character])
        self._shape = "composed" if self._shape else "digit"
        self._at += 1
        self._pieces += 1
        self._tail = 0
        return True

    def _several_digits(self, run: str) -> bool:
        """三五百 and 十七八 name a span; 二〇二三 is a string of digits; else the first digit alone belongs."""
        first, second = (self._tables.digits[character] for character in run[:2])
        after = self._text[self._at + 2 : self._at + 3]
        if (
            len(run) == 2
            and (first, second) in _CONSECUTIVE
            and (self._last is not None or after in self._tables.powers)
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
        if len(run) > LONGEST:
            self._at = self._start
            return False
        if len(run) == 2 and (first, second) in _CONSECUTIVE:
            self._low, self._high = Decimal(first), Decimal(second)
            self._pending, self._shape = Decimal(first), "pair"
        else:
            self._pending, self._shape = Decimal(self._tables.digit_text(run)), "digits"
        self._at, self._pieces = self._at + len(run), 1
        return True

    def _multiplier(self, character: str) -> bool:
        tables = self._tables
        power = tables.powers[character]
        if tables.is_unit(self._text, self._at, character) or self._shape in ("digits", "pair"):
            return False
        if character in tables.twenties:
            if self._pending is not None or self._small <= power:
                return False
            self._pending = Decimal(tables.twenties[character])
        fits = self._small_multiplier(power) if power < 4 else self._big_multiplier(power)
        if not fits:
            return False
        self._shape = (
            self._shape if self._shape in ("vague", "span") else "composed" if self._pieces else self._shape
        )
        self._scale_bounds(power)
        self._tail = self._tail + power
        self._last, self._zero, self._at = power, False, self._at + 1
        if character in tables.twenties:
            self._pieces += 1
        if not self._shape:
            self._shape = "composed" if character in ("十", "拾", *tables.twenties) else "scale"
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
        found = self._tables.decimals.match(self._text, self._at)
        if (
            found is None
            or not (self._pieces or self._shape == "composed")
            or "." in self._text[self._start : self._at]
        ):
            return False
        digits = found[1] if found[1].isascii() else self._tables.digit_text(found[1])
        whole = self._whole()
        fraction = shifted(Decimal(digits), -len(digits))
        self._total, self._section, self._pending = ZERO, ZERO, plus(whole, fraction)
        self._small, self._big, self._last, self._tail = 99, 99, None, 0
        self._at, self._shape = found.end(), "composed"
        return True

    def _more_inside(self, character: str) -> bool:
        """余, 多, 几 between digits and a multiplier (十余万, 500多万) or 几 as the last digit (十几)."""
        text, powers = self._text, self._tables.powers
        following = text[self._at + 1 : self._at + 2]
        big = following in powers and not self._tables.is_unit(text, self._at + 1, following)
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
        if self._shape in ("digits", "pair", "scale") or self._tables.powers.get(following, 0) < 8:
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
            and self._text[self._at - 1] not in self._tables.zeros
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
