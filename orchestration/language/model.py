"""Resolved specs: names and types settled, every reference an object or a typed expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from orchestration.catalog.relations import Column
from orchestration.catalog.types import Type
from orchestration.diagnostics import Span
from orchestration.language.expression import Expression

RelationKind: TypeAlias = Literal["model", "source", "inline", "build", "run"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A table outside a query: a dbt model or source, a fixture's table, a compiled model, or a table the run writes."""

    kind: RelationKind
    name: str
    schema: str = ""  # of a source: the dbt source's name

    @property
    def logical(self) -> str:
        """The one identifier that stands for the relation in a query's tree."""
        return f"{self.kind}:{self.schema}.{self.name}" if self.schema else f"{self.kind}:{self.name}"

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Words:
    """A definition in words: a line, and lines below it. `names` are the named predicates that the line holds, in words."""

    text: str
    parts: tuple[Words, ...] = ()
    names: tuple[tuple[str, Words], ...] = ()

    @property
    def inline(self) -> str:
        """The same on one line."""
        return self.text if not self.parts else f"{self.text} {'; '.join(part.inline for part in self.parts)}"

    def lines(self) -> list[str]:
        """The line, and those below it as items of a list."""
        return [self.text, *(line for part in self.parts for line in part.items())]

    def items(self) -> list[str]:
        """The same as an item of a list."""
        first, *below = self.lines()
        return [f"- {first}", *(f"  {line}" for line in below)]

    def all_names(self) -> dict[str, Words]:
        """The named predicates of this and of all below, with those that they name themselves."""
        found: dict[str, Words] = {}
        left = [self]
        while left:
            words = left.pop(0)
            left += words.parts
            for name, meaning in words.names:
                if name not in found:
                    found[name] = meaning
                    left.append(meaning)
        return found


@dataclass(frozen=True, slots=True)
class Project:
    """What holds for the whole project. `sample`: the sources are the generated sample where the target has none."""

    name: str = "project"
    timezone: str = "UTC"
    week_starts_on: str = "monday"
    grid: str = "day"
    target: str | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """Whom segments are of: one row each of `relation`, told apart by `key`.

    `parents` maps the name of each entity it belongs to, to the column with that entity's key. A row exists at as_of where
    `exists_from` is null or before it and `exists_until` is null or not before it. Rows for which `where` is not true are
    not of this entity.
    """

    name: str
    relation: Relation
    key: str
    columns: Mapping[str, Column]
    display: str | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    exists_from: str | None = None
    exists_until: str | None = None
    where: Expression | None = None
    slices: tuple[str, ...] = ()
    span: Span | None = None

    @property
    def key_type(self) -> Type:
        kind = self.columns[self.key].type
        assert kind is not None
        return kind


@dataclass(frozen=True, slots=True)
class Stream:
    """Things that happened, one row each. `events` maps the names specs use to the values of `event`; None declares none."""

    name: str
    relation: Relation
    at: str
    columns: Mapping[str, Column]
    parents: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    event: str | None = None
    events: Mapping[str, str] | None = None
    open_events: bool = False
    future: bool = False
    basis: str = "behavioural"
    span: Span | None = None

    @property
    def at_type(self) -> Type:
        kind = self.columns[self.at].type
        assert kind is not None
        return kind


@dataclass(frozen=True, slots=True)
class Trait:
    """One value per entity. `segment` is the segment that holds it, where it is visible in one alone."""

    name: str
    entity: str
    expression: Expression
    words: str
    description: str = ""
    segment: str | None = None
    span: Span | None = None

    @property
    def type(self) -> Type:
        return self.expression.type


@dataclass(frozen=True, slots=True)
class Condition:
    """A resolved condition: a boolean expression over the entity at hand, and the same in words."""

    expression: Expression
    words: Words


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of a tiered segment; those in none of the tiers before are in it where the condition is true."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Tiers:
    """The first tier that is true; unknown passes on to the next. `otherwise` names the tier of the rest within the base."""

    base: Condition | None
    tiers: tuple[Tier, ...]
    otherwise: str | None

    @property
    def names(self) -> tuple[str, ...]:
        names = tuple(t.name for t in self.tiers)
        return (*names, self.otherwise) if self.otherwise else names


@dataclass(frozen=True, slots=True)
class Members:
    """A short list of keys kept by hand; with a base, of its members alone."""

    keys: tuple[str | int, ...]
    base: Condition | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Arms to which keys are assigned by their hash; `shares` are percent, in the order of the arms."""

    base: Condition | None
    salt: str
    names: tuple[str, ...]
    shares: tuple[Decimal, ...]


Definition: TypeAlias = Condition | Tiers | Members | Split


@dataclass(frozen=True, slots=True)
class Bounds:
    """Declared limits of a segment: members, and their share of the entities that exist; None does not bind."""

    size_min: int | None = None
    size_max: int | None = None
    share_min: str | None = None
    share_max: str | None = None
    change_max: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A named set of entities and what is done about it."""

    name: str
    entity: str
    definition: Definition
    label: str
    description: str
    owner: str
    goal: str
    action: str
    purpose: str
    refresh: str
    status: str
    bounds: Bounds
    text: str  # the spec's own text
    span: Span

    @property
    def tiers(self) -> tuple[str, ...]:
        return self.definition.names if isinstance(self.definition, Tiers | Split) else ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """All specs of a project, resolved; each mapping by name, traits by entity and name (`segment.trait` where local)."""

    project: Project
    entities: Mapping[str, Entity]
    streams: Mapping[str, Stream]
    traits: Mapping[tuple[str, str], Trait]
    segments: Mapping[str, Segment]
