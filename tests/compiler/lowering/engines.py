"""Runs lowered expressions on DuckDB and Postgres: many in one statement, over rows of a table made for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal as Number
from typing import Any

import duckdb
import psycopg
from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type
from orchestration.compiler.lowering import Leaf, Lowering, lower, sql_type
from orchestration.language.expression import TODAY, Call, Expression, Field, InstantRef, Literal, MeasureRef
from orchestration.language.numbers import decimal_literal
from orchestration.language.zone import Zone

DIALECTS = ("duckdb", "postgres")
TODAY_DATE = dt.date(2026, 3, 1)
UTC = Zone.named("UTC")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Engines:
    """Connections to both engines, and how to ask them."""

    duckdb: duckdb.DuckDBPyConnection
    postgres: psycopg.Connection[tuple[Any, ...]]

    def fill(self, dialect: str, columns: Mapping[str, Type], rows: Sequence[Row]) -> None:
        """A table `given` of such rows, numbered by `number_`."""
        typed = ", ".join(f'"{n}" {sql_type(t, dialect).sql(dialect)}' for n, t in columns.items())
        self.run(dialect, "drop table if exists given")
        self.run(dialect, f"create temp table given (number_ bigint, {typed})")
        values = [[i, *(row.get(name) for name in columns)] for i, row in enumerate(rows)]
        mark = "?" if dialect == "duckdb" else "%s"
        row_marks = "(" + ", ".join([mark] * (len(columns) + 1)) + ")"
        step = max(1, 20_000 // (len(columns) + 1))
        for start in range(0, len(values), step):
            chunk = values[start : start + step]
            statement = f"insert into given values {', '.join([row_marks] * len(chunk))}"
            parameters = [value for row in chunk for value in row]
            if dialect == "duckdb":
                self.duckdb.execute(statement, parameters)
            else:
                self.postgres.execute(statement.encode(), parameters)

    def run(self, dialect: str, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        if dialect == "duckdb":
            return self.duckdb.execute(statement).fetchall()
        cursor = self.postgres.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def values(
        self, dialect: str, expressions: Sequence[Expression], *, zone: Zone = UTC, week: str = "monday"
    ) -> list[tuple[Any, ...]]:
        """Per row of `given` the value of each expression."""
        context = lowering(dialect, zone, week)
        lowered = [lower(e, context) for e in expressions]
        for tree in lowered:
            assert_sound(tree)
        trees = [exp.alias_(tree, f"c{i}", copy=False) for i, tree in enumerate(lowered)]
        query = exp.select(*trees).from_("given").order_by("number_")
        return self.run(dialect, query.sql(dialect))


def assert_sound(tree: exp.Expr) -> None:
    """Every node stands in one place, so that later passes can change it there."""
    nodes = list(tree.walk())
    assert len({id(node) for node in nodes}) == len(nodes), tree.sql()
    assert tree.parent is None
    for node in nodes:
        assert all(child.parent is node for child in node.iter_expressions()), node.sql()


def lowering(dialect: str, zone: Zone = UTC, week: str = "monday") -> Lowering:
    """A context whose columns are those of `given`."""

    def leaf(found: Leaf) -> exp.Expr:
        if found == TODAY:
            return exp.cast(exp.Literal.string(TODAY_DATE.isoformat()), exp.DataType.build("date"))
        assert isinstance(found, Field), found
        return exp.column(exp.to_identifier(found.column, quoted=True))

    return Lowering(dialect, zone, leaf, week)


def column(name: str, kind: Type) -> Field:
    """A column of `given`."""
    return Field((), name, kind)


def constant(value: Any, kind: Type | None = None) -> Literal:
    """A literal; its type follows from a Python value."""
    if kind is not None:
        return Literal(value, kind)
    kinds: dict[type, Type] = {
        bool: BOOLEAN, int: INTEGER, float: FLOAT, str: TEXT, dt.date: DATE, dt.datetime: TIMESTAMP,
    }  # fmt: skip
    if isinstance(value, Number):
        literal = decimal_literal(format(value, "f"))
        assert literal is not None
        return literal
    return Literal(value, kinds[type(value)])


def call(operation: str, *arguments: Expression | Any, type: Type = BOOLEAN) -> Call:
    """An operation; arguments that are no expressions are constants."""
    is_tree = (Call, Field, Literal, InstantRef, MeasureRef)
    return Call(operation, tuple(a if isinstance(a, is_tree) else constant(a) for a in arguments), type)
