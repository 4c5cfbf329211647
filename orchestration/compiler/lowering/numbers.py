"""Arithmetic on exact numbers, and floats where they become exact.

Every result is exact, or rounded once where the language says so, and null where its integer part leaves 64 bits.
Guards stand only where a value can get there (`spans`). On DuckDB integers are computed as 128-bit ones and cast back
by `try_cast`; on Postgres as `numeric`, whose value is looked at before it is cast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from sqlglot import exp

from orchestration.catalog.types import FLOAT, INTEGER, TEXT, Decimal, Type
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.spans import (
    Span,
    difference_span,
    fits,
    magnitude_span,
    opposite_span,
    product_span,
    quotient_span,
    rounded_span,
    span_of,
    sum_span,
)
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.language.expression import Call, Expression, Literal
from orchestration.language.numbers import LARGEST, PLACES, SMALLEST, digits

_BIGINT = trees.sql_type(INTEGER, DUCKDB)
_WIDEST = 38


def within_64_bits(tree: exp.Expr, dialect: str) -> exp.Expr:
    """A decimal, or null where its integer part leaves 64 bits."""

    def guarded(value: exp.Expr) -> exp.Expr:
        above = exp.GT(this=trees.operand(value), expression=trees.number(SMALLEST - 1))
        below = trees.less(value, trees.number(LARGEST + 1))
        return trees.when(trees.all_of([above, below]), value)

    return trees.once(tree, dialect, 3, guarded)


def to_integer(tree: exp.Expr, dialect: str, *, safe: bool) -> exp.Expr:
    """A whole decimal or 128-bit number as an integer; null where it leaves 64 bits, which `safe` excludes."""
    if safe:
        return trees.cast(tree, _BIGINT)
    if dialect == DUCKDB:
        return trees.try_cast(tree, _BIGINT)

    def guarded(value: exp.Expr) -> exp.Expr:
        inside = trees.between(value, trees.number(SMALLEST), trees.number(LARGEST))
        return trees.when(inside, trees.cast(value, _BIGINT))

    return trees.once(tree, dialect, 2, guarded)


def _binary(kind: type[exp.Expr], span: Callable[[Call], Span]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        left, right = arguments
        safe = fits(span(call))
        if call.type is not INTEGER:
            if kind is exp.Mul and context.dialect == DUCKDB:
                left, right = _multiplicands(call, left, right)
            result = trees.binary(kind, left, right)
            return result if safe else within_64_bits(result, context.dialect)
        if safe:
            return trees.binary(kind, left, right)
        wide = trees.HUGE if context.dialect == DUCKDB else trees.NUMERIC
        if isinstance(call.arguments[0], Literal):
            right = trees.cast(right, wide)
        else:
            left = trees.cast(left, wide)
        return to_integer(trees.binary(kind, left, right), context.dialect, safe=False)

    return lowered


def _multiplicands(call: Call, left: exp.Expr, right: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """DuckDB gives a product 18 digits as long as neither side has more, and fails where the value has."""
    a, b = map(digits, call.arguments)
    if a.precision + b.precision <= 18:
        return left, right
    if isinstance(call.arguments[0], Literal):
        return left, trees.cast(right, trees.decimal_type(_WIDEST, b.scale))
    return trees.cast(left, trees.decimal_type(_WIDEST, a.scale)), right


def _divide(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    dividend, divisor = call.arguments
    span = quotient_span(call)
    quotient = (
        divided(dividend, arguments[0], divisor, arguments[1])
        if context.dialect == DUCKDB
        else divided_numeric(arguments[0], dividend.type, nonzero(divisor, arguments[1]))
    )
    if fits(span):
        return quotient
    if span[0] > SMALLEST - 1 and span[1] == LARGEST + 1:  # only the smallest integer over -1
        return trees.nullif(quotient, trees.number(LARGEST + 1))
    return within_64_bits(quotient, context.dialect)


def divided_numeric(dividend: exp.Expr, kind: Type, divisor: exp.Expr) -> exp.Expr:
    """Postgres: the quotient, rounded once. `div` cuts twice the dividend's billionths; half of that is rounded."""
    wide = trees.cast(dividend, trees.NUMERIC) if kind is INTEGER else dividend
    doubled = trees.call("div", trees.multiply(wide, trees.number(2 * 10**PLACES)), divisor)
    return exp.Round(this=trees.multiply(doubled, trees.number("0.0000000005")), decimals=trees.number(PLACES))


