"""Result types of arithmetic: how many digits an exact number has, and where two types meet.

Exact numbers are `integer` (64 bits, 19 digits) and `decimal(p,s)`. A literal counts with the digits it is written
with (`2` has one, `0.5` none before the point and one after it), so that `amount * 2` needs one digit more than
`amount`. No result has more than 19 digits before the point (a value whose integer part leaves 64 bits is null) nor
more than 38 in all: what would need more is refused with a message that proposes a cast. Floats are none of this
module's business but in `unify`: in arithmetic they are taken as millionths, `decimal(19,6)`, by `to_exact`.

Functions return the type, or a message where there is none.
"""

from __future__ import annotations

from decimal import Decimal as Number

from orchestration.catalog.types import FLOAT, INTEGER, NULL, Decimal, ListOf, Type, is_exact, is_number
from orchestration.language.expression import Expression, Literal

MAX_DIGITS = 38
INTEGER_DIGITS = 19
PLACES = 9
QUOTIENT = Decimal(INTEGER_DIGITS + PLACES, PLACES)
MILLIONTHS = Decimal(INTEGER_DIGITS, 6)
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def decimal_literal(text: str) -> Literal | None:
    """The literal that a number is written as: an integer, or a decimal of its digits; None where it has too many."""
    value = Number(text)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(int(value)) > LARGEST:
        return None
    if "." not in text and exponent >= 0:
        return Literal(int(value), INTEGER)
    shape = _written(value)
    return Literal(value, shape) if shape.scale <= PLACES else None


def digits(expression: Expression) -> Decimal:
    """The digits of an exact expression: those of its type, or of a literal as it is written."""
    value = expression.value if isinstance(expression, Literal) else None
    if isinstance(value, int | Number) and not isinstance(value, bool):
        return _written(Number(value))
    return as_decimal(expression.type)


def as_decimal(kind: Type) -> Decimal:
    """An exact type as a decimal: `integer` has 19 digits and no places, and no decimal more than 19 before the point."""
    assert is_exact(kind), kind
    if not isinstance(kind, Decimal):
        return Decimal(INTEGER_DIGITS, 0)
    return Decimal(min(_whole(kind), INTEGER_DIGITS) + kind.scale or 1, kind.scale)


def canonical(kind: Type) -> Type:
    """The type of a column's values once they are read: a decimal has at most nine places, and 19 digits before the
    point."""
    if not isinstance(kind, Decimal):
        return kind
    scale = min(kind.scale, PLACES)
    return Decimal(min(_whole(kind), INTEGER_DIGITS) + scale or 1, scale)


def _written(value: Number) -> Decimal:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), value
    scale = max(0, -exponent)
    whole = len(str(abs(int(value)))) if int(value) else 0
    return Decimal(max(1, whole + scale), scale)


def add_type(left: Expression, right: Expression) -> Type | str:
    """Of `+` and `-`: the larger scale, one digit more before the point."""
    return _result(left, right, _sum(digits(left), digits(right)), "adding")


def multiply_type(left: Expression, right: Expression) -> Type | str:
    """Of `*`: both digits together, exactly."""
    a, b = digits(left), digits(right)
    return _result(left, right, Decimal(a.precision + b.precision, a.scale + b.scale), "multiplying")


def divide_type(left: Expression, right: Expression) -> Type | str:
    """Of `/`: `decimal(28,9)`, whatever is divided, as long as the dividend can be widened to the quotient's places."""
    a, b = digits(left), digits(right)
    numerator = a.precision + PLACES + max(0, b.scale - a.scale)
    divisor = b.precision + max(0, a.scale - b.scale)
    if max(numerator, divisor) > MAX_DIGITS - 1:
        return _too_many("dividing", left, right, max(numerator, divisor), MAX_DIGITS - 1)
    return QUOTIENT


def modulo_type(left: Expression, right: Expression) -> Type | str:
    """Of `%`: the divisor's digits before the point, the larger scale."""
    a, b = digits(left), digits(right)
    scale = max(a.scale, b.scale)
    widest = max(_whole(a), _whole(b)) + scale
    if widest > MAX_DIGITS:
        return _too_many("taking the remainder of", left, right, widest)
    return _result(left, right, Decimal(max(1, min(_whole(a), _whole(b)) + scale), scale), "taking the remainder of")


def negate_type(argument: Expression) -> Type:
    """Of unary minus and `abs`: the argument's."""
    return argument.type


def round_type(argument: Expression, places: int) -> Type:
    """Of `round(x, places)`: integer without places; an integer stays one; never more places than the argument has."""
    if argument.type is INTEGER or places == 0:
        return INTEGER
    a = digits(argument)
    if places >= a.scale:
        return a
    return Decimal(min(INTEGER_DIGITS, _whole(a) + 1) + places, places)


def to_integer_type(argument: Expression) -> Type:
    """Of `floor`, `ceil` and `sign`."""
    return INTEGER


def unify(types: tuple[Type, ...]) -> Type | None:
    """The type that values of all the types fit: for comparison, `in`, `coalesce`, `case`, `least`, `greatest`.

    Null fits all. Exact numbers meet in the decimal that holds both exactly, a float with an exact number in float.
    None where there is no such type: date with timestamp, number with text, a decimal of more than 38 digits.
    """
    known = tuple(dict.fromkeys(t for t in types if t is not NULL))
    if len(known) < 2:
        return known[0] if known else NULL
    if all(isinstance(t, ListOf) for t in known):
        inner = unify(tuple(t.of for t in known if isinstance(t, ListOf)))
        return None if inner is None or isinstance(inner, ListOf) else ListOf(inner)
    if not all(is_number(t) for t in known):
        return None
    if FLOAT in known:
        return FLOAT
    shapes = [as_decimal(t) for t in known]
    scale = max(s.scale for s in shapes)
    precision = max(_whole(s) for s in shapes) + scale
    return Decimal(precision, scale) if precision <= MAX_DIGITS else None


def _whole(kind: Decimal) -> int:
    return kind.precision - kind.scale


def _sum(a: Decimal, b: Decimal) -> Decimal:
    scale = max(a.scale, b.scale)
    return Decimal(max(_whole(a), _whole(b)) + 1 + scale, scale)


def _result(left: Expression, right: Expression, needed: Decimal, doing: str) -> Type | str:
    whole = _whole(needed)
    if needed.precision > MAX_DIGITS:
        return _too_many(doing, left, right, needed.precision)
    if left.type is INTEGER and right.type is INTEGER:
        return INTEGER
    return Decimal(min(INTEGER_DIGITS, whole) + needed.scale, needed.scale)


def _too_many(doing: str, left: Expression, right: Expression, needed: int, limit: int = MAX_DIGITS) -> str:
    wider = max((left, right), key=lambda e: digits(e).precision)
    a = digits(wider)
    spare = min(a.scale, needed - limit)
    proposal = Decimal(max(1, a.precision - (needed - limit)), a.scale - spare)
    return (
        f"{doing} {left.type} and {right.type} needs {needed} digits, and there are {limit} at most; "
        f"make one smaller first, such as `cast(… as {proposal})`"
    )
