"""Truth, comparison and choice: SQL's three values, which all engines share; text compares by code point."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, NULL, TEXT, Type
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.compiler.lowering.trees import POSTGRES
from orchestration.language.expression import Call, Expression, Literal


def by_code_point(tree: exp.Expr, kind: Type, dialect: str) -> exp.Expr:
    """A value as it is ordered: on Postgres a text needs the collation that goes by code point."""
    if kind is not TEXT or dialect != POSTGRES or isinstance(tree, exp.Collate):
        return tree
    return exp.Collate(this=trees.operand(tree), expression=exp.to_identifier("C", quoted=True))


def as_type(tree: exp.Expr, expression: Expression, kind: Type, dialect: str) -> exp.Expr:
    """A tree as a value of another type of the same family: a null gets its type, the rest the engines widen by
    themselves."""
    untyped = isinstance(expression, Literal) and expression.value is None
    return trees.null(kind, dialect) if untyped and kind is not NULL else tree


def _all(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return trees.all_of(_booleans(call, arguments, context))


def _any(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return trees.any_of(_booleans(call, arguments, context))


def _not(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    (tree,) = _booleans(call, arguments, context)
    return trees.negation(tree)


def _booleans(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> list[exp.Expr]:
    pairs = zip(arguments, call.arguments, strict=True)
    return [as_type(tree, e, BOOLEAN, context.dialect) for tree, e in pairs]


def _is_null(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return trees.is_null(arguments[0])


def _is_true(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    (tree,) = _booleans(call, arguments, context)
    return exp.Is(this=trees.operand(tree), expression=exp.true())


def _equality(kind: type[exp.Expr]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        return trees.binary(kind, *arguments)

    return lowered


def _order(kind: type[exp.Expr]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        left, right = arguments
        return trees.binary(kind, by_code_point(left, call.arguments[0].type, context.dialect), right)

    return lowered


def _in(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    return exp.In(this=trees.operand(arguments[0]), expressions=[a.copy() for a in arguments[1:]])


def _coalesce(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    first, *others = _typed(call, arguments, context)
    return trees.coalesce(first, *others) if others else first


def _nullif(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    result = trees.nullif(*arguments)
    if context.dialect == POSTGRES and call.arguments[0].type is not call.arguments[1].type:
        return trees.cast(result, trees.sql_type(call.type, POSTGRES))  # it has the type they are compared in
    return result


def _case(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
    typed = list(arguments)
    for i, (tree, e) in enumerate(zip(arguments, call.arguments, strict=True)):
        is_condition = i % 2 == 0 and i < len(arguments) - 1
        typed[i] = as_type(tree, e, BOOLEAN if is_condition else call.type, context.dialect)
    pairs = zip(typed[:-1:2], typed[1::2], strict=True)
    return exp.Case(ifs=[exp.If(this=c.copy(), true=v.copy()) for c, v in pairs], default=typed[-1].copy())


def _extreme(kind: type[exp.Least | exp.Greatest]) -> Handler:
    def lowered(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> exp.Expr:
        first, *others = _typed(call, arguments, context)
        if not others:
            return first
        ordered = by_code_point(first, call.type, context.dialect)
        return kind(this=ordered.copy(), expressions=[o.copy() for o in others], ignore_nulls=True)

    return lowered


def _typed(call: Call, arguments: tuple[exp.Expr, ...], context: Lowering) -> list[exp.Expr]:
    pairs = zip(arguments, call.arguments, strict=True)
    return [as_type(tree, e, call.type, context.dialect) for tree, e in pairs]


HANDLERS: Mapping[str, Handler] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "is_null": _is_null,
    "is_true": _is_true,
    "eq": _equality(exp.EQ),
    "ne": _equality(exp.NEQ),
    "lt": _order(exp.LT),
    "le": _order(exp.LTE),
    "gt": _order(exp.GT),
    "ge": _order(exp.GTE),
    "in": _in,
    "coalesce": _coalesce,
    "nullif": _nullif,
    "case": _case,
    "least": _extreme(exp.Least),
    "greatest": _extreme(exp.Greatest),
}
