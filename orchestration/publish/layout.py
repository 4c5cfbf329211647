"""The served views over time: what readers rely on stays where it is.

A generation remembers its views (`served_views`, `served_columns` beside its tables). The next one keeps the order of
their columns and appends what is new; a column whose segment is gone stays as null, a view whose segment is gone as an
empty one, until a publish that is declared breaking. A column that would change its type is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from sqlglot import exp, parse_one

from orchestration.compiler.compiled import SERVING_SCHEMA
from orchestration.diagnostics import Diagnostic, UserError
from orchestration.publish.catalogue import replace_table
from orchestration.publish.served import (
    CURRENT_SCHEMA,
    ServedColumn,
    ServedView,
    absent,
    column_,
    handing_on,
    nothing,
)
from orchestration.warehouse import Connection

Layout: TypeAlias = dict[tuple[str, str], ServedView]  # in an order in which they can be made

LAYOUT_TABLES = ("served_views", "served_columns")
VIEW_COLUMNS = (
    ("view_schema", "text"), ("view_name", "text"), ("position", "bigint"), ("comment", "text"), ("query", "text"),
)  # fmt: skip
COLUMN_COLUMNS = (
    ("view_schema", "text"), ("view_name", "text"), ("position", "bigint"), ("column_name", "text"),
    ("data_type", "text"), ("comment", "text"),
)  # fmt: skip
RETIRED = "Retired. "


def read_layout(connection: Connection, schema: str) -> Layout:
    """The views of the generation whose tables are in `schema`; none where there is none."""
    if not set(LAYOUT_TABLES) <= set(connection.tables(schema)):
        return {}
    columns: dict[tuple[str, str], list[ServedColumn]] = {}
    for view_schema, name, column, kind, comment in connection.rows(
        "select view_schema, view_name, column_name, data_type, comment "
        f"from {connection.name(schema, 'served_columns')} order by view_schema, view_name, position"
    ):
        key = (cast(str, view_schema), cast(str, name))
        columns.setdefault(key, []).append(ServedColumn(cast(str, column), cast(str, kind), cast(str, comment)))
    views = connection.rows(
        "select view_schema, view_name, comment, query "
        f"from {connection.name(schema, 'served_views')} order by position"
    )
    return {
        (cast(str, s), cast(str, n)): ServedView(
            cast(str, s), cast(str, n), cast(str, comment), tuple(columns[cast(str, s), cast(str, n)]), cast(str, query)
        )
        for s, n, comment, query in views
    }


def write_layout(connection: Connection, views: Iterable[ServedView], schema: str) -> None:
    """Remember the views among the generation's tables."""
    views = tuple(views)
    rows = [(v.schema, v.name, position, v.comment, v.query) for position, v in enumerate(views)]
    replace_table(connection, "served_views", VIEW_COLUMNS, rows, schema)
    columns = [(v.schema, v.name, n, c.name, c.type, c.comment) for v in views for n, c in enumerate(v.columns)]
    replace_table(connection, "served_columns", COLUMN_COLUMNS, columns, schema)


def merged(desired: Iterable[ServedView], live: Layout, dialect: str) -> tuple[ServedView, ...]:
    """The desired views with everything that readers have kept in its place."""
    wanted = {view.key: view for view in desired}
    _refuse_changed_types(wanted, live)
    kept = [_kept(view, live[view.key], dialect) if view.key in live else view for view in wanted.values()]
    gone = [_retired(view, dialect) for key, view in live.items() if key not in wanted]
    return tuple(sorted(kept + gone, key=lambda view: view.schema != CURRENT_SCHEMA))


def shaped(view: ServedView, columns: tuple[ServedColumn, ...], dialect: str) -> ServedView:
    """The view with exactly these columns, in this order; those that it has not are null."""
    if columns == view.columns:
        return view
    if view.schema == SERVING_SCHEMA:
        return replace(view, columns=columns, query=handing_on(view.name, columns, dialect))
    present = {column.name for column in view.columns}
    values = [column_(c.name) if c.name in present else absent(c, dialect) for c in columns]
    inner = cast(exp.Query, parse_one(view.query, dialect=dialect)).subquery("present")
    return replace(view, columns=columns, query=exp.select(*values).from_(inner).sql(dialect=dialect))


def _refuse_changed_types(wanted: Layout, live: Layout) -> None:
    changed: dict[str, Diagnostic] = {}
    for key, view in sorted(live.items(), key=lambda item: item[0][0] != SERVING_SCHEMA):
        types = {column.name: column.type for column in wanted[key].columns} if key in wanted else {}
        for column in view.columns:
            now = types.get(column.name, column.type)
            if now != column.type:
                message = f"`{column.name}` of the published `{view.name}` is {column.type}, but would become {now}"
                hint = "`--breaking` drops such columns and makes them again; tell their readers first"
                changed.setdefault(f"{view.name}.{column.name}", Diagnostic("changed-type", message, hint=hint))
    if changed:
        raise UserError(*changed.values())


def _kept(view: ServedView, live: ServedView, dialect: str) -> ServedView:
    """A view with the columns readers know first, in their order, those that are gone as null."""
    present = {column.name: column for column in view.columns}
    known = {column.name for column in live.columns}
    columns = (
        *(present.get(column.name) or _retired_column(column) for column in live.columns),
        *(column for column in view.columns if column.name not in known),
    )
    return shaped(view, columns, dialect)


def _retired(view: ServedView, dialect: str) -> ServedView:
    columns = tuple(map(_retired_column, view.columns))
    retired = replace(view, comment=RETIRED + view.comment.removeprefix(RETIRED), columns=columns)
    if view.schema == SERVING_SCHEMA:
        return retired
    return replace(retired, query=nothing(columns, dialect).sql(dialect=dialect))


def _retired_column(column: ServedColumn) -> ServedColumn:
    return replace(column, comment=RETIRED + column.comment.removeprefix(RETIRED))


def apply(connection: Connection, views: Sequence[ServedView], live: Layout) -> None:
    """Make the views, in this order, that are not there or not as they shall be, and their comments."""
    existing = {schema: set(connection.tables(schema)) for schema in (CURRENT_SCHEMA, SERVING_SCHEMA)}
    for schema in existing:
        connection.execute(f"create schema if not exists {connection.quoted(schema)}")
    for view in views:
        before = live.get(view.key) if view.name in existing[view.schema] else None
        replaced = before is None or before.query != view.query
        if replaced:
            connection.execute(f"create or replace view {connection.name(view.schema, view.name)} as {view.query}")
        if view.schema == SERVING_SCHEMA:
            forgotten = replaced and connection.dialect == "duckdb"  # replacing a view loses its comments there
            _comment(connection, view, None if forgotten else before)


def _comment(connection: Connection, view: ServedView, before: ServedView | None) -> None:
    table = exp.table_(view.name, db=view.schema, quoted=True)
    if before is None or before.comment != view.comment:
        connection.execute(_comment_on("VIEW", table, view.comment))
    said = {column.name: column.comment for column in before.columns} if before else {}
    for column in view.columns:
        if said.get(column.name, "") != column.comment:
            target = exp.column(column.name, table=view.name, db=view.schema, quoted=True)
            connection.execute(_comment_on("COLUMN", target, column.comment))


def _comment_on(kind: str, target: exp.Expr, text: str) -> exp.Comment:
    return exp.Comment(this=target, kind=kind, expression=exp.Literal.string(text) if text else exp.null())
