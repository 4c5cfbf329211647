"""What is computed, in which table, in which order.

In: `Resolved`. Out: `Plan`: every column of every compiled table, each value once. Values of one entity that need nothing of
another entity's tables make up level 0; a value that reads another entity's trait or segment lies one level above it, and so
does a measure whose window begins at a trait. An
entity has one traits table and one segments table per level it needs, the last of which is the published one and holds the
columns of those before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from orchestration.diagnostics import Report
from orchestration.language.expression import (
    ChildSource,
    Expression,
    Measure,
    MeasureRef,
    MemberRef,
    TraitRef,
    walk,
)
from orchestration.language.model import Condition, Members, Resolved, Segment, Split, Tiers, Trait

TraitItem: TypeAlias = tuple[str, str]  # entity, trait
MeasureItem: TypeAlias = tuple[str, Measure]


@dataclass(frozen=True, slots=True)
class TraitColumn:
    """A column of a traits table: a trait, or (`hidden`) a measure that a condition needs or a segment's own trait."""

    name: str
    expression: Expression
    level: int
    depth: int  # how many traits of the same table it reads in a chain
    hidden: bool
    description: str


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """A segment in a segments table; `depth` as for traits."""

    segment: Segment
    level: int
    depth: int


@dataclass(slots=True)
class EntityPlan:
    """An entity's columns, in the order of their tables."""

    traits: list[TraitColumn] = field(default_factory=list)
    segments: list[SegmentColumn] = field(default_factory=list)

    @property
    def traits_levels(self) -> list[int]:
        return sorted({c.level for c in self.traits}) or [0]

    @property
    def segments_levels(self) -> list[int]:
        return sorted({c.level for c in self.segments}) or [0]


@dataclass(slots=True)
class Plan:
    """The tables to compute."""

    resolved: Resolved
    entities: dict[str, EntityPlan]
    trait_columns: dict[TraitItem, TraitColumn]
    measure_columns: dict[MeasureItem, TraitColumn]
    segment_columns: dict[str, SegmentColumn]

    def traits_table(self, entity: str, level: int) -> str:
        """The least traits table of the entity that has the columns of a level."""
        levels = self.entities[entity].traits_levels
        return (
            f"{entity}_traits" if level >= levels[-1] else f"{entity}_traits__{next(x for x in levels if x >= level)}"
        )

    def segments_table(self, entity: str, level: int) -> str:
        levels = self.entities[entity].segments_levels
        return (
            f"{entity}_segments"
            if level >= levels[-1]
            else f"{entity}_segments__{next(x for x in levels if x >= level)}"
        )

    def is_final(self, entity: str, level: int) -> bool:
        """Whether a segment of the level stands in the published table only."""
        return level >= self.entities[entity].segments_levels[-1]


def expressions_of(segment: Segment) -> tuple[Expression, ...]:
    """The conditions of a segment."""
    match segment.definition:
        case Condition(expression=expression):
            return (expression,)
        case Tiers(base=base, tiers=tiers):
            return (*((base.expression,) if base else ()), *(t.condition.expression for t in tiers))
        case Members(base=base) | Split(base=base):
            return (base.expression,) if base else ()


def plan(resolved: Resolved, report: Report, *, drafts: bool = False) -> Plan | None:
    """The plan; None where segments or traits come back to themselves."""
    planner = _Planner(resolved, report, drafts)
    return planner.run()


