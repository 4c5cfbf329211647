"""Traits: one value per entity that exists."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from tests.reference import predicate_syntax as syntax
from tests.reference.aggregates import Timed, aggregate_type, percentile
from tests.reference.numerics import PLACES, exact, rounded
from tests.reference.predicate_types import type_of
from tests.reference.predicate_values import value_of
from tests.reference.project import Trait, scalar_list
from tests.reference.rows import aggregate_of, aggregated, matching, read_aggregate
from tests.reference.values import INTEGER, Type, Value, decimal_type, order, read_decimal
from tests.reference.windows import read_window
from tests.reference.world import RowScope, World
from tests.reference.yaml_text import Node, SpecError, items, mapping, optional_text, text

POPULATION_RULES = ("quantile", "rank", "percentile", "bands")


def trait_column(world: World, trait: Trait) -> Mapping[str, Value]:
    """The trait of every entity that exists. A decimal of more than nine places is rounded as it becomes a trait."""
    column = _column(world, trait)
    return {key: rounded(v) if isinstance(v, Fraction) else v for key, v in column.items()}


def _column(world: World, trait: Trait) -> Mapping[str, Value]:
    keys = list(world.population(trait.entity))
    if "expression" in trait.body:
        return _expression(world, trait.entity, trait.body["expression"])
    for rule in POPULATION_RULES:
        if rule in trait.body:
            return _of_population(world, trait, rule)
    source = text(trait.body.get("from"), "from")
    if source in world.spec.entities:
        return _over_children(world, trait, source)
    return {key: _over_rows(world, trait, source, key) for key in keys}


def _expression(world: World, entity: str, node: Node) -> dict[str, Value]:
    tree = syntax.parse(text(node, "an expression"))
    return {key: value_of(tree, world.scope(entity, key)) for key in world.population(entity)}


def _over_rows(world: World, trait: Trait, source: str, key: str) -> Value:
    window = read_window(trait.body.get("within"), world.scope(trait.entity, key))
    if window is None:
        return None
    rows = [h for h in matching(world, trait.entity, key, source, trait.body) if window.holds(h.time)]
    return aggregated(world, read_aggregate(trait.body.get("aggregate")), source, rows)


def _over_children(world: World, trait: Trait, child: str) -> Mapping[str, Value]:
    """Over the children that exist and for which `where` is true."""
    asked = read_aggregate(trait.body.get("aggregate"))
    where = trait.body.get("where")
    children = world.children(child, trait.entity, scalar_list(trait.body.get("via"), "via"))
    column: dict[str, Value] = {}
    for key in world.population(trait.entity):
        counted = [
            c for c in children.get(key, ()) if where is None or world.rules.truth(world, child, c, where) is True
        ]
        if asked.argument is None:
            if asked.name != "count":
                raise SpecError(f"`{asked.name}` over children takes an argument")
            column[key] = len(counted)
        else:
            found = [Timed(value_of(asked.argument, world.scope(child, c))) for c in counted]
            column[key] = aggregate_of(world, asked.name, found)
    return column


def _of_population(world: World, trait: Trait, rule: str) -> Mapping[str, Value]:
    body = mapping(trait.body[rule], rule)
    values = _expression(world, trait.entity, body["of"])
    if rule == "bands":
        edges = [read_decimal(text(edge, "an edge")) for edge in items(body["at"])]
        return {k: None if v is None else 1 + sum(order(v, edge) >= 0 for edge in edges) for k, v in values.items()}
    groups = [_expression(world, trait.entity, per) for per in items(body.get("per"))]
    column: dict[str, Value] = {}
    for key, value in values.items():
        group = tuple(g[key] for g in groups)
        peers = [v for k, v in values.items() if v is not None and tuple(g[k] for g in groups) == group]
        column[key] = _among(rule, body, value, peers)
    return column


def _among(rule: str, body: Mapping[str, Node], value: Value, peers: Sequence[Value]) -> Value:
    """The rank, quantile or percentile of a value among those of its group that are not null."""
    if rule == "percentile":
        at = read_decimal(text(body["at"], "at"))
        numbers = [exact(p) for p in peers if isinstance(p, int | Fraction | float)]
        return percentile([n for n in numbers if n is not None], at if at is not None else Fraction(0))
    if value is None:
        return None
    sign = -1 if optional_text(body, "order") == "desc" else 1
    before = sum(order(peer, value) * sign < 0 for peer in peers)
    if rule == "rank":
        return 1 + before
    return 1 + math.floor(Fraction(int(text(body["buckets"], "buckets")) * before, len(peers)))


def trait_type(world: World, trait: Trait) -> Type:
    """The type of a trait; a decimal has nine places at most."""
    body = trait.body
    names = RowScope(world, trait.entity, {}, None)
    if "expression" in body:
        return _limited(type_of(syntax.parse(text(body["expression"], "expression")), names))
    if "percentile" in body:
        return decimal_type(PLACES)
    if any(rule in body for rule in POPULATION_RULES):
        return INTEGER
    asked = read_aggregate(body.get("aggregate"))
    if asked.argument is None:
        return INTEGER
    source = text(body.get("from"), "from").partition(".")[0]
    return _limited(aggregate_type(asked.name, type_of(asked.argument, RowScope(world, source, {}, None))))


def _limited(kind: Type) -> Type:
    return decimal_type(min(kind.places, PLACES)) if kind.kind == "decimal" else kind
