"""Exact numbers: rounding half away from zero, the 64-bit limit, floats as millionths."""

from __future__ import annotations

import math
from fractions import Fraction

PLACES = 9
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def rounded(number: Fraction, places: int = PLACES) -> Fraction:
    """Rounded half away from zero."""
    scaled = abs(number) * 10**places
    whole = math.floor(scaled + Fraction(1, 2))
    return Fraction(whole if number >= 0 else -whole, 10**places)


def limited(number: Fraction) -> Fraction | None:
    """The number, or null where its integer part leaves 64 bits."""
    return number if SMALLEST <= math.trunc(number) <= LARGEST else None


def millionths(double: float) -> Fraction | None:
    """What a float counts for in arithmetic and in aggregates: `sign(x) * floor(abs(x) * 1e6 + 0.5)`, in doubles."""
    if math.isnan(double) or math.isinf(double * 1e6):
        return None
    whole = math.floor(abs(double) * 1e6 + 0.5)
    if whole > LARGEST:
        return None
    return Fraction(whole if double >= 0 else -whole, 10**6)


def exact(number: Fraction | float) -> Fraction | None:
    """A number as it enters arithmetic."""
    return millionths(number) if isinstance(number, float) else Fraction(number)


def quotient(dividend: Fraction, divisor: Fraction) -> Fraction | None:
    """`/`: exact, rounded once to nine places; by zero null."""
    return None if divisor == 0 else limited(rounded(dividend / divisor))


def remainder(dividend: Fraction, divisor: Fraction) -> Fraction | None:
    """`%`: with the dividend's sign; by zero null."""
    return None if divisor == 0 else dividend - divisor * math.trunc(dividend / divisor)


def square_root(number: Fraction, places: int) -> Fraction:
    """The root of a number that is not negative, rounded half away from zero, without a double in between."""
    doubled = math.isqrt(math.floor(4 * number * 10 ** (2 * places)))  # floor(2 * root), in units of the last place
    return Fraction((doubled + 1) // 2, 10**places)
