"""The compiled tables: `<entity>_traits` and `<entity>_segments`, and the stages below them where entities read one another.

A traits table holds one row per existing entity: the key, its traits, and hidden measures that conditions need. A segments
table holds one row per existing entity: per segment when the present stay began (and which tier), null for who is no member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, TEXT, TIMESTAMP
from orchestration.compiler.compiled import ENTERED_AT_SUFFIX, Model, OutputColumn
from orchestration.compiler.lowering import Leaf, lower, percentile, places, standing
from orchestration.compiler.measures import add_group, groups, of_nothing
from orchestration.compiler.plan import Plan, SegmentColumn, TraitColumn
from orchestration.compiler.query import Query, Target, column, named, part, reads_instant
from orchestration.compiler.rows import Rows, member
from orchestration.compiler.splits import arm_of
from orchestration.language.expression import (
    AS_OF,
    Expression,
    Literal,
    Measure,
    MeasureRef,
    MemberRef,
    Peers,
    TraitRef,
    walk,
)
from orchestration.language.model import Condition, Members, Relation, Segment, Split, Tiers


def traits_model(plan: Plan, target: Target, entity: str, level: int) -> tuple[Model, Query]:
    """The traits table of an entity up to a level."""
    query = Query(plan, target)
    columns = plan.entities[entity].traits
    here = [c for c in columns if c.level == level]
    below = [c for c in columns if c.level < level]
    layers = _Layers(query, Rows(query, entity))
    measured = _join_measures(query, layers.rows, here)
    for found in below:
        alias = plan.traits_table(entity, max(c.level for c in below))
        layers.keep(found.name, column(layers.rows.table((), entity, alias), found.name))
    ready = {("trait", entity, c.name): c.name for c in below}

    def leaf(found: Leaf) -> exp.Expr:
        match found:
            case MeasureRef(measure=measure) if measure in measured:
                return layers.read_rows(measured[measure])
            case TraitRef(path=(), trait=trait) if plan.trait_columns[entity, trait].level == level:
                return layers.read_layer(plan.trait_columns[entity, trait].name)
            case TraitRef(path=(), trait=trait) if ("trait", entity, plan.trait_columns[entity, trait].name) in ready:
                return layers.read_rows(plan.trait_columns[entity, trait].name)
        return layers.read_rows(layers.rows.leaf(found))

    for depth in range(max((c.depth for c in here), default=-1) + 1):
        _add_traits(layers, [c for c in here if c.depth == depth], leaf)
    ordered = [c for c in (*below, *here) if not c.hidden] + [c for c in (*below, *here) if c.hidden]
    final = layers.final([layers.rows.key, *(c.name for c in ordered)])
    output = (
        _key_column(query, entity),
        *(OutputColumn(c.name, c.expression.type, c.description, c.hidden) for c in ordered),
    )
    name = plan.traits_table(entity, level)
    return _model(query, name, query.finish(final), output, f"One row per existing {entity}: its traits."), query


def _add_traits(layers: _Layers, columns: list[TraitColumn], leaf: Callable[[Leaf], exp.Expr]) -> None:
    """A layer of traits; a percentile needs one before it, of places among the values of its group."""
    query, comment = layers.query, f"traits of {layers.rows.entity}"
    context = query.lowering(leaf)
    first, computed = [], []
    for found in columns:
        value = found.expression
        if isinstance(value, Peers) and value.rule == "percentile":
            names = (f"_place_of_{found.name}"[:60], f"_peers_of_{found.name}"[:60])
            first += list(zip(names, places(value, context), strict=True))
            place, count = (column("row", name) for name in names)
            computed.append((found.name, percentile(value, context, place, count)))
        else:
            alone = standing(value, context) if isinstance(value, Peers) else query.lower(value, leaf)
            computed.append((found.name, alone))
    if first:
        layers.add(first, f"{comment}: places among the values of a group")
    layers.add(computed, comment)


def segments_model(plan: Plan, target: Target, entity: str, level: int) -> tuple[Model, Query]:
    """The segments table of an entity up to a level."""
    query = Query(plan, target)
    columns = [c for c in plan.entities[entity].segments if c.level <= level]
    layers = _flags(query, entity, level)
    name = plan.segments_table(entity, level)
    if plan.is_final(entity, level):
        final, output = _with_stays(query, entity, layers, columns)
        return _model(
            query, name, query.finish(final), tuple(output), f"One row per existing {entity}: its segments."
        ), query
    output = [_key_column(query, entity)]
    output += [OutputColumn(c.segment.name, TEXT if c.segment.tiers else BOOLEAN, "", True) for c in columns]
    final = layers.final([layers.rows.key, *(c.segment.name for c in columns)])
    return _model(query, name, query.finish(final), tuple(output), f"Segments of {entity} that others read."), query


def members_query(plan: Plan, target: Target, segment: Segment) -> exp.Select:
    """The keys of a segment's members, and their tiers where it has some."""
    query = Query(plan, target)
    layers = _flags(query, segment.entity, plan.segment_columns[segment.name].level)
    key = layers.rows.key
    flags = query.add("flags", layers.final([key, segment.name]), f"who is in {segment.name}")
    names = [key, segment.name] if segment.tiers else [key]
    final = exp.select(*(named(column("flags", n), n) for n in names)).from_(part(flags, "flags"))
    return query.finish(final.where(column("flags", segment.name).is_(exp.null()).not_()))


