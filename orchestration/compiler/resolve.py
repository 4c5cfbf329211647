"""Documents to `Resolved`: names and types settled, every reference an object.

In: the declared items of all files and the catalog. Out: `Resolved`, or None and a report with everything that is wrong.
Traits are resolved when something first names them, since their types are needed; a chain that comes back to itself is an
error naming the way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from orchestration.catalog.relations import Catalog
from orchestration.catalog.types import INTEGER, TEXT
from orchestration.compiler import elsewhere
from orchestration.compiler.paths import path_up
from orchestration.diagnostics import Report, Span, nearest
from orchestration.language.conditions import BY_KEYWORD, LATER
from orchestration.language.conditions.logic import all_of
from orchestration.language.declarations import traits as trait_items
from orchestration.language.declarations.document import Document
from orchestration.language.declarations.entities import read_entity
from orchestration.language.declarations.project import read_project
from orchestration.language.declarations.segments import TIER, read_bounds, read_head, read_owner
from orchestration.language.declarations.streams import read_stream
from orchestration.language.expression import Field, TraitRef
from orchestration.language.model import (
    Condition,
    Definition,
    Entity,
    Members,
    Project,
    Resolved,
    Segment,
    Stream,
    Tier,
    Tiers,
    Trait,
    Words,
)
from orchestration.language.numbers import canonical
from orchestration.language.predicates import predicate
from orchestration.language.reader import Reader
from orchestration.language.reserved import reserved
from orchestration.language.scope import Broken, Named, Names, Problem, SegmentHead
from orchestration.language.zone import Zone
from orchestration.spec.nodes import Mapping, Node, Scalar, Sequence, describe


@dataclass(slots=True)
class Resolver:
    """The project being resolved: what is declared, and what is settled so far."""

    document: Document
    catalog: Catalog
    report: Report
    project: Project = field(default_factory=Project)
    zone: Zone = field(default_factory=lambda: Zone.named("UTC"))
    entities: dict[str, Entity] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    broken: dict[str, set[str]] = field(default_factory=dict)  # by kind: the names that are declared, but wrongly
    trait_readers: dict[tuple[str, str], tuple[Reader, str | None, Span]] = field(default_factory=dict)
    predicate_readers: dict[tuple[str, str], Reader] = field(default_factory=dict)
    traits: dict[tuple[str, str], Trait | None] = field(default_factory=dict)
    predicates: dict[tuple[str, str], Condition | None] = field(default_factory=dict)
    heads: dict[str, tuple[SegmentHead, Reader]] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    resolving: list[tuple[str, str]] = field(default_factory=list)

    def scope(self, entity: Entity, segment: str | None = None) -> EntityScope:
        return EntityScope(self, entity, segment)

    def trait(self, entity: str, name: str) -> Trait | None:
        """The trait, resolved now if it was not; None where it is broken. Raises `Problem` for a cycle."""
        key = (entity, name)
        if key in self.traits:
            return self.traits[key]
        reader, segment, span = self.trait_readers[key]
        with _Chain(self, key):
            found = trait_items.read_trait(reader, self.scope(self.entities[entity], segment))
            trait = None
            if found is not None and not reader.broken:
                trait = Trait(name, entity, found[0], found[1], reader.text("description"), segment, span)
            self.traits[key] = trait
        return trait

    def predicate(self, entity: str, name: str) -> Condition | None:
        """The named condition, resolved now if it was not."""
        key = (entity, name)
        if key not in self.predicates:
            reader = self.predicate_readers[key]
            node = reader.get("where")
            with _Chain(self, key):
                self.predicates[key] = None if node is None else self.scope(self.entities[entity]).condition(node)
        return self.predicates[key]


class _Chain:
    """Marks a trait or predicate as being resolved; coming back to it raises `Problem`."""

    def __init__(self, resolver: Resolver, key: tuple[str, str]) -> None:
        self.resolver, self.key = resolver, key

    def __enter__(self) -> None:
        chain = self.resolver.resolving
        if self.key in chain:
            names = [name for _, name in chain[chain.index(self.key) :]] + [self.key[1]]
            raise Problem("cycle", "a cycle: " + " → ".join(f"`{n}`" for n in names), "break it where it reads least")
        if len(chain) > 40:
            raise Problem(
                "nesting-too-deep", "more than 40 traits that read one another in a chain", "shorten the chain"
            )
        chain.append(self.key)

    def __exit__(self, *_: object) -> None:
        self.resolver.resolving.pop()


@dataclass(slots=True)
class RowScope:
    """The columns of a stream's row."""

    resolver: Resolver
    stream_: Stream

    @property
    def report(self) -> Report:
        return self.resolver.report

    @property
    def zone(self) -> Zone:
        return self.resolver.zone

    def named(self, parts: tuple[str, ...]) -> Named:
        if len(parts) > 1:
            raise Problem(
                "unknown-name",
                f"`{'.'.join(parts)}` in a predicate over `{self.stream_.name}`",
                "only the stream's own columns can be read here",
            )
        return _column(self.stream_.columns, parts[0], str(self.stream_.relation), ())


