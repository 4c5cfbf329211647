"""The tables that BI tools read, as views: pure, from compiled specs to names, columns, comments and queries.

Two layers of views stand over the tables of a generation. Those of `segments_current` name its tables, and one, the
gate, its publish_id; they are what a publish replaces. Those of `segments`, the contract, read them and history, and
change only when a definition does. Each reads the gate before anything else: a reader that is let through it keeps a
publish waiting, and one that is not holds nothing that the publish waits for, so neither can hold up the other for
good.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from orchestration.compiler.compiled import (
    HISTORY_SCHEMA,
    SERVING_SCHEMA,
    Compiled,
    CompiledEntity,
    CompiledSegment,
    OutputColumn,
)
from orchestration.publish import catalogue
from orchestration.publish.text import storable

CURRENT_SCHEMA = "segments_current"
GATE = "generation"
AS_OF = "as_of"
PUBLISH_ID = "publish_id"

COMMENTS: Mapping[str, str] = {
    AS_OF: "The instant that the row describes, UTC",
    PUBLISH_ID: "The generation of tables; two tables that show the same one belong together",
    "segment": "The segment's name",
    "tier": "The tier within the segment; null for a segment without tiers, and for the segment as a whole",
    "entity": "What the segment is made of",
    "entity_id": "The key of the member, as text",
    "entered_at": "The recorded instant at which the present unbroken stay began, in this tier if there are tiers",
    "valid_from": "The recorded instant at which the stay began",
    "valid_to": "The recorded instant at which it had ended; null while it lasts",
    "change": "entered or left; a move between tiers is one of each",
    "initial": "Whether this is the segment's first recorded instant, whose members are no entrants",
    "definition_hash": "Which definition of the segment it follows from",
    "recorded_by": "The generation that recorded it",
    "size": "Members",
    "population": "Entities that exist",
    "share": "size / population",
    "entered": "Members that were none at the recorded instant before",
    "left": "Members of the recorded instant before that are none any more",
    "stayed": "Members at both instants",
}
HISTORY_TYPES: Mapping[str, Sequence[tuple[str, str]]] = {
    "segment_changes": (
        (AS_OF, "timestamp"), ("segment", "text"), ("tier", "text"), ("entity", "text"), ("entity_id", "text"),
        ("change", "text"), ("initial", "boolean"), ("definition_hash", "text"), ("recorded_by", "text"),
    ),
    "segment_daily": (
        (AS_OF, "timestamp"), ("segment", "text"), ("tier", "text"), ("entity", "text"), ("size", "bigint"),
        ("population", "bigint"), ("share", "double"), ("entered", "bigint"), ("left", "bigint"),
        ("stayed", "bigint"), ("initial", "boolean"), ("definition_hash", "text"), ("recorded_by", "text"),
    ),
}  # fmt: skip
MEMBERSHIP = (
    ("segment", "text"), ("tier", "text"), ("entity", "text"), ("entity_id", "text"), ("entered_at", "timestamp"),
    (AS_OF, "timestamp"), (PUBLISH_ID, "text"),
)  # fmt: skip
STAYS = (
    ("segment", "text"), ("tier", "text"), ("entity", "text"), ("entity_id", "text"), ("valid_from", "timestamp"),
    ("valid_to", "timestamp"), ("initial", "boolean"), ("definition_hash", "text"), (PUBLISH_ID, "text"),
)  # fmt: skip
VIEW_COMMENTS: Mapping[str, str] = {
    "segment_membership": "Current members of every segment, one row for each",
    "segment_membership_history": "Every recorded stay in a segment or tier, from and to the recorded instants",
    "segment_changes": "Who entered and who left which segment at which recorded instant",
    "segment_daily": "Sizes and flows at every recorded instant: a row for the segment (tier null) and for each tier",
    "segment_catalog": "What each segment means, who owns it, how it is computed",
    "segment_checks": "What was checked before this generation was published",
    "segment_generation": "One row: the generation that is served",
}


@dataclass(frozen=True, slots=True)
class ServedColumn:
    """A column of a view: its type as the engine spells it, its comment."""

    name: str
    type: str
    comment: str = ""


Valued: TypeAlias = tuple[ServedColumn, exp.Expr]
Source: TypeAlias = exp.Table | exp.Subquery


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


@dataclass(frozen=True, slots=True)
class Served:
    """What the views are made from. `types` are those of the built tables' columns, by table and column."""

    compiled: Compiled
    as_of: dt.datetime
    publish_id: str
    schema: str  # where the generation's tables are
    types: Mapping[str, Mapping[str, str]]

    def views(self) -> tuple[ServedView, ...]:
        """All views, those of `segments_current` first, the gate before all; no two of one name."""
        views = [self._gate()]
        views += [view for entity in self.compiled.entities for view in self._current(entity)]
        views += [self._current_long(name, types) for name, types in catalogue.TABLES.items()]
        for entity in self.compiled.entities:
            views += [self._segments(entity), self._traits(entity)]
        views += [self._membership(), self._stays()]
        views += [self._long(name, current(name), types) for name, types in catalogue.TABLES.items()]
        views += [self._long(name, recorded(name), types) for name, types in HISTORY_TYPES.items()]
        views += [self._segment(segment) for segment in self.compiled.segments]
        twice = [key for key, number in Counter(view.key for view in views).items() if number > 1]
        if twice:
            raise ValueError(f"two served tables share a name: {twice}")
        return tuple(views)

    def _column(self, name: str, kind: str, comment: str = "") -> ServedColumn:
        return ServedColumn(name, canonical(kind, self.compiled.dialect), storable(comment or COMMENTS.get(name, "")))

    def _view(
        self, schema: str, name: str, comment: str, columns: Sequence[ServedColumn], query: exp.Query
    ) -> ServedView:
        return ServedView(schema, name, comment, tuple(columns), query.sql(dialect=self.compiled.dialect))

    def _gate(self) -> ServedView:
        column = self._column(PUBLISH_ID, "text")
        value = exp.cast(exp.Literal.string(self.publish_id), "text")
        return self._view(CURRENT_SCHEMA, GATE, "", [column], exp.select(value.as_(PUBLISH_ID, quoted=True)))

    def _current(self, entity: CompiledEntity) -> list[ServedView]:
        """The entity's two tables, with as_of after the key, where no later column moves it."""
        traits = [trait.name for trait in shown(entity)]
        segments = [self.compiled.segment(name) for name in entity.segments]
        columns = [column for s in segments for column in ((s.name, s.entered_at_column) if s.tiers else (s.name,))]
        as_of = exp.cast(exp.Literal.string(self.as_of.isoformat(sep=" ")), "timestamp")
        views = []
        for table, names in ((entity.traits_table, traits), (entity.segments_table, columns)):
            types = self.types[table]
            found = [self._column(name, types[name]) for name in (entity.key, *names)]
            found.insert(1, self._column(AS_OF, "timestamp"))
            values = [column_(c.name) if c.name != AS_OF else as_of.as_(AS_OF, quoted=True) for c in found]
            query = exp.select(*values).from_(exp.table_(table, db=self.schema, quoted=True))
            views.append(self._view(CURRENT_SCHEMA, table, "", found, query))
        return views

    def _current_long(self, name: str, types: Sequence[tuple[str, str]]) -> ServedView:
        columns = [self._column(column, kind) for column, kind in types]
        query = exp.select(*(column_(c.name) for c in columns)).from_(exp.table_(name, db=self.schema, quoted=True))
        return self._view(CURRENT_SCHEMA, name, "", columns, query)

    def _served(
        self, name: str, comment: str, columns: Sequence[Valued], source: Source, where: exp.Expr | None = None
    ) -> ServedView:
        """A view of the contract: what it selects, behind the gate."""
        values = [value if isinstance(value, exp.Column) and value.name == c.name else value.as_(c.name, quoted=True)
                  for c, value in columns]  # fmt: skip
        query = exp.select(*values).from_(current(GATE)).join(source, join_type="cross")
        query = query.where(where) if where else query
        return self._view(SERVING_SCHEMA, name, comment, [column for column, _ in columns], query)

    def _plain(self, name: str, kind: str, comment: str = "") -> Valued:
        return self._column(name, kind, comment), column_(name)

    def _stamp(self) -> list[Valued]:
        return [self._plain(AS_OF, "timestamp"), self._plain(PUBLISH_ID, "text")]

    def _key(self, entity: CompiledEntity, table: str) -> Valued:
        return self._plain(entity.key, self.types[table][entity.key], f"The key of the {entity.name}")

    def _segments(self, entity: CompiledEntity) -> ServedView:
        columns = [self._key(entity, entity.segments_table), *self._stamp()]
        for segment in map(self.compiled.segment, entity.segments):
            kind, value = ("text", column_(segment.name)) if segment.tiers else ("boolean", is_member(segment))
            columns.append((self._column(segment.name, kind, described(segment)), value))
        comment = f"Every {entity.name} with the segments it is in: true or false, or the name of the tier"
        return self._served(entity.segments_table, comment, columns, current(entity.segments_table))

    def _traits(self, entity: CompiledEntity) -> ServedView:
        types = self.types[entity.traits_table]
        columns = [self._key(entity, entity.traits_table), *self._stamp()]
        columns += [self._plain(trait.name, types[trait.name], trait.description) for trait in shown(entity)]
        comment = f"Every {entity.name} with its traits"
        return self._served(entity.traits_table, comment, columns, current(entity.traits_table))

    def _segment(self, segment: CompiledSegment) -> ServedView:
        entity = self.compiled.entity(segment.entity)
        columns = [self._key(entity, entity.segments_table)]
        if segment.tiers:
            tier = self._column("tier", "text", "The tier: " + ", ".join(segment.tiers))
            columns.append((tier, column_(segment.name)))
        columns.append((self._column("entered_at", "timestamp"), column_(segment.entered_at_column)))
        columns += self._stamp()
        source = current(entity.segments_table)
        return self._served(segment.name, described(segment), columns, source, where=is_member(segment))

    def _long(self, name: str, source: exp.Table, types: Sequence[tuple[str, str]]) -> ServedView:
        comments = catalogue.COLUMN_COMMENTS.get(name, {})
        columns = [self._plain(column, kind, comments.get(column, "")) for column, kind in types]
        columns.append(self._plain(PUBLISH_ID, "text"))
        return self._served(name, VIEW_COMMENTS[name], columns, source)

    def _membership(self) -> ServedView:
        columns = [self._plain(name, kind) for name, kind in MEMBERSHIP]
        parts = [self._members(segment) for segment in self.compiled.segments]
        shape = [column for column, _ in columns if column.name != PUBLISH_ID]
        query: exp.Query = parts[0] if parts else nothing(shape, self.compiled.dialect)
        query = exp.union(*parts, distinct=False) if len(parts) > 1 else query
        name = "segment_membership"
        return self._served(name, VIEW_COMMENTS[name], columns, query.subquery("members"))

    def _members(self, segment: CompiledSegment) -> exp.Select:
        entity = self.compiled.entity(segment.entity)
        values = {
            "segment": exp.cast(exp.Literal.string(segment.name), "text"),
            "tier": column_(segment.name) if segment.tiers else exp.cast(exp.null(), "text"),
            "entity": exp.cast(exp.Literal.string(segment.entity), "text"),
            "entity_id": exp.cast(column_(entity.key), "text"),
            "entered_at": column_(segment.entered_at_column),
            AS_OF: column_(AS_OF),
        }
        query = exp.select(*(value.as_(name, quoted=True) for name, value in values.items()))
        return query.from_(current(entity.segments_table)).where(is_member(segment))

    def _stays(self) -> ServedView:
        """Entries, each with the change after it of the same entity in the same tier, which is its exit."""
        after = exp.Window(
            this=exp.Lead(this=column_(AS_OF)),
            partition_by=[column_(name) for name in ("segment", "tier", "entity_id")],
            order=exp.Order(expressions=[exp.Ordered(this=column_(AS_OF), nulls_first=False)]),
        )
        handed = ("segment", "tier", "entity", "entity_id", "initial", "definition_hash", "change")
        since, until = column_(AS_OF).as_("valid_from", quoted=True), after.as_("valid_to", quoted=True)
        changes = exp.select(*map(column_, handed), since, until).from_(recorded("segment_changes")).subquery("changes")
        columns = [self._plain(name, kind) for name, kind in STAYS]
        entries = column_("change").eq(exp.Literal.string("entered"))
        name = "segment_membership_history"
        return self._served(name, VIEW_COMMENTS[name], columns, changes, where=entries)