def _flags(query: Query, entity: str, level: int) -> _Layers:
    """The segments of an entity up to a level: true or null, or the tier."""
    plan = query.plan
    columns = plan.entities[entity].segments
    here = [c for c in columns if c.level == level]
    below = [c for c in columns if c.level < level]
    layers = _Layers(query, Rows(query, entity))
    for found in below:
        table = plan.segments_table(entity, max(c.level for c in below))
        layers.keep(found.segment.name, column(layers.rows.table((), entity, table), found.segment.name))

    def leaf(found: Leaf) -> exp.Expr:
        if isinstance(found, MemberRef) and not found.path:
            place = plan.segment_columns[found.segment]
            of_layer = layers.read_layer if place.level == level else layers.read_rows
            return member(of_layer(found.segment), place.segment.tiers, found.tier)
        return layers.read_rows(layers.rows.leaf(found))

    for depth in range(max((c.depth for c in here), default=-1) + 1):
        flagged = [(c.segment.name, _flag(query, c.segment, leaf, layers)) for c in here if c.depth == depth]
        layers.add(flagged, f"segments of {entity}")
    return layers


def _model(query: Query, name: str, select: exp.Select, columns: tuple[OutputColumn, ...], description: str) -> Model:
    return Model(name, select, columns, description, tuple(query.reads))


def _key_column(query: Query, entity: str) -> OutputColumn:
    found = query.entity(entity)
    return OutputColumn(found.key, found.key_type, found.columns[found.key].description or f"Key of the {entity}.")


def _join_measures(query: Query, rows: Rows, columns: Iterable[TraitColumn]) -> dict[Measure, str]:
    """Joins the measures of this table to the rows; the names of their columns there."""
    wanted: dict[Measure, str] = {}
    for found in columns:
        for measure in _measures(found.expression):
            if query.plan.measure_columns[rows.entity, measure].level == found.level:
                wanted.setdefault(measure, query.plan.measure_columns[rows.entity, measure].name)
    names: dict[Measure, str] = {}
    for group in groups((name, measure) for measure, name in wanted.items()):
        name, key = add_group(query, group)
        rows.join(name, part(name), column(rows.own, rows.key).eq(column(name, key)))
        for output, measure in group.measures:
            names[measure] = rows.column(of_nothing(measure, column(name, output), column(name, key)), output)
    return names


def _measures(expression: Expression) -> list[Measure]:
    return [e.measure for e in walk(expression) if isinstance(e, MeasureRef)]