def _column(columns: object, name: str, table: str, path: tuple[str, ...], more: Iterable[str] = ()) -> Named:
    assert isinstance(columns, dict)
    column = columns.get(name)
    if column is None:
        raise Problem("unknown-column", f"`{name}` is not a column of `{table}`", nearest(name, [*columns, *more]))
    if column.type is None:
        kind = (
            f"the type `{column.data_type}`, which the language does not have"
            if column.data_type
            else "no declared type"
        )
        raise Problem(
            "unsupported-type",
            f"column `{name}` has {kind}",
            "declare a data_type in dbt's YAML, or cast it in staging",
        )
    return Named(Field(path, name, canonical(column.type)), column)


@dataclass(slots=True)
class EntityScope:
    """The names around a condition on an entity: its attributes, traits and named predicates, and its parents'."""

    resolver: Resolver
    entity: Entity
    segment_: str | None = None

    @property
    def report(self) -> Report:
        return self.resolver.report

    @property
    def zone(self) -> Zone:
        return self.resolver.zone

    @property
    def project(self) -> Project:
        return self.resolver.project

    def named(self, parts: tuple[str, ...]) -> Named:
        entity = self.entity
        path: tuple[str, ...] = ()
        for step in parts[:-1]:
            path += self._steps(entity, step)
            entity = self.resolver.entities[path[-1]]
        return self._own(entity, parts[-1], path)

    def _steps(self, entity: Entity, goal: str) -> tuple[str, ...]:
        """The way from an entity to one that it belongs to, directly or not."""
        entities = self.resolver.entities
        if goal not in entities:
            self._refuse_broken("entities", goal)
            raise Problem(
                "unknown-name",
                f"`{goal}` is nothing `{entity.name}` belongs to",
                nearest(goal, entity.parents) or f"`{entity.name}` belongs to nothing",
            )
        try:
            return path_up(entity.parents.items(), goal, entities, f"`{entity.name}`")
        except Problem as problem:
            if problem.code == "two-paths":
                raise Problem(problem.code, problem.message, "write the steps, one after the other") from None
            self._refuse_broken("entities")
            raise Problem(
                problem.code, problem.message, elsewhere.of_goal(goal, entity, entities) or problem.hint
            ) from None

    def _refuse_broken(self, kind: str, name: str | None = None) -> None:
        """What needs a broken declaration (this one, or any) is no news: the report says what is wrong with that."""
        broken = self.resolver.broken[kind]
        if name in broken or (name is None and broken):
            raise Broken()

    def _own(self, entity: Entity, name: str, path: tuple[str, ...]) -> Named:
        resolver = self.resolver
        if not path and self.segment_ and (entity.name, f"{self.segment_}.{name}") in resolver.trait_readers:
            return self._trait(entity, f"{self.segment_}.{name}", path)
        if (entity.name, name) in resolver.trait_readers:
            return self._trait(entity, name, path)
        if (entity.name, name) in resolver.predicate_readers:
            if path:
                raise Problem(
                    "unknown-name",
                    f"predicate `{name}` of a parent",
                    f"make it a segment of `{entity.name}` and use `in:`",
                )
            found = resolver.predicate(entity.name, name)
            if found is None:
                raise Broken()
            return Named(found.expression)
        if name not in entity.columns:
            known = {
                n
                for e, n in (*resolver.trait_readers, *resolver.predicate_readers)
                if e == entity.name and "." not in n
            }
            if name in resolver.heads:
                raise Problem("unknown-name", f"`{name}` is a segment", f"write `in: {name}`")
            owner = f"`{entity.name}`"
            hint = (
                ""
                if path
                else elsewhere.of_name(name, entity, resolver.entities, resolver.streams, resolver.trait_readers)
            )
            raise Problem(
                "unknown-name",
                f"`{name}` is no attribute, trait or predicate of {owner}",
                hint or nearest(name, [*known, *entity.columns]),
            )
        return _column(entity.columns, name, str(entity.relation), path)

    def _trait(self, entity: Entity, name: str, path: tuple[str, ...]) -> Named:
        trait = self.resolver.trait(entity.name, name)
        if trait is None:
            raise Broken()
        return Named(TraitRef(path, entity.name, name, trait.type))

    def condition(self, node: Node) -> Condition | None:
        """A condition of any form."""
        if isinstance(node, Scalar):
            return self.predicate(node)
        if isinstance(node, Sequence):
            if not node.items:
                self.report.error(
                    "empty-list", "an empty list of conditions", node.span, "name one, or leave the key out"
                )
                return None
            parts = [self.condition(item) for item in node.items]
            found = [p for p in parts if p is not None]
            return all_of(found) if len(found) == len(parts) else None
        return self._form(node)

    def _form(self, node: Mapping) -> Condition | None:
        keys = [key.text for key, _ in node.entries]
        kind = next((BY_KEYWORD[key] for key in keys if key in BY_KEYWORD), None)
        if kind is None:
            later = next((key for key in keys if key in LATER), None)
            if later is not None:
                self.report.error(
                    "not-supported-yet", f"`{later}` is not supported yet", node.span, "leave it out for now"
                )
                return None
            if len(node.entries) == 1 and not keys[0].replace("_", "").isalnum():
                self.report.error(
                    "quote-this",
                    "YAML reads a mapping here, not a predicate",
                    node.entries[0][0].span,
                    "quote this: the `: ` in it makes YAML read a mapping",
                )
                return None
            self.report.error(
                "unknown-condition",
                f"`{keys[0][:60] if keys else '{}'}` is not a form of condition",
                node.entries[0][0].span if keys else node.span,
                nearest(keys[0] if keys else "", BY_KEYWORD) or "forms: " + ", ".join(BY_KEYWORD),
            )
            return None
        reader = Reader(node, kind.schema, self.report, f"`{kind.keyword}`")
        try:
            found = kind.read(reader, self)
        except Problem as problem:
            reader.problem(problem, node.span)
            return None
        return None if reader.broken else found

    def predicate(self, node: Node) -> Condition | None:
        """A predicate in a text."""
        if not isinstance(node, Scalar) or node.is_null:
            self.report.error(
                "bad-value", f"{describe(node)} where a predicate was expected", node.span, "write it as a text"
            )
            return None
        found = predicate(node, self)
        return None if found is None else Condition(found, Words(" ".join(node.text.split())))

    def stream(self, name: str) -> tuple[Stream, tuple[str, ...]]:
        streams = self.resolver.streams
        head, _, event = name.partition(".")
        stream = streams.get(head)
        if stream is None:
            self._refuse_broken("streams", head)
            if head in self.resolver.entities:
                raise Problem("unknown-stream", f"`{head}` is an entity, not a stream", "use `has:` for children")
            raise Problem("unknown-stream", f"`{head[:60]}` is not a stream", nearest(head, streams))
        if not event:
            return stream, ()
        if stream.event is None:
            raise Problem("unknown-event", f"stream `{head}` has no column that names events", "declare `event:`")
        if stream.events is not None and event in stream.events:
            return stream, (stream.events[event],)
        if stream.open_events:
            return stream, (event,)
        if stream.events is None:
            raise Problem(
                "unknown-event",
                f"stream `{head}` declares no events",
                "list them under `events:`, or set `open_events: true`",
            )
        raise Problem("unknown-event", f"`{event[:60]}` is not an event of `{head}`", nearest(event, stream.events))

    def row(self, stream: Stream) -> Names:
        return RowScope(self.resolver, stream)

    def is_entity(self, name: str) -> bool:
        return name in self.resolver.entities

    def child(self, name: str) -> EntityScope:
        child = self.resolver.entities.get(name)
        if child is None:
            self._refuse_broken("entities", name)
            if name in self.resolver.streams:
                raise Problem("unknown-entity", f"`{name}` is a stream, not an entity", f"ask with `did: {name}`")
            raise Problem("unknown-entity", f"`{name[:60]}` is not an entity", nearest(name, self.resolver.entities))
        return self.resolver.scope(child)

    def path(self, parents: Iterable[tuple[str, str]], what: str, via: str | None) -> tuple[str, ...]:
        try:
            return path_up(parents, self.entity.name, self.resolver.entities, what, via)
        except Problem:
            self._refuse_broken("entities")
            raise

    def path_to(self, entity: str, what: str) -> tuple[str, ...]:
        try:
            return path_up(self.entity.parents.items(), entity, self.resolver.entities, f"`{self.entity.name}`")
        except Problem as problem:
            self._refuse_broken("entities")
            hint = elsewhere.of_goal(entity, self.entity, self.resolver.entities) or problem.hint
            raise Problem(problem.code, f"{what} is of `{entity}`, and {problem.message}", hint) from None

    def segment(self, name: str) -> tuple[SegmentHead, str | None]:
        head, _, tier = name.partition(".")
        if head not in self.resolver.heads:
            self._refuse_broken("segments", head)
            raise Problem("unknown-segment", f"`{head[:60]}` is not a segment", nearest(head, self.resolver.heads))
        segment, _ = self.resolver.heads[head]
        if tier and tier not in segment.tiers:
            hint = nearest(tier, segment.tiers) if segment.tiers else f"`{head}` has no tiers: write `{head}`"
            raise Problem("unknown-tier", f"`{tier[:60]}` is not a tier of `{head}`", hint)
        own = self.resolver.heads[self.segment_][0] if self.segment_ in self.resolver.heads else None
        if segment.status == "draft" and (own is None or own.status != "draft"):
            raise Problem("draft-referenced", f"`{head}` is a draft, which is not built", "activate it first")
        return segment, tier or None


