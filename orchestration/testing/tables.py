"""The tables of a test: what its segment needs of the compiled models, and of what lies below them.

In: the resolved project, a segment, the dialect. Out: the models that dbt would build of the segment and what it reads (or of
the whole project), in order, and the shapes of the tables that they read. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orchestration.catalog.types import DATE, TEXT, TIMESTAMP, Type
from orchestration.compiler.compiled import ENTERED_AT_SUFFIX, Model
from orchestration.compiler.describe import reads_of
from orchestration.compiler.plan import Plan, plan
from orchestration.compiler.query import INSTANT, Target
from orchestration.compiler.readable import models_of
from orchestration.diagnostics import Report
from orchestration.language.expression import AS_OF, Edge
from orchestration.language.model import Entity, Relation, Resolved, Segment, Stream
from orchestration.language.zone import Zone


@dataclass(frozen=True, slots=True)
class Shape:
    """A table that compiled models read: its relation, and its columns with their types."""

    relation: Relation
    columns: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class SegmentTables:
    """What it takes to run a segment: `inputs` to be filled, then `models` to be built in order, the last with its members."""

    segment: Segment
    target: Target
    inputs: tuple[Shape, ...]
    models: tuple[Model, ...]
    edges: tuple[Edge, ...]


def tables_of(resolved: Resolved, segment: Segment, dialect: str, *, whole: bool = False) -> SegmentTables:
    """The tables of a segment; with `whole` as they are built for the whole project, drafts included."""
    zone = Zone.named(resolved.project.timezone)
    target = Target(dialect, zone, resolved.project.week_starts_on)
    found = plan(resolved if whole else _only(resolved, segment), Report(), drafts=True)
    assert found is not None, "a project that passes its check has a plan"
    built = {model.name: (model, query) for model, query in models_of(found, target)}
    needed = _needed({name: model for name, (model, _) in built.items()}, f"{segment.entity}_segments")
    edges = dict.fromkeys([AS_OF, *(edge for model in needed for edge in built[model.name][1].edges)])
    reads = dict.fromkeys(relation for model in needed for relation in model.reads if relation.kind != "build")
    inputs = tuple(_shape(found, relation, tuple(edges)) for relation in reads)
    return SegmentTables(segment, target, inputs, needed, tuple(edges))


def _only(resolved: Resolved, segment: Segment) -> Resolved:
    """The project with nothing but the segment and what it reads."""
    reads = reads_of(resolved, segment)
    segments = {n: s for n, s in resolved.segments.items() if n == segment.name or n in reads.segments}
    return replace(resolved, segments=segments, traits={k: t for k, t in resolved.traits.items() if k in reads.traits})


def _needed(models: Mapping[str, Model], last: str) -> tuple[Model, ...]:
    """The models that the last one reads, directly or not, in the order in which they are built."""
    wanted, waiting = {last}, [last]
    while waiting:
        for relation in models[waiting.pop()].reads:
            if relation.kind == "build" and relation.name not in wanted:
                wanted.add(relation.name)
                waiting.append(relation.name)
    return tuple(model for name, model in models.items() if name in wanted)


def _shape(found: Plan, relation: Relation, edges: tuple[Edge, ...]) -> Shape:
    if relation == INSTANT:
        return Shape(relation, instant_columns(edges))
    if relation.kind == "run":
        entity = next(e for e in found.resolved.entities.values() if relation.name == f"{e.name}_state")
        return Shape(relation, state_columns(found, entity))
    columns: dict[str, Type] = {}
    for declared in declared_of(found.resolved, relation):
        columns |= {c.name: c.type for c in declared.columns.values() if c.type is not None}
    return Shape(relation, tuple(columns.items()))


def declared_of(resolved: Resolved, relation: Relation) -> tuple[Entity | Stream, ...]:
    """The entities and streams that stand for a relation."""
    declared: tuple[Entity | Stream, ...] = (*resolved.entities.values(), *resolved.streams.values())
    return tuple(d for d in declared if d.relation == relation)


def instant_columns(edges: tuple[Edge, ...]) -> tuple[tuple[str, Type], ...]:
    """The columns of `segments_run.instant`."""
    columns: list[tuple[str, Type]] = [("cadence", TEXT), ("compiled_hash", TEXT)]
    for edge in edges:
        columns += [(edge.name, TIMESTAMP), (f"{edge.name}_date", DATE)]
    return tuple(columns)


def state_columns(found: Plan, entity: Entity) -> tuple[tuple[str, Type], ...]:
    """The columns of `segments_run.<entity>_state`."""
    columns: list[tuple[str, Type]] = [(entity.key, entity.key_type)]
    for place in found.entities[entity.name].segments:
        name = place.segment.name
        tiered = [(name, TEXT), (name + ENTERED_AT_SUFFIX, TIMESTAMP)]
        columns += tiered if place.segment.tiers else [(name, TIMESTAMP)]
    return tuple(columns)
