"""The value of an expression for one row, with SQL's three values of truth."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Protocol

from tests.reference import predicate_syntax as syntax
from tests.reference.casts import cast, fitted
from tests.reference.functions import call
from tests.reference.numerics import exact, limited, quotient, remainder
from tests.reference.predicate_types import Names, type_of
from tests.reference.text_rules import like, lower
from tests.reference.values import Truth, Value, all_of, any_of, equal, negation, order
from tests.reference.wall_time import Calendar
from tests.reference.yaml_text import SpecError


class Scope(Names, Protocol):
    """A row with its names, at an instant."""

    @property
    def as_of(self) -> dt.datetime: ...

    @property
    def calendar(self) -> Calendar: ...

    def value(self, parts: tuple[str, ...]) -> Value: ...


def value_of(tree: syntax.Tree, scope: Scope) -> Value:
    """The expression's value; what leaves the years 1 to 9999 is null."""
    try:
        return _value(tree, scope)
    except OverflowError:
        return None


def truth_of(tree: syntax.Tree, scope: Scope) -> Truth:
    """A condition's truth."""
    found = value_of(tree, scope)
    if found is not None and not isinstance(found, bool):
        raise SpecError(f"{found!r} is not a truth")
    return found


def _value(tree: syntax.Tree, scope: Scope) -> Value:
    match tree:
        case syntax.Constant():
            return tree.value
        case syntax.Moment():
            return scope.calendar.read(tree.written)
        case syntax.Name(("today",)):
            return scope.calendar.day(scope.as_of)
        case syntax.Name(("as_of",)):
            return scope.as_of
        case syntax.Name():
            return scope.value(tree.parts)
        case syntax.Shift():
            moment = value_of(tree.moment, scope)
            if moment is None:
                return None
            if not isinstance(moment, dt.date):
                raise SpecError("an interval added to what is neither a date nor a timestamp")
            return scope.calendar.shift(moment, tree.length, tree.sign)
        case syntax.Cast():
            return cast(value_of(tree.operand, scope), type_of(tree.operand, scope), tree.target, scope.calendar)
        case syntax.Case():
            return _case(tree, scope)
        case syntax.Function():
            kinds = [type_of(a, scope) for a in tree.arguments]
            values = [value_of(a, scope) for a in tree.arguments]
            return call(tree.name, values, kinds, scope.calendar, scope.as_of)
        case syntax.Operation():
            return _operation(tree, scope)
    raise SpecError("an interval stands alone")


def _case(tree: syntax.Case, scope: Scope) -> Value:
    kind = type_of(tree, scope)
    for condition, result in tree.branches:
        if truth_of(condition, scope) is True:
            return fitted(value_of(result, scope), kind)
    return fitted(value_of(tree.default, scope), kind)


def _operation(tree: syntax.Operation, scope: Scope) -> Value:
    match tree.operator:
        case "and":
            return all_of([truth_of(o, scope) for o in tree.operands])
        case "or":
            return any_of([truth_of(o, scope) for o in tree.operands])
        case "not":
            return negation(truth_of(tree.operands[0], scope))
        case "is true":
            return truth_of(tree.operands[0], scope) is True
        case "is false":
            return truth_of(tree.operands[0], scope) is False
    values = [value_of(o, scope) for o in tree.operands]
    match tree.operator:
        case "is null":
            return values[0] is None
        case "in":
            return any_of([equal(values[0], other) for other in values[1:]])
        case "like" | "ilike":
            return _like(tree.operator, values[0], values[1])
        case "=" | "<>" | "<" | "<=" | ">" | ">=":
            return _comparison(tree.operator, values[0], values[1])
    return _arithmetic(tree.operator, values)


def _comparison(operator: str, left: Value, right: Value) -> Truth:
    if left is None or right is None:
        return None
    sign = order(left, right)
    return {"=": sign == 0, "<>": sign != 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[operator]


def _like(operator: str, text: Value, pattern: Value) -> Truth:
    if text is None or pattern is None:
        return None
    if not isinstance(text, str) or not isinstance(pattern, str):
        raise SpecError("`like` compares texts")
    return like(lower(text), lower(pattern)) if operator == "ilike" else like(text, pattern)


def _arithmetic(operator: str, values: list[Value]) -> Value:
    if None in values:
        return None
    if operator == "-" and len(values) == 2 and all(_is_day(v) for v in values):
        left, right = (v for v in values if isinstance(v, dt.date))
        return (left - right).days
    numbers = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
            raise SpecError(f"arithmetic with {value!r}")
        numbers.append(exact(value))
    if any(n is None for n in numbers):
        return None
    result = _calculated(operator, [n for n in numbers if n is not None])
    if result is not None and operator != "/" and all(isinstance(v, int) for v in values):
        return int(result)
    return result


def _is_day(value: Value) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _calculated(operator: str, numbers: list[Fraction]) -> Fraction | None:
    match operator, numbers:
        case "negate", [number]:
            return limited(-number)
        case "+", [left, right]:
            return limited(left + right)
        case "-", [left, right]:
            return limited(left - right)
        case "*", [left, right]:
            return limited(left * right)
        case "/", [left, right]:
            return quotient(left, right)
        case "%", [left, right]:
            return remainder(left, right)
    raise SpecError(f"`{operator}` is not an operator")