def divided(dividend: Expression, left: exp.Expr, divisor: Expression, right: exp.Expr) -> exp.Expr:
    """DuckDB: the same on 128-bit integers, each side taken without its point."""
    a, b = digits(dividend).scale, digits(divisor).scale
    scaled = trees.multiply(unscaled(dividend, left), trees.number(2 * 10 ** (PLACES + max(0, b - a))))
    by = unscaled(divisor, right, wide=a > b)
    if a > b:
        by = trees.multiply(by, trees.number(10 ** (a - b)))
    return rounded_half(exp.IntDiv(this=scaled, expression=trees.operand(nonzero(divisor, by))))


def rounded_half(doubled: exp.Expr) -> exp.Expr:
    """DuckDB: twice a number of billionths, cut to an integer, as that number rounded half away from zero."""
    exact = trees.multiply(trees.cast(doubled, trees.decimal_type(_WIDEST, 0)), trees.number("0.0000000005"))
    return trees.try_cast(exact, trees.decimal_type(28, PLACES))


def unscaled(expression: Expression, tree: exp.Expr, *, wide: bool = True) -> exp.Expr:
    """DuckDB: an exact value without its point, as an integer."""
    shape = digits(expression)
    if isinstance(expression, Literal) and expression.value is not None:
        unscaled = trees.number(int(Fraction(expression.value) * 10**shape.scale))  # type: ignore[arg-type]
        return trees.cast(unscaled, trees.HUGE) if wide else unscaled
    if expression.type is INTEGER:
        return trees.cast(tree, trees.HUGE) if wide else tree
    if shape.precision + shape.scale > _WIDEST:
        as_text = trees.cast(trees.cast(tree, trees.decimal_type(shape.precision, shape.scale)), _TEXT)
        return trees.cast(trees.call("replace", as_text, trees.text("."), trees.text("")), trees.HUGE)
    if shape.scale:
        tree = trees.cast(tree, trees.decimal_type(_WIDEST, shape.scale))
        tree = trees.multiply(tree, trees.number(10**shape.scale))
    return trees.cast(tree, trees.HUGE)


def nonzero(expression: Expression, tree: exp.Expr) -> exp.Expr:
    """A divisor that is null where it is zero."""
    if isinstance(expression, Literal) and expression.value:
        return tree
    return trees.nullif(tree, trees.number(0))


