"""Writing what dbt has built into history: who entered, who left, how many there are.

Recording an instant again replaces it. Where a later instant of a segment is recorded, the differences of the next one
are derived anew from its members, which stay what they were; it keeps its definition and its population. Everything
follows from one relation, `publish_moves`: for every instant that is written, every entity that was or is a member,
with the tier before and the tier now (empty in a segment without tiers, null where it is no member).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlglot import exp

from orchestration.compiler.compiled import BUILD_SCHEMA, Compiled, CompiledEntity
from orchestration.publish.history import CHANGES, DAILY, HISTORY_TABLES
from orchestration.warehouse import Connection

# What is written: an instant, a segment, what it is recorded with. The instant at hand, and the next recorded one.
RECORDINGS = {
    "as_of": "timestamp", "segment": "text", "entity": "text", "definition_hash": "text", "initial": "boolean",
    "population": "bigint", "recorded_by": "text",
}  # fmt: skip
TIERS = {"as_of": "timestamp", "segment": "text", "tier": "text"}
MEMBERS = {"as_of": "timestamp", "segment": "text", "tier": "text", "entity_id": "text"}
TEMPORARY = {"publish_recordings": RECORDINGS, "publish_tiers": TIERS, "publish_members": MEMBERS}
DERIVED = ("publish_before", "publish_moves")

FIND_INITIAL = """
    update publish_recordings set initial = not exists (
      select 1 from segments_history.segment_daily d
      where d.segment = publish_recordings.segment and d.as_of < publish_recordings.as_of
    )"""
ADD_NEXT = """
    insert into publish_recordings
    select d.as_of, d.segment, d.entity, d.definition_hash, false, d.population, n.recorded_by
    from segments_history.segment_daily d join (
      select l.segment, r.recorded_by, min(l.as_of) as as_of
      from segments_history.segment_daily l join publish_recordings r on r.segment = l.segment and l.as_of > r.as_of
      group by l.segment, r.recorded_by
    ) n on n.segment = d.segment and n.as_of = d.as_of
    where d.tier is null"""
ADD_NEXT_TIERS = """
    insert into publish_tiers
    select d.as_of, d.segment, d.tier
    from segments_history.segment_daily d
    join publish_recordings r on r.segment = d.segment and r.as_of = d.as_of
    where d.tier is not null
      and exists (select 1 from publish_recordings e where e.segment = r.segment and e.as_of < r.as_of)"""

# Members at a recorded instant: those with more entries than exits up to it.
REPLAYED = """
    select r.as_of, c.segment, coalesce(c.tier, '') as tier, c.entity_id
    from segments_history.segment_changes c join publish_recordings r on r.segment = c.segment
    where {condition} exists (select 1 from publish_recordings e where e.segment = r.segment and e.as_of < r.as_of)
    group by r.as_of, c.segment, coalesce(c.tier, ''), c.entity_id
    having sum(case when c.change = 'entered' then 1 else -1 end) > 0"""
ADD_NEXT_MEMBERS = "insert into publish_members" + REPLAYED.format(condition="c.as_of <= r.as_of and")
BEFORE = f"""
    create temporary table publish_before as {REPLAYED.format(condition="c.as_of < r.as_of and not")}
    union all
    select r.as_of, m.segment, m.tier, m.entity_id
    from publish_members m join publish_recordings r on r.segment = m.segment and r.as_of > m.as_of"""
MOVES = """
    create temporary table publish_moves as
    select coalesce(m.as_of, b.as_of) as as_of, coalesce(m.segment, b.segment) as segment,
      coalesce(m.entity_id, b.entity_id) as entity_id, b.tier as tier_from, m.tier as tier_to
    from publish_members m full join publish_before b
      on b.as_of = m.as_of and b.segment = m.segment and b.entity_id = m.entity_id"""

KEYS = "create table segments_build.history_keys as select as_of, segment from publish_recordings"
RECORDED = "exists (select 1 from publish_recordings r where r.segment = h.segment and r.as_of = h.as_of)"
ASIDE_CHANGES = f"""
    create table segments_build.history_replaced_changes as
    select {CHANGES} from segments_history.segment_changes h where {RECORDED}"""
ASIDE_DAILY = f"""
    create table segments_build.history_replaced_daily as
    select {DAILY} from segments_history.segment_daily h where {RECORDED}"""
REMOVE_CHANGES = f"delete from segments_history.segment_changes as h where {RECORDED}"
REMOVE_DAILY = f"delete from segments_history.segment_daily as h where {RECORDED}"
PUT_ASIDE = (KEYS, ASIDE_CHANGES, ASIDE_DAILY, REMOVE_CHANGES, REMOVE_DAILY)

WRITE_CHANGES = f"""
    insert into segments_history.segment_changes ({CHANGES})
    select m.as_of, m.segment, nullif(m.tier_to, ''), r.entity, m.entity_id, 'entered', r.initial, r.definition_hash,
      r.recorded_by
    from publish_moves m join publish_recordings r on r.segment = m.segment and r.as_of = m.as_of
    where m.tier_to is not null and (m.tier_from is null or m.tier_from <> m.tier_to)
    union all
    select m.as_of, m.segment, nullif(m.tier_from, ''), r.entity, m.entity_id, 'left', false, r.definition_hash,
      r.recorded_by
    from publish_moves m join publish_recordings r on r.segment = m.segment and r.as_of = m.as_of
    where m.tier_from is not null and (m.tier_to is null or m.tier_from <> m.tier_to)"""
# Counted per segment (tier '') and per tier: zeros so that each has a row, then what every move adds to the segment,
# to the tier moved to and to the tier moved from.
COUNTED = """
    select as_of, segment, '' as tier, 0 as size, 0 as entered, 0 as gone, 0 as stayed from publish_recordings
    union all
    select as_of, segment, tier, 0, 0, 0, 0 from publish_tiers
    union all
    select as_of, segment, '', case when tier_to is null then 0 else 1 end,
      case when tier_from is null then 1 else 0 end, case when tier_to is null then 1 else 0 end,
      case when tier_from is null or tier_to is null then 0 else 1 end
    from publish_moves
    union all
    select as_of, segment, tier_to, 1, case when tier_from = tier_to then 0 else 1 end, 0,
      case when tier_from = tier_to then 1 else 0 end
    from publish_moves where tier_to <> ''
    union all
    select as_of, segment, tier_from, 0, 0, 1, 0
    from publish_moves where tier_from <> '' and (tier_to is null or tier_to <> tier_from)"""
WRITE_DAILY = f"""
    insert into segments_history.segment_daily ({DAILY})
    select r.as_of, r.segment, nullif(s.tier, ''), r.entity, s.size, r.population,
      cast(s.size as double precision) / nullif(r.population, 0), case when r.initial then 0 else s.entered end, s.gone,
      s.stayed, r.initial, r.definition_hash, r.recorded_by
    from (
      select as_of, segment, tier, cast(sum(size) as bigint) as size, cast(sum(entered) as bigint) as entered,
        cast(sum(gone) as bigint) as gone, cast(sum(stayed) as bigint) as stayed
      from ({COUNTED}) counted group by as_of, segment, tier
    ) s join publish_recordings r on r.segment = s.segment and r.as_of = s.as_of"""


def record(connection: Connection, compiled: Compiled, as_of: dt.datetime, publish_id: str) -> None:
    """Write the members that stand in `segments_build` as those of `as_of`; inside a transaction."""
    _drop_leftovers(connection)
    for table, columns in TEMPORARY.items():
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create temporary table {table} ({declared})")
    _insert_temporary(
        connection, "publish_recordings", RECORDINGS, _recordings(connection, compiled, as_of, publish_id)
    )
    tiers = [(as_of, s.name, tier) for s in compiled.segments for tier in s.tiers]
    _insert_temporary(connection, "publish_tiers", TIERS, tiers)
    for statement in (FIND_INITIAL, ADD_NEXT, ADD_NEXT_TIERS, ADD_NEXT_MEMBERS):
        connection.execute(statement)
    for entity in compiled.entities:
        for query in _members(compiled, entity, as_of):
            connection.execute(exp.insert(query, "publish_members", columns=list(MEMBERS)))
    for statement in (BEFORE, MOVES, *PUT_ASIDE, WRITE_CHANGES, WRITE_DAILY):
        connection.execute(statement)
    for table in (*TEMPORARY, *DERIVED):
        connection.execute(f"drop table {table}")


def _drop_leftovers(connection: Connection) -> None:
    for table in (*TEMPORARY, *DERIVED):
        connection.execute(f"drop table if exists {table}")
    for table in HISTORY_TABLES:
        connection.execute(f"drop table if exists segments_build.{table}")


def _insert_temporary(
    connection: Connection, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]
) -> None:
    schema, catalog = ("main", "temp") if connection.dialect == "duckdb" else ("pg_temp", None)
    connection.insert(schema, table, list(columns), rows, catalog=catalog)


def _recordings(
    connection: Connection, compiled: Compiled, as_of: dt.datetime, publish_id: str
) -> list[tuple[object, ...]]:
    population = {}
    for entity in compiled.entities:
        table = connection.name(BUILD_SCHEMA, entity.segments_table)
        ((population[entity.name],),) = connection.rows(f"select count(*) from {table}")
    return [
        (as_of, s.name, s.entity, s.definition_hash, False, population[s.entity], publish_id) for s in compiled.segments
    ]


def _members(compiled: Compiled, entity: CompiledEntity, as_of: dt.datetime) -> list[exp.Select]:
    """For each segment of an entity, its members as rows of `publish_members`."""
    table = exp.table_(entity.segments_table, db=BUILD_SCHEMA, quoted=True)
    queries = []
    for name in entity.segments:
        member = exp.column(name, quoted=True)
        tiered = bool(compiled.segment(name).tiers)
        queries.append(
            exp.select(
                exp.cast(exp.Literal.string(as_of.isoformat(sep=" ")), "timestamp"),
                exp.Literal.string(name),
                member.copy() if tiered else exp.Literal.string(""),
                exp.cast(exp.column(entity.key, quoted=True), "text"),
            )
            .from_(table.copy())
            .where(member.is_(exp.null()).not_())
        )
    return queries
