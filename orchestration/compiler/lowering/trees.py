"""Building blocks of SQL trees: operators with parentheses only where they are needed, calls, literals, casts.

A node stands in one tree only: what is given to a function here becomes part of its result if it is not yet part of another
tree, and is copied otherwise, so that a value may be used as often as needed. `once` is for large values that are.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal as Number

from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Decimal, ListOf, Type

DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "spark"
SUPPORTED = (DUCKDB, POSTGRES)  # Spark: names and literals are here, its arithmetic and its casts are not
_INLINE_NODES = 60
_NUMBERED = re.compile(r"__(\d+)")
_fresh = itertools.count()
_Kind = exp.DataType.Type
_SIMPLE = {
    TEXT: _Kind.TEXT,
    INTEGER: _Kind.BIGINT,
    FLOAT: _Kind.DOUBLE,
    BOOLEAN: _Kind.BOOLEAN,
    DATE: _Kind.DATE,
    TIMESTAMP: _Kind.TIMESTAMP,
}
SMALL_INTEGER = exp.DataType(this=_Kind.INT)
HUGE = exp.DataType(this=_Kind.INT128)
NUMERIC = exp.DataType(this=_Kind.DECIMAL)


def sql_type(kind: Type, dialect: str) -> exp.DataType:
    """The engine's type that holds values of the language's; of the null type, text."""
    if isinstance(kind, Decimal):
        return decimal_type(kind.precision, kind.scale)
    if isinstance(kind, ListOf):
        return exp.DataType(this=_Kind.ARRAY, expressions=[sql_type(kind.of, dialect)], nested=True)
    if kind is TIMESTAMP and dialect == SPARK:
        return exp.DataType(this=_Kind.TIMESTAMPNTZ)
    return exp.DataType(this=_SIMPLE.get(kind, _Kind.TEXT))


def decimal_type(precision: int, scale: int) -> exp.DataType:
    """`decimal(p,s)`."""
    parameters = [exp.DataTypeParam(this=number(n)) for n in (precision, scale)]
    return exp.DataType(this=_Kind.DECIMAL, expressions=parameters)


def number(value: int | Number | str) -> exp.Expr:
    """A literal number; a negative one in parentheses, so that no two signs meet."""
    text = value if isinstance(value, str) else format(value, "f") if isinstance(value, Number) else str(value)
    if text.startswith("-"):
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(text[1:])))
    return exp.Literal.number(text)


def double(value: float) -> exp.Expr:
    """A literal double: with an exponent, so that no engine reads a decimal and rounds it on the way."""
    written = repr(abs(value))
    return number(("-" if value < 0 else "") + (written if "e" in written else f"{written}e0"))


def text(value: str) -> exp.Expr:
    """A literal text."""
    return exp.Literal.string(value)


def null(kind: Type, dialect: str) -> exp.Expr:
    """Null of a type."""
    return cast(exp.Null(), sql_type(kind, dialect))


def date(value: dt.date) -> exp.Expr:
    """A literal date."""
    return cast(text(value.isoformat()), exp.DataType(this=_Kind.DATE))


def timestamp(value: dt.datetime, dialect: str) -> exp.Expr:
    """A literal timestamp, UTC or wall time: engines see no zone."""
    return cast(text(value.isoformat(" ")), sql_type(TIMESTAMP, dialect))


def interval(count: int, unit: str) -> exp.Expr:
    """A literal interval."""
    return exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit.upper()))


def cast(tree: exp.Expr, to: exp.DataType) -> exp.Expr:
    """A cast that raises in the engine where it cannot be."""
    return exp.Cast(this=_own(tree)[0], to=to.copy())


def try_cast(tree: exp.Expr, to: exp.DataType) -> exp.Expr:
    """A cast that is null where it cannot be; not on Postgres, which has none."""
    return exp.TryCast(this=_own(tree)[0], to=to.copy(), safe=True)


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the engine by its own name."""
    return exp.Anonymous(this=name, expressions=_own(*arguments))


def again(tree: exp.Expr) -> exp.Expr:
    """A copy; of a column a new one, which is much cheaper where a tree has hundreds."""
    if not isinstance(tree, exp.Column):
        return tree.copy()
    parts = {name: exp.to_identifier(i.name, quoted=i.args.get("quoted")) for name, i in tree.args.items() if i}
    return exp.Column(**parts)


def _own(*given: exp.Expr) -> list[exp.Expr]:
    """Each tree, or a copy where it stands in another tree or has been given before."""
    taken: set[int] = set()
    owned: list[exp.Expr] = []
    for tree in given:
        owned.append(tree if tree.parent is None and id(tree) not in taken else tree.copy())
        taken.add(id(tree))
    return owned


def operand(tree: exp.Expr) -> exp.Expr:
    """A copy that can stand beside an operator."""
    return _beside(tree.copy())


def _beside(tree: exp.Expr) -> exp.Expr:
    atomic = not isinstance(tree, exp.Binary | exp.Unary | exp.Predicate | exp.Collate | exp.Lambda)
    return tree if atomic or isinstance(tree, exp.Paren) else exp.Paren(this=tree)