def resolve(document: Document, catalog: Catalog, report: Report) -> Resolved | None:
    """The whole project; None where the report has errors."""
    project = read_project(document.project, report)
    resolver = Resolver(document, catalog, report, project, Zone.named(project.timezone))
    _entities_and_streams(resolver)
    _declare_traits(resolver)
    _declare_segments(resolver)
    _entity_conditions(resolver)
    for entity, name in list(resolver.trait_readers):
        _quietly(resolver, entity, name)
    for (entity, name), reader in resolver.predicate_readers.items():
        try:
            resolver.predicate(entity, name)
        except Problem as problem:
            _report(resolver, problem, reader.node.span)
    for head, reader in resolver.heads.values():
        segment = _segment(resolver, head, reader)
        if segment is not None:
            resolver.segments[head.name] = segment
    if report.has_errors:
        return None
    assert not any(resolver.broken.values())
    traits = {key: trait for key, trait in resolver.traits.items() if trait is not None}
    return Resolved(project, resolver.entities, resolver.streams, traits, resolver.segments)


def _report(resolver: Resolver, problem: Problem, span: Span) -> None:
    if not isinstance(problem, Broken):
        resolver.report.error(problem.code, problem.message, span, problem.hint)


def _quietly(resolver: Resolver, entity: str, name: str) -> None:
    try:
        resolver.trait(entity, name)
    except Problem as problem:
        resolver.traits.setdefault((entity, name), None)
        _report(resolver, problem, resolver.trait_readers[entity, name][2])


