"""The evaluator's front: decodes specs and fixtures, builds the world at an instant, and reads results off it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tests.reference.conditions import truth
from tests.reference.grid import instant_before
from tests.reference.project import Columns, Relation, Spec, decode
from tests.reference.segments import entered_at as began
from tests.reference.segments import is_tiered, model_of, timeline
from tests.reference.traits import trait_column, trait_type
from tests.reference.values import Truth, Type, Value, read_value
from tests.reference.world import Members, Record, Row, Rules, World
from tests.reference.yaml_text import Node, Scalar, SpecError, as_node, items, load, mapping, text

Given: TypeAlias = "str | Mapping[str, object] | None"
Result: TypeAlias = "set[str] | dict[str, set[str]]"
Instant: TypeAlias = "str | dt.date"  # a datetime is a date

RULES = Rules(trait_column, trait_type, truth, timeline)


def evaluate(
    spec: object,
    given: Given,
    as_of: Instant,
    *,
    previously: Mapping[str, object] | None = None,
    columns: Columns | None = None,
) -> dict[str, Result]:
    """The members of every segment: keys, or keys per tier (every declared tier is there, if only empty)."""
    world = build(spec, given, as_of, previously=previously, columns=columns)
    return {name: result(world, name) for name in world.spec.segments}


def result(world: World, name: str) -> Result:
    """A segment's members as `evaluate` gives them."""
    members, segment = world.members(name), world.spec.segments[name]
    if not is_tiered(world.spec, segment):
        return set(members)
    tiers: dict[str, set[str]] = {tier: set() for tier in segment.tiers}
    for key, tier in members.items():
        tiers.setdefault(tier, set()).add(key)
    return tiers


def entered_at(
    spec: object,
    given: Given,
    as_of: Instant,
    *,
    previously: Mapping[str, object] | None = None,
    columns: Columns | None = None,
) -> dict[str, dict[str, dt.datetime]]:
    """For every segment, since when (UTC) each member is one; in a tiered segment, of the present tier."""
    world = build(spec, given, as_of, previously=previously, columns=columns)
    return {name: began(world.timeline(name)) for name in world.spec.segments}


def traits(
    spec: object,
    given: Given,
    as_of: Instant,
    *,
    previously: Mapping[str, object] | None = None,
    columns: Columns | None = None,
) -> dict[str, dict[str, dict[str, Value]]]:
    """The value of every trait: by entity, key and trait. Decimals are Fractions, times naive UTC, lists tuples."""
    world = build(spec, given, as_of, previously=previously, columns=columns)
    return {
        entity: {
            key: {name: world.trait(entity, name, key) for of, name in world.spec.traits if of == entity}
            for key in world.population(entity)
        }
        for entity in world.spec.entities
    }


def truths(
    spec: object,
    given: Given,
    as_of: Instant,
    segment: str,
    *,
    previously: Mapping[str, object] | None = None,
    columns: Columns | None = None,
) -> dict[str, Truth]:
    """The truth of a plain segment's `where` for every entity that exists."""
    world = build(spec, given, as_of, previously=previously, columns=columns)
    about = world.spec.segments[segment]
    inside = world.within(about)
    return {key: truth(inside, about.entity, key, about.body["where"]) for key in inside.population(about.entity)}


def build(
    spec: object,
    given: Given,
    as_of: Instant,
    *,
    previously: Mapping[str, object] | None = None,
    columns: Columns | None = None,
) -> World:
    """The world at an instant."""
    decoded = decode(_documents(spec), columns or {})
    return _world(decoded, given, _instant(decoded, as_of), previously)


def _world(spec: Spec, given: Given, as_of: dt.datetime, previously: Mapping[str, object] | None) -> World:
    tables = _tables(spec, mapping(load(given) if isinstance(given, str) else as_node(given or {}), "given"))
    empty = World(spec, tables, as_of, {}, RULES)
    recorded = {name: _records(empty, name, as_node(records)) for name, records in (previously or {}).items()}
    return World(spec, tables, as_of, recorded, RULES)


def _documents(spec: object) -> list[Node]:
    if isinstance(spec, str):
        return [load(spec)]
    if isinstance(spec, Mapping):
        return [as_node(spec)]
    if isinstance(spec, Sequence):
        return [document for part in spec for document in _documents(part)]
    raise SpecError("a spec is YAML text, a mapping, or a list of these")


