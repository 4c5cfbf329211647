"""A query under construction: its named parts, and what it turns out to read.

Lowering asks for columns; the query notes which tables, attributes and edges that needs, and `finish` puts the parts before
the final select in the order in which they read one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from orchestration.catalog.types import DATE, Type
from orchestration.compiler.lowering import Leaf, Lowering, lower, read_column
from orchestration.compiler.plan import Plan
from orchestration.language.expression import AS_OF, Edge, Expression, Field, InstantRef
from orchestration.language.model import Entity, Relation, Stream
from orchestration.language.zone import Zone

INSTANT = Relation("run", "instant")
CADENCE = "daily"


@dataclass(frozen=True, slots=True)
class Target:
    """What SQL is written for: the dialect, and the project's calendar."""

    dialect: str
    zone: Zone
    week_starts_on: str

    def lowering(self, leaf: Callable[[Leaf], exp.Expr]) -> Lowering:
        return Lowering(self.dialect, self.zone, leaf, self.week_starts_on)


def quoted(name: str) -> exp.Identifier:
    """An identifier, always quoted: names come from warehouses."""
    return exp.to_identifier(name, quoted=True)


def column(table: str, name: str) -> exp.Column:
    """`"table"."name"`."""
    return exp.Column(this=quoted(name), table=quoted(table))


def table(relation: Relation, alias: str) -> exp.Table:
    """An outside relation by its logical name."""
    found = exp.Table(this=quoted(relation.logical))
    found.set("alias", exp.TableAlias(this=quoted(alias)))
    return found


def part(name: str, alias: str | None = None) -> exp.Table:
    """A named part of the query."""
    found = exp.Table(this=quoted(name))
    if alias is not None and alias != name:
        found.set("alias", exp.TableAlias(this=quoted(alias)))
    return found


def named(expression: exp.Expr, name: str) -> exp.Alias:
    """`expression as "name"`."""
    return exp.Alias(this=expression, alias=quoted(name))


def both(*conditions: exp.Expr | None) -> exp.Expr | None:
    """All of the conditions that are there."""
    found = [c for c in conditions if c is not None]
    return exp.and_(*found, copy=False) if found else None


def reads_instant(*expressions: exp.Expr | None) -> bool:
    """Whether any of the expressions has a column of the instant relation."""
    return any(c.table == "instant" for e in expressions if e is not None for c in e.find_all(exp.Column))


