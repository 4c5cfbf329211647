"""Bounds: `at_least`, `at_most`, `more_than`, `less_than`, `exactly`, `between`."""

from __future__ import annotations

from tests.reference.values import Value, order, read_decimal
from tests.reference.yaml_text import Node, Scalar, SpecError, items, mapping, text

AT_LEAST_ONE = Scalar("1")


def within_bounds(value: Value, node: Node) -> bool:
    """Whether a number is within all of the bounds; a number alone is `at_least`. Null is within none."""
    bounds = {"at_least": node} if isinstance(node, Scalar) else mapping(node, "bounds")
    if not bounds:
        raise SpecError("no bounds")
    return value is not None and all(_holds(value, kind, bound) for kind, bound in bounds.items())


def _holds(value: Value, kind: str, bound: Node) -> bool:
    if kind == "between":
        low, high = items(bound)
        return _sign(value, low) >= 0 and _sign(value, high) <= 0
    sign = _sign(value, bound)
    match kind:
        case "at_least":
            return sign >= 0
        case "at_most":
            return sign <= 0
        case "more_than":
            return sign > 0
        case "less_than":
            return sign < 0
        case "exactly":
            return sign == 0
    raise SpecError(f"`{kind}` is not a bound")


def _sign(value: Value, bound: Node) -> int:
    return order(value, read_decimal(text(bound, "a bound")))