def shown(entity: CompiledEntity) -> list[OutputColumn]:
    """The traits that are published."""
    return [trait for trait in entity.traits if not trait.hidden and trait.name != entity.key]


def column_(name: str) -> exp.Column:
    """A column by its name alone, quoted."""
    return exp.column(name, quoted=True)


def is_member(segment: CompiledSegment) -> exp.Expr:
    """Whether a row of the wide table is a member's."""
    return column_(segment.name).is_(exp.null()).not_()


def current(name: str) -> exp.Table:
    """A table of the served generation, whichever that is."""
    return exp.table_(name, db=CURRENT_SCHEMA, quoted=True)


def recorded(name: str) -> exp.Table:
    """A table of history."""
    return exp.table_(name, db=HISTORY_SCHEMA, quoted=True)


def canonical(kind: str, dialect: str) -> str:
    """One spelling of an engine's type."""
    return exp.DataType.build(kind, dialect=dialect).sql(dialect=dialect)


def described(segment: CompiledSegment) -> str:
    """What a reader is told of a segment."""
    text = segment.description or segment.label or segment.name
    return storable(f"Deprecated. {text}" if segment.status == "deprecated" else text)


def nothing(columns: Sequence[ServedColumn], dialect: str) -> exp.Select:
    """No rows of these columns."""
    return exp.select(*(absent(column, dialect) for column in columns)).where(exp.false())


def absent(column: ServedColumn, dialect: str) -> exp.Expr:
    """Null in place of a column, in its type."""
    kind = exp.DataType.build(column.type, dialect=dialect)
    return exp.cast(exp.null(), kind).as_(column.name, quoted=True)