class _Layers:
    """Columns computed over rows in layers, each of which may read the columns of those before."""

    def __init__(self, query: Query, rows: Rows) -> None:
        self.query, self.rows = query, rows
        self.layers: list[tuple[list[tuple[str, exp.Expr]], str]] = []
        self.done: list[str] = []

    def keep(self, name: str, expression: exp.Expr) -> None:
        """A column of the rows that is handed on under its own name."""
        kept = self.rows.column(expression, name)
        assert kept == name, (kept, name)

    def read_rows(self, name: str) -> exp.Expr:
        return column("row", name)

    def read_layer(self, name: str) -> exp.Expr:
        assert name in self.done, name
        return column("row", name)

    def add(self, computed: list[tuple[str, exp.Expr]], comment: str) -> None:
        """A layer of columns, each with its expression over the columns before."""
        self.layers.append((computed, comment))
        self.done += [name for name, _ in computed]

    def final(self, names: list[str]) -> exp.Select:
        """The columns asked for, over the last layer."""
        base = self.query.add("rows", self.rows.build(), f"entity {self.rows.entity}: what its columns read")
        kept = list(self.rows.selected)
        for computed, comment in self.layers:
            new = {name for name, _ in computed}
            if all(n in kept and e == column("row", n) for n, e in computed):
                continue
            select = exp.select(
                *(named(column("row", n), n) for n in kept if n not in new), *(named(e, n) for n, e in computed)
            )
            select = select.from_(part(base, "row"))
            if reads_instant(*(e for _, e in computed)):
                select = select.join(part("instant"), join_type="cross")
            base = self.query.add("computed", select, comment)
            kept = [n for n in kept if n not in new] + [n for n, _ in computed]
        return exp.select(*(named(column("row", n), n) for n in names)).from_(part(base, "row"))


def _flag(query: Query, segment: Segment, leaf: Callable[[Leaf], exp.Expr], layers: _Layers) -> exp.Expr:
    """True or null for a plain segment, the tier or null for a tiered one."""
    match segment.definition:
        case Condition(expression=expression):
            return exp.Case().when(query.lower(expression, leaf), exp.true())
        case Tiers(base=base, tiers=tiers, otherwise=otherwise):
            case = exp.Case()
            for tier in tiers:
                case = case.when(query.lower(tier.condition.expression, leaf), exp.Literal.string(tier.name))
            case = case.else_(exp.Literal.string(otherwise) if otherwise else exp.null())
            return case if base is None else exp.Case().when(query.lower(base.expression, leaf), case)
        case Members(keys=keys, base=base):
            key = column("row", layers.rows.key)
            kind = query.entity(segment.entity).key_type
            literals = [lower(Literal(k, kind), query.target.lowering(_no_leaf)) for k in keys]
            listed: exp.Expr = key.isin(*literals)
            if base is not None:
                listed = exp.and_(query.lower(base.expression, leaf), listed, copy=False)
            return exp.Case().when(listed, exp.true())
        case Split(base=base) as split:
            arm = arm_of(split, column("row", layers.rows.key), query.target.dialect)
            return arm if base is None else exp.Case().when(query.lower(base.expression, leaf), arm)


def _no_leaf(leaf: Leaf) -> exp.Expr:
    raise AssertionError(leaf)


def _with_stays(
    query: Query, entity: str, layers: _Layers, columns: list[SegmentColumn]
) -> tuple[exp.Select, list[OutputColumn]]:
    """Who is a member now, since when: carried on from the state before as_of for who stays, else as_of."""
    key = layers.rows.key
    flags = query.add(
        "flags", layers.final([key, *(c.segment.name for c in columns)]), f"members of the segments of {entity}"
    )
    as_of = query.instant(AS_OF, TIMESTAMP)
    selected, output = [named(column("now", key), key)], [_key_column(query, entity)]
    for found in columns:
        segment = found.segment
        now, before = column("now", segment.name), column("state", segment.name)
        if segment.tiers:
            since = column("state", segment.name + ENTERED_AT_SUFFIX)
            stayed = exp.Case().when(now.eq(before), exp.func("COALESCE", since, as_of.copy())).else_(as_of.copy())
            entered = exp.Case().when(now.copy().is_(exp.null()).not_(), stayed)
            selected += [named(now.copy(), segment.name), named(entered, segment.name + ENTERED_AT_SUFFIX)]
            output.append(OutputColumn(segment.name, TEXT, f"{segment.label}: the tier."))
            output.append(
                OutputColumn(segment.name + ENTERED_AT_SUFFIX, TIMESTAMP, f"{segment.label}: in this tier since (UTC).")
            )
        else:
            entered = exp.Case().when(now.is_(exp.null()).not_(), exp.func("COALESCE", before, as_of.copy()))
            selected.append(named(entered, segment.name))
            output.append(OutputColumn(segment.name, TIMESTAMP, f"{segment.label}: a member since (UTC)."))
    state = query.outside(Relation("run", f"{entity}_state"), "state")
    final = exp.select(*selected).from_(part(flags, "now")).join(part("instant"), join_type="cross")
    final = final.join(exp.Join(this=state, side="LEFT", on=column("now", key).eq(column("state", key))))
    return final, output
