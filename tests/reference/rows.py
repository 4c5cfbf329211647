"""The rows of a stream that a trait, a condition or a step looks at, and sums over them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.reference import predicate_syntax as syntax
from tests.reference.aggregates import Timed, aggregate
from tests.reference.predicate_values import truth_of, value_of
from tests.reference.project import scalar_list
from tests.reference.values import Value
from tests.reference.world import Happening, RowScope, World
from tests.reference.yaml_text import Node, SpecError, text


def matching(world: World, entity: str, key: str, source: str, body: Mapping[str, Node]) -> list[Happening]:
    """An entity's rows of all time for which the body's `where` is true, by time."""
    conditions = [syntax.parse(c) for c in scalar_list(body.get("where"), "where")]
    stream, _ = world.source(source)
    found = []
    for happening in world.happenings(source, entity, key, scalar_list(body.get("via"), "via")):
        scope = RowScope(world, stream.name, happening.row, None)
        if all(truth_of(c, scope) is True for c in conditions):
            found.append(happening)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """`sum(amount)`: an aggregate and its argument; `count`: without one."""

    name: str
    argument: syntax.Tree | None


def read_aggregate(node: Node | None) -> Asked:
    written = text(node, "aggregate")
    found = re.fullmatch(r"\s*([a-z_]+)\s*(?:\((.*)\))?\s*", written, re.DOTALL)
    if found is None:
        raise SpecError(f"`{written}` is not an aggregate")
    argument = (found[2] or "").strip()
    return Asked(found[1], syntax.parse(argument) if argument else None)


def aggregated(world: World, asked: Asked, source: str, rows: Sequence[Happening]) -> Value:
    """An aggregate over rows of a stream."""
    if asked.argument is None:
        if asked.name == "days":
            return len({world.calendar.day(row.time) for row in rows})
        if asked.name == "count":
            return len(rows)
        raise SpecError(f"`{asked.name}` takes an argument")
    stream, _ = world.source(source)
    found = [Timed(value_of(asked.argument, RowScope(world, stream.name, row.row, None)), row.time) for row in rows]
    return aggregate_of(world, asked.name, found)


def aggregate_of(world: World, name: str, found: Sequence[Timed]) -> Value:
    """An aggregate of an argument's values; `days` counts calendar days of dates and timestamps."""
    if name == "days":
        return len({world.calendar.as_day(f.value) for f in found if isinstance(f.value, dt.date)})
    return aggregate(name, found)
