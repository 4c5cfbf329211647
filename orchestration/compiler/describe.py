"""What is said of a segment: its definition in words, what it reads, its basis, and the hash of its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from orchestration.compiler.plan import expressions_of
from orchestration.language.expression import (
    FIRST_STEP,
    ChildSource,
    Expression,
    Field,
    GapSource,
    Measure,
    MeasureRef,
    MemberRef,
    SequenceSource,
    StreamSource,
    TraitRef,
    stream_sources,
    walk,
)
from orchestration.language.model import Condition, Entity, Members, Resolved, Segment, Split, Stream, Tiers, Trait


@dataclass(slots=True)
class Reads:
    """What a definition reads, all the way down: columns as (table, column), traits, segments, bases."""

    columns: dict[tuple[str, str], None] = field(default_factory=dict)
    traits: dict[tuple[str, str], None] = field(default_factory=dict)
    segments: dict[str, None] = field(default_factory=dict)
    streams: dict[str, None] = field(default_factory=dict)
    entities: dict[str, None] = field(default_factory=dict)
    bases: dict[str, None] = field(default_factory=dict)


def reads_of(resolved: Resolved, segment: Segment) -> Reads:
    """Everything the segment's definition reads."""
    reads = Reads()
    collector = _Collector(resolved, reads)
    collector.entity(segment.entity)
    for expression in expressions_of(segment):
        collector.expression(segment.entity, expression)
    if isinstance(segment.definition, Members | Split):
        entity = resolved.entities[segment.entity]
        collector.column(entity, entity.key)
    return reads


@dataclass(slots=True)
class _Collector:
    resolved: Resolved
    reads: Reads

    def entity(self, name: str) -> Entity:
        entity = self.resolved.entities[name]
        if name not in self.reads.entities:
            self.reads.entities[name] = None
            for column in (entity.exists_from, entity.exists_until):
                if column is not None:
                    self.reads.columns[str(entity.relation), column] = None
            if entity.where is not None:
                for leaf in walk(entity.where):
                    if isinstance(leaf, Field):
                        self.reads.columns[str(entity.relation), leaf.column] = None
        return entity

    def column(self, thing: Entity | Stream, name: str) -> None:
        self.reads.columns[str(thing.relation), name] = None
        basis = thing.columns[name].basis
        if basis is not None:
            self.reads.bases[basis] = None

    def expression(self, entity: str, expression: Expression) -> None:
        for part in walk(expression):
            match part:
                case Field(path=path, column=name):
                    self.column(self.entity(path[-1] if path else entity), name)
                case TraitRef(entity=owner, trait=trait):
                    self._trait(owner, trait)
                case MemberRef(segment=segment):
                    self._segment(segment)
                case MeasureRef(measure=measure):
                    self._measure(measure)

    def _measure(self, measure: Measure) -> None:
        match measure.source:
            case StreamSource(stream=stream) | GapSource(rows=StreamSource(stream=stream)):
                self._stream(stream, measure.argument, measure.where)
            case SequenceSource(steps=steps):
                first = next(step for step in steps if step.positive).rows.stream
                for step in steps:
                    own: list[Expression] = []
                    others: list[Expression] = []
                    for leaf in (leaf for condition in step.same for leaf in walk(condition)):
                        if isinstance(leaf, Field):
                            (others if leaf.path == FIRST_STEP else own).append(leaf)
                    self._stream(step.rows.stream, step.where, *own)
                    self._stream(first, *others)
            case ChildSource(entity=child):
                self.entity(child)
                for inner in (measure.argument, measure.where):
                    if inner is not None:
                        self.expression(child, inner)

    def _trait(self, entity: str, name: str) -> None:
        if (entity, name) not in self.reads.traits:
            self.reads.traits[entity, name] = None
            self.entity(entity)
            self.expression(entity, self.resolved.traits[entity, name].expression)

    def _segment(self, name: str) -> None:
        if name not in self.reads.segments:
            self.reads.segments[name] = None
            segment = self.resolved.segments[name]
            self.entity(segment.entity)
            for expression in expressions_of(segment):
                self.expression(segment.entity, expression)

    def _stream(self, name: str, *expressions: Expression | None) -> None:
        stream = self.resolved.streams[name]
        self.reads.streams[name] = None
        self.reads.bases[stream.basis] = None
        for column in (stream.at, stream.id, stream.event, *stream.parents.values()):
            if column is not None:
                self.reads.columns[str(stream.relation), column] = None
        for expression in expressions:
            for leaf in walk(expression) if expression is not None else ():
                if isinstance(leaf, Field):
                    self.column(stream, leaf.column)


def traits_in_words(resolved: Resolved, reads: Reads) -> Iterator[tuple[str, str]]:
    """The traits that a definition reads, each with its own definition."""
    for key in reads.traits:
        trait: Trait = resolved.traits[key]
        yield f"{trait.entity}.{trait.name.rpartition('.')[2]}", trait.words


class Hashes:
    """Hashes of definitions: equal where the meaning is, whatever the names of files and the order of lines."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.known: dict[object, str] = {}

    def segment(self, name: str) -> str:
        """The hash of a segment's definition with all that it reads."""
        key = ("segment", name)
        if key not in self.known:
            segment = self.resolved.segments[name]
            definition: object = segment.definition
            if isinstance(definition, Tiers):
                definition = (definition.names, tuple(t.name for t in definition.tiers))
            elif isinstance(definition, Split):
                definition = ("split", definition.salt, definition.names, definition.shares)
            elif isinstance(definition, Members):
                definition = ("members", definition.keys)
            elif isinstance(definition, Condition):
                definition = "where"
            below = [self._expression(segment.entity, e) for e in expressions_of(segment)]
            self.known[key] = _digest(
                "segment",
                segment.entity,
                self._entity(segment.entity),
                definition,
                below,
                self.resolved.project.timezone,
                self.resolved.project.week_starts_on,
            )
        return self.known[key]

    def _expression(self, entity: str, expression: Expression) -> str:
        below = []
        for part in walk(expression):
            match part:
                case TraitRef(entity=owner, trait=trait):
                    below.append(self._trait(owner, trait))
                case MemberRef(segment=segment):
                    below.append(self.segment(segment))
                case Field(path=path):
                    below += [self._entity(step) for step in path]
                case MeasureRef(measure=measure):
                    source = measure.source
                    for rows in stream_sources(source):
                        below.append(self._stream(rows.stream))
                        below += [self._entity(step) for step in rows.path]
                    if isinstance(source, ChildSource):
                        below.append(self._entity(source.entity))
                        below += [
                            self._expression(source.entity, e)
                            for e in (measure.argument, measure.where)
                            if e is not None
                        ]
        return _digest(entity, expression, below)

    def _trait(self, entity: str, name: str) -> str:
        key = ("trait", entity, name)
        if key not in self.known:
            self.known[key] = _digest("trait", self._expression(entity, self.resolved.traits[entity, name].expression))
        return self.known[key]

    def _entity(self, name: str) -> str:
        key = ("entity", name)
        if key not in self.known:
            e = self.resolved.entities[name]
            self.known[key] = _digest(
                e.name, e.relation, e.key, dict(e.parents), e.exists_from, e.exists_until, e.where
            )
        return self.known[key]

    def _stream(self, name: str) -> str:
        key = ("stream", name)
        if key not in self.known:
            s = self.resolved.streams[name]
            self.known[key] = _digest(s.name, s.relation, s.at, s.at_type, s.id, dict(s.parents), s.event)
        return self.known[key]


def _digest(*values: object) -> str:
    return sha256(repr(values).encode()).hexdigest()[:16]
