"""Rows of an entity with everything that some expressions read beside them.

One row per existing entity. What the expressions read (attributes, parents' attributes, traits, measures, memberships) becomes
one named column each, joined by keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlglot import exp

from orchestration.compiler.lowering import Leaf
from orchestration.compiler.query import Query, column, named, part
from orchestration.language.expression import Field, MeasureRef, MemberRef, TraitRef
from orchestration.language.model import Relation

Known: TypeAlias = Callable[[Leaf], "exp.Expr | None"]


@dataclass(slots=True)
class Rows:
    """The rows of `entity`. `known` gives the columns that need no join here, by what they stand for."""

    query: Query
    entity: str
    columns: dict[Leaf, str] = field(default_factory=dict)
    selected: dict[str, exp.Expr] = field(default_factory=dict)
    joins: dict[str, exp.Join] = field(default_factory=dict)
    own: str = ""

    def __post_init__(self) -> None:
        key = self.query.entity(self.entity).key
        self.own = self.query.population(self.entity, key)
        self.selected[key] = column(self.own, key)

    @property
    def key(self) -> str:
        return self.query.entity(self.entity).key

    def leaf(self, leaf: Leaf) -> str:
        """The name, among the rows' columns, of what a leaf stands for."""
        if leaf not in self.columns:
            expression, wanted = self._joined(leaf)
            self.columns[leaf] = self.column(expression, wanted)
        return self.columns[leaf]

    def column(self, expression: exp.Expr, wanted: str) -> str:
        """A column of the rows; the name it got."""
        name, number = wanted[:56], 1
        while name in self.selected:
            if self.selected[name] == expression:
                return name
            number += 1
            name = f"{wanted[:56]}_{number}"
        self.selected[name] = expression
        return name

    def build(self) -> exp.Select:
        """The select with its joins."""
        query = exp.select(*(named(e, n) for n, e in self.selected.items())).from_(part(self.own))
        for join in self.joins.values():
            query = query.join(join, copy=False)
        return query

    def join(self, alias: str, right: exp.Table, on: exp.Expr) -> None:
        """A left join, once per alias."""
        if alias not in self.joins:
            self.joins[alias] = exp.Join(this=right, side="LEFT", on=on)

    def _joined(self, leaf: Leaf) -> tuple[exp.Expr, str]:
        query = self.query
        match leaf:
            case Field(path=(), column=name):
                query.population(self.entity, name)
                return column(self.own, name), name
            case Field(path=path, column=name):
                alias = self._parent(path)
                query.population(path[-1], name)
                return column(alias, name), "__".join((*path, name))
            case TraitRef(path=path, entity=entity, trait=trait):
                found = query.plan.trait_columns[entity, trait]
                alias = self.table(path, entity, query.plan.traits_table(entity, found.level))
                return column(alias, found.name), "__".join((*path, found.name))
            case MeasureRef(measure=measure):
                found = query.plan.measure_columns[self.entity, measure]
                alias = self.table((), self.entity, query.plan.traits_table(self.entity, found.level))
                return column(alias, found.name), found.name
            case MemberRef(path=path, entity=entity, segment=segment, tier=tier):
                place = query.plan.segment_columns[segment]
                alias = self.table(path, entity, query.plan.segments_table(entity, place.level))
                words = ("in", segment, tier) if tier else ("in", segment)
                return member(column(alias, segment), place.segment.tiers, tier), "__".join((*path, *words))
        raise AssertionError(leaf)

    def _key_of(self, path: tuple[str, ...]) -> exp.Expr:
        """The column that holds the key of the entity at the end of a path."""
        if not path:
            return column(self.own, self.key)
        *before, last = path
        if not before:
            foreign = self.query.entity(self.entity).parents[last]
            self.query.population(self.entity, foreign)
            return column(self.own, foreign)
        foreign = self.query.entity(before[-1]).parents[last]
        alias = "__".join((self.entity, *before, "keys"))
        name = self.query.key_map(before[-1], foreign)
        self.join(
            alias, part(name, alias), self._key_of(tuple(before)).eq(column(alias, self.query.entity(before[-1]).key))
        )
        return column(alias, foreign)

    def _parent(self, path: tuple[str, ...]) -> str:
        """The alias under which the existing parent at the end of a path is joined."""
        alias, key = "__".join((self.entity, *path)), self.query.entity(path[-1]).key
        name = self.query.population(path[-1], key)
        self.join(alias, part(name, alias), self._key_of(path).eq(column(alias, key)))
        return alias

    def table(self, path: tuple[str, ...], entity: str, name: str) -> str:
        """The alias under which a compiled table of the entity at the end of a path is joined."""
        alias = "__".join((*path, name))
        key = self.query.entity(entity).key
        self.join(alias, self.query.outside(Relation("build", name), alias), self._key_of(path).eq(column(alias, key)))
        return alias


def member(found: exp.Expr, tiers: tuple[str, ...], tier: str | None) -> exp.Expr:
    """Whether a segment's column (entered_at, or the tier) says that the row is a member; never null."""
    if tiers and tier is not None:
        return exp.func("COALESCE", found.eq(exp.Literal.string(tier)), exp.false())
    return found.is_(exp.null()).not_()
