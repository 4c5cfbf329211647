"""Lists: a null list is unknown, an empty one holds nothing, nulls within count as absent."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from orchestration.catalog.types import INTEGER, ListOf, Type
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.language.expression import Call, Literal


def _contains(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    items, sought = arguments
    kind = call.arguments[0].type

    def contained(value: exp.Expr) -> exp.Expr:
        if context.dialect == POSTGRES:
            held = _operator(exp.ArrayContainsAll, items, [value], kind, context.dialect)
        else:
            held = trees.call(_NAMES[context.dialect][0], items, value)
        if isinstance(call.arguments[1], Literal) and call.arguments[1].value is not None:
            return held
        return trees.when(trees.negation(trees.is_null(value)), held)

    return trees.once(sought, context.dialect, 2, contained)


def _any(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    items, *sought = arguments
    if context.dialect == POSTGRES:
        return _operator(exp.ArrayOverlaps, items, sought, call.arguments[0].type, context.dialect)
    return trees.call(_NAMES[context.dialect][1], items, _array(sought))


def _all(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    items, *sought = arguments
    if context.dialect == POSTGRES:
        return _operator(exp.ArrayContainsAll, items, sought, call.arguments[0].type, context.dialect)
    if context.dialect == DUCKDB:
        return trees.call("list_has_all", items, _array(sought))
    return trees.all_of([trees.call("array_contains", items, value) for value in sought])


def _length(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    (items,) = arguments
    if context.dialect == DUCKDB:
        return trees.call("list_count", items)
    if context.dialect == POSTGRES:
        counted = trees.call("cardinality", trees.call("array_remove", items, exp.Null()))
    else:
        counted = trees.call("size", trees.call("array_compact", items))
    return trees.cast(counted, trees.sql_type(INTEGER, context.dialect))


def _operator(
    kind: type[exp.Expr], items: exp.Expr, sought: list[exp.Expr], of: Type, dialect: str
) -> exp.Expr:
    assert isinstance(of, ListOf), of
    array = trees.cast(_array(sought), trees.sql_type(of, dialect))
    return trees.binary(kind, items, array)


def _array(values: list[exp.Expr]) -> exp.Expr:
    return exp.Array(expressions=[v.copy() for v in values])


_NAMES = {DUCKDB: ("list_contains", "list_has_any"), trees.SPARK: ("array_contains", "arrays_overlap")}

HANDLERS: Mapping[str, Handler] = {
    "array_contains": _contains,
    "array_any": _any,
    "array_all": _all,
    "array_length": _length,
}
