"""What is settled of a project so far, and what names mean in the places where conditions stand."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

from orchestration.catalog.relations import Catalog, Column
from orchestration.compiler import elsewhere
from orchestration.compiler.paths import path_up
from orchestration.diagnostics import Report, Span, nearest
from orchestration.language.conditions import BY_KEYWORD, LATER
from orchestration.language.conditions.logic import all_of
from orchestration.language.declarations import traits as trait_items
from orchestration.language.declarations.document import Document
from orchestration.language.expression import Field, TraitRef
from orchestration.language.model import (
    Condition,
    Entity,
    Project,
    Segment,
    Stream,
    Trait,
    Words,
)
from orchestration.language.numbers import canonical
from orchestration.language.predicates import predicate
from orchestration.language.reader import Reader
from orchestration.language.scope import Broken, Named, Names, Problem, SegmentHead
from orchestration.language.syntax import parse
from orchestration.language.wording import names_in, text_in_words
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
class OwnColumns:
    """The columns of one row and nothing else: of a stream's, or of an entity's in its own `where`."""

    resolver: Resolver
    thing: Entity | Stream

    @property
    def report(self) -> Report:
        return self.resolver.report

    @property
    def zone(self) -> Zone:
        return self.resolver.zone

    def named(self, parts: tuple[str, ...]) -> Named:
        if len(parts) > 1:
            if isinstance(self.thing, Stream):
                where, hint = f"a predicate over `{self.thing.name}`", "only the stream's own columns can be read here"
            else:
                where, hint = "an entity's `where`", "it reads the entity's own columns"
            raise Problem("unknown-name", f"`{'.'.join(parts)}` in {where}", hint)
        return _column(self.thing.columns, parts[0], str(self.thing.relation), ())


def _column(
    columns: MappingOf[str, Column], name: str, table: str, path: tuple[str, ...], more: Iterable[str] = ()
) -> Named:
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


def _form_hint(key: str) -> str:
    """For a mapping that begins with this key and is no form."""
    owners = [kind.keyword for kind in BY_KEYWORD.values() if key in kind.schema["properties"]]
    if owners:
        return f"it is a key of `{owners[0]}`: write it below `{owners[0]}:`, without a `- ` of its own"
    return nearest(key, BY_KEYWORD) or "forms: " + ", ".join(BY_KEYWORD)


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
                _form_hint(keys[0] if keys else ""),
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
        return (
            None if found is None else Condition(found, Words(text_in_words(node.text), (), self._predicates_in(node)))
        )

    def _predicates_in(self, node: Scalar) -> tuple[tuple[str, Words], ...]:
        """The named predicates that a predicate's text holds, in words."""
        known = {name for entity, name in self.resolver.predicate_readers if entity == self.entity.name}
        if not known:
            return ()
        names = dict.fromkeys(parts[0] for parts in names_in(parse(node.text)) if len(parts) == 1 and parts[0] in known)
        found = ((name, self.resolver.predicate(self.entity.name, name)) for name in names)
        return tuple((name, condition.words) for name, condition in found if condition is not None)

    def stream(self, name: str) -> tuple[Stream, tuple[str, ...]]:
        streams = self.resolver.streams
        head, _, event = name.partition(".")
        stream = streams.get(head)
        if stream is None:
            self._refuse_broken("streams", head)
            if head in self.resolver.entities:
                raise Problem("unknown-stream", f"`{head}` is an entity, not a stream", "use `has:` for children")
            hint = elsewhere.of_event(head, streams) or nearest(head, streams)
            raise Problem("unknown-stream", f"`{head[:60]}` is not a stream", hint)
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
        return OwnColumns(self.resolver, stream)

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
            tiers = {name: known.tiers for name, (known, _) in self.resolver.heads.items()}
            hint = elsewhere.of_tier(head, tiers) or nearest(head, tiers)
            raise Problem("unknown-segment", f"`{head[:60]}` is not a segment", hint)
        segment, _ = self.resolver.heads[head]
        if tier and tier not in segment.tiers:
            hint = nearest(tier, segment.tiers) if segment.tiers else f"`{head}` has no tiers: write `{head}`"
            raise Problem("unknown-tier", f"`{tier[:60]}` is not a tier of `{head}`", hint)
        own = self.resolver.heads[self.segment_][0] if self.segment_ in self.resolver.heads else None
        if segment.status == "draft" and (own is None or own.status != "draft"):
            raise Problem("draft-referenced", f"`{head}` is a draft, which is not built", "activate it first")
        return segment, tier or None
