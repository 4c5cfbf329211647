"""From a typed expression to a SQL tree: leaves by the context, literals here, each operation by its family's
module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal as Number
from typing import assert_never

from sqlglot import exp

from orchestration.catalog.types import FLOAT, NULL
from orchestration.compiler.lowering import casts, lists, numbers, text, time, trees, truth
from orchestration.compiler.lowering.context import Handler, Lowering
from orchestration.language.expression import (
    Call,
    Expression,
    Field,
    InstantRef,
    Literal,
    MeasureRef,
    MemberRef,
    Peers,
    TraitRef,
)

HANDLERS: Mapping[str, Handler] = {
    **truth.HANDLERS,
    **numbers.HANDLERS,
    **time.HANDLERS,
    **text.HANDLERS,
    **lists.HANDLERS,
    **casts.HANDLERS,
}


def lower(expression: Expression, context: Lowering) -> exp.Expr:
    """The SQL tree that computes an expression on the context's dialect; new, and shared with nothing."""
    match expression:
        case Literal():
            return literal(expression, context.dialect)
        case Call():
            arguments = tuple(lower(argument, context) for argument in expression.arguments)
            return HANDLERS[expression.operation](expression, arguments, context)
        case Field() | TraitRef() | MemberRef() | InstantRef() | MeasureRef():
            return trees.again(context.leaf(expression))
        case Peers():
            raise AssertionError("a value among others is a whole trait, which its table computes")
        case _:
            assert_never(expression)


def literal(expression: Literal, dialect: str) -> exp.Expr:
    """A constant as a node that the engine reads as exactly its type."""
    value, kind = expression.value, expression.type
    match value:
        case None:
            return exp.Null() if kind is NULL else trees.null(kind, dialect)
        case bool():
            return exp.true() if value else exp.false()
        case str():
            return trees.text(value)
        case dt.datetime():
            return trees.timestamp(value, dialect)
        case dt.date():
            return trees.date(value)
        case float():
            return trees.cast(trees.double(value), trees.sql_type(FLOAT, dialect))
        case int() | Number():
            tree = trees.number(value)
            return trees.cast(tree, trees.sql_type(FLOAT, dialect)) if kind is FLOAT else tree
        case _:
            assert_never(value)
