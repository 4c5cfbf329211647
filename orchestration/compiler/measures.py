"""Measures: one narrow pass over a stream's rows, or over children, for all measures that read the same of them.

Measures of one source with one `where` are one group: their windows become filters of the aggregates, and the widest window
a condition of the scan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from orchestration.catalog.types import TEXT
from orchestration.compiler.anchors import Anchors
from orchestration.compiler.lowering import Leaf
from orchestration.compiler.lowering.aggregates import aggregate
from orchestration.compiler.patterns import after_gaps, sequences
from orchestration.compiler.query import Query, both, column, named, part, reads_instant
from orchestration.compiler.rows import Rows
from orchestration.compiler.stream_rows import StreamRows, climb, source_words, step_up
from orchestration.language import aggregates
from orchestration.language.expression import (
    ChildSource,
    Expression,
    Field,
    GapSource,
    Measure,
    SequenceSource,
    Source,
    StreamSource,
    Window,
)


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that one pass computes, by the names of their columns."""

    source: Source
    where: Expression | None
    measures: tuple[tuple[str, Measure], ...]


def groups(measures: Iterable[tuple[str, Measure]]) -> list[Group]:
    """The measures in groups, in the order in which they come."""
    found: dict[tuple[Source, Expression | None, Window | None], list[tuple[str, Measure]]] = {}
    for name, measure in measures:
        window = measure.window if isinstance(measure.source, SequenceSource) else None
        found.setdefault((measure.source, measure.where, window), []).append((name, measure))
    return [Group(source, where, tuple(members)) for (source, where, _), members in found.items()]


def add_group(query: Query, group: Group) -> tuple[str, str]:
    """The part that computes a group: its name, and its key's column."""
    match group.source:
        case StreamSource() as source:
            return _over_stream(query, group, source)
        case GapSource() as source:
            return after_gaps(query, source, group.where, group.measures), "key"
        case SequenceSource() as source:
            return sequences(query, source, group.measures), "key"
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
    rows = StreamRows(query, stream)
    key, joins = climb(query, stream.parents[source.path[0]], source.path, rows)
    windows = [m.window for _, m in group.measures]
    anchors = Anchors(query, source.path[-1], windows)
    joins += anchors.join(key)

    def within(window: Window) -> exp.Expr | None:
        return both(rows.within(window), *anchors.within(window, rows.instant))

    common = windows[0] if all(w == windows[0] for w in windows) else None
    conditions: list[exp.Expr | None] = [
        key.copy().is_(exp.null()).not_(),
        rows.once(),
        rows.events(source.events),
        None if group.where is None else rows.lower(group.where),
        within(common) if common else rows.since_earliest(windows),
    ]
    selected = [named(key, "key")]
    for name, measure in group.measures:
        condition = None if common else within(measure.window)
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
    words = source_words(stream, source)
    return query.add(stream.name, select, words), "key"


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
        key, join = step_up(query, key, here, above)
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