def _free(resolver: Resolver, taken: dict[str, Span], name: str, span: Span, what: str) -> bool:
    """Whether the name may be given: not reserved, and not taken in its namespace; else reported."""
    if why := reserved(name):
        resolver.report.error("reserved-name", f"{what} cannot be called `{name}`: {why}", span, "choose another name")
        return False
    if name in taken:
        resolver.report.error("duplicate-name", f"a second `{name}`", span, f"the first is at {taken[name]}")
        return False
    taken[name] = span
    return True


def _entities_and_streams(resolver: Resolver) -> None:
    taken: dict[str, Span] = {}
    found: list[tuple[Entity, Reader] | tuple[Stream, Reader]] = []
    for item in resolver.document.items["entities"]:
        entity = read_entity(item, resolver.catalog, resolver.report)
        if entity and _free(resolver, taken, entity[0].name, entity[1].span("name"), "an entity"):
            resolver.entities[entity[0].name] = entity[0]
            found.append(entity)
    for item in resolver.document.items["streams"]:
        stream = read_stream(item, resolver.catalog, resolver.report)
        if stream and _free(resolver, taken, stream[0].name, stream[1].span("name"), "a stream"):
            resolver.streams[stream[0].name] = stream[0]
            found.append(stream)
    _remember_broken(resolver, "entities", resolver.entities)
    _remember_broken(resolver, "streams", resolver.streams)
    unknown: set[str] = set()
    for thing, reader in found:
        for (parent, column), (key, value) in zip(thing.parents.items(), reader.pairs("belongs_to"), strict=True):
            known = resolver.entities.get(parent)
            if known is None:
                _no_entity(resolver, reader, parent, key.span)
                unknown.add(parent)
            elif thing.columns[column].type != known.key_type:
                reader.error(
                    "bad-type",
                    f"`{column}` is of type {thing.columns[column].type}, the key of `{parent}` of type {known.key_type}",
                    value.span,
                    "cast one of them in staging",
                )
    resolver.broken["entities"] |= unknown  # a way up that they would be on is missing for no other reason