@dataclass(slots=True)
class Query:
    """One query's parts. `edges` and `reads` fill while it is lowered."""

    plan: Plan
    target: Target
    edges: dict[Edge, None] = field(default_factory=dict)
    instants: dict[str, None] = field(default_factory=dict)
    reads: dict[Relation, None] = field(default_factory=dict)
    parts: dict[str, exp.Query] = field(default_factory=dict)
    populations: dict[str, dict[str, None]] = field(default_factory=dict)
    key_maps: dict[str, dict[str, None]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {"instant", "state"})
    part_names: dict[tuple[str, str], str] = field(default_factory=dict)

    def lower(self, expression: Expression, leaf: Callable[[Leaf], exp.Expr]) -> exp.Expr:
        """The expression over columns that `leaf` gives; instants come from the instant relation."""
        return lower(expression, self.lowering(leaf))

    def lowering(self, leaf: Callable[[Leaf], exp.Expr]) -> Lowering:
        """The surroundings of expressions over columns that `leaf` gives."""

        def any_leaf(found: Leaf) -> exp.Expr:
            return self.instant(found.edge, found.type) if isinstance(found, InstantRef) else leaf(found)

        return self.target.lowering(any_leaf)

    def name(self, wanted: str) -> str:
        """A name that no part has yet."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def add(self, wanted: str, query: exp.Query, comment: str) -> str:
        """A new part; its name."""
        name = self.name(wanted)
        query.add_comments([comment])
        self.parts[name] = query
        return name

    def instant(self, edge: Edge, kind: Type) -> exp.Column:
        """An edge's column of the instant relation, which every part that asks joins by `from_instant`."""
        self.edges.setdefault(edge)
        name = f"{edge.name}_date" if kind is DATE else edge.name
        self.instants.setdefault(name)
        return column("instant", name)

    def outside(self, relation: Relation, alias: str) -> exp.Table:
        self.reads.setdefault(relation)
        return table(relation, alias)

    def population(self, entity: str, attribute: str) -> str:
        """The part with the entity's existing rows, which gets the attribute."""
        return self._entity_part(self.populations, entity, attribute, entity)

    def key_map(self, entity: str, attribute: str) -> str:
        """The part with the entity's rows of all times: keys, and the way up from them."""
        return self._entity_part(self.key_maps, entity, attribute, f"{entity}_keys")

    def _entity_part(self, parts: dict[str, dict[str, None]], entity: str, attribute: str, wanted: str) -> str:
        if entity not in parts:
            parts[entity] = {self.entity(entity).key: None}
            self.part_names[wanted, entity] = self.name(wanted)
        parts[entity].setdefault(attribute)
        return self.part_names[wanted, entity]

    def entity(self, name: str) -> Entity:
        return self.plan.resolved.entities[name]

    def read(self, thing: Entity | Stream, name: str, alias: str) -> exp.Expr:
        """A column of a model in the type it has in the language."""
        found = thing.columns[name]
        assert found.type is not None
        bounded = isinstance(thing, Stream) and name == thing.at  # every reader compares it with as_of
        return read_column(column(alias, name), found.type, found.data_type, self.target.dialect, bounded=bounded)

    def finish(self, final: exp.Select) -> exp.Select:
        """The final select with all parts before it."""
        ordered: dict[str, exp.Query] = {}
        keys = {
            self.part_names[f"{e}_keys", e]: self._entity_rows(e, list(c), existing=False)
            for e, c in self.key_maps.items()
        }
        people = {
            self.part_names[e, e]: self._entity_rows(e, list(c), existing=True) for e, c in self.populations.items()
        }
        if self.instants:
            ordered["instant"] = self._instant()
        ordered.update(keys)
        ordered.update(people)
        ordered.update(self.parts)
        for name, query in ordered.items():
            final = final.with_(exp.to_identifier(name, quoted=True), as_=query, copy=False)
        return final

    def _instant(self) -> exp.Select:
        query = exp.select(*(column("i", n) for n in self.instants)).from_(self.outside(INSTANT, "i"))
        query = query.where(column("i", "cadence").eq(exp.Literal.string(CADENCE)))
        query.add_comments(["the instant and what follows from it: one row"])
        return query

    def _entity_rows(self, name: str, attributes: list[str], *, existing: bool) -> exp.Select:
        entity, alias = self.entity(name), "source"
        selected = [named(self.read(entity, a, alias), a) for a in attributes]
        query = exp.select(*selected).from_(self.outside(entity.relation, alias))
        conditions = [*self.belongs(entity, alias), *(self._exists(entity, alias) if existing else ())]
        if reads_instant(*conditions):
            query = query.join(part("instant"), join_type="cross")
        query = query.where(both(*conditions))
        query.add_comments([f"entity {name}: {'those that exist at as_of' if existing else 'the keys of all times'}"])
        return query

    def belongs(self, entity: Entity, alias: str) -> list[exp.Expr]:
        """What makes a row one of the entity: its key, and the entity's `where`."""
        conditions: list[exp.Expr] = [self.read(entity, entity.key, alias).is_(exp.null()).not_()]
        if entity.where is not None:
            conditions.append(self.lower(entity.where, lambda leaf: self._attribute(entity, leaf, alias)))
        return conditions

    def _attribute(self, entity: Entity, leaf: Leaf, alias: str) -> exp.Expr:
        assert isinstance(leaf, Field)
        assert not leaf.path
        return self.read(entity, leaf.column, alias)

    def _exists(self, entity: Entity, alias: str) -> list[exp.Expr]:
        conditions: list[exp.Expr] = []
        for name, comparison in ((entity.exists_from, exp.LT), (entity.exists_until, exp.GTE)):
            if name is not None:
                kind = entity.columns[name].type
                assert kind is not None
                bound = comparison(this=self.read(entity, name, alias), expression=self.instant(AS_OF, kind))
                conditions.append(exp.func("COALESCE", bound, exp.true()))
        return conditions