def _modulo(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    left, right = arguments
    divisor = call.arguments[1]
    by = nonzero(divisor, right)
    if call.type is not INTEGER or context.dialect != DUCKDB or span_of(divisor)[0] >= 0:
        return trees.binary(exp.Mod, left, by)
    wide = trees.binary(exp.Mod, trees.cast(left, trees.HUGE), by)  # the smallest integer by -1 fails in 64 bits
    return trees.cast(wide, _BIGINT)


def _sign_change(build: Callable[[exp.Expr], exp.Expr], span: Callable[[Call], Span]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        (tree,) = arguments
        if fits(span(call)):
            return build(tree)
        edge = trees.number(SMALLEST)

        def guarded(value: exp.Expr) -> exp.Expr:
            return trees.when(exp.GT(this=trees.operand(value), expression=edge), build(value))

        return trees.once(tree, context.dialect, 2, guarded)

    return lowered


def _negated(tree: exp.Expr) -> exp.Expr:
    return exp.Neg(this=trees.operand(tree))


def _absolute(tree: exp.Expr) -> exp.Expr:
    return exp.Abs(this=tree.copy())


def _whole(function: type[exp.Floor | exp.Ceil]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        if call.arguments[0].type is INTEGER:
            return arguments[0]
        return to_integer(function(this=arguments[0].copy()), context.dialect, safe=fits(rounded_span(call)))

    return lowered


def _round(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    argument = call.arguments[0]
    places = call.arguments[1].value if len(call.arguments) > 1 and isinstance(call.arguments[1], Literal) else 0
    assert isinstance(places, int)
    if argument.type is INTEGER:
        return arguments[0]
    safe = fits(rounded_span(call))
    if call.type is INTEGER:
        return to_integer(exp.Round(this=arguments[0].copy()), context.dialect, safe=safe)
    if places >= digits(argument).scale:
        return arguments[0]
    result = exp.Round(this=arguments[0].copy(), decimals=trees.number(places))
    return result if safe else within_64_bits(result, context.dialect)


def _sign(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return trees.cast(exp.Sign(this=arguments[0].copy()), _BIGINT)


def _to_float(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return to_float(arguments[0], call.arguments[0].type, context.dialect)


def to_float(tree: exp.Expr, kind: Type, dialect: str) -> exp.Expr:
    """The double nearest to an exact number. DuckDB divides doubles, which is exact up to 15 digits only."""
    double = trees.sql_type(FLOAT, dialect)
    if dialect == DUCKDB and isinstance(kind, Decimal) and kind.precision > 15:
        return trees.cast(trees.cast(tree, _TEXT), double)
    return trees.cast(tree, double)


def _to_exact(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return to_exact(arguments[0], context.dialect)


def to_exact(tree: exp.Expr, dialect: str) -> exp.Expr:
    """A float as a decimal of six places."""
    counted = millionths(tree, dialect)
    shifted = trees.multiply(counted, trees.number("0.000001"))
    if dialect == POSTGRES:
        return shifted
    wide = trees.cast(counted, trees.decimal_type(19, 0))
    return trees.cast(trees.multiply(wide, trees.number("0.000001")), trees.decimal_type(19, 6))


def millionths(tree: exp.Expr, dialect: str) -> exp.Expr:
    """A float as an integer number of millionths, computed in doubles; null where that leaves 64 bits."""

    def computed(value: exp.Expr) -> exp.Expr:
        low, high = trees.double(-_LARGEST_NEGATIVE), trees.double(_LARGEST_POSITIVE)
        sized = trees.add(trees.multiply(exp.Abs(this=value.copy()), trees.number("1e6")), trees.number("0.5"))
        counted = trees.multiply(exp.Sign(this=value.copy()), exp.Floor(this=sized))
        return trees.when(trees.between(value, low, high), trees.cast(counted, _BIGINT))

    return trees.once(tree, dialect, 3, computed)


def _largest_below(limit: float) -> float:
    """The largest double whose millionths, computed in doubles, are below a power of two."""
    candidate = limit / 1e6 * (1 + 1e-12)
    while candidate * 1e6 >= limit:
        candidate = math.nextafter(candidate, 0)
    return candidate


_TEXT = trees.sql_type(TEXT, DUCKDB)
_LARGEST_POSITIVE = _largest_below(2.0**63)
_LARGEST_NEGATIVE = _largest_below(math.nextafter(2.0**63, math.inf))

HANDLERS: Mapping[str, Handler] = {
    "add": _binary(exp.Add, sum_span),
    "subtract": _binary(exp.Sub, difference_span),
    "multiply": _binary(exp.Mul, product_span),
    "negate": _sign_change(_negated, opposite_span),
    "divide": _divide,
    "modulo": _modulo,
    "abs": _sign_change(_absolute, magnitude_span),
    "floor": _whole(exp.Floor),
    "ceil": _whole(exp.Ceil),
    "sign": _sign,
    "round": _round,
    "to_float": _to_float,
    "to_exact": _to_exact,
}
