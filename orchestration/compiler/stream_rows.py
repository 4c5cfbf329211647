"""A stream's rows as measures read them: canonical values, each id once, only rows that exist at as_of, and the way up."""

from __future__ import annotations

import itertools

from sqlglot import exp

from orchestration.catalog.types import DATE, TEXT, TIMESTAMP, ListOf
from orchestration.compiler.lowering import Leaf, lower
from orchestration.compiler.query import Query, both, column, named, part
from orchestration.language.expression import AS_OF, Call, Expression, Field, Literal, StreamSource, Window
from orchestration.language.model import Stream

COPY = "_copy"


def source_words(stream: Stream, source: StreamSource) -> str:
    """A source in a comment: `stream usage: report_exported`."""
    events = ", ".join(_event_name(stream, e) for e in source.events)
    return f"stream {stream.name}" + (f": {events}" if events else "")


def _event_name(stream: Stream, value: str) -> str:
    names = stream.events or {}
    return next((n for n, v in names.items() if v == value), "another event")


class StreamRows:
    """A stream's rows as a part of a query reads them: raw, or without repeats where the stream has an `id`."""

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

    @property
    def instant(self) -> exp.Expr:
        """The row's time as an instant: a date is its local midnight."""
        if self.stream.at_type is not DATE:
            return self.at
        return self.lower(Call("local_midnight", (Field((), self.stream.at, DATE),), TIMESTAMP))

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


def climb(query: Query, foreign: str, path: tuple[str, ...], rows: StreamRows) -> tuple[exp.Expr, list[exp.Join]]:
    """The key of the entity at the end of a path from a row, and the joins that lead to it."""
    key: exp.Expr = rows.read(foreign)
    joins = []
    for here, above in itertools.pairwise(path):
        key, join = step_up(query, key, here, above)
        joins.append(join)
    return key, joins


def step_up(query: Query, key: exp.Expr, here: str, above: str) -> tuple[exp.Expr, exp.Join]:
    entity = query.entity(here)
    alias = f"{here}_keys"
    name = query.key_map(here, entity.parents[above])
    return column(alias, entity.parents[above]), exp.Join(this=part(name, alias), on=key.eq(column(alias, entity.key)))