def _instant(spec: Spec, as_of: Instant) -> dt.datetime:
    if isinstance(as_of, str):
        return spec.calendar.read(as_of)
    if isinstance(as_of, dt.datetime):
        return as_of.astimezone(dt.UTC).replace(tzinfo=None) if as_of.tzinfo else as_of
    return spec.calendar.midnight(as_of)


def _tables(spec: Spec, given: Mapping[str, Node]) -> dict[str, list[Row]]:
    """The fixture's rows with typed values; columns that a row leaves out are null."""
    tables: dict[str, list[Row]] = {}
    used: set[str] = set()
    relations: list[Relation] = [*spec.entities.values(), *spec.streams.values()]
    for relation in relations:
        name = relation.name if relation.name in given else relation.model
        tables[relation.name] = _rows(given.get(name), relation.columns)
        used.add(name)
    for segment in spec.segments.values():
        model = model_of(segment)
        if model is not None:
            name = segment.name if segment.name in given else model
            tables[f"model {model}"] = _rows(given.get(name), spec.models.get(model, {}))
            used.add(name)
    if unknown := set(given) - used:
        raise SpecError(f"given, but neither an entity nor a stream: {', '.join(sorted(unknown))}")
    return tables


def _rows(given: Node | None, columns: Mapping[str, Type]) -> list[Row]:
    rows: list[Row] = []
    for entry in items(given):
        written = dict(mapping(entry, "a row"))
        repeat = int(text(written.pop("$repeat", Scalar("1")), "$repeat"))
        if unknown := set(written) - set(columns):
            raise SpecError(f"no such column: {', '.join(sorted(unknown))}")
        row = {c: read_value(written[c], kind) if c in written else None for c, kind in columns.items()}
        rows += [row] * repeat
    return rows


def _records(world: World, name: str, given: Node) -> list[Record]:
    """A segment's recorded members, oldest first."""
    listed = items(given) if isinstance(given, list) else [given]
    if any(isinstance(entry, dict) and "as_of" in entry for entry in listed):
        dated = [mapping(entry, "a record") for entry in listed]
        return sorted(
            ((world.calendar.read(text(e["as_of"], "as_of")), _recorded(e["members"])) for e in dated),
            key=lambda record: record[0],
        )
    segment = world.spec.segments.get(name)
    refresh = segment.body.get("refresh") if segment is not None else None
    return [(instant_before(world, refresh, world.as_of), _recorded(given))]


def _recorded(members: Node) -> Members:
    if isinstance(members, dict):
        return {text(key, "a member"): tier for tier, keys in members.items() for key in items(keys)}
    return {text(key, "a member"): "" for key in items(members)}


def check_tests(spec: object, *, columns: Columns | None = None) -> list[str]:
    """Runs the `tests:` of specs; a line for each expectation that is not met."""
    decoded = decode(_documents(spec), columns or {})
    return [line for test in decoded.tests for line in _check_test(decoded, test)]


def _check_test(spec: Spec, test: Mapping[str, Node]) -> list[str]:
    segment = text(test.get("segment"), "segment")
    previously = {segment: test["previously"]} if "previously" in test else None
    given = mapping(test.get("given", {}), "given")
    world = _world(spec, given, spec.calendar.read(text(test.get("as_of"), "as_of")), previously)
    found, lines = result(world, segment), []
    everyone = found if isinstance(found, set) else {key for keys in found.values() for key in keys}
    for kind, keys in mapping(test.get("expect", {}), "expect").items():
        if kind == "entered_at":
            lines += _check_stays(world, segment, mapping(keys, kind))
            continue
        expected = {text(key, "a key") for key in items(keys)}
        came = everyone if kind in ("members", "not_members") else found[kind] if isinstance(found, dict) else set()
        wrong = expected & came if kind == "not_members" else expected ^ came
        if wrong:
            name = text(test.get("name", Scalar(segment)), "name")
            lines.append(f"{name}: {kind} expected {sorted(expected)}, came {sorted(came)}")
    return lines


def _check_stays(world: World, segment: str, expected: Mapping[str, Node]) -> list[str]:
    found = began(world.timeline(segment))
    lines = []
    for key, instant in expected.items():
        wanted = world.calendar.read(text(instant, "entered_at"))
        if found.get(key) != wanted:
            lines.append(f"{key}: entered_at expected {wanted}, came {found.get(key)}")
    return lines
