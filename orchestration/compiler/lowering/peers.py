"""A value among those of a population or of its group: quantile, rank and percentile, as window functions.

The rows at hand are the population. A percentile needs two selects, one over the other: the places of the values first.
"""

from __future__ import annotations

from fractions import Fraction

from sqlglot import exp

from orchestration.catalog.types import FLOAT, INTEGER, Decimal
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.context import Lowering
from orchestration.compiler.lowering.lower import lower
from orchestration.compiler.lowering.numbers import divided_numeric, rounded_half, to_exact, unscaled
from orchestration.compiler.lowering.trees import DUCKDB
from orchestration.compiler.lowering.truth import by_code_point
from orchestration.language.expression import Field, Peers
from orchestration.language.numbers import MILLIONTHS, PLACES, as_decimal

_BIGINT = trees.sql_type(INTEGER, DUCKDB)


def standing(peers: Peers, context: Lowering) -> exp.Expr:
    """The rank or quantile of a row's value; null for null."""
    value = lower(peers.of, context)
    rank = _over(exp.Anonymous(this="RANK", expressions=[]), peers, context, ordered=True)
    if peers.rule == "quantile":
        assert peers.number is not None
        before = exp.Paren(this=exp.Sub(this=rank, expression=trees.number(1)))
        parts = trees.multiply(trees.cast(before, _BIGINT), trees.number(int(peers.number)))
        whole = exp.IntDiv(this=exp.Paren(this=parts), expression=_counted(peers, context))
        rank = trees.add(trees.cast(whole, _BIGINT), trees.number(1))
    return trees.when(trees.negation(trees.is_null(value)), trees.cast(rank, _BIGINT))


def places(peers: Peers, context: Lowering) -> tuple[exp.Expr, exp.Expr]:
    """What a percentile needs first: a row's place among the values of its group, and how many there are."""
    number = exp.Anonymous(this="ROW_NUMBER", expressions=[])
    return _over(number, peers, context, ordered=True), _counted(peers, context)


def percentile(peers: Peers, context: Lowering, place: exp.Expr, count: exp.Expr) -> exp.Expr:
    """The value at a share of the way through the sorted values of a row's group, linear between two of them."""
    assert peers.number is not None
    at = Fraction(peers.number)
    kind = MILLIONTHS if peers.of.type is FLOAT else peers.of.type
    last = exp.Paren(this=exp.Sub(this=count.copy(), expression=trees.number(1)))
    way = trees.multiply(last, trees.number(at.numerator))
    below = trees.cast(exp.IntDiv(this=exp.Paren(this=way), expression=trees.number(at.denominator)), _BIGINT)
    rest = exp.Paren(this=exp.Mod(this=exp.Paren(this=way.copy()), expression=trees.number(at.denominator)))
    lower_, upper = (
        _value_at(peers, context, place, trees.add(below.copy(), trees.number(offset))) for offset in (1, 2)
    )
    upper = trees.coalesce(upper, lower_.copy())
    over = exp.Paren(this=exp.Sub(this=trees.number(at.denominator), expression=rest))
    if context.dialect != DUCKDB:
        lower_, upper = (trees.cast(v, trees.NUMERIC) for v in (lower_, upper))
        total = trees.add(trees.multiply(lower_, over), trees.multiply(upper, rest.copy()))
        scale = as_decimal(kind).scale
        return divided_numeric(exp.Paren(this=total), Decimal(38, scale), trees.number(at.denominator))
    lower_, upper = (unscaled(Field((), "value", kind), v) for v in (lower_, upper))
    total = exp.Paren(this=trees.add(trees.multiply(lower_, over), trees.multiply(upper, rest.copy())))
    doubled = trees.multiply(total, trees.number(2 * 10 ** (PLACES - as_decimal(kind).scale)))
    return rounded_half(exp.IntDiv(this=exp.Paren(this=doubled), expression=trees.number(at.denominator)))


def _value_at(peers: Peers, context: Lowering, place: exp.Expr, wanted: exp.Expr) -> exp.Expr:
    """The value of the row of the group that has a place."""
    value = lower(peers.of, context)
    if peers.of.type is FLOAT:
        value = to_exact(value, context.dialect)
    found = exp.Case().when(exp.EQ(this=place.copy(), expression=exp.Paren(this=wanted)), value)
    return _over(exp.Max(this=found), peers, context)


def _counted(peers: Peers, context: Lowering) -> exp.Expr:
    return _over(exp.Count(this=lower(peers.of, context)), peers, context)


def _over(function: exp.Expr, peers: Peers, context: Lowering, *, ordered: bool = False) -> exp.Expr:
    """A function over the rows of a group, in the order of their values, those without one last."""
    window = exp.Window(this=function, partition_by=[lower(part, context) for part in peers.per])
    if ordered:
        value = by_code_point(lower(peers.of, context), peers.of.type, context.dialect)
        order = exp.Ordered(this=value, desc=peers.descending, nulls_first=False)
        window.set("order", exp.Order(expressions=[order]))
    return window
