"""Bounds on a number: `times: 3`, `{at_least: 3}`, `{between: [2, 4]}` and the like."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from orchestration.catalog.types import INTEGER
from orchestration.diagnostics import Report
from orchestration.language import numbers
from orchestration.language.expression import Expression, Literal, conjunction
from orchestration.language.predicates import compare
from orchestration.language.reader import Reader, Schema
from orchestration.language.wording import number as number_in_words
from orchestration.spec.nodes import Node, Scalar, Sequence

_NUMBER: Schema = {"type": "number"}
PROPERTIES: Schema = {
    "at_least": _NUMBER,
    "at_most": _NUMBER,
    "more_than": _NUMBER,
    "less_than": _NUMBER,
    "exactly": _NUMBER,
    "between": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
}
SCHEMA: Schema = {
    "description": "a number (at least so many), or bounds",
    "oneOf": [_NUMBER, {"type": "object", "additionalProperties": False, "properties": PROPERTIES, "minProperties": 1}],
}
_OPERATIONS = {"at_least": "ge", "at_most": "le", "more_than": "gt", "less_than": "lt", "exactly": "eq"}
_WORDS = {
    "at_least": "at least",
    "at_most": "at most",
    "more_than": "more than",
    "less_than": "less than",
    "exactly": "exactly",
}


def read_bounds(
    node: Node | None,
    value: Expression,
    report: Report,
    what: str,
    default: int | None = 1,
    *,
    extra: Schema | None = None,
    said: Callable[[Decimal | int | str], str] = number_in_words,
) -> tuple[Expression, str] | None:
    """The bounds as a condition on the value, and in words; `default` is the least where there is no node.

    A mapping may hold the keys of `extra` besides (`total: {of: amount, at_least: 100}`). `said` is how a number reads.
    """
    if node is None:
        assert default is not None
        return compare("ge", value, Literal(default, INTEGER)), f"at least {said(default)}"
    if isinstance(node, Scalar) and not node.is_null:
        number = _number(node, report, what)
        return None if number is None else (compare("ge", value, number), f"at least {said(_value(number))}")
    reader = Reader.of(node, {"properties": {**PROPERTIES, **(extra or {})}}, report, f"`{what}`")
    if reader is None or reader.broken:
        return None
    parts, words = [], []
    for key, entry in reader.node.entries:
        if key.text == "between":
            pair = entry.items if isinstance(entry, Sequence) else ()
            low_high = [_number(n, report, what) for n in pair]
            if len(low_high) != 2 or low_high[0] is None or low_high[1] is None:
                if len(low_high) != 2:
                    report.error("bad-value", "`between` takes two numbers", entry.span, "between: [2, 4]")
                return None
            parts += [compare("ge", value, low_high[0]), compare("le", value, low_high[1])]
            words.append(f"between {said(_value(low_high[0]))} and {said(_value(low_high[1]))}")
        elif key.text in _OPERATIONS:
            number = _number(entry, report, what)
            if number is None:
                return None
            parts.append(compare(_OPERATIONS[key.text], value, number))
            words.append(f"{_WORDS[key.text]} {said(_value(number))}")
    if not parts:
        report.error("missing-key", f"`{what}` without a bound", node.span, "for example `at_least: 3`")
        return None
    return conjunction(tuple(parts)), " and ".join(words)


def _value(literal: Literal) -> Decimal | int:
    assert isinstance(literal.value, Decimal | int)
    return literal.value


def _number(node: Node, report: Report, what: str) -> Literal | None:
    if isinstance(node, Scalar) and node.plain:
        try:
            found = numbers.decimal_literal(node.text) if Decimal(node.text).is_finite() else None
        except ArithmeticError:
            found = None
        if found is not None:
            return found
    report.error("bad-value", f"`{what}` takes a number", node.span, "for example 3")
    return None
