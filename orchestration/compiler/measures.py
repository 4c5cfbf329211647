"""Measures: one narrow pass over a stream's rows, or over children, for all measures that read the same of them.

Measures of one source with one `where` are one group: their windows become filters of the aggregates, and the widest window
a condition of the scan.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from orchestration.catalog.types import TEXT, ListOf
from orchestration.compiler.lowering import Leaf, lower
from orchestration.compiler.lowering.aggregates import aggregate
from orchestration.compiler.query import Query, both, column, named, part, reads_instant
from orchestration.compiler.rows import Rows
from orchestration.language import aggregates
from orchestration.language.expression import (
    AS_OF,
    ChildSource,
    Expression,
    Field,
    Literal,
    Measure,
    StreamSource,
    Window,
)
from orchestration.language.model import Stream

COPY = "_copy"


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that one pass computes, by the names of their columns."""

    source: StreamSource | ChildSource
    where: Expression | None
    measures: tuple[tuple[str, Measure], ...]


def groups(measures: Iterable[tuple[str, Measure]]) -> list[Group]:
    """The measures in groups, in the order in which they come."""
    found: dict[tuple[StreamSource | ChildSource, Expression | None], list[tuple[str, Measure]]] = {}
    for name, measure in measures:
        found.setdefault((measure.source, measure.where), []).append((name, measure))
    return [Group(source, where, tuple(members)) for (source, where), members in found.items()]


def add_group(query: Query, group: Group) -> tuple[str, str]:
    """The part that computes a group: its name, and its key's column."""
    match group.source:
        case StreamSource() as source:
            return _over_stream(query, group, source)
        case ChildSource() as source:
            return _over_children(query, group, source)


def of_nothing(measure: Measure, value: exp.Expr, key: exp.Expr) -> exp.Expr:
    """The measure's value, also where no group was joined (its `key` is null); a sum that left 64 bits stays null."""
    nothing = aggregates.BY_NAME[measure.aggregate].of_nothing
    if nothing is None:
        return value
    if measure.aggregate == "sum":
        return exp.Case().when(key.is_(exp.null()), exp.Literal.number(nothing)).else_(value)
    return exp.func("COALESCE", value, exp.Literal.number(nothing))


def _over_stream(query: Query, group: Group, source: StreamSource) -> tuple[str, str]:
    stream = query.plan.resolved.streams[source.stream]
    rows = _StreamRows(query, stream)
    key, joins = _climb(query, stream.parents[source.path[0]], source.path, rows)
    windows = [m.window for _, m in group.measures]
    common = windows[0] if all(w == windows[0] for w in windows) else None
    conditions: list[exp.Expr | None] = [
        key.copy().is_(exp.null()).not_(),
        rows.once(),
        rows.events(source.events),
        None if group.where is None else rows.lower(group.where),
        rows.within(common) if common else rows.since_earliest(windows),
    ]
    selected = [named(key, "key")]
    for name, measure in group.measures:
        condition = None if common else rows.within(measure.window)
        argument = None if measure.argument is None else rows.lower(measure.argument)
        kind = None if measure.argument is None else measure.argument.type
        selected.append(
            named(aggregate(measure.aggregate, argument, kind, rows.at, condition, query.target.dialect), name)
        )
    select = exp.select(*selected).from_(rows.table)
    if reads_instant(*selected, *conditions):
        select = select.join(part("instant"), join_type="cross")
    for join in joins:
        select = select.join(join, copy=False)
    select = select.where(both(*conditions)).group_by(key.copy())
    words = f"stream {stream.name}" + (
        f": {', '.join(_event_name(stream, e) for e in source.events)}" if source.events else ""
    )
    return query.add(stream.name, select, words), "key"


def _event_name(stream: Stream, value: str) -> str:
    names = stream.events or {}
    return next((n for n, v in names.items() if v == value), "another event")