def _remember_broken(resolver: Resolver, kind: str, known: Iterable[str]) -> None:
    """Whatever is declared and not known was refused, which the report says."""
    names = (item.get("name") for item in resolver.document.items[kind])
    resolver.broken[kind] = {name.text for name in names if isinstance(name, Scalar)}.difference(known)


def _no_entity(resolver: Resolver, reader: Reader, name: str, span: Span) -> None:
    """Says that there is no such entity, unless there is one that is declared wrongly."""
    reader.broken = True
    if name not in resolver.broken["entities"]:
        reader.error("unknown-entity", f"`{name[:60]}` is not an entity", span, nearest(name, resolver.entities))


def _entity_conditions(resolver: Resolver) -> None:
    for item in resolver.document.items["entities"]:
        name, text = item.get("name"), item.get("where")
        entity = resolver.entities.get(name.text) if isinstance(name, Scalar) else None
        if entity is None or not isinstance(text, Scalar):
            continue
        where = predicate(text, _Attributes(resolver, entity))
        if where is not None:
            resolver.entities[entity.name] = replace(entity, where=where)


@dataclass(slots=True)
class _Attributes:
    """An entity's own columns: all that its `where` may read."""

    resolver: Resolver
    entity: Entity

    @property
    def report(self) -> Report:
        return self.resolver.report

    @property
    def zone(self) -> Zone:
        return self.resolver.zone

    def named(self, parts: tuple[str, ...]) -> Named:
        if len(parts) > 1:
            raise Problem(
                "unknown-name", f"`{'.'.join(parts)}` in an entity's `where`", "it reads the entity's own columns"
            )
        return _column(self.entity.columns, parts[0], str(self.entity.relation), ())


def _declare_traits(resolver: Resolver) -> None:
    taken: dict[str, dict[str, Span]] = {e.name: {} for e in resolver.entities.values()}
    for kind, schema in (("traits", trait_items.SCHEMA), ("predicates", trait_items.PREDICATE_SCHEMA)):
        for item in resolver.document.items[kind]:
            reader = Reader(item, schema, resolver.report, f"a {kind[:-1]}")
            name, entity = reader.name("name"), reader.scalar("entity", "an entity")
            if name is None or entity is None:
                continue
            if entity.text not in resolver.entities:
                _no_entity(resolver, reader, entity.text, entity.span)
                continue
            if not _declare(resolver, taken[entity.text], entity.text, name.text, name.span, f"a {kind[:-1]}"):
                continue
            if kind == "traits":
                resolver.trait_readers[entity.text, name.text] = (reader, None, name.span)
            else:
                resolver.predicate_readers[entity.text, name.text] = reader


def _declare(resolver: Resolver, taken: dict[str, Span], entity: str, name: str, span: Span, what: str) -> bool:
    if name in resolver.entities[entity].columns:
        resolver.report.error(
            "duplicate-name",
            f"{what} called `{name}`, which is a column of `{entity}`",
            span,
            "they become columns side by side: choose another name",
        )
        return False
    return _free(resolver, taken, name, span, what)


def _declare_segments(resolver: Resolver) -> None:
    taken: dict[str, Span] = {}
    for item in resolver.document.items["segments"]:
        found = read_head(item, resolver.report)
        if found is None:
            continue
        head, reader = found
        if not _free(resolver, taken, head.name, head.span, "a segment"):
            continue
        if head.entity not in resolver.entities:
            _no_entity(resolver, reader, head.entity, reader.span("entity"))
            continue
        if (head.entity, head.name) in {*resolver.trait_readers, *resolver.predicate_readers}:
            reader.error(
                "duplicate-name",
                f"segment `{head.name}` has the name of a trait or predicate of `{head.entity}`",
                head.span,
                "they become columns side by side: choose another name",
            )
            continue
        if head.name in resolver.entities[head.entity].columns:
            reader.error(
                "duplicate-name",
                f"segment `{head.name}` has the name of a column of `{head.entity}`",
                head.span,
                "they become columns side by side: choose another name",
            )
            continue
        resolver.heads[head.name] = found
        _local_traits(resolver, head, reader)
    _remember_broken(resolver, "segments", resolver.heads)


