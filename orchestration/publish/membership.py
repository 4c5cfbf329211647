"""The members of all segments, one row each, from the wide tables: (segment, tier, entity, entity_id, entered_at).

A query of the tables themselves, not of a view on them: an engine binds all columns of a view anew wherever it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlglot import exp

from orchestration.compiler.compiled import Compiled, CompiledEntity, CompiledSegment
from orchestration.publish.served import column_

Tables: TypeAlias = Callable[[str], exp.Table]

PART = 50  # segments side by side; longer lists cost more than they have to


def united(compiled: Compiled, table: Tables) -> exp.Query | None:
    """A part for each segment; asking for one segment reads its part alone. None where there is no segment."""
    parts: list[exp.Query] = [
        _part(
            segment.entity,
            exp.Literal.string(segment.name),
            column_(segment.name) if segment.tiers else exp.null(),
            exp.cast(column_(compiled.entity(segment.entity).key), "text"),
            column_(segment.entered_at_column),
        )
        .from_(table(compiled.entity(segment.entity).segments_table))
        .where(column_(segment.name).is_(exp.null()).not_())
        for segment in compiled.segments
    ]
    return exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0] if parts else None


def unnested(compiled: Compiled, table: Tables) -> exp.Query | None:
    """A part for every few segments of an entity, those without tiers and those with tiers apart.

    For DuckDB, where many parts are slow to plan, and where clients of 1.4 lose rows of a union that stands on the right
    of another: each union is the left part of the next. (UNPIVOT would do, but clients of 1.5.0 cannot read it in a view.)
    """
    whole: exp.Query | None = None
    for entity in compiled.entities:
        segments = [compiled.segment(name) for name in entity.segments]
        for tiered in (False, True):
            those = [segment for segment in segments if bool(segment.tiers) is tiered]
            for start in range(0, len(those), PART):
                part = _unnested(entity, those[start : start + PART], table(entity.segments_table), tiered)
                whole = _before(whole, part) if whole else part
    return whole


def _before(whole: exp.Query, part: exp.Select) -> exp.Query:
    names = ("segment", "tier", "entity", "entity_id", "entered_at")
    return exp.union(exp.select(*map(column_, names)).from_(whole.subquery("before")), part, distinct=False)


def _part(entity: str, segment: exp.Expr, tier: exp.Expr, entity_id: exp.Expr, entered_at: exp.Expr) -> exp.Select:
    return exp.select(
        exp.cast(segment, "text").as_("segment", quoted=True),
        exp.cast(tier, "text").as_("tier", quoted=True),
        exp.cast(exp.Literal.string(entity), "text").as_("entity", quoted=True),
        entity_id.as_("entity_id", quoted=True),
        entered_at.as_("entered_at", quoted=True),
    )


def _unnested(
    entity: CompiledEntity, segments: Sequence[CompiledSegment], table: exp.Table, tiered: bool
) -> exp.Select:
    """A row for every entity and segment from lists of names and values side by side, then those that are members."""
    lists: dict[str, list[exp.Expr]] = {"segment": [exp.Literal.string(s.name) for s in segments]}
    if tiered:
        lists["tier"] = [column_(s.name) for s in segments]
    lists["entered_at"] = [column_(s.entered_at_column) for s in segments]
    rows = [exp.Explode(this=exp.array(*values)).as_(name, quoted=True) for name, values in lists.items()]
    entity_id = exp.cast(column_(entity.key), "text").as_("entity_id", quoted=True)
    every = exp.select(entity_id, *rows).from_(table).subquery("every")
    tier = column_("tier") if tiered else exp.null()
    members = _part(entity.name, column_("segment"), tier, column_("entity_id"), column_("entered_at"))
    return members.from_(every).where(column_("entered_at").is_(exp.null()).not_())
