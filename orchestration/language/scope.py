"""What the names in a predicate or condition can mean at the place where it stands.

The resolver implements `Scope`; conditions, windows and predicates ask it and know nothing else of the project.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from orchestration.catalog.relations import Column
from orchestration.diagnostics import Report, Span
from orchestration.language.expression import Expression
from orchestration.language.model import Condition, Entity, Project, Stream
from orchestration.language.zone import Zone
from orchestration.spec.nodes import Node, Scalar


class Problem(Exception):
    """What a name or a value cannot be, raised below a predicate and placed by it."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


class Broken(Problem):
    """What a name stands for is broken, which the report says already."""

    def __init__(self) -> None:
        super().__init__("broken", "")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name means: its expression, and the column it is where it is one (for accepted values)."""

    expression: Expression
    column: Column | None = None


class Names(Protocol):
    """Names of one row: an entity's with its traits and parents, or a stream's columns."""

    @property
    def report(self) -> Report: ...

    @property
    def zone(self) -> Zone: ...

    def named(self, parts: tuple[str, ...]) -> Named:
        """What a name means; raises `Problem`."""


class Scope(Names, Protocol):
    """Where a condition stands: the entity at hand, and the project around it."""

    @property
    def project(self) -> Project: ...

    @property
    def entity(self) -> Entity: ...

    def condition(self, node: Node) -> Condition | None:
        """A condition of any form on the entity at hand; None where the report says why."""

    def predicate(self, node: Node) -> Condition | None:
        """A predicate on the entity at hand."""

    def stream(self, name: str) -> tuple[Stream, tuple[str, ...]]:
        """A stream and the events meant by `usage` or `usage.report_exported`; raises `Problem`."""

    def row(self, stream: Stream) -> Names:
        """The names of a stream's row."""

    def is_entity(self, name: str) -> bool:
        """Whether an entity (and no stream) has the name."""

    def child(self, name: str) -> Scope:
        """The scope of an entity that belongs to the one at hand; raises `Problem`."""

    def path(self, parents: Iterable[tuple[str, str]], what: str, via: str | None) -> tuple[str, ...]:
        """The one way up from a row with these parents to the entity at hand; raises `Problem`."""

    def path_to(self, entity: str, what: str) -> tuple[str, ...]:
        """The one way up from the entity at hand to another; raises `Problem`."""

    def segment(self, name: str) -> tuple[SegmentHead, str | None]:
        """The segment and the tier meant by `arr_tier` or `arr_tier.enterprise`; raises `Problem`."""


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """What others may know of a segment before its conditions are resolved."""

    name: str
    entity: str
    tiers: tuple[str, ...]
    status: str
    span: Span


def text_of(node: Node) -> Scalar | None:
    """The node if it is a text."""
    return node if isinstance(node, Scalar) and not node.is_null else None
