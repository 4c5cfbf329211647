"""What a run tells the compiled models before dbt starts: the instant, and who was a member since when before it.

Both are tables of `segments_run` in the main database. The state before as_of is replayed from the recorded changes, so
it is the same whatever is served: for each segment the members at its latest recorded instant strictly before as_of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlglot import exp

from orchestration.catalog.types import INTEGER
from orchestration.compiler.compiled import HISTORY_SCHEMA, RUN_SCHEMA, Compiled, CompiledEntity
from orchestration.publish.generation import DAILY
from orchestration.warehouse import Connection

WHOLE_NUMBER = "^-?[0-9]{1,37}$"
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def write_run(
    connection: Connection,
    compiled: Compiled,
    as_of: dt.datetime,
    instant: Mapping[str, object],
    history_catalog: str | None = None,
) -> None:
    """Replace the tables of `segments_run`, all at once. `history_catalog` is the DuckDB file that holds history."""
    with connection.transaction():
        connection.execute(f"create schema if not exists {connection.quoted(RUN_SCHEMA)}")
        write_instant(connection, compiled, instant)
        for entity in compiled.entities:
            name = connection.name(RUN_SCHEMA, entity.state_table)
            query = state_query(compiled, entity, as_of, history_catalog)
            connection.execute(f"drop table if exists {name}")
            connection.execute(f"create table {name} as {connection.text(query)}")


def write_instant(connection: Connection, compiled: Compiled, instant: Mapping[str, object]) -> None:
    """Replace `segments_run.instant`: one row for each cadence, of which there is one so far."""
    row = {"cadence": DAILY, "compiled_hash": compiled.hash, **instant}
    name = connection.name(RUN_SCHEMA, "instant")
    declared = ", ".join(f"{connection.quoted(column)} {_kind(value)}" for column, value in row.items())
    connection.execute(f"drop table if exists {name}")
    connection.execute(f"create table {name} ({declared})")
    connection.insert(RUN_SCHEMA, "instant", list(row), [tuple(row.values())])


def _kind(value: object) -> str:
    match value:
        case dt.datetime():
            return "timestamp"
        case dt.date():
            return "date"
        case str():
            return "text"
        case _:
            raise TypeError(f"an instant has no {type(value).__name__}")


def state_query(compiled: Compiled, entity: CompiledEntity, as_of: dt.datetime, catalog: str | None) -> exp.Select:
    """The members of an entity's segments before as_of, with the columns of `<entity>_segments`."""
    stays = _stays(entity, as_of, catalog).subquery("stays")
    key = _key(entity)
    columns: list[exp.Expr] = [key.as_(entity.key, quoted=True)]
    for name in entity.segments:
        tiers = compiled.segment(name).tiers
        tier = exp.column("tier")
        here = exp.and_(
            exp.column("segment").eq(exp.Literal.string(name)),
            tier.isin(*map(exp.Literal.string, tiers)) if tiers else tier.is_(exp.null()),
        )
        if tiers:
            columns.append(_pick(here, exp.column("tier"), "text").as_(name, quoted=True))
        entered_at = compiled.segment(name).entered_at_column
        columns.append(_pick(here, exp.column("entered_at"), "timestamp").as_(entered_at, quoted=True))
    return exp.select(*columns).from_(stays).where(key.is_(exp.null()).not_()).group_by(exp.column("entity_id"))


def _stays(entity: CompiledEntity, as_of: dt.datetime, catalog: str | None) -> exp.Select:
    """Who is in which tier of the entity's segments just before as_of, and since when."""
    entered = exp.column("change").eq(exp.Literal.string("entered"))
    balance = exp.Sum(this=exp.case().when(entered.copy(), exp.Literal.number(1)).else_(exp.Literal.number(-1)))
    since = exp.Max(this=exp.case().when(entered, exp.column("as_of")))
    instant = exp.cast(exp.Literal.string(as_of.isoformat(sep=" ")), "timestamp")
    names = [exp.Literal.string(name) for name in entity.segments]
    return (
        exp.select("entity_id", "segment", "tier", since.as_("entered_at"))
        .from_(exp.table_("segment_changes", db=HISTORY_SCHEMA, catalog=catalog, quoted=True))
        .where(exp.column("as_of") < instant)
        .where(exp.column("segment").isin(*names) if names else exp.false())
        .group_by("entity_id", "segment", "tier")
        .having(balance > exp.Literal.number(0))
    )


def _key(entity: CompiledEntity) -> exp.Expr:
    """The recorded key in the entity's type; a text that is no key of that type any more is null."""
    recorded = exp.column("entity_id")
    if entity.key_type is not INTEGER:
        return recorded
    is_number = exp.RegexpLike(this=recorded, expression=exp.Literal.string(WHOLE_NUMBER))
    fits = exp.cast(recorded.copy(), "decimal(38, 0)").between(exp.convert(SMALLEST), exp.convert(LARGEST))
    return exp.case().when(is_number, exp.case().when(fits, exp.cast(recorded.copy(), "bigint")))


def _pick(condition: exp.Expr, value: exp.Expr, kind: str) -> exp.Expr:
    return exp.cast(exp.Max(this=exp.case().when(condition.copy(), value)), kind)
