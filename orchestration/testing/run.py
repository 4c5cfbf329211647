"""Runs tests of specs on a connection: an in-memory DuckDB, or Postgres in tables of the session's own.

In: the resolved project, its tests, an open connection. Out: an `Outcome` for each test. Every table of a test is a temporary
one: nothing that is there is read, and nothing stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlglot import exp

from orchestration.catalog.types import INTEGER
from orchestration.compiler.compiled import ENTERED_AT_SUFFIX, Model
from orchestration.compiler.query import column
from orchestration.compiler.render import direct
from orchestration.language.declarations.tests import Key, SpecTest
from orchestration.language.model import Resolved
from orchestration.testing.fixtures import rows_of
from orchestration.testing.outcome import Membership, Outcome, judge
from orchestration.testing.tables import SegmentTables, Shape, tables_of
from orchestration.testing.temporary import build, fill, session
from orchestration.warehouse import Connection


def run_tests(
    resolved: Resolved, tests: Iterable[SpecTest], connection: Connection, *, whole: bool = False
) -> tuple[Outcome, ...]:
    """The outcomes of tests, in their order.

    A test builds the tables that its segment needs; with `whole` those of the whole project, as a run does. A statement that
    the engine refuses is a fault of the compiler, and raises.
    """
    prepared: dict[str, Prepared] = {}
    outcomes = []
    for test in tests:
        if test.segment not in prepared:
            segment = resolved.segments[test.segment]
            prepared[test.segment] = prepare(tables_of(resolved, segment, connection.dialect, whole=whole))
        outcomes.append(judge(test, members(resolved, prepared[test.segment], test, connection)))
    return tuple(outcomes)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A segment's tables as statements: inputs to fill, tables to build, each under a name, and the query for the members."""

    tables: SegmentTables
    inputs: tuple[tuple[str, Shape], ...]
    built: tuple[tuple[str, str], ...]
    query: str


def prepare(tables: SegmentTables) -> Prepared:
    """The statements of a segment; each table gets a name that no warehouse has."""
    dialect = tables.target.dialect
    logical = [
        *(shape.relation.logical for shape in tables.inputs),
        *(f"build:{model.name}" for model in tables.models),
    ]
    names = {name: f"segments_test_{number}" for number, name in enumerate(logical)}

    def table(name: str) -> exp.Table:
        return exp.Table(this=exp.to_identifier(names[name], quoted=True))

    *before, last = tables.models
    inputs = tuple((names[shape.relation.logical], shape) for shape in tables.inputs)
    built = tuple((names[f"build:{model.name}"], direct(model.query, dialect, table)) for model in before)
    return Prepared(tables, inputs, built, direct(_members_of(tables, last), dialect, table))


def _members_of(tables: SegmentTables, last: Model) -> exp.Select:
    """Key, tier and entered_at of the segment's members, over the query of the segments table."""
    name, tiers = tables.segment.name, tables.segment.tiers
    entered_at = column("m", name + ENTERED_AT_SUFFIX if tiers else name)
    tier: exp.Expression = column("m", name) if tiers else exp.cast(exp.null(), "text")
    query = exp.select(column("m", last.columns[0].name), tier, entered_at).from_(last.query.copy().subquery("m"))
    return query.where(column("m", name).is_(exp.null()).not_())


def members(resolved: Resolved, prepared: Prepared, test: SpecTest, connection: Connection) -> dict[Key, Membership]:
    """The members of a test's segment at its instant."""
    with session(connection):
        for name, shape in prepared.inputs:
            fill(connection, name, shape, rows_of(shape, test, prepared.tables, resolved))
        for name, query in prepared.built:
            build(connection, name, query)
        rows = connection.rows(prepared.query)
    whole_number = resolved.entities[prepared.tables.segment.entity].key_type is INTEGER
    found: dict[Key, Membership] = {}
    for key, tier, entered_at in rows:
        read = cast(int, key) if whole_number else cast(str, key)
        assert read not in found, f"{read!r} is a member twice"
        found[read] = Membership(read, cast("str | None", tier), cast(dt.datetime, entered_at))
    return found
