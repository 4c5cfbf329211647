"""The views of `segments_current`: what each served table holds, made from specs and a generation's tables. Pure.

Those whose names begin with `_` are read by others here; each of the rest becomes a view of the contract. Only those
that name the generation's schema, its instant or its publish_id differ from one generation to the next.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from orchestration.compiler.compiled import HISTORY_SCHEMA, Compiled, CompiledEntity, CompiledSegment, OutputColumn
from orchestration.diagnostics import UserError
from orchestration.publish import catalogue
from orchestration.publish.membership import united, unnested
from orchestration.publish.served import (
    AS_OF,
    CURRENT_SCHEMA,
    GATE,
    PUBLISH_ID,
    ServedColumn,
    ServedView,
    canonical,
    column_,
    current,
    handed_on,
    nothing,
)
from orchestration.publish.text import storable

COMMENTS: Mapping[str, str] = {
    AS_OF: "The instant that the row describes, UTC",
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
    (AS_OF, "timestamp"),
)  # fmt: skip
STAYS = (
    ("segment", "text"), ("tier", "text"), ("entity", "text"), ("entity_id", "text"), ("valid_from", "timestamp"),
    ("valid_to", "timestamp"), ("initial", "boolean"), ("definition_hash", "text"),
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


Valued: TypeAlias = tuple[ServedColumn, exp.Expr]
Source: TypeAlias = exp.Table | exp.Subquery


@dataclass(frozen=True, slots=True)
class Current:
    """What the views are made from. `types` are those of the built tables' columns, by table and column."""

    compiled: Compiled
    as_of: dt.datetime
    publish_id: str
    schema: str  # where the generation's tables are
    types: Mapping[str, Mapping[str, str]]

    def views(self) -> tuple[ServedView, ...]:
        """All views in an order in which they can be made, those of the contract last; no two of one name."""
        compiled = self.compiled
        below = [self._gate(), *(self._entered(entity) for entity in compiled.entities)]
        below += [view(entity) for entity in compiled.entities for view in (self._segments, self._traits)]
        below += [self._membership(), self._stays()]
        below += [self._long(name, self._built(name), types) for name, types in catalogue.TABLES.items()]
        below += [self._long(name, recorded(name), types) for name, types in HISTORY_TYPES.items()]
        below += [self._segment(segment) for segment in compiled.segments]
        twice = [name for name, number in Counter(view.name for view in below).items() if number > 1]
        if twice:
            raise ValueError(f"two served tables share a name: {twice}")
        return (*below, *(handed_on(view, compiled.dialect) for view in below if not view.name.startswith("_")))

    def _column(self, name: str, kind: str, comment: str = "") -> ServedColumn:
        return ServedColumn(name, canonical(kind, self.compiled.dialect), storable(comment or COMMENTS.get(name, "")))

    def _plain(self, name: str, kind: str, comment: str = "") -> Valued:
        return self._column(name, kind, comment), column_(name)

    def _built(self, table: str) -> exp.Table:
        return exp.table_(table, db=self.schema, quoted=True)

    def _view(
        self, name: str, comment: str, columns: Sequence[Valued], source: Source | None, where: exp.Expr | None = None
    ) -> ServedView:
        twice = [name for name, number in Counter(c.name for c, _ in columns).items() if number > 1]
        if twice:
            raise UserError.of(
                "reserved-name",
                f"the published `{name}` would have two columns `{twice[0]}`",
                "call the key otherwise in staging; published tables use that word themselves",
            )
        values = [value if value == column_(c.name) else value.as_(c.name, quoted=True) for c, value in columns]
        query = exp.select(*values)
        query = query.from_(source) if source else query
        query = query.where(where) if where else query
        shape = tuple(column for column, _ in columns)
        return ServedView(CURRENT_SCHEMA, name, comment, shape, query.sql(dialect=self.compiled.dialect))

    def _gate(self) -> ServedView:
        value = exp.cast(exp.Literal.string(self.publish_id), "text")
        return self._view(GATE, "", [(self._column(PUBLISH_ID, "text"), value)], None)

    def _stamp(self) -> Valued:
        instant = exp.cast(exp.Literal.string(self.as_of.isoformat(sep=" ")), "timestamp")
        return self._column(AS_OF, "timestamp"), instant

    def _key(self, entity: CompiledEntity, table: str) -> Valued:
        return self._plain(entity.key, self.types[table][entity.key], f"The key of the {entity.name}")

    def _entered(self, entity: CompiledEntity) -> ServedView:
        """The entity's table of segments as it was built."""
        types = self.types[entity.segments_table]
        columns = [self._key(entity, entity.segments_table), self._stamp()]
        for segment in map(self.compiled.segment, entity.segments):
            names = (segment.name, segment.entered_at_column) if segment.tiers else (segment.name,)
            columns += [self._plain(name, types[name]) for name in names]
        return self._view(entered(entity).name, "", columns, self._built(entity.segments_table))

    def _segments(self, entity: CompiledEntity) -> ServedView:
        columns = [self._key(entity, entity.segments_table), self._plain(AS_OF, "timestamp")]
        for segment in map(self.compiled.segment, entity.segments):
            kind, value = ("text", column_(segment.name)) if segment.tiers else ("boolean", is_member(segment))
            columns.append((self._column(segment.name, kind, described(segment)), value))
        comment = f"Every {entity.name} with the segments it is in: true or false, or the name of the tier"
        return self._view(entity.segments_table, comment, columns, entered(entity))

    def _traits(self, entity: CompiledEntity) -> ServedView:
        types = self.types[entity.traits_table]
        columns = [self._key(entity, entity.traits_table), self._stamp()]
        columns += [self._plain(trait.name, types[trait.name], trait.description) for trait in shown(entity)]
        comment = f"Every {entity.name} with its traits"
        return self._view(entity.traits_table, comment, columns, self._built(entity.traits_table))

    def _segment(self, segment: CompiledSegment) -> ServedView:
        entity = self.compiled.entity(segment.entity)
        columns = [self._key(entity, entity.segments_table)]
        if segment.tiers:
            tier = self._column("tier", "text", "The tier: " + ", ".join(segment.tiers))
            columns.append((tier, column_(segment.name)))
        columns.append((self._column("entered_at", "timestamp"), column_(segment.entered_at_column)))
        columns.append(self._plain(AS_OF, "timestamp"))
        return self._view(segment.name, described(segment), columns, entered(entity), where=is_member(segment))

    def _long(self, name: str, source: exp.Table, types: Sequence[tuple[str, str]]) -> ServedView:
        comments = catalogue.COLUMN_COMMENTS.get(name, {})
        columns = [self._plain(column, kind, comments.get(column, "")) for column, kind in types]
        return self._view(name, VIEW_COMMENTS[name], columns, source)

    def _membership(self) -> ServedView:
        columns = [self._plain(name, kind) for name, kind in MEMBERSHIP]
        members = {"duckdb": unnested}.get(self.compiled.dialect, united)
        source = members(self.compiled, lambda table: exp.table_(table, db=self.schema, quoted=True))
        shape = [column for column, _ in columns if column.name != AS_OF]
        query = source or nothing(shape, self.compiled.dialect)
        columns = [self._stamp() if column.name == AS_OF else (column, value) for column, value in columns]
        name = "segment_membership"
        return self._view(name, VIEW_COMMENTS[name], columns, query.subquery("members"))

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
        return self._view(name, VIEW_COMMENTS[name], columns, changes, where=entries)


def shown(entity: CompiledEntity) -> list[OutputColumn]:
    """The traits that are published."""
    return [trait for trait in entity.traits if not trait.hidden and trait.name != entity.key]


def is_member(segment: CompiledSegment) -> exp.Expr:
    """Whether a row of the table of segments is a member's."""
    return column_(segment.name).is_(exp.null()).not_()


def entered(entity: CompiledEntity) -> exp.Table:
    """Since when each of the entity is in each segment."""
    return current(f"_{entity.segments_table}")


def recorded(name: str) -> exp.Table:
    """A table of history."""
    return exp.table_(name, db=HISTORY_SCHEMA, quoted=True)


def described(segment: CompiledSegment) -> str:
    """What a reader is told of a segment."""
    text = segment.description or segment.label or segment.name
    return storable(f"Deprecated. {text}" if segment.status == "deprecated" else text)
