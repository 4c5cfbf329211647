"""Temporary tables, filled and built: gone with the session on DuckDB, with the transaction on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from orchestration.compiler.lowering.trees import sql_type
from orchestration.language.declarations.fixture_values import FixtureValue
from orchestration.testing.tables import Shape
from orchestration.warehouse import Connection


def session(connection: Connection) -> AbstractContextManager[None]:
    """What the tables of one test live in."""
    return connection.transaction() if connection.dialect == "postgres" else nullcontext()


def build(connection: Connection, name: str, query: str) -> None:
    """A temporary table of a query's rows, in the place of an earlier one of that name."""
    connection.execute(f"{_create(connection, name)} as {query}")


def fill(connection: Connection, name: str, shape: Shape, rows: Sequence[Sequence[FixtureValue]]) -> None:
    """A temporary table of a shape with these rows, in the place of an earlier one of that name."""
    kinds = sql_columns(shape, connection.dialect)
    if connection.dialect == "postgres":
        columns = ", ".join(f"{connection.quoted(column)} {kind}" for column, kind in kinds)
        connection.execute(f"create temporary table {connection.quoted(name)} ({columns}) on commit drop")
        if rows:
            connection.insert("pg_temp", name, [column for column, _ in kinds], map(_values, rows))
        return
    lists = ", ".join(f"unnest(cast(? as {kind}[])) as {connection.quoted(column)}" for column, kind in kinds)
    values = [[_value(row[place]) for row in rows] for place in range(len(kinds))]
    connection.execute(f"{_create(connection, name)} as select {lists}", values)


@cache
def sql_columns(shape: Shape, dialect: str) -> tuple[tuple[str, str], ...]:
    """The columns of a shape with the engine's types."""
    return tuple((column, sql_type(kind, dialect).sql(dialect)) for column, kind in shape.columns)


def _create(connection: Connection, name: str) -> str:
    if connection.dialect == "postgres":
        return f"create temporary table {connection.quoted(name)} on commit drop"
    return f"create or replace temporary table {connection.quoted(name)}"


def _value(value: FixtureValue) -> object:
    return list(value) if isinstance(value, tuple) else value


def _values(row: Sequence[FixtureValue]) -> list[object]:
    return [_value(value) for value in row]
