"""Aggregates, as expressions of a query that groups: exact, in any row order, and the same on every engine.

Sums are sums of 64-bit integers or decimals and leave nothing to rounding; means are computed from the sum in
integers and rounded once. A float counts for its millionths in everything but `count`, `min` and `max`. Nulls are
left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, FLOAT, INTEGER, TEXT, Decimal, ListOf, Type
from orchestration.compiler.lowering import deviation, trees
from orchestration.compiler.lowering.numbers import (
    divided_numeric,
    millionths,
    rounded_half,
    to_exact,
    to_integer,
    within_64_bits,
)
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.compiler.lowering.truth import by_code_point
from orchestration.language.numbers import PLACES, as_decimal

_WIDEST = 38
_MILLIONTHS_SCALE = 6
_HALF_MILLIONTH = "0.0000005"


@dataclass(frozen=True, slots=True)
class Rows:
    """What is aggregated: an argument (a float's as millionths) of a type, and which rows count, in what order."""

    argument: exp.Expr | None
    kind: Type
    of_floats: bool
    order_at: exp.Expr | None
    condition: exp.Expr | None
    dialect: str

    @property
    def value(self) -> exp.Expr:
        """The argument of an aggregate that needs one."""
        assert self.argument is not None
        return self.argument

    @property
    def scale(self) -> int:
        """The places of the argument, a float's millionths being integers."""
        return 0 if self.of_floats else as_decimal(self.kind).scale

    def over(self, function: exp.Expr, *, present: bool = False) -> exp.Expr:
        """The function over the rows that count; `present`: over those alone where the argument is not null."""
        conditions = [self.condition] if self.condition is not None else []
        if present:
            conditions.append(trees.negation(trees.is_null(self.value)))
        if not conditions:
            return function
        return exp.Filter(this=function, expression=exp.Where(this=trees.all_of(conditions)))

    def counted(self) -> exp.Expr:
        """How many values there are."""
        return self.over(exp.Count(this=self.value.copy()))

    def summed(self) -> exp.Expr:
        """Their sum: on DuckDB of 128 bits, on Postgres numeric."""
        return self.over(exp.Sum(this=self.value.copy()))


def aggregate(
    name: str,
    argument: exp.Expr | None,
    kind: Type | None,
    order_at: exp.Expr | None,
    condition: exp.Expr | None,
    dialect: str,
) -> exp.Expr:
    """The aggregate of rows where `condition` is true (None: all of the group).

    `kind` is the argument's type; `order_at` the rows' time, which `first` and `last` need. The result has the type
    that `aggregate_type(name, kind)` gives, and the aggregate's value of nothing where no row counts.
    """
    build = _BUILD[name]
    argument = argument.copy() if argument is not None else None
    if isinstance(argument, exp.Literal) and argument.is_string:
        argument = trees.cast(argument, trees.sql_type(TEXT, dialect))  # Postgres knows no type of a bare literal
    condition = condition.copy() if condition is not None else None
    if kind is not FLOAT or argument is None or name in ("count", "min", "max"):
        return build(Rows(argument, kind or INTEGER, False, order_at, condition, dialect))
    if name in _OF_NUMBERS:
        return build(Rows(millionths(argument, dialect), INTEGER, True, order_at, condition, dialect))
    return build(Rows(to_exact(argument, dialect), Decimal(19, 6), False, order_at, condition, dialect))


def _count(rows: Rows) -> exp.Expr:
    return rows.over(exp.Count(this=exp.Star() if rows.argument is None else rows.argument.copy()))


def _count_distinct(rows: Rows) -> exp.Expr:
    return rows.over(exp.Count(this=exp.Distinct(expressions=[rows.value.copy()])))


def _sum(rows: Rows) -> exp.Expr:
    total = trees.coalesce(rows.summed(), trees.number(0))
    if rows.of_floats:
        total = trees.cast(total, trees.decimal_type(_WIDEST, 0)) if rows.dialect == DUCKDB else total
        return within_64_bits(trees.multiply(total, trees.number("0.000001")), rows.dialect)
    if rows.kind is INTEGER:
        return to_integer(total, rows.dialect, safe=False)
    return within_64_bits(total, rows.dialect)


def _average(rows: Rows) -> exp.Expr:
    total, count = rows.summed(), rows.counted()
    if rows.dialect != DUCKDB:
        if rows.of_floats:
            doubled = trees.call("div", trees.multiply(total, trees.number(2000)), count)
            return exp.Round(this=trees.multiply(doubled, trees.number("0.0000000005")), decimals=trees.number(PLACES))
        return divided_numeric(total, Decimal(_WIDEST, rows.scale), count)
    scale = rows.scale + (_MILLIONTHS_SCALE if rows.of_floats else 0)
    doubled = trees.multiply(_unscaled(rows, total), trees.number(2 * 10 ** max(0, PLACES - scale)))
    if scale > PLACES:
        count = trees.multiply(trees.cast(count, trees.HUGE), trees.number(10 ** (scale - PLACES)))
    return rounded_half(exp.IntDiv(this=trees.operand(doubled), expression=trees.operand(count)))


def _unscaled(rows: Rows, total: exp.Expr) -> exp.Expr:
    """DuckDB: a sum without its point, as a 128-bit integer."""
    if not isinstance(rows.kind, Decimal):
        return total
    if rows.scale == 0:
        return trees.cast(total, trees.HUGE)
    whole = rows.kind.precision - rows.scale
    if whole + PLACES + 2 * rows.scale <= _WIDEST:  # of a billion rows
        return trees.cast(trees.multiply(total, trees.number(10**rows.scale)), trees.HUGE)
    digits = trees.call("replace", trees.cast(total, trees.sql_type(TEXT, DUCKDB)), trees.text("."), trees.text(""))
    return trees.cast(digits, trees.HUGE)


def _extreme(kind: type[exp.Min | exp.Max], of_booleans: str) -> Callable[[Rows], exp.Expr]:
    def built(rows: Rows) -> exp.Expr:
        if rows.kind is BOOLEAN and rows.dialect == POSTGRES:
            return rows.over(trees.call(of_booleans, rows.value))
        return rows.over(kind(this=by_code_point(rows.value, rows.kind, rows.dialect).copy()))

    return built


def _end(*, last: bool) -> Callable[[Rows], exp.Expr]:
    def built(rows: Rows) -> exp.Expr:
        assert rows.order_at is not None, "first and last need the rows' time"
        if rows.dialect == POSTGRES:
            ordered = [_ordered(rows.order_at, descending=last), _ordered(_comparable(rows))]
            collected = exp.ArrayAgg(this=exp.Order(this=rows.value.copy(), expressions=ordered))
            return trees.element(exp.Paren(this=rows.over(collected, present=True)), 1)
        at = exp.Neg(this=trees.call("epoch_us", rows.order_at)) if last else rows.order_at
        return _smallest(rows.over(exp.Min(this=_pair(at, rows.value)), present=True))

    return built


def _most_frequent(rows: Rows) -> exp.Expr:
    if rows.dialect == POSTGRES:  # of several modes Postgres takes the first in order
        order = exp.Order(expressions=[_ordered(_comparable(rows))])
        return rows.over(exp.WithinGroup(this=trees.call("mode"), expression=order))
    return _by_count(rows, most=True)


def _least_frequent(rows: Rows) -> exp.Expr:
    if rows.dialect != POSTGRES:
        return _by_count(rows, most=False)
    value = exp.column("item")
    values = exp.Unnest(
        expressions=[rows.over(exp.ArrayAgg(this=rows.value.copy()), present=True)],
        alias=exp.TableAlias(this=exp.to_identifier("items"), columns=[exp.to_identifier("item")]),
    )
    ordered = [_ordered(exp.Count(this=exp.Star())), _ordered(by_code_point(value, rows.kind, POSTGRES))]
    query = exp.select(value).from_(values).group_by(value).order_by(*ordered).limit(1)
    return exp.Subquery(this=query)


def _by_count(rows: Rows, *, most: bool) -> exp.Expr:
    """DuckDB: the smallest of the values that have the largest or smallest count."""
    entries = trees.call("map_entries", rows.over(trees.call("histogram", rows.value)))
    count = trees.cast(exp.column("value", table="entry"), trees.sql_type(INTEGER, DUCKDB))
    pair = _pair(exp.Neg(this=count) if most else count, exp.column("key", table="entry"))
    function = exp.Lambda(this=pair, expressions=[exp.to_identifier("entry")])
    counted = exp.Anonymous(this="list_transform", expressions=[entries, function])
    return _smallest(trees.call("list_min", counted))


def _pair(first: exp.Expr, value: exp.Expr) -> exp.Expr:
    """DuckDB: a struct, which compares by its first member and then by its value."""
    members = [
        exp.PropertyEQ(this=exp.to_identifier(name), expression=tree.copy())
        for name, tree in (("first", first), ("value", value))
    ]
    return exp.Struct(expressions=members)


def _smallest(pair: exp.Expr) -> exp.Expr:
    return trees.call("struct_extract", pair, trees.text("value"))


def _median(rows: Rows) -> exp.Expr:
    lower, upper = (_middle(rows, descending=d) for d in (False, True))
    if rows.dialect == DUCKDB:
        wide = trees.decimal_type(_WIDEST, rows.scale)
        lower, upper = trees.cast(lower, wide), trees.cast(upper, wide)
    elif rows.kind is INTEGER:
        lower = trees.cast(lower, trees.NUMERIC)
    middle = trees.multiply(trees.add(lower, upper), trees.number(_HALF_MILLIONTH if rows.of_floats else "0.5"))
    if rows.dialect == DUCKDB:
        return trees.cast(middle, trees.decimal_type(28, PLACES))
    return exp.Round(this=middle, decimals=trees.number(PLACES))


def _middle(rows: Rows, *, descending: bool) -> exp.Expr:
    ordered = _ordered(rows.value, descending=descending)
    if rows.dialect == POSTGRES:
        order = exp.Order(expressions=[ordered])
        return rows.over(exp.WithinGroup(this=trees.call("percentile_disc", trees.number("0.5")), expression=order))
    half = exp.Order(this=trees.number("0.5"), expressions=[ordered])
    return rows.over(exp.Anonymous(this="quantile_disc", expressions=[rows.value.copy(), half]))


def _stddev(rows: Rows) -> exp.Expr:
    if rows.dialect != DUCKDB:
        exact = trees.multiply(rows.value, trees.number("0.000001")) if rows.of_floats else rows.value
        return deviation.stddev_numeric(
            exact if rows.kind is not INTEGER else trees.cast(exact, trees.NUMERIC), rows.over
        )
    if rows.of_floats:
        return deviation.stddev_limbs(trees.cast(rows.value, trees.HUGE), rows.over)
    places = min(rows.scale, _MILLIONTHS_SCALE)
    value = rows.value
    if rows.scale > places:
        value = exp.Round(this=value.copy(), decimals=trees.number(places))
    if places:
        value = trees.multiply(trees.cast(value, trees.decimal_type(_WIDEST, places)), trees.number(10**places))
    whole = trees.cast(value, trees.HUGE)
    shift = _MILLIONTHS_SCALE - places
    return deviation.stddev_limbs(trees.multiply(whole, trees.number(10**shift)) if shift else whole, rows.over)


def _list(rows: Rows) -> exp.Expr:
    if rows.dialect == POSTGRES:
        value = _comparable(rows)
        distinct = exp.Distinct(expressions=[value.copy()])
        collected = exp.ArrayAgg(this=exp.Order(this=distinct, expressions=[_ordered(value)]))
        return trees.cast(rows.over(collected, present=True), trees.sql_type(_list_of(rows.kind), POSTGRES))
    distinct = exp.Distinct(expressions=[rows.value.copy()])
    return trees.call("list_sort", rows.over(trees.call("list", distinct), present=True))


def _list_of(kind: Type) -> Type:
    assert not isinstance(kind, ListOf), kind
    return ListOf(kind)


def _comparable(rows: Rows) -> exp.Expr:
    return by_code_point(rows.value, rows.kind, rows.dialect)


def _ordered(tree: exp.Expr, *, descending: bool = False) -> exp.Expr:
    return exp.Ordered(this=tree.copy(), desc=descending, nulls_first=descending)


_BUILD: Mapping[str, Callable[[Rows], exp.Expr]] = {
    "count": _count,
    "count_distinct": _count_distinct,
    "days": _count_distinct,
    "sum": _sum,
    "avg": _average,
    "min": _extreme(exp.Min, "bool_and"),
    "max": _extreme(exp.Max, "bool_or"),
    "first": _end(last=False),
    "last": _end(last=True),
    "most_frequent": _most_frequent,
    "least_frequent": _least_frequent,
    "median": _median,
    "stddev": _stddev,
    "list": _list,
}
_OF_NUMBERS = ("sum", "avg", "median", "stddev")
