"""The type of an expression, where its meaning depends on it: what floats meet, and how many places a decimal has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tests.reference import predicate_syntax as syntax
from tests.reference.numerics import PLACES
from tests.reference.values import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    NULL,
    TEXT,
    TIMESTAMP,
    Type,
    decimal_type,
)
from tests.reference.yaml_text import SpecError

TRUTHS = ("and", "or", "not", "in", "like", "ilike", "is null", "is true", "is false", "=", "<>", "<", "<=", ">", ">=")
RESULTS = {
    "floor": INTEGER, "ceil": INTEGER, "sign": INTEGER, "length": INTEGER, "array_length": INTEGER,
    "extract": INTEGER, "date_diff": INTEGER, "age": INTEGER,
    "lower": TEXT, "upper": TEXT, "trim": TEXT, "concat": TEXT,
    "starts_with": BOOLEAN, "ends_with": BOOLEAN, "contains": BOOLEAN, "matches": BOOLEAN,
    "equals_ci": BOOLEAN, "in_ci": BOOLEAN,
    "array_contains": BOOLEAN, "array_any": BOOLEAN, "array_all": BOOLEAN,
}  # fmt: skip


class Names(Protocol):
    def type(self, parts: tuple[str, ...]) -> Type:
        """The type of what a name means."""


def together(types: Iterable[Type]) -> Type:
    """The type that values of all the types become: a float makes all floats, else a decimal makes all decimals."""
    known = [t for t in types if t.kind != "null"]
    if not known:
        return NULL
    if all(t.is_number for t in known):
        if any(t.kind == "float" for t in known):
            return FLOAT
        if any(t.kind == "decimal" for t in known):
            return decimal_type(max(t.places for t in known))
        return INTEGER
    if any(t.kind != known[0].kind for t in known):
        raise SpecError(f"values of different types: {', '.join(t.kind for t in known)}")
    return known[0]


def in_arithmetic(kind: Type) -> Type:
    """A number's type as it enters arithmetic: a float as millionths."""
    if kind.kind == "float":
        return decimal_type(6)
    if kind.kind == "null":
        return INTEGER
    if not kind.is_number:
        raise SpecError(f"arithmetic with a {kind.kind}")
    return kind


def type_of(tree: syntax.Tree, names: Names) -> Type:
    """The type of an expression."""
    match tree:
        case syntax.Constant():
            return tree.type
        case syntax.Moment():
            return TIMESTAMP
        case syntax.Name(("today",)):
            return DATE
        case syntax.Name(("as_of",)):
            return TIMESTAMP
        case syntax.Name():
            return names.type(tree.parts)
        case syntax.Shift():
            return type_of(tree.moment, names)
        case syntax.Cast():
            return tree.target
        case syntax.Case():
            results = [result for _, result in tree.branches]
            return together(type_of(r, names) for r in (*results, tree.default))
        case syntax.Operation():
            return _of_operation(tree, names)
        case syntax.Function():
            return _of_function(tree, names)
    raise SpecError("an interval stands alone")


def _of_operation(tree: syntax.Operation, names: Names) -> Type:
    if tree.operator in TRUTHS:
        return BOOLEAN
    kinds = [type_of(o, names) for o in tree.operands]
    if tree.operator == "-" and [k.kind for k in kinds] == ["date", "date"]:
        return INTEGER
    numbers = [in_arithmetic(k) for k in kinds]
    if tree.operator == "/":
        return decimal_type(PLACES)
    if all(n.kind == "integer" for n in numbers):
        return INTEGER
    places = [n.places for n in numbers]
    return decimal_type(sum(places) if tree.operator == "*" else max(places))


def _of_function(tree: syntax.Function, names: Names) -> Type:
    if tree.name in RESULTS:
        return RESULTS[tree.name]
    kinds = [type_of(a, names) for a in tree.arguments]
    match tree.name:
        case "abs":
            return in_arithmetic(kinds[0])
        case "round":
            return _of_round(tree, in_arithmetic(kinds[0]))
        case "coalesce" | "least" | "greatest":
            return together(kinds)
        case "nullif":
            return kinds[0]
        case "date_trunc":
            return kinds[1]
    raise SpecError(f"`{tree.name}` is not a function of the language")


def _of_round(tree: syntax.Function, number: Type) -> Type:
    places = tree.arguments[1] if len(tree.arguments) > 1 else syntax.Constant(0, INTEGER)
    if not isinstance(places, syntax.Constant) or not isinstance(places.value, int) or not 0 <= places.value <= PLACES:
        raise SpecError("the places of `round` are a whole number from 0 to 9")
    return decimal_type(min(places.value, number.places)) if number.kind == "decimal" and places.value else INTEGER
