"""The values an exact expression can have, so that guards stand only where a value can leave 64 bits."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from orchestration.catalog.types import INTEGER, Type, is_exact
from orchestration.language.expression import Call, Expression, Literal, MeasureRef
from orchestration.language.numbers import LARGEST, SMALLEST, as_decimal, digits

Span: TypeAlias = tuple[Fraction, Fraction]

_COUNTS = ("count", "count_distinct", "days")


def fits(span: Span) -> bool:
    """Whether the integer part of every value of the span is within 64 bits."""
    return span[0] > SMALLEST - 1 and span[1] < LARGEST + 1


def span_of(expression: Expression) -> Span:
    """The smallest and the largest value that an exact expression can have once its guard has been applied."""
    of_type = type_span(expression.type)
    found = _unguarded(expression)
    return (max(of_type[0], found[0]), min(of_type[1], found[1])) if found else of_type


def type_span(kind: Type) -> Span:
    """The smallest and the largest value of an exact type."""
    if kind is INTEGER:
        return Fraction(SMALLEST), Fraction(LARGEST)
    shape = as_decimal(kind)
    step = Fraction(1, 10**shape.scale)
    most = Fraction(10) ** (shape.precision - shape.scale) - step
    return max(-most, SMALLEST - 1 + step), min(most, LARGEST + 1 - step)


def sum_span(call: Call) -> Span:
    """Of `add`, before any guard."""
    a, b = map(span_of, call.arguments)
    return a[0] + b[0], a[1] + b[1]


def difference_span(call: Call) -> Span:
    """Of `subtract`, before any guard."""
    a, b = map(span_of, call.arguments)
    return a[0] - b[1], a[1] - b[0]


def product_span(call: Call) -> Span:
    """Of `multiply`, before any guard."""
    a, b = map(span_of, call.arguments)
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)


def quotient_span(call: Call) -> Span:
    """Of `divide`, before any guard: no divisor but 0 is nearer to 0 than its last place."""
    dividend, divisor = call.arguments
    a, b = span_of(dividend), span_of(divisor)
    nearest = Fraction(1, 10 ** digits(divisor).scale)
    edges = [x for x in (*b, -nearest, nearest) if x and b[0] <= x <= b[1]]
    corners = [x / y for x in a for y in edges] or [Fraction(0)]
    return min(corners), max(corners)


def opposite_span(call: Call) -> Span:
    """Of `negate`, before any guard."""
    low, high = span_of(call.arguments[0])
    return -high, -low


def magnitude_span(call: Call) -> Span:
    """Of `abs`, before any guard."""
    low, high = span_of(call.arguments[0])
    return (Fraction(0) if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def rounded_span(call: Call) -> Span:
    """Of `round`, `floor` and `ceil`, before any guard."""
    low, high = span_of(call.arguments[0])
    return (low - 1, high + 1) if call.arguments[0].type is not INTEGER else (low, high)


def _unguarded(expression: Expression) -> Span | None:
    if isinstance(expression, Literal):
        value = expression.value
        return (Fraction(value), Fraction(value)) if value is not None and not isinstance(value, str) else None  # type: ignore[arg-type]
    if isinstance(expression, MeasureRef):
        return (Fraction(0), Fraction(LARGEST)) if expression.measure.aggregate in _COUNTS else None
    if not isinstance(expression, Call):
        return None
    if expression.operation in _SPANS:
        return _SPANS[expression.operation](expression)
    return _by_choice(expression)


def _by_choice(call: Call) -> Span | None:
    """The hull of what is chosen from; a fixed span for what counts; None where only the type is known."""
    match call.operation:
        case "sign":
            return Fraction(-1), Fraction(1)
        case "length" | "array_length":
            return Fraction(0), Fraction(2**31)
        case "extract" | "age":
            return Fraction(-300_000), Fraction(300_000)
        case "days_between":
            return Fraction(-(10**9)), Fraction(10**9)
        case "coalesce" | "least" | "greatest":
            chosen = call.arguments
        case "case":
            chosen = (*call.arguments[1::2], call.arguments[-1])
        case "nullif":
            chosen = call.arguments[:1]
        case _:
            return None
    spans = [span_of(a) for a in chosen if is_exact(a.type)]
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


_SPANS = {
    "add": sum_span,
    "subtract": difference_span,
    "multiply": product_span,
    "divide": quotient_span,
    "negate": opposite_span,
    "abs": magnitude_span,
    "round": rounded_span,
    "floor": rounded_span,
    "ceil": rounded_span,
}
