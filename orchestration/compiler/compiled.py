"""What the compiler hands on: frozen values that publishing, tests and the commands read.

Queries are sqlglot trees in the target's dialect whose outside relations are named by `Relation.logical` names, so that one
tree serves dbt (`ref`, `source`) and a direct run (tables of the same name); `render` turns them into either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from sqlglot import exp

from orchestration.catalog.types import Type
from orchestration.language.expression import Edge
from orchestration.language.model import Relation

RUN_SCHEMA = "segments_run"
BUILD_SCHEMA = "segments_build"
HISTORY_SCHEMA = "segments_history"
SERVING_SCHEMA = "segments"
ENTERED_AT_SUFFIX = "__entered_at"


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a compiled table. `hidden` ones serve other models only and are never published."""

    name: str
    type: Type
    description: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A table that dbt builds in `segments_build`, in the order given by `Compiled.models`."""

    name: str
    query: exp.Query
    columns: tuple[OutputColumn, ...]
    description: str
    reads: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class CompiledEntity:
    """An entity's published tables: `<name>_traits` and `<name>_segments`, both with the key column first."""

    name: str
    key: str
    key_type: Type
    display: str | None
    traits: tuple[OutputColumn, ...]
    segments: tuple[str, ...]
    model: Relation

    @property
    def traits_table(self) -> str:
        return f"{self.name}_traits"

    @property
    def segments_table(self) -> str:
        return f"{self.name}_segments"

    @property
    def state_table(self) -> str:
        return f"{self.name}_state"


@dataclass(frozen=True, slots=True)
class CompiledSegment:
    """A segment as it is published.

    In `<entity>_segments` a plain segment is the column `<name>`: entered_at or null. A tiered one (`tiers` not empty, in
    order, `otherwise` last) is `<name>`: the tier or null, and `<name>__entered_at`.
    """

    name: str
    entity: str
    tiers: tuple[str, ...]
    label: str
    description: str
    owner: str
    goal: str
    action: str
    purpose: str
    basis: tuple[str, ...]
    refresh: str
    status: str
    definition: str  # the spec's own text
    in_words: str
    definition_hash: str  # changes when the meaning may have changed, with what it reads
    sql: str  # readable, one query
    reads_columns: tuple[str, ...]  # "dim_users.country", sorted
    reads_traits: tuple[str, ...]
    reads_segments: tuple[str, ...]
    dependents: tuple[str, ...]

    @property
    def entered_at_column(self) -> str:
        return self.name + ENTERED_AT_SUFFIX if self.tiers else self.name


@dataclass(frozen=True, slots=True)
class CheckLimit:
    """What a check's value must be for one subject; a bound that is None does not bind."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    severity: Literal["error", "warn"] = "error"


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """One query that measures one check for many subjects at once.

    Rows are `(subject text, value number or null, detail text or null)`; subjects without a row have the value 0. `limits`
    names every subject (a segment, `segment.tier`, an entity or a stream) and what its value must be.
    """

    check: str  # in words: `key-unique`, `members-exist`, `size`, `share`, `rows-without-key`, `failed-casts` …
    description: str
    subject_kind: Literal["segment", "entity", "stream", "source"]
    query: exp.Query
    limits: Mapping[str, CheckLimit]


@dataclass(frozen=True, slots=True)
class Compiled:
    """Everything a run needs. `hash` names the compiled models; the instant relation carries it."""

    project: str
    dialect: str
    timezone: str
    week_starts_on: str
    grid: str  # day | hour
    hash: str
    edges: tuple[Edge, ...]  # columns of `segments_run.instant`, AS_OF first
    models: tuple[Model, ...]
    entities: tuple[CompiledEntity, ...]
    segments: tuple[CompiledSegment, ...]  # those that are built: active and deprecated
    checks: tuple[CheckQuery, ...]
    files: Mapping[str, str] = field(repr=False)  # path below dbt_project/models/segments → text

    def entity(self, name: str) -> CompiledEntity:
        return next(e for e in self.entities if e.name == name)

    def segment(self, name: str) -> CompiledSegment:
        return next(s for s in self.segments if s.name == name)
