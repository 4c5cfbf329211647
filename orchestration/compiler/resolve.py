"""Documents to `Resolved`: names and types settled, every reference an object.

In: the declared items of all files and the catalog. Out: `Resolved`, or None and a report with everything that is wrong.
Traits are resolved when something first names them, since their types are needed; a chain that comes back to itself is an
error naming the way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orchestration.catalog.relations import Catalog
from orchestration.compiler.definitions import read_segment
from orchestration.compiler.scopes import OwnColumns, Resolver
from orchestration.diagnostics import Report, Span, nearest
from orchestration.language.declarations import traits as trait_items
from orchestration.language.declarations.document import Document
from orchestration.language.declarations.entities import read_entity
from orchestration.language.declarations.project import read_project
from orchestration.language.declarations.segments import read_head
from orchestration.language.declarations.streams import read_stream
from orchestration.language.model import (
    Entity,
    Resolved,
    Stream,
)
from orchestration.language.predicates import predicate
from orchestration.language.reader import Reader
from orchestration.language.reserved import reserved
from orchestration.language.scope import Broken, Problem, SegmentHead
from orchestration.language.zone import Zone
from orchestration.spec.nodes import Scalar


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
        segment = read_segment(resolver, head, reader)
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
        where = predicate(text, OwnColumns(resolver, entity))
        if where is not None:
            resolver.entities[entity.name] = replace(entity, where=where)


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