@dataclass(slots=True)
class _Planner:
    resolved: Resolved
    report: Report
    drafts: bool
    levels: dict[object, tuple[int, int] | None] = field(default_factory=dict)
    chain: list[object] = field(default_factory=list)

    def run(self) -> Plan | None:
        built = [s for s in self.resolved.segments.values() if self.drafts or s.status != "draft"]
        names = {s.name for s in built}
        traits = [t for t in self.resolved.traits.values() if t.segment is None or t.segment in names]
        plan = Plan(self.resolved, {name: EntityPlan() for name in self.resolved.entities}, {}, {}, {})
        for trait in traits:
            if self.level(("trait", trait.entity, trait.name)) is None:
                return None
        for segment in built:
            if self.level(("segment", segment.name)) is None:
                return None
        for trait in traits:
            self._add_trait(plan, trait)
        for trait in traits:
            self._add_measures(plan, trait.entity, trait.expression)
        for segment in built:
            for expression in expressions_of(segment):
                self._add_measures(plan, segment.entity, expression)
            level, depth = self._known(("segment", segment.name))
            column = SegmentColumn(segment, level, depth)
            plan.segment_columns[segment.name] = column
            plan.entities[segment.entity].segments.append(column)
        return plan

    def _known(self, node: object) -> tuple[int, int]:
        found = self.levels[node]
        assert found is not None
        return found

    def level(self, node: tuple[object, ...]) -> tuple[int, int] | None:
        """The node's level and its depth within it; None (reported) where it depends on itself."""
        if node in self.levels:
            return self.levels[node]
        if node in self.chain:
            self._cycle(node)
            return None
        self.chain.append(node)
        kind, entity = node[0], self._entity(node)
        level = depth = 0
        broken = False
        for needed in self._needs(node):
            found = self.level(needed)
            if found is None:
                broken = True
                break
            below, chained = found
            same_kind = kind != "measure" and (kind == "segment") == (needed[0] == "segment")
            same_table = same_kind and self._entity(needed) == entity
            ready = self._entity(needed) == entity and kind == "segment"
            at_least = below if same_table or ready else below + 1
            if at_least > level:
                level, depth = at_least, 0
            if same_table and below == level and needed[0] != "measure":
                depth = max(depth, chained + 1)
        self.chain.pop()
        self.levels[node] = None if broken else (level, depth)
        return self.levels[node]

    def _entity(self, node: tuple[object, ...]) -> str:
        return self.resolved.segments[str(node[1])].entity if node[0] == "segment" else str(node[1])

    def _needs(self, node: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
        match node:
            case ("trait", entity, name):
                yield from _references(str(entity), self.resolved.traits[str(entity), str(name)].expression)
            case ("segment", name):
                segment = self.resolved.segments[str(name)]
                for expression in expressions_of(segment):
                    yield from _references(segment.entity, expression)
            case ("measure", entity, Measure() as measure):
                for owner, part in _read_by(str(entity), measure):
                    yield from _references(owner, part)

    def _cycle(self, node: object) -> None:
        names = []
        for step in [*self.chain[self.chain.index(node) :], node]:
            assert isinstance(step, tuple)
            if step[0] != "measure":
                names.append(f"`{step[-1]}`")
        spans = [
            self.resolved.segments[str(s[1])].span for s in self.chain if isinstance(s, tuple) and s[0] == "segment"
        ]
        if names and names[0] != names[-1]:
            names.append(names[0])
        self.report.error(
            "cycle", "a cycle: " + " → ".join(names), spans[0] if spans else None, "break it where it reads least"
        )

    def _add_trait(self, plan: Plan, trait: Trait) -> None:
        level, depth = self._known(("trait", trait.entity, trait.name))
        hidden = trait.segment is not None
        name = _short("_" + trait.name.replace(".", "__")) if hidden else trait.name
        column = TraitColumn(name, trait.expression, level, depth, hidden, trait.description or trait.words)
        plan.trait_columns[trait.entity, trait.name] = column
        plan.entities[trait.entity].traits.append(column)
        if isinstance(trait.expression, MeasureRef):
            key = (trait.entity, trait.expression.measure)
            if key not in plan.measure_columns or plan.measure_columns[key].hidden:
                plan.measure_columns[key] = column

    def _add_measures(self, plan: Plan, entity: str, expression: Expression) -> None:
        for part in walk(expression):
            if not isinstance(part, MeasureRef):
                continue
            measure = part.measure
            for owner, inner in _read_by(entity, measure):
                self._add_measures(plan, owner, inner)
            if (entity, measure) not in plan.measure_columns:
                found = self.level(("measure", entity, measure))
                assert found is not None
                digest = sha256(repr(measure).encode()).hexdigest()[:10]
                column = TraitColumn(f"_{measure.aggregate}_{digest}", part, found[0], 0, True, "")
                plan.measure_columns[entity, measure] = column
                plan.entities[entity].traits.append(column)


def _short(name: str, limit: int = 60) -> str:
    return name if len(name) <= limit else f"{name[: limit - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def _read_by(entity: str, measure: Measure) -> Iterator[tuple[str, Expression]]:
    """What a measure reads of tables of entities: the edges of its window, and of children what is counted of them."""
    for edge in (measure.window.after, measure.window.before):
        if edge is not None:
            yield entity, edge
    if isinstance(measure.source, ChildSource):
        for part in (measure.argument, measure.where):
            if part is not None:
                yield measure.source.entity, part


def _references(entity: str, expression: Expression) -> Iterator[tuple[object, ...]]:
    for part in walk(expression):
        match part:
            case TraitRef(entity=owner, trait=trait):
                yield ("trait", owner, trait)
            case MemberRef(segment=segment):
                yield ("segment", segment)
            case MeasureRef(measure=measure):
                yield ("measure", entity, measure)
