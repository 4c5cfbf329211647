"""Reading a column: whatever a warehouse's type is, the rest of the compiler sees one canonical value of the
language's.

Integers are 64-bit; decimals have at most nine places and 64 bits before the point, else they are null; floats are
doubles, NaN and the infinities null, -0.0 zero; infinite dates and timestamps are null; timestamps are UTC without a
zone; text on Postgres compares by code point.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from orchestration.catalog.data_types import has_zone, type_of
from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.compiler.lowering import trees
from orchestration.compiler.lowering.numbers import to_integer, within_64_bits
from orchestration.compiler.lowering.trees import DUCKDB, POSTGRES
from orchestration.compiler.lowering.truth import by_code_point
from orchestration.language.numbers import INTEGER_DIGITS, PLACES, canonical

_PLAIN = {
    INTEGER: ("bigint", "int8", "int64", "long"),
    FLOAT: ("double", "double precision", "float8", "float64"),
    BOOLEAN: ("boolean", "bool"),
    DATE: ("date",),
    TIMESTAMP: ("timestamp", "timestamp without time zone", "timestamp_ntz"),
    TEXT: ("text", "varchar", "string", "character varying"),
}


def read_column(
    column: str | exp.Expr, kind: Type, data_type: str, dialect: str, *, bounded: bool = False
) -> exp.Expr:
    """The canonical value of a column (a name, or its tree) whose type in the warehouse is `data_type`.

    `bounded`: whoever asks compares a date or timestamp with both a begin and an end, so that values outside the
    calendar drop out there; the bare column then lets an engine skip what it need not read.
    """
    tree = exp.column(exp.to_identifier(column, quoted=True)) if isinstance(column, str) else column.copy()
    if isinstance(kind, ListOf):
        return _list(tree, kind, data_type, dialect)
    if isinstance(kind, Decimal):
        return _decimal(tree, kind, data_type, dialect)
    plain = _is_plain(kind, data_type)
    if kind is INTEGER:
        return tree if plain else _integer(tree, data_type, dialect)
    if kind is FLOAT:
        return _float(tree if plain else trees.cast(tree, trees.sql_type(FLOAT, dialect)), dialect)
    if kind is TEXT:
        return by_code_point(tree if plain else trees.cast(tree, trees.sql_type(TEXT, dialect)), TEXT, dialect)
    if kind is DATE:
        return tree if bounded else _finite(tree, dialect)
    if kind is TIMESTAMP:
        value = _utc(tree, data_type, dialect)
        return value if bounded else _finite(value, dialect)
    return tree if plain else trees.cast(tree, trees.sql_type(kind, dialect))


def _is_plain(kind: Type, data_type: str) -> bool:
    name = " ".join(data_type.lower().split("(")[0].split())
    if kind is TEXT and name == "character varying" and "(" in data_type:
        return False
    return kind in _PLAIN and name in _PLAIN[kind] and "[" not in data_type


def _integer(tree: exp.Expr, data_type: str, dialect: str) -> exp.Expr:
    declared = type_of(data_type)
    return to_integer(tree, dialect, safe=declared is INTEGER)


def _decimal(tree: exp.Expr, kind: Decimal, data_type: str, dialect: str) -> exp.Expr:
    whole, target = kind.precision - kind.scale, canonical(kind)
    assert isinstance(target, Decimal)
    bare = "(" not in data_type and dialect == POSTGRES  # of any size
    if whole < INTEGER_DIGITS and not bare:
        if dialect == POSTGRES:
            tree = trees.nullif(tree, trees.text("NaN"))
        return tree if type_of(data_type) == target else trees.cast(tree, trees.sql_type(target, dialect))
    if dialect == DUCKDB and type_of(data_type) != target:
        tree = trees.try_cast(tree, trees.sql_type(target, dialect))
    elif bare or kind.scale > PLACES:
        tree = exp.Round(this=tree.copy(), decimals=trees.number(target.scale))
    return within_64_bits(tree, dialect)  # where NaN is not, either


def _float(tree: exp.Expr, dialect: str) -> exp.Expr:
    infinity = trees.cast(trees.text("infinity"), trees.sql_type(FLOAT, dialect))

    def finite(value: exp.Expr) -> exp.Expr:
        return trees.when(trees.less(exp.Abs(this=value.copy()), infinity), trees.add(value, trees.number(0)))

    return trees.once(tree, dialect, 2, finite)


def _finite(tree: exp.Expr, dialect: str) -> exp.Expr:
    """A date or timestamp that is on the calendar: DuckDB and Postgres have infinite ones."""
    return trees.once(tree, dialect, 2, lambda value: trees.when(trees.call("isfinite", value), value))


def _utc(tree: exp.Expr, data_type: str, dialect: str) -> exp.Expr:
    if has_zone(data_type, dialect):
        if dialect == DUCKDB:
            return trees.call("make_timestamp", trees.call("epoch_us", tree))
        return exp.AtTimeZone(this=trees.operand(tree), zone=trees.text("UTC"))
    if dialect == DUCKDB and data_type.lower() == "timestamp_ns":
        microseconds = exp.IntDiv(this=trees.call("epoch_ns", tree), expression=trees.number(1000))
        return trees.call("make_timestamp", microseconds)  # a cast would round
    return tree if _is_plain(TIMESTAMP, data_type) else trees.cast(tree, trees.sql_type(TIMESTAMP, dialect))


def _list(tree: exp.Expr, kind: ListOf, data_type: str, dialect: str) -> exp.Expr:
    declared = type_of(data_type)
    of = _element_type(data_type)
    if declared == kind and kind.of in (TEXT, INTEGER, BOOLEAN) and _is_plain(kind.of, of):
        return tree
    if kind.of in (TEXT, BOOLEAN) or (kind.of is INTEGER and declared == kind):
        return trees.cast(tree, trees.sql_type(kind, dialect))
    return _each(tree, kind, dialect, lambda item: read_column(item, kind.of, of, dialect))


def _each(
    tree: exp.Expr, kind: ListOf, dialect: str, build: Callable[[exp.Expr], exp.Expr]
) -> exp.Expr:
    """A list with each element read."""
    body = build(exp.column("item"))
    if dialect != POSTGRES:
        function = exp.Lambda(this=body, expressions=[exp.to_identifier("item")])
        mapped = "list_transform" if dialect == DUCKDB else "transform"
        return exp.Anonymous(this=mapped, expressions=[tree.copy(), function])
    order = exp.Order(expressions=[exp.Ordered(this=exp.column("place"), nulls_first=False)])
    rows = exp.Unnest(
        expressions=[tree.copy()],
        offset=True,
        alias=exp.TableAlias(
            this=exp.to_identifier("items"), columns=[exp.to_identifier("item"), exp.to_identifier("place")]
        ),
    )
    collected = exp.ArrayAgg(this=exp.Order(this=body, expressions=order.expressions))
    items = exp.Subquery(this=exp.select(collected).from_(rows))
    empty = trees.cast(trees.text("{}"), trees.sql_type(kind, dialect))
    known = trees.negation(trees.is_null(tree))
    return trees.when(known, trees.coalesce(items, empty))


def _element_type(data_type: str) -> str:
    lowered = data_type.strip()
    for prefix in ("array<", "list<", "array(", "list("):
        if lowered.lower().startswith(prefix):
            return lowered[len(prefix) : -1]
    return lowered.split("[")[0].removeprefix("_")
