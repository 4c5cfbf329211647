"""Measures that look at how rows follow one another: restarts, and sequences.

Times are compared as instants: a date is its local midnight. The row before is found by one window function; the steps of a
sequence are joined, an absence is a row that does not exist.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from orchestration.catalog.types import INTEGER, TEXT, TIMESTAMP
from orchestration.compiler.anchors import Anchors
from orchestration.compiler.lowering import Leaf
from orchestration.compiler.query import Query, both, column, named, part, reads_instant
from orchestration.compiler.stream_rows import StreamRows, climb, source_words
from orchestration.language.expression import (
    AS_OF,
    FIRST_STEP,
    Call,
    Expression,
    Field,
    GapSource,
    InstantRef,
    Literal,
    Measure,
    SequenceSource,
    SequenceStep,
    StreamSource,
    Window,
    walk,
)

SAME = "same_"


def after_gaps(
    query: Query, source: GapSource, where: Expression | None, measures: Iterable[tuple[str, Measure]]
) -> str:
    """The part that counts the rows after a gap, in the windows of measures; its key is `key`."""
    matching = _matching(query, source.rows, where)
    stream = query.plan.resolved.streams[source.rows.stream]
    words = source_words(stream, source.rows)
    rows = query.add(f"{stream.name}_matching", matching, f"{words}: rows that match")
    before = exp.Window(
        this=exp.Lag(this=column("row", "at")),
        partition_by=[column("row", "key")],
        order=exp.Order(expressions=[exp.Ordered(this=column("row", "at"))]),
    )
    select = exp.select(column("row", "key"), column("row", "at"), named(before, "before")).from_(part(rows, "row"))
    pairs = query.add(f"{stream.name}_pairs", select, f"{words}: each row with the one before")
    paused = _lower(query, Call("le", (_later(_time("before"), source.gap), _time("at"))), "row", "row")
    counted = []
    found = list(measures)
    anchors = Anchors(query, source.rows.path[-1], [measure.window for _, measure in found])
    for name, measure in found:
        own = anchors.within(measure.window, column("row", "at"))
        condition = both(paused.copy(), *_within(query, measure.window), *own)
        counted.append(named(exp.Filter(this=_count(), expression=exp.Where(this=condition)), name))
    final = exp.select(named(column("row", "key"), "key"), *counted).from_(part(pairs, "row"))
    for join in anchors.join(column("row", "key")):
        final = final.join(join, copy=False)
    if reads_instant(*counted):
        final = final.join(part("instant"), join_type="cross")
    return query.add(f"{stream.name}_restarts", final.group_by(column("row", "key")), f"{words}: after a pause")


def sequences(query: Query, source: SequenceSource, measures: Iterable[tuple[str, Measure]]) -> str:
    """The part that counts the matches of a sequence in the one window of the measures; its key is `key`."""
    found = list(measures)
    window = found[0][1].window
    names = [_step_part(query, source, number, window) for number in range(len(source.steps))]
    positions = [number for number, step in enumerate(source.steps) if step.positive]
    first = _alias(positions[0])
    conditions = list(_conditions(query, source, names))
    select = exp.select(named(column(first, "key"), "key"), *(named(_count(), name) for name, _ in found))
    select = select.from_(part(names[positions[0]], first))
    for number in positions[1:]:
        alias = _alias(number)
        same_key = column(alias, "key").eq(column(first, "key"))
        select = select.join(exp.Join(this=part(names[number], alias), on=same_key), copy=False)
    if reads_instant(*conditions):
        select = select.join(part("instant"), join_type="cross")
    if conditions:
        select = select.where(both(*conditions))
    return query.add("sequence", select.group_by(column(first, "key")), "sequence: those that exist, by whose they are")


def _time(name: str, alias: str = "") -> Field:
    """The time of a row, or of the one at an alias."""
    return Field((alias,) if alias else (), name, TIMESTAMP)


def _later(moment: Expression, length: tuple[int, str]) -> Expression:
    """An instant so much later."""
    amount, unit = length
    return Call("add_interval", (moment, Literal(amount, INTEGER), Literal(unit, TEXT)), TIMESTAMP)


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star())


def _step_part(query: Query, source: SequenceSource, number: int, window: Window) -> str:
    """The rows of a step: of a positive one those in the window, else those that it can look at."""
    step = source.steps[number]
    bounds = window if step.positive else replace(window, end=None)
    columns = dict.fromkeys(_compared(step, ()))
    if step.positive and not any(s.positive for s in source.steps[:number]):
        columns |= dict.fromkeys(c for s in source.steps for c in _compared(s, FIRST_STEP))
    select = _matching(query, step.rows, step.where, bounds, tuple(columns), ends=step.positive)
    words = source_words(query.plan.resolved.streams[step.rows.stream], step.rows)
    return query.add(f"step_{number + 1}_rows", select, f"step {number + 1} of a sequence: {words}")


def _compared(step: SequenceStep, path: tuple[str, ...]) -> Iterator[str]:
    for condition in step.same:
        for leaf in walk(condition):
            if isinstance(leaf, Field) and leaf.path == path:
                yield leaf.column


def _matching(
    query: Query,
    source: StreamSource,
    where: Expression | None,
    window: Window | None = None,
    columns: tuple[str, ...] = (),
    *,
    ends: bool = True,
) -> exp.Select:
    """Rows of a stream that match, in a window (without `ends`, from its beginning on): whose, when, what is compared."""
    stream = query.plan.resolved.streams[source.stream]
    rows = StreamRows(query, stream)
    key, joins = climb(query, stream.parents[source.path[0]], source.path, rows)
    at = rows.instant
    anchors = Anchors(query, source.path[-1], [window] if window else [])
    joins += anchors.join(key)
    conditions: list[exp.Expr | None] = [
        key.copy().is_(exp.null()).not_(),
        rows.once(),
        rows.events(source.events),
        None if where is None else rows.lower(where),
        None if window is None else rows.within(window),
        *(anchors.within(window, at, ends=ends) if window else ()),
    ]
    compared = [named(rows.read(name), SAME + name) for name in columns]
    select = exp.select(named(key, "key"), named(at, "at"), *compared).from_(rows.table)
    if reads_instant(*conditions):
        select = select.join(part("instant"), join_type="cross")
    for join in joins:
        select = select.join(join, copy=False)
    return select.where(both(*conditions))


def _within(query: Query, window: Window) -> Iterator[exp.Expr]:
    """The row's time in a window; no row lies at or after as_of."""
    at = column("row", "at")
    if window.start is not None:
        yield exp.GTE(this=at, expression=query.instant(window.start, TIMESTAMP))
    if window.end is not None and window.end != AS_OF:
        yield exp.LT(this=at.copy(), expression=query.instant(window.end, TIMESTAMP))


