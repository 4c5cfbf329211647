"""The contract with readers: the views of schema `segments`, and what they stand on.

A view of `segments` adds `publish_id` to the view of the same name in `segments_current` and does nothing else, so it
only changes when a column is added. Whatever depends on a definition or on a generation is below, where a publish
replaces it.

Every view of `segments` reads the gate, which holds the publish_id, before anything else. A reader that was let through
keeps a publish waiting; one that was not holds nothing below that the publish waits for. So they never block each other
for good, and all that a reader sees in one transaction is of one generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from orchestration.compiler.compiled import SERVING_SCHEMA

CURRENT_SCHEMA = "segments_current"
GATE = "_generation"
AS_OF = "as_of"
PUBLISH_ID = "publish_id"
PUBLISH_ID_COMMENT = "The generation of tables; two tables that show the same one belong together"


@dataclass(frozen=True, slots=True)
class ServedColumn:
    """A column of a view: its type as the engine spells it, its comment."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ServedView:
    """A view: `query` is SQL that returns the columns, in order."""

    schema: str
    name: str
    comment: str
    columns: tuple[ServedColumn, ...]
    query: str

    @property
    def key(self) -> tuple[str, str]:
        return self.schema, self.name


def handed_on(below: ServedView, dialect: str) -> ServedView:
    """The view of the contract for a view of `segments_current`; publish_id stands beside as_of, or last."""
    columns = list(below.columns)
    position = next((n for n, column in enumerate(columns, 1) if column.name == AS_OF), len(columns))
    columns.insert(position, ServedColumn(PUBLISH_ID, canonical("text", dialect), PUBLISH_ID_COMMENT))
    query = handing_on(below.name, columns, dialect)
    return ServedView(SERVING_SCHEMA, below.name, below.comment, tuple(columns), query)


def handing_on(name: str, columns: Sequence[ServedColumn], dialect: str) -> str:
    """The query of a view of the contract with these columns."""
    query = exp.select(*(column_(column.name) for column in columns))
    return query.from_(current(GATE)).join(current(name), join_type="cross").sql(dialect=dialect)


def column_(name: str) -> exp.Column:
    """A column by its name alone, quoted."""
    return exp.column(name, quoted=True)


def current(name: str) -> exp.Table:
    """A table of the served generation, whichever that is."""
    return exp.table_(name, db=CURRENT_SCHEMA, quoted=True)


def canonical(kind: str, dialect: str) -> str:
    """One spelling of an engine's type."""
    return exp.DataType.build(kind, dialect=dialect).sql(dialect=dialect)


def nothing(columns: Sequence[ServedColumn], dialect: str) -> exp.Select:
    """No rows of these columns."""
    return exp.select(*(absent(column, dialect) for column in columns)).where(exp.false())


def absent(column: ServedColumn, dialect: str) -> exp.Expr:
    """Null in place of a column, in its type."""
    kind = exp.DataType.build(column.type, dialect=dialect)
    return exp.cast(exp.null(), kind).as_(column.name, quoted=True)
