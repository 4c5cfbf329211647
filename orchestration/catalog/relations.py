"""What is known of the tables below the specs: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from orchestration.catalog.types import Type
from orchestration.diagnostics import Span

BASES = (
    "demographic",
    "geographic",
    "firmographic",
    "technographic",
    "behavioural",
    "psychographic",
    "value",
    "needs",
    "lifecycle",
    "occasion",
    "cultural",
    "customer",
)
SENSITIVITIES = ("none", "personal", "special")

Period: TypeAlias = Literal["minute", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a model or a source.

    `data_type` is the warehouse's type as it was declared ("" where nothing declares it) and `type` what the language makes
    of it: None where it is not declared or not supported. `accepted_values` are texts as dbt's test compares them, None
    where no test bounds the whole column. `not_null` holds where a test of severity error or a constraint demands it.
    """

    name: str
    type: Type | None = None
    data_type: str = ""
    description: str = ""
    basis: str | None = None
    sensitivity: str | None = None
    accepted_values: tuple[str, ...] | None = None
    not_null: bool = False
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """How old data may be: `count` periods."""

    count: int
    period: Period


@dataclass(frozen=True, slots=True)
class Freshness:
    """What dbt's YAML demands of a source's age; `filter` is SQL that says which rows count."""

    loaded_at_field: str | None
    warn_after: Age | None
    error_after: Age | None
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogRelation:
    """A dbt model (a seed and a snapshot are models to those that read them) or a table of a dbt source.

    `span` is where dbt's YAML or the lock names it. `freshness` belongs to sources alone.
    """

    name: str
    kind: Literal["model", "source"]
    source: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    description: str = ""
    freshness: Freshness | None = None
    span: Span | None = None

    @property
    def key(self) -> str:
        """The name in `Catalog.relations`: `dim_users`, or `crm.accounts` for a source's table."""
        return source_key(self.source, self.name) if self.kind == "source" else self.name


@dataclass(frozen=True, slots=True)
class Catalog:
    """All relations that dbt's YAML or the lock describes, by key, in order of the key."""

    relations: Mapping[str, CatalogRelation] = field(default_factory=dict)


def source_key(source: str, table: str) -> str:
    """The key of `source('crm', 'accounts')` in `Catalog.relations`."""
    return f"{source}.{table}"