def _conditions(query: Query, source: SequenceSource, names: list[str]) -> Iterator[exp.Expr]:
    """What the rows of the steps, joined by key, have to fulfil together."""
    steps = source.steps
    positions = [number for number, step in enumerate(steps) if step.positive]
    first, last = _alias(positions[0]), _alias(positions[-1])
    for before, number in itertools.pairwise(positions):
        here, previous = _time("at", _alias(number)), _time("at", _alias(before))
        yield _lower(query, Call("gt", (here, previous)), "", "")
        if (within := steps[number].within) is not None:
            yield _lower(query, Call("lt", (here, _later(previous, within))), "", "")
        for condition in steps[number].same:
            yield _lower(query, condition, _alias(number), first)
    if source.span is not None and first != last:
        yield _lower(query, Call("lt", (_time("at", last), _later(_time("at", first), source.span))), "", "")
    for number, step in enumerate(steps):
        if not step.positive:
            yield from _absence(query, step, number, positions, names[number])


def _absence(
    query: Query, step: SequenceStep, number: int, positions: list[int], name: str
) -> Iterator[exp.Expr]:
    """That there is no such row between the neighbours of a step."""
    alias, first = _alias(number), _alias(positions[0])
    before = next((_alias(p) for p in reversed(positions) if p < number), None)
    after = next((_alias(p) for p in positions if p > number), None)
    here = _time("at", alias)
    bounds = [Call("gt", (here, _time("at", before)))] if before else []
    if after is not None:
        bounds.append(Call("lt", (here, _time("at", after))))
    elif step.within is not None:
        assert before is not None
        end = _later(_time("at", before), step.within)
        bounds.append(Call("lt", (here, end)))
        yield _lower(query, Call("le", (end, InstantRef(AS_OF))), "", "")
    conditions: list[exp.Expr] = [column(alias, "key").eq(column(first, "key"))]
    conditions += [_lower(query, condition, alias, first) for condition in (*bounds, *step.same)]
    found = exp.select(exp.Literal.number(1)).from_(part(name, alias)).where(both(*conditions))
    yield exp.Not(this=exp.Exists(this=found))


def _alias(number: int) -> str:
    return f"step_{number + 1}"


def _lower(query: Query, expression: Expression, own: str, first: str) -> exp.Expr:
    """A condition on rows at aliases: `own` and `first` are those that a step compares."""

    def leaf(found: Leaf) -> exp.Expr:
        assert isinstance(found, Field), found
        match found:
            case Field(path=(), column="at" | "before") if own == first:
                return column(own, found.column)
            case Field(path=()):
                return column(own, SAME + found.column)
            case Field(path=path) if path == FIRST_STEP:
                return column(first, SAME + found.column)
        return column(found.path[0], found.column)

    return query.lower(expression, leaf)
