"""A project's specs as plain records; conditions and windows stay the YAML they are written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from tests.reference.values import Type, read_type
from tests.reference.wall_time import WEEKDAYS, Calendar
from tests.reference.yaml_text import Node, SpecError, flag, items, mapping, optional_text, text

Columns: TypeAlias = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Entity:
    name: str
    model: str
    columns: Mapping[str, Type]
    parents: Mapping[str, str]
    key: str
    exists_from: str | None
    exists_until: str | None
    where: Node | None


@dataclass(frozen=True, slots=True)
class Stream:
    name: str
    model: str
    columns: Mapping[str, Type]
    parents: Mapping[str, str]
    at: str
    id: str | None
    event: str | None
    events: Mapping[str, str]
    open_events: bool
    future: bool

    def value_of_event(self, name: str) -> str:
        """The value in the event column that a name in specs stands for."""
        if name in self.events:
            return self.events[name]
        if self.open_events:
            return name
        raise SpecError(f"`{name}` is not an event of `{self.name}`")


Relation: TypeAlias = Entity | Stream
Named = TypeVar("Named", "Entity", "Stream", "Segment")


@dataclass(frozen=True, slots=True)
class Trait:
    name: str
    entity: str
    body: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    entity: str
    body: Mapping[str, Node]
    traits: tuple[Trait, ...]

    @property
    def tiers(self) -> tuple[str, ...]:
        """The names of its tiers or arms, in order; those of a model are found in its rows."""
        split = self.body.get("split")
        listed = items(self.body.get("tiers")) if split is None else items(mapping(split, "split").get("arms"))
        names = [text(mapping(tier, "a tier").get("name"), "a tier's name") for tier in listed]
        otherwise = optional_text(self.body, "otherwise")
        return tuple(names if otherwise is None else [*names, otherwise])


@dataclass(frozen=True, slots=True)
class Spec:
    calendar: Calendar
    grid: str
    entities: Mapping[str, Entity]
    streams: Mapping[str, Stream]
    traits: Mapping[tuple[str, str], Trait]
    predicates: Mapping[tuple[str, str], Node]
    segments: Mapping[str, Segment]
    models: Mapping[str, Mapping[str, Type]]
    tests: Sequence[Mapping[str, Node]] = field(default=())

    def relation(self, name: str) -> Relation:
        found = self.entities.get(name) or self.streams.get(name)
        if found is None:
            raise SpecError(f"`{name}` is neither an entity nor a stream")
        return found


def decode(documents: Sequence[Node], columns: Columns) -> Spec:
    """The records of a project's documents. `columns` gives the types of models, or of entities and streams by name."""
    listed: dict[str, list[dict[str, Node]]] = {}
    project: dict[str, Node] = {}
    for document in documents:
        for heading, content in mapping(document, "a spec file").items():
            if heading == "project":
                project = mapping(content, "project")
            else:
                listed.setdefault(heading, []).extend(mapping(entry, heading) for entry in items(content))
    first_day = optional_text(project, "week_starts_on") or "monday"
    return Spec(
        calendar=Calendar(ZoneInfo(optional_text(project, "timezone") or "UTC"), WEEKDAYS.index(first_day)),
        grid=optional_text(project, "as_of") or "day",
        entities=_by_name([_entity(e, columns) for e in listed.get("entities", [])]),
        streams=_by_name([_stream(e, columns) for e in listed.get("streams", [])]),
        traits={(t.entity, t.name): t for t in (_trait(e) for e in listed.get("traits", []))},
        predicates={(_entity_of(e), _name(e)): e["where"] for e in listed.get("predicates", [])},
        segments=_by_name([_segment(e) for e in listed.get("segments", [])]),
        models={name: {c: read_type(t) for c, t in types.items()} for name, types in columns.items()},
        tests=listed.get("tests", []),
    )


def _by_name(found: Sequence[Named]) -> dict[str, Named]:
    return {record.name: record for record in found}


def _name(entry: Mapping[str, Node]) -> str:
    return text(entry.get("name"), "name")


def _entity_of(entry: Mapping[str, Node]) -> str:
    return text(entry.get("entity"), "entity")


def _types(entry: Mapping[str, Node], columns: Columns) -> dict[str, Type]:
    inline = entry.get("columns")
    if inline is not None:
        return {column: read_type(_type_text(kind)) for column, kind in mapping(inline, "columns").items()}
    for name in (_name(entry), optional_text(entry, "model")):
        if name is not None and name in columns:
            return {column: read_type(kind) for column, kind in columns[name].items()}
    raise SpecError(f"no types of the columns of `{_name(entry)}`")


def _type_text(kind: Node) -> str:
    return text(kind.get("type"), "type") if isinstance(kind, dict) else text(kind, "a type")


def _parents(entry: Mapping[str, Node]) -> dict[str, str]:
    given = mapping(entry.get("belongs_to", {}), "belongs_to")
    return {parent: text(column, "belongs_to") for parent, column in given.items()}


def _entity(entry: Mapping[str, Node], columns: Columns) -> Entity:
    exists = mapping(entry.get("exists", {}), "exists")
    return Entity(
        name=_name(entry),
        model=optional_text(entry, "model") or _name(entry),
        columns=_types(entry, columns),
        parents=_parents(entry),
        key=text(entry.get("key"), "key"),
        exists_from=optional_text(exists, "from"),
        exists_until=optional_text(exists, "until"),
        where=entry.get("where"),
    )


def _stream(entry: Mapping[str, Node], columns: Columns) -> Stream:
    given = entry.get("events")
    if isinstance(given, dict):
        events = {name: text(value, "an event") for name, value in given.items()}
    else:
        events = {text(name, "an event"): text(name, "an event") for name in items(given)}
    return Stream(
        name=_name(entry),
        model=optional_text(entry, "model") or _name(entry),
        columns=_types(entry, columns),
        parents=_parents(entry),
        at=text(entry.get("at"), "at"),
        id=optional_text(entry, "id"),
        event=optional_text(entry, "event"),
        events=events,
        open_events=flag(entry, "open_events"),
        future=flag(entry, "future"),
    )


def _trait(entry: Mapping[str, Node], entity: str | None = None) -> Trait:
    named = optional_text(entry, "entity") or entity
    if named is None:
        raise SpecError(f"the trait `{_name(entry)}` names no entity")
    return Trait(_name(entry), named, entry)


def _segment(entry: Mapping[str, Node]) -> Segment:
    own = [_trait(mapping(t, "a trait"), _entity_of(entry)) for t in items(entry.get("traits"))]
    return Segment(_name(entry), _entity_of(entry), entry, tuple(own))


def scalar_list(node: Node | None, what: str) -> list[str]:
    """A list of single values, or one of them."""
    return [text(item, what) for item in items(node)]