class _StreamRows:
    """A stream's rows as a group reads them: raw, or without repeats where the stream has an `id`."""

    def __init__(self, query: Query, stream: Stream) -> None:
        self.query, self.stream = query, stream
        self.alias = "row"
        if stream.id is None:
            self.table = query.outside(stream.relation, self.alias)
        else:
            self.table = part(numbered(query, stream), self.alias)

    def read(self, name: str) -> exp.Expr:
        if self.stream.id is None:
            return self.query.read(self.stream, name, self.alias)
        return column(self.alias, name)

    @property
    def at(self) -> exp.Expr:
        return self.read(self.stream.at)

    def lower(self, expression: Expression) -> exp.Expr:
        def leaf(found: Leaf) -> exp.Expr:
            assert isinstance(found, Field)
            assert not found.path
            return self.read(found.column)

        return self.query.lower(expression, leaf)

    def once(self) -> exp.Expr:
        """What makes a row count: it lies before as_of, and is the first of its id."""
        if self.stream.id is None:
            return exp.LT(this=self.at, expression=self.query.instant(AS_OF, self.stream.at_type))
        first = column(self.alias, COPY).eq(exp.Literal.number(1))
        return exp.paren(exp.or_(first, column(self.alias, self.stream.id).is_(exp.null())))

    def events(self, events: tuple[str, ...]) -> exp.Expr | None:
        if not events:
            return None
        assert self.stream.event is not None
        value = self.read(self.stream.event)
        literals = [
            lower(Literal(e, self.stream.columns[self.stream.event].type or TEXT), self.query.target.lowering(_no_leaf))
            for e in events
        ]
        return value.eq(literals[0]) if len(literals) == 1 else value.isin(*literals)

    def within(self, window: Window) -> exp.Expr | None:
        start = None if window.start is None else exp.GTE(this=self.at, expression=self.edge(window, "start"))
        end = (
            None
            if window.end is None or window.end == AS_OF
            else exp.LT(this=self.at, expression=self.edge(window, "end"))
        )
        return both(start, end)

    def edge(self, window: Window, side: str) -> exp.Column:
        edge = window.start if side == "start" else window.end
        assert edge is not None
        return self.query.instant(edge, self.stream.at_type)

    def since_earliest(self, windows: list[Window]) -> exp.Expr | None:
        starts = list(dict.fromkeys(w.start for w in windows if w.start is not None))
        if any(w.start is None for w in windows):
            return None
        edges = [self.query.instant(s, self.stream.at_type) for s in starts]
        earliest = edges[0] if len(edges) == 1 else exp.Least(this=edges[0], expressions=edges[1:], ignore_nulls=True)
        return exp.GTE(this=self.at, expression=earliest)


def _no_leaf(leaf: Leaf) -> exp.Expr:
    raise AssertionError(leaf)


def numbered(query: Query, stream: Stream) -> str:
    """The part with a stream's rows before as_of, the copies of each id numbered: its earliest row first, then the smallest."""
    known = ("numbered", stream.name)
    if known not in query.part_names:
        assert stream.id is not None
        columns = {c.name: query.read(stream, c.name, "source") for c in stream.columns.values() if c.type is not None}
        last = [
            n for n in columns if n not in (stream.id, stream.at) and not isinstance(stream.columns[n].type, ListOf)
        ]
        order = [exp.Ordered(this=columns[n].copy(), nulls_first=True) for n in (stream.at, *last)]
        copy = exp.Window(
            this=exp.RowNumber(), partition_by=[columns[stream.id].copy()], order=exp.Order(expressions=order)
        )
        select = exp.select(*(named(e, n) for n, e in columns.items()), named(copy, COPY))
        select = select.from_(query.outside(stream.relation, "source")).join(part("instant"), join_type="cross")
        bound = query.instant(AS_OF, stream.at_type)
        select = select.where(exp.LT(this=columns[stream.at].copy(), expression=bound))
        words = f"stream {stream.name}: rows before as_of, the copies of each {stream.id} numbered"
        query.part_names[known] = query.add(f"{stream.name}_rows", select, words)
    return query.part_names[known]


def _climb(query: Query, foreign: str, path: tuple[str, ...], rows: _StreamRows) -> tuple[exp.Expr, list[exp.Join]]:
    """The key of the entity at the end of a path from a row, and the joins that lead to it."""
    key: exp.Expr = rows.read(foreign)
    joins = []
    for here, above in itertools.pairwise(path):
        key, join = _step(query, key, here, above)
        joins.append(join)
    return key, joins


def _step(query: Query, key: exp.Expr, here: str, above: str) -> tuple[exp.Expr, exp.Join]:
    entity = query.entity(here)
    alias = f"{here}_keys"
    name = query.key_map(here, entity.parents[above])
    return column(alias, entity.parents[above]), exp.Join(this=part(name, alias), on=key.eq(column(alias, entity.key)))


def _over_children(query: Query, group: Group, source: ChildSource) -> tuple[str, str]:
    child = query.entity(source.entity)
    rows = Rows(query, source.entity)
    first = rows.leaf(
        Field((), child.parents[source.path[0]], child.columns[child.parents[source.path[0]]].type or TEXT)
    )
    lowered: list[tuple[str, Measure, exp.Expr | None]] = []

    def leaf(found: Leaf) -> exp.Expr:
        return column("row", rows.leaf(found))

    where = None if group.where is None else query.lower(group.where, leaf)
    for name, measure in group.measures:
        lowered.append((name, measure, None if measure.argument is None else query.lower(measure.argument, leaf)))
    base = query.add(f"{source.entity}_rows", rows.build(), f"entity {source.entity}: what is counted of it")
    key: exp.Expr = column("row", first)
    select = exp.select().from_(part(base, "row"))
    for here, above in zip(source.path, source.path[1:], strict=False):
        key, join = _step(query, key, here, above)
        select = select.join(join, copy=False)
    if reads_instant(where, *(e for _, _, e in lowered)):
        select = select.join(part("instant"), join_type="cross")
    select = select.select(named(key, "key"))
    for name, measure, argument in lowered:
        kind = None if measure.argument is None else measure.argument.type
        select = select.select(
            named(aggregate(measure.aggregate, argument, kind, None, None, query.target.dialect), name)
        )
    select = select.where(both(key.copy().is_(exp.null()).not_(), where)).group_by(key.copy())
    return query.add(f"{source.entity}_of", select, f"children: {source.entity}"), "key"
