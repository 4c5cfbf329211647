"""What exists at an instant: entities and their parents, the rows of streams, and the names of a row.

Traits, conditions and segments know the world and are known to it through `Rules`, since each can read the others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar, cast

from tests.reference import predicate_syntax as syntax
from tests.reference.predicate_values import truth_of
from tests.reference.project import Entity, Segment, Spec, Stream, Trait
from tests.reference.values import BOOLEAN, Truth, Type, Value, all_of, ascending, key_text
from tests.reference.wall_time import Calendar
from tests.reference.yaml_text import Node, SpecError, items, text

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Value]
Members: TypeAlias = Mapping[str, str]  # key → tier; the empty text in a plain segment
Record: TypeAlias = tuple[dt.datetime, Members]


@dataclass(frozen=True, slots=True)
class Rules:
    """How the world's traits, conditions and segments are worked out."""

    trait_column: Callable[[World, Trait], Mapping[str, Value]]
    trait_type: Callable[[World, Trait], Type]
    truth: Callable[[World, str, str, Node], Truth]
    timeline: Callable[[World, str], Sequence[Record]]


@dataclass(frozen=True, slots=True)
class Happening:
    """A row of a stream, and when."""

    time: dt.datetime
    row: Row


class World:
    """Everything at one instant. `recorded` are the members of segments at instants before it, oldest first."""

    def __init__(
        self,
        spec: Spec,
        tables: Mapping[str, Sequence[Row]],
        as_of: dt.datetime,
        recorded: Mapping[str, Sequence[Record]],
        rules: Rules,
    ) -> None:
        self.spec, self.tables, self.as_of, self.rules = spec, tables, as_of, rules
        self.recorded = {name: [r for r in records if r[0] < as_of] for name, records in recorded.items()}
        self._memory: dict[tuple[object, ...], object] = {}

    @property
    def calendar(self) -> Calendar:
        return self.spec.calendar

    @property
    def today(self) -> dt.date:
        return self.calendar.day(self.as_of)

    def at(self, as_of: dt.datetime) -> World:
        """The same data at an earlier instant."""
        return World(self.spec, self.tables, as_of, self.recorded, self.rules)

    def within(self, segment: Segment) -> World:
        """The world as a segment sees it: with its own traits."""
        if not segment.traits:
            return self
        own = {(t.entity, t.name): t for t in segment.traits}
        spec = replace(self.spec, traits={**self.spec.traits, **own})
        return World(spec, self.tables, self.as_of, self.recorded, self.rules)

    def remember(self, key: tuple[object, ...], work_out: Callable[[], T]) -> T:
        """What was worked out before; a thing that needs itself is an error."""
        if key not in self._memory:
            self._memory[key] = _UNDER_WAY
            self._memory[key] = work_out()
        if self._memory[key] is _UNDER_WAY:
            raise SpecError(f"{key} needs itself")
        return cast(T, self._memory[key])

    # entities

    def table(self, entity: str) -> Mapping[str, Row]:
        """The rows that are of the entity at all, whether they exist at as_of or not, by key."""
        return self.remember(("table", entity), lambda: self._table(self.spec.entities[entity]))

    def _table(self, entity: Entity) -> Mapping[str, Row]:
        found: dict[str, Row] = {}
        for row in self.tables.get(entity.name, ()):
            key = key_text(row[entity.key])
            scope = RowScope(self, entity.name, row, None)
            conditions = [syntax.parse(text(c, "where")) for c in items(entity.where)]
            if key is None or all_of([truth_of(c, scope) for c in conditions]) is not True:
                continue
            if key in found:
                raise SpecError(f"the key {key} of `{entity.name}` stands twice")
            found[key] = row
        return found

    def population(self, entity: str) -> Mapping[str, Row]:
        """The entities that exist at as_of, by key."""
        about = self.spec.entities[entity]
        return self.remember(
            ("population", entity),
            lambda: {key: row for key, row in self.table(entity).items() if self._exists(about, row)},
        )

    def _exists(self, entity: Entity, row: Row) -> bool:
        since = row[entity.exists_from] if entity.exists_from else None
        until = row[entity.exists_until] if entity.exists_until else None
        if isinstance(since, dt.date) and not self.calendar.as_instant(since) < self.as_of:
            return False
        return not isinstance(until, dt.date) or self.calendar.as_instant(until) >= self.as_of

    # paths

    def path(self, start: str, target: str, via: Sequence[str] = ()) -> tuple[str, ...]:
        """The entities on the one shortest way up, the target last."""
        found = [p for p in self._paths(start, target, (start,)) if all(v in p for v in via)]
        shortest = [p for p in found if len(p) == min(map(len, found))]
        if len(shortest) != 1:
            raise SpecError(f"{len(shortest)} shortest ways from `{start}` to `{target}`")
        return shortest[0]

    def _paths(self, start: str, target: str, seen: tuple[str, ...]) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for parent in self.spec.relation(start).parents:
            if parent == target:
                found.append((parent,))
            elif parent not in seen:
                found += [(parent, *rest) for rest in self._paths(parent, target, (*seen, parent))]
        return found

    def parent_key(self, relation: str, row: Row, path: Sequence[str]) -> str | None:
        """The key at the end of a path upwards. What lies between needs only be known, not exist at as_of."""
        here, key = relation, None
        for parent in path:
            key = key_text(row[self.spec.relation(here).parents[parent]])
            if parent != path[-1]:
                if key is None or key not in self.table(parent):
                    return None
                here, row = parent, self.table(parent)[key]
        return key

    def children(self, child: str, entity: str, via: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The keys of the children that exist, by the key of the entity."""
        path = self.path(child, entity, via)
        found: dict[str, list[str]] = {}
        for key, row in self.population(child).items():
            parent = self.parent_key(child, row, path)
            if parent is not None:
                found.setdefault(parent, []).append(key)
        return found

    # streams

    def source(self, name: str) -> tuple[Stream, str | None]:
        """The stream and the event's value that `usage.report_exported` means; `usage` means all its rows."""
        stream_name, _, event = name.partition(".")
        stream = self.spec.streams.get(stream_name)
        if stream is None:
            raise SpecError(f"`{stream_name}` is not a stream")
        return stream, stream.value_of_event(event) if event else None

    def happenings(self, name: str, entity: str, key: str, via: Sequence[str]) -> Sequence[Happening]:
        """An entity's rows of a stream or of one of its events, by time."""
        grouped = self.remember(("rows", name, entity, tuple(via)), lambda: self._grouped(name, entity, via))
        return grouped.get(key, ())

    def _grouped(self, name: str, entity: str, via: Sequence[str]) -> Mapping[str, Sequence[Happening]]:
        stream, event = self.source(name)
        path = self.path(stream.name, entity, via)
        found: dict[str, list[Happening]] = {}
        for happening in self._existing(stream):
            key = self.parent_key(stream.name, happening.row, path)
            if key is not None and (event is None or happening.row[str(stream.event)] == event):
                found.setdefault(key, []).append(happening)
        return found

    def _existing(self, stream: Stream) -> Sequence[Happening]:
        """The rows that exist at as_of, by time, those that repeat an id left out."""
        found = []
        for row in self.tables.get(stream.name, ()):
            at = row[stream.at]
            if isinstance(at, dt.date):
                time = self.calendar.as_instant(at)
                if stream.future or time < self.as_of:
                    found.append(Happening(time, row))
        columns = [name for name, kind in stream.columns.items() if kind.kind != "list"]
        found.sort(key=lambda h: (h.time, [_place(h.row[c]) for c in columns]))
        ids: set[Value] = set()
        kept = []
        for happening in found:
            identity = happening.row[stream.id] if stream.id else None
            if identity is None or identity not in ids:
                kept.append(happening)
                ids.add(identity)
        return kept

    # the names of an entity

    def scope(self, entity: str, key: str) -> RowScope:
        return RowScope(self, entity, self.population(entity)[key], key)

    def trait(self, entity: str, name: str, key: str) -> Value:
        trait = self.spec.traits[entity, name]
        column = self.remember(("trait", entity, name), lambda: self.rules.trait_column(self, trait))
        return column[key]

    def members(self, segment: str) -> Members:
        return self.timeline(segment)[-1][1]

    def timeline(self, segment: str) -> Sequence[Record]:
        """The members at each recorded instant, the last being as_of."""
        return self.remember(("timeline", segment), lambda: self.rules.timeline(self, segment))


_UNDER_WAY = object()


def _place(value: Value) -> tuple[bool, object]:
    """What puts a value into the order of its column, nulls first."""
    return (False, 0) if value is None else (True, ascending(value))


@dataclass(frozen=True, slots=True)
class RowScope:
    """The names of an entity's row or of a stream's. `key` is None for what has no traits: a stream's row."""

    world: World
    relation: str
    row: Row
    key: str | None

    @property
    def as_of(self) -> dt.datetime:
        return self.world.as_of

    @property
    def calendar(self) -> Calendar:
        return self.world.calendar

    def value(self, parts: tuple[str, ...]) -> Value:
        """A column, trait or predicate of the row, or (`account.arr`) of what it belongs to; null without a parent."""
        first, *rest = parts
        if rest:
            return self._of_parent(parts)
        if first in self.world.spec.relation(self.relation).columns:
            return self.row[first]
        named = (self.relation, first)
        if self.key is not None and named in self.world.spec.traits:
            return self.world.trait(self.relation, first, self.key)
        if self.key is not None and named in self.world.spec.predicates:
            return self.world.rules.truth(self.world, self.relation, self.key, self.world.spec.predicates[named])
        raise SpecError(f"`{first}` is no name of `{self.relation}`")

    def _of_parent(self, parts: tuple[str, ...]) -> Value:
        """A name of what the row belongs to. On the way up the keys are enough; what is at its end must exist."""
        *steps, name = parts if parts[0] != self.relation else parts[1:]
        if not steps:
            return self.value((name,))
        here, row, key = self.relation, self.row, None
        for step in steps:
            if key is not None:
                row = self.world.table(here)[key]
            key = self.world.parent_key(here, row, self.world.path(here, step))
            if key is None or key not in self.world.table(step):
                return None
            here = step
        return self.world.scope(here, str(key)).value((name,)) if key in self.world.population(here) else None

    def type(self, parts: tuple[str, ...]) -> Type:
        first, *rest = parts
        if rest:
            return RowScope(self.world, first, {}, None).type(tuple(rest))
        columns = self.world.spec.relation(self.relation).columns
        if first in columns:
            return columns[first]
        trait = self.world.spec.traits.get((self.relation, first))
        if trait is not None:
            return self.world.rules.trait_type(self.world, trait)
        if (self.relation, first) in self.world.spec.predicates:
            return BOOLEAN
        raise SpecError(f"`{first}` is no name of `{self.relation}`")