def binary(kind: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """An operator between two trees; `a + b + c` and `a * b * c` without parentheses."""
    left, right = _own(left, right)
    chained = isinstance(left, kind) and kind in (exp.Add, exp.Mul, exp.DPipe)
    return kind(this=left if chained else _beside(left), expression=_beside(right))


def add(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`left + right`."""
    return binary(exp.Add, left, right)


def subtract(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`left - right`."""
    return binary(exp.Sub, left, right)


def multiply(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`left * right`."""
    return binary(exp.Mul, left, right)


def less(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """`left < right`."""
    return binary(exp.LT, left, right)


def between(tree: exp.Expr, low: exp.Expr, high: exp.Expr) -> exp.Expr:
    """`tree between low and high`, both inclusive."""
    return exp.Between(this=operand(tree), low=operand(low), high=operand(high))


def negation(tree: exp.Expr) -> exp.Expr:
    """`not tree`."""
    is_null_test = isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null)
    return exp.Not(this=tree.copy() if is_null_test else operand(tree))


def is_null(tree: exp.Expr) -> exp.Expr:
    """`tree is null`."""
    return exp.Is(this=operand(tree), expression=exp.Null())


def all_of(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The parts joined by `and`."""
    return _joined(exp.And, list(parts))


def any_of(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The parts joined by `or`."""
    return _joined(exp.Or, list(parts))


def _joined(kind: type[exp.Expr], parts: list[exp.Expr]) -> exp.Expr:
    ready: list[exp.Expr] = [exp.Paren(this=p) if isinstance(p, exp.Connector) else p for p in _own(*parts)]
    while len(ready) > 1:  # balanced, so that a thousand parts do not nest a thousand deep
        pairs = [ready[i : i + 2] for i in range(0, len(ready), 2)]
        ready = [kind(this=pair[0], expression=pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return ready[0]


def when(condition: exp.Expr, value: exp.Expr, otherwise: exp.Expr | None = None) -> exp.Case:
    """`case when condition then value [else otherwise] end`."""
    condition, value, *rest = _own(condition, value, *([] if otherwise is None else [otherwise]))
    return exp.Case(ifs=[exp.If(this=condition, true=value)], default=rest[0] if rest else None)


def nullif(tree: exp.Expr, value: exp.Expr) -> exp.Expr:
    """`nullif(tree, value)`."""
    tree, value = _own(tree, value)
    return exp.Nullif(this=tree, expression=value)


def coalesce(tree: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """`coalesce(tree, …)`."""
    tree, *rest = _own(tree, *others)
    return exp.Coalesce(this=tree, expressions=rest)


def element(tree: exp.Expr, position: int) -> exp.Expr:
    """An element of a list, counted from 1; null where there is none."""
    return exp.Bracket(this=operand(tree), expressions=[number(position)], offset=1)


def is_constant(tree: exp.Expr) -> bool:
    """Whether no column and no sub-query is in the tree."""
    return tree.find(exp.Column, exp.Subquery) is None


def once(
    tree: exp.Expr,
    dialect: str,
    uses: int,
    build: Callable[[exp.Expr], exp.Expr],
    *,
    opaque: bool = False,
) -> exp.Expr:
    """`build(tree)`, where what is built mentions the tree `uses` times.

    A small tree is repeated; a large one is computed once and named, so that nested expressions do not grow
    exponentially: by a list of one element on DuckDB and Spark, by a scalar sub-query on Postgres (whose planner
    would copy the expression back but for `offset 0`). `opaque`: repeat no constant, for an engine that would
    evaluate it while planning.
    """
    size = sum(1 for _ in itertools.islice(tree.walk(), _INLINE_NODES + 1))
    if not (opaque and is_constant(tree)) and (size <= 3 or size * uses <= _INLINE_NODES):
        return build(tree)
    temporary = f"__fresh{next(_fresh)}"
    body = build(exp.column(temporary))
    numbers = (int(m[1]) for t in (tree, body) for m in map(_NUMBERED.fullmatch, _names(t)) if m)
    name = f"__{1 + max(numbers, default=0)}"
    for identifier in body.find_all(exp.Identifier):
        if identifier.name == temporary:
            identifier.set("this", name)
    (tree,) = _own(tree)
    if dialect == POSTGRES:
        inner = exp.select(exp.alias_(tree, name, copy=False), copy=False).offset(0, copy=False)
        return exp.Subquery(this=exp.select(body, copy=False).from_(inner.subquery(name, copy=False), copy=False))
    function = exp.Lambda(this=body, expressions=[exp.to_identifier(name)])
    mapped = "list_transform" if dialect == DUCKDB else "transform"
    items = exp.Anonymous(this=mapped, expressions=[exp.Array(expressions=[tree]), function])
    return exp.Bracket(this=items, expressions=[number(1)], offset=1)


def _names(tree: exp.Expr) -> Iterator[str]:
    return (identifier.name for identifier in tree.find_all(exp.Identifier))