def _local_traits(resolver: Resolver, head: SegmentHead, reader: Reader) -> None:
    for node in reader.items("traits"):
        inner = Reader.of(node, trait_items.LOCAL, resolver.report, "a trait")
        name = inner.name("name") if inner else None
        if inner is None or name is None:
            continue
        key = (head.entity, f"{head.name}.{name.text}")
        known = (head.entity, name.text) in {*resolver.trait_readers, *resolver.predicate_readers}
        if known or name.text in resolver.entities[head.entity].columns or key in resolver.trait_readers:
            inner.error(
                "duplicate-name",
                f"`{name.text}` is known already",
                name.span,
                "a segment's own trait may not shadow another",
            )
        elif why := reserved(name.text):
            inner.error(
                "reserved-name", f"a trait cannot be called `{name.text}`: {why}", name.span, "choose another name"
            )
        else:
            resolver.trait_readers[key] = (inner, head.name, name.span)


def _segment(resolver: Resolver, head: SegmentHead, reader: Reader) -> Segment | None:
    scope = resolver.scope(resolver.entities[head.entity], head.name)
    definition = _definition(scope, head, reader)
    owner, bounds = read_owner(reader), read_bounds(reader)
    label, description = reader.text("label", head.name.replace("_", " ")), reader.text("description")
    goal, action = reader.text("goal"), reader.text("action")
    purpose, refresh = reader.choice("purpose", "service"), reader.choice("refresh", "daily")
    if definition is None or reader.broken:
        return None
    text = _own_text(reader.node, resolver.document.sources)
    return Segment(
        head.name,
        head.entity,
        definition,
        label,
        description,
        owner,
        goal,
        action,
        purpose,
        refresh,
        head.status,
        bounds,
        text,
        head.span,
    )


def _definition(scope: EntityScope, head: SegmentHead, reader: Reader) -> Definition | None:
    node = reader.get("where")
    where = scope.condition(node) if node is not None else None
    if reader.has("members"):
        return _members(scope, reader)
    if not reader.has("tiers"):
        return where
    tiers = []
    for item in reader.items("tiers"):
        inner = Reader.of(item, TIER, scope.report, "a tier")
        name = inner.name("name") if inner else None
        tier_node = inner.get("where") if inner else None
        condition = scope.condition(tier_node) if tier_node is not None else None
        if name is not None and condition is not None:
            tiers.append(Tier(name.text, condition))
        else:
            reader.broken = True
    if node is not None and where is None:
        return None
    otherwise = reader.name("otherwise") if reader.has("otherwise") else None
    return Tiers(where, tuple(tiers), otherwise.text if otherwise else None)


def _members(scope: EntityScope, reader: Reader) -> Members | None:
    keys: list[str | int] = []
    for item in reader.items("members"):
        if not isinstance(item, Scalar) or item.is_null:
            reader.error("bad-value", f"{describe(item)} in `members`", item.span, "list keys")
            continue
        key: str | int = item.text
        if scope.entity.key_type is INTEGER:
            if not item.text.lstrip("-").isdigit() or abs(int(item.text)) >= 2**63:
                reader.error(
                    "bad-type",
                    f"`{item.text[:60]}` is no key of `{scope.entity.name}`, whose key is an integer",
                    item.span,
                )
                continue
            key = int(item.text)
        if key in keys:
            scope.report.warning("repeated-member", f"`{item.text[:60]}` is listed twice", item.span, "leave one out")
        else:
            keys.append(key)
    assert scope.entity.key_type in (INTEGER, TEXT)
    return Members(tuple(keys))


def _own_text(node: Mapping, sources: object) -> str:
    """The item as it stands in its file, without the indentation."""
    assert isinstance(sources, dict)
    lines = sources[node.span.file].splitlines()[node.span.line - 1 : _last_line(node)]
    indent = node.span.column - 1
    return "\n".join(
        [lines[0][indent:], *(line[indent:] if not line[:indent].strip() else line for line in lines[1:])]
    ).rstrip()


def _last_line(node: Node) -> int:
    match node:
        case Scalar():
            return node.span.line + node.source.rstrip().count("\n")
        case Sequence():
            return max([node.span.line, *(_last_line(i) for i in node.items)])
        case Mapping():
            return max([node.span.line, *(_last_line(v) for _, v in node.entries)])
