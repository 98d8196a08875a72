"""Exact decimal arithmetic that no caller's decimal context can change.

For: multiplying numerals out and converting units. Not for: parsing text. Law kept: same in, same out.
"""

from __future__ import annotations

from decimal import Context, Decimal

_CONTEXT = Context(prec=60, traps=[])
ZERO = Decimal(0)
ONE = Decimal(1)
HALF = Decimal("0.5")


def plus(left: Decimal, right: Decimal) -> Decimal:
    """Their sum."""
    return _CONTEXT.add(left, right)


def minus(value: Decimal) -> Decimal:
    """The value with its sign turned; zero stays zero without a sign."""
    return ZERO if not value else value.copy_negate()


def times(left: Decimal, right: Decimal) -> Decimal:
    """Their product."""
    return _CONTEXT.multiply(left, right)


def over(left: Decimal, right: Decimal) -> Decimal:
    """Their quotient, to 30 digits where it does not come out even."""
    return Context(prec=30, traps=[]).divide(left, right)


def shifted(value: Decimal, exponent: int) -> Decimal:
    """The value times ten to the exponent."""
    return _CONTEXT.scaleb(value, exponent)


def raised(base: Decimal, exponent: int) -> Decimal:
    """The base to a whole exponent."""
    return _CONTEXT.power(base, exponent)


def plain(value: Decimal) -> Decimal:
    """The value without exponent or trailing zeros: 711亿 is 71100000000, 4.800 is 4.8."""
    if value == value.to_integral_value():
        return Decimal(int(value))
    return _CONTEXT.normalize(value)
