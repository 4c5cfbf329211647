"""The rows of a test's tables: what it gives, its instant, and who was a member before.

In: a test and the shapes of the tables its segment reads. Out: rows of texts that every engine casts to the columns' types.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.compiler.compiled import ENTERED_AT_SUFFIX
from orchestration.compiler.instant import edge_instant, first_date, on_grid
from orchestration.compiler.query import CADENCE, INSTANT
from orchestration.language.declarations.fixture_values import FixtureValue
from orchestration.language.declarations.tests import Key, Recorded, SpecTest
from orchestration.language.model import Resolved
from orchestration.testing.tables import SegmentTables, Shape, declared_of

COMPILED_HASH = "test"
MOMENT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a member was at the latest recorded instant before as_of, and since when."""

    tier: str | None
    entered_at: dt.datetime


def rows_of(shape: Shape, test: SpecTest, tables: SegmentTables, resolved: Resolved) -> list[list[FixtureValue]]:
    """The rows of one of the tables, in the order of its columns."""
    if shape.relation == INSTANT:
        return [_instant(tables, test.as_of)]
    if shape.relation.kind == "run":
        stays = stays_before(test, resolved) if shape.relation.name == f"{tables.segment.entity}_state" else {}
        return [_state(shape, tables, key, stay) for key, stay in stays.items()]
    given = (test.given.get(declared.name, ()) for declared in declared_of(resolved, shape.relation))
    return [[row.get(name) for name, _ in shape.columns] for rows in given for row in rows]


def _instant(tables: SegmentTables, as_of: dt.datetime) -> list[FixtureValue]:
    zone, week_starts_on = tables.target.zone, tables.target.week_starts_on
    instants = [edge_instant(edge, as_of, zone, week_starts_on) for edge in tables.edges]
    values: list[FixtureValue] = [CADENCE, COMPILED_HASH]
    for instant in instants:
        values += [instant.isoformat(sep=" "), first_date(instant, zone).isoformat()]
    return values


def _state(shape: Shape, tables: SegmentTables, key: Key, stay: Stay) -> list[FixtureValue]:
    name = tables.segment.name
    entered_at = stay.entered_at.isoformat(sep=" ")
    filled = {shape.columns[0][0]: str(key), name: entered_at}
    if tables.segment.tiers:
        filled |= {name: stay.tier or "", name + ENTERED_AT_SUFFIX: entered_at}
    return [filled.get(column) for column, _ in shape.columns]


def stays_before(test: SpecTest, resolved: Resolved) -> dict[Key, Stay]:
    """The members at the latest recorded instant before as_of, each with the beginning of the unbroken stay there."""
    stays: dict[Key, Stay] = {}
    for at, record in _dated(test.previously, grid_instant_before(test.as_of, resolved)):
        now: dict[Key, Stay] = {}
        for key, tier in record.members.items():
            before = stays.get(key)
            now[key] = before if before is not None and before.tier == tier else Stay(tier, at)
        stays = now
    return stays


def _dated(records: Iterable[Recorded], before: dt.datetime) -> list[tuple[dt.datetime, Recorded]]:
    return [(record.as_of or before, record) for record in records]


def grid_instant_before(as_of: dt.datetime, resolved: Resolved) -> dt.datetime:
    """The latest instant of the project's grid that is before as_of; UTC."""
    return on_grid(as_of - MOMENT, resolved.project.timezone, resolved.project.grid)[0]
