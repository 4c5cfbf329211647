"""What was true when: who entered and who left each segment at each recorded instant.

`segment_changes` holds the entries and exits, a move between tiers being one of each; `segment_daily` a row for every
recorded instant and segment (`tier` null), and for every tier, whether or not anything changed, so that it says at
which instants a segment was recorded. Nothing but these two is needed to know who was a member since when at any
instant.

What a generation replaced in history is put aside with its tables (`history_replaced_*`, for the instants and segments
in `history_keys`): taking the generation back is exchanging the two, and so is bringing it in again.
"""

from __future__ import annotations

from orchestration.publish import generation
from orchestration.warehouse import Connection

CHANGES = "as_of, segment, tier, entity, entity_id, change, initial, definition_hash, recorded_by"
DAILY = (
    'as_of, segment, tier, entity, size, population, share, entered, "left", stayed, initial, definition_hash, '
    "recorded_by"
)
HISTORY_TABLES = ("history_keys", "history_replaced_changes", "history_replaced_daily")

SCHEMA = "create schema if not exists segments_history"
CREATE_CHANGES = """
    create table if not exists segments_history.segment_changes (
      as_of timestamp not null, segment text not null, tier text, entity text not null, entity_id text not null,
      change text not null, initial boolean not null, definition_hash text not null, recorded_by text not null
    )"""
CREATE_DAILY = """
    create table if not exists segments_history.segment_daily (
      as_of timestamp not null, segment text not null, tier text, entity text not null, size bigint not null,
      population bigint not null, share double precision, entered bigint not null, "left" bigint not null,
      stayed bigint not null, initial boolean not null, definition_hash text not null, recorded_by text not null
    )"""
INDEXES = (  # of Postgres
    "create index if not exists segment_changes_by_segment on segments_history.segment_changes (segment, as_of)",
    "create index if not exists segment_daily_by_segment on segments_history.segment_daily (segment, as_of)",
)


def ensure_history(connection: Connection) -> None:
    """Create what is missing of the history schema."""
    indexes = INDEXES if connection.dialect == "postgres" else ()
    for statement in (SCHEMA, CREATE_CHANGES, CREATE_DAILY, *generation.CREATE, *indexes):
        connection.execute(statement)


def exchange(connection: Connection, schema: str) -> None:
    """Exchange the rows that a generation wrote with those it replaced, which its schema holds; inside a transaction.

    Doing it twice changes nothing. A generation must be the last one in, or the next one to come in again.
    """
    aside = connection.quoted(schema)
    for table, columns in (("segment_changes", CHANGES), ("segment_daily", DAILY)):
        replaced = f"{aside}.{connection.quoted('history_replaced_' + table.removeprefix('segment_'))}"
        history = f"segments_history.{table}"
        mine = f"exists (select 1 from {aside}.history_keys k where k.segment = h.segment and k.as_of = h.as_of)"
        connection.execute(f"create temporary table publish_exchange as select {columns} from {history} h where {mine}")
        connection.execute(f"delete from {history} as h where {mine}")
        connection.execute(f"insert into {history} ({columns}) select {columns} from {replaced}")
        connection.execute(f"delete from {replaced}")
        connection.execute(f"insert into {replaced} ({columns}) select {columns} from publish_exchange")
        connection.execute("drop table publish_exchange")
