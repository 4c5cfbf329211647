"""A project compiled once and run on an engine: every table of the whole plan, and each segment's readable query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from orchestration.catalog.relations import Catalog
from orchestration.catalog.types import TEXT, Type
from orchestration.compiler.compiled import Model
from orchestration.compiler.instant import edge_instant, first_date
from orchestration.compiler.plan import Plan, plan
from orchestration.compiler.query import INSTANT, Target, column
from orchestration.compiler.readable import models_of, readable_query
from orchestration.compiler.render import direct
from orchestration.compiler.resolve import resolve
from orchestration.diagnostics import Report
from orchestration.language.declarations.document import read_document
from orchestration.language.declarations.fixture_values import FixtureValue, read_text
from orchestration.language.expression import AS_OF, Edge
from orchestration.language.model import Relation, Resolved, Segment
from orchestration.language.zone import Zone
from orchestration.testing.tables import Shape, instant_columns, state_columns
from orchestration.testing.temporary import build, fill, session
from orchestration.warehouse import Connection
from tests.random_specs.rows import Row
from tests.random_specs.yaml_writer import Yaml
from tests.reference import Scalar

FILE = "spec.yml"


@dataclass(frozen=True, slots=True)
class Checked:
    """A project that the compiler accepts."""

    resolved: Resolved
    plan: Plan


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine says: members with their tiers (empty in a plain segment) by segment, values of traits by entity and key.

    `read` are the members by the query that a person reads.
    """

    members: Mapping[str, Mapping[str, str]]
    traits: Mapping[str, Mapping[str, Mapping[str, object]]]
    read: Mapping[str, Mapping[str, str]]


def checked(text: str, report: Report) -> Checked | None:
    """The project of a spec file's text; None where the report has errors."""
    resolved = resolve(read_document({FILE: text}, report), Catalog(), report)
    found = plan(resolved, report, drafts=True) if resolved is not None else None
    return None if resolved is None or found is None or report.has_errors else Checked(resolved, found)


@dataclass(slots=True)
class Run:
    """A project on a connection, with its rows and its instant."""

    project: Checked
    given: Mapping[str, Sequence[Row]]
    as_of: dt.datetime
    connection: Connection

    @property
    def target(self) -> Target:
        about = self.project.resolved.project
        return Target(self.connection.dialect, Zone.named(about.timezone), about.week_starts_on)

    def found(self, *, readable: bool) -> Found:
        """Builds everything and reads it; with `readable` each segment's own query too."""
        built = models_of(self.project.plan, self.target)
        models = [model for model, _ in built]
        edges = tuple(dict.fromkeys([AS_OF, *(edge for _, query in built for edge in query.edges)]))
        names = {f"build:{model.name}": f"random_{model.name}" for model in models}
        with session(self.connection):
            for number, relation in enumerate(dict.fromkeys(r for m in models for r in m.reads if r.kind != "build")):
                names[relation.logical] = f"random_input_{number}"
                shape, rows = self._table(relation, edges)
                fill(self.connection, names[relation.logical], shape, rows)
            for model in models:
                build(self.connection, names[f"build:{model.name}"], self._sql(model.query, names))
            segments = self.project.resolved.segments.values()
            members = {name: found for e in self.project.plan.entities for name, found in self._members(e, names)}
            traits = {
                model.name.removesuffix("_traits"): self._traits(model, names) for model in models if _is_traits(model)
            }
            inputs = {logical: name for logical, name in names.items() if not logical.startswith("build:")}
            read = {s.name: self._read(s, inputs) for s in segments} if readable else {}
        return Found(members, traits, read)

    def _sql(self, query: exp.Expr, names: Mapping[str, str]) -> str:
        def table(logical: str) -> exp.Table:
            name = names.get(logical, logical.removeprefix("build:"))
            return exp.Table(this=exp.to_identifier(name, quoted=True))

        return direct(query, self.connection.dialect, table)

    def _table(self, relation: Relation, edges: tuple[Edge, ...]) -> tuple[Shape, list[list[FixtureValue]]]:
        """An outside table that the models read: its columns and its rows."""
        if relation == INSTANT:
            return Shape(relation, instant_columns(edges)), [self._instant(edges)]
        if relation.kind == "run":
            entity = self.project.resolved.entities[relation.name.removesuffix("_state")]
            return Shape(relation, state_columns(self.project.plan, entity)), []
        resolved = self.project.resolved
        declared = resolved.entities.get(relation.name) or resolved.streams[relation.name]
        columns = tuple((c.name, c.type) for c in declared.columns.values() if c.type is not None)
        rows = [[_cell(row.get(name), kind) for name, kind in columns] for row in self.given.get(relation.name, ())]
        return Shape(relation, columns), rows

    def _instant(self, edges: tuple[Edge, ...]) -> list[FixtureValue]:
        target = self.target
        values: list[FixtureValue] = ["daily", "random"]
        for edge in edges:
            instant = edge_instant(edge, self.as_of, target.zone, target.week_starts_on)
            values += [instant.isoformat(sep=" "), first_date(instant, target.zone).isoformat()]
        return values

    def _members(self, entity: str, names: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        """The members of an entity's segments, by the published table."""
        segments = [place.segment for place in self.project.plan.entities[entity].segments]
        if not segments:
            return
        key = self.project.resolved.entities[entity].key
        table = exp.to_identifier(names[f"build:{entity}_segments"], quoted=True)
        columns = [column("m", c) for c in (key, *(s.name for s in segments))]
        query = exp.select(*columns).from_(exp.alias_(exp.Table(this=table), "m", table=True))
        rows = self.connection.rows(query.sql(dialect=self.connection.dialect))
        assert len({row[0] for row in rows}) == len(rows), f"a key twice in the segments of {entity}"
        for place, segment in enumerate(segments, 1):
            there = [row for row in rows if row[place] is not None]
            yield segment.name, {str(row[0]): str(row[place]) if segment.tiers else "" for row in there}

    def _traits(self, model: Model, names: Mapping[str, str]) -> dict[str, dict[str, object]]:
        """The values of an entity's traits, by key."""
        columns = [c.name for c in model.columns if not c.hidden]
        table = exp.to_identifier(names[f"build:{model.name}"], quoted=True)
        query = exp.select(*(column("t", c) for c in columns)).from_(exp.alias_(exp.Table(this=table), "t", table=True))
        rows = self.connection.rows(query.sql(dialect=self.connection.dialect))
        assert len({row[0] for row in rows}) == len(rows), f"a key twice in {model.name}"
        return {str(row[0]): dict(zip(columns[1:], row[1:], strict=True)) for row in rows}

    def _read(self, segment: Segment, names: Mapping[str, str]) -> dict[str, str]:
        """A segment's members by its readable query."""
        rows = self.connection.rows(self._sql(readable_query(self.project.resolved, segment, self.target), names))
        assert len({row[0] for row in rows}) == len(rows), f"a key twice in the query of {segment.name}"
        return {str(row[0]): str(row[1]) if segment.tiers else "" for row in rows}


def _is_traits(model: Model) -> bool:
    return model.name.endswith("_traits")


def _cell(value: Yaml, kind: Type) -> FixtureValue:
    """A row's value in the form that engines cast."""
    if value is None:
        return None
    if isinstance(value, list):
        of = getattr(kind, "of", TEXT)
        return tuple(None if item is None else read_text(_text(item), of) for item in value)
    found = read_text(_text(value), kind)
    assert found is not None, (value, kind)
    return found


def _text(value: Yaml) -> str:
    assert isinstance(value, str | bool | Scalar), value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
