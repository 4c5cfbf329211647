"""The checks of a generation: a few queries, each measuring many subjects at once.

Every query gives rows `(subject, value, detail)`; what a value must be stands beside it as limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from sqlglot import exp

from orchestration.catalog.types import Decimal as DecimalType
from orchestration.compiler.compiled import CheckLimit, CheckQuery
from orchestration.compiler.lowering import Leaf, lower
from orchestration.compiler.plan import Plan, TraitColumn, expressions_of
from orchestration.compiler.query import Query, Target, both, column, named, part, reads_instant
from orchestration.compiler.rows import Rows
from orchestration.compiler.rows_of_checks import row, union
from orchestration.compiler.size_checks import size_checks
from orchestration.language.expression import (
    AS_OF,
    Call,
    Expression,
    Field,
    Literal,
    Measure,
    MeasureRef,
    SequenceSource,
    stream_sources,
    walk,
)
from orchestration.language.model import Entity, Members, Relation, Stream

SOME = CheckLimit(minimum=Decimal(1))
NONE = CheckLimit(maximum=Decimal(0))
NONE_WARN = CheckLimit(maximum=Decimal(0), severity="warn")
LOSSY = frozenset({"cast", "divide", "modulo", "multiply", "add", "subtract"})


def checks_of(plan: Plan, target: Target) -> tuple[CheckQuery, ...]:
    """All checks of the plan, those of inputs first."""
    found = [
        *_entity_checks(plan, target),
        *_stream_checks(plan, target),
        *_table_checks(plan, target),
        *_member_checks(plan, target),
        *size_checks(plan, target),
        *_lost_values(plan, target),
    ]
    return tuple(check for check in found if check.limits)


def _check(
    name: str, description: str, kind: str, query: Query, selects: dict[str, exp.Select], limit: CheckLimit
) -> CheckQuery:
    assert kind in ("segment", "entity", "stream")
    final = exp.select(*(named(column("found", c), c) for c in ("subject", "value", "detail")))
    if selects:
        found = query.add("found", union(list(selects.values())), description)
        final = query.finish(final.from_(part(found, "found")))
    return CheckQuery(name, description, kind, final, dict.fromkeys(selects, limit))  # type: ignore[arg-type]


def _entity_checks(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    repeated, nulls, unclear, empty_ones = (Query(plan, target) for _ in range(4))
    existing: dict[str, exp.Select] = {}
    repeats: dict[str, exp.Select] = {}
    missing: dict[str, exp.Select] = {}
    unknown: dict[str, exp.Select] = {}
    for entity in plan.resolved.entities.values():
        key = repeated.read(entity, entity.key, "source")
        conditions = repeated.belongs(entity, "source")
        inner = exp.select(named(key, "key")).from_(repeated.outside(entity.relation, "source"))
        if reads_instant(*conditions):
            inner = inner.join(part("instant"), join_type="cross")
        inner = inner.where(both(*conditions)).group_by(key.copy()).having(exp.GT(this=_count(), expression=_number(1)))
        name = repeated.add(f"{entity.name}_repeats", inner, f"entity {entity.name}: keys that occur more than once")
        example = exp.Min(this=exp.cast(column("repeats", "key"), exp.DataType.Type.TEXT))
        repeats[entity.name] = exp.select(*row(entity.name, _count(), example)).from_(part(name, "repeats"))
        empty = nulls.read(entity, entity.key, "source").is_(exp.null())
        missing[entity.name] = (
            exp.select(*row(entity.name, _count())).from_(nulls.outside(entity.relation, "source")).where(empty)
        )
        people = empty_ones.population(entity.name, entity.key)
        existing[entity.name] = exp.select(*row(entity.name, _count())).from_(part(people, "people"))
        if entity.where is not None:
            unknown[entity.name] = _unknown_where(unclear, entity)
    yield _check("entity-not-empty", "existing rows of an entity", "entity", empty_ones, existing, SOME)
    yield _check("key-unique", "keys of an entity that occur more than once", "entity", repeated, repeats, NONE)
    yield _check("key-not-null", "rows of an entity without a key", "entity", nulls, missing, NONE)
    yield _check(
        "where-unknown", "rows for which the entity's `where` is unknown", "entity", unclear, unknown, NONE_WARN
    )


def _unknown_where(query: Query, entity: Entity) -> exp.Select:
    condition = exp.paren(query.belongs(entity, "source")[-1]).is_(exp.null())
    select = exp.select(*row(entity.name, _count())).from_(query.outside(entity.relation, "source"))
    if reads_instant(condition):
        select = select.join(part("instant"), join_type="cross")
    return select.where(condition)


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star())


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _stream_checks(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    orphans, timeless, repeated = Query(plan, target), Query(plan, target), Query(plan, target)
    without_key: dict[str, exp.Select] = {}
    without_time: dict[str, exp.Select] = {}
    repeats: dict[str, exp.Select] = {}
    for stream in plan.resolved.streams.values():
        for parent in stream.parents:
            without_key[f"{stream.name}.{parent}"] = _orphans(orphans, stream, parent)
        at = timeless.read(stream, stream.at, "source")
        select = exp.select(*row(stream.name, _count())).from_(timeless.outside(stream.relation, "source"))
        without_time[stream.name] = select.where(at.is_(exp.null()))
        if stream.id is not None:
            key = repeated.read(stream, stream.id, "source")
            value = exp.Sub(this=exp.Count(this=key), expression=exp.Count(this=exp.Distinct(expressions=[key.copy()])))
            select = exp.select(*row(stream.name, value)).from_(repeated.outside(stream.relation, "source"))
            repeats[stream.name] = _before(repeated, stream, select)
    yield _check(
        "rows-without-key",
        "rows of a stream whose key is null or unknown: they are in no segment",
        "stream",
        orphans,
        without_key,
        NONE_WARN,
    )
    yield _check(
        "rows-without-time",
        "rows of a stream without a time: they are ignored",
        "stream",
        timeless,
        without_time,
        NONE_WARN,
    )
    yield _check(
        "repeated-ids",
        "rows of a stream whose id occurred before: they count once",
        "stream",
        repeated,
        repeats,
        NONE_WARN,
    )


def _before(query: Query, stream: Stream, select: exp.Select) -> exp.Select:
    """Only rows before as_of."""
    bound = exp.LT(this=query.read(stream, stream.at, "source"), expression=query.instant(AS_OF, stream.at_type))
    return select.join(part("instant"), join_type="cross").where(bound)


def _orphans(query: Query, stream: Stream, parent: str) -> exp.Select:
    """Rows whose key is null or in no row of the parent's model; rows of those whom its `where` leaves out are known."""
    entity = query.entity(parent)
    foreign = query.read(stream, stream.parents[parent], "source")
    known = query.read(entity, entity.key, "known")
    example = exp.Min(this=exp.cast(foreign.copy(), exp.DataType.Type.TEXT))
    select = exp.select(*row(f"{stream.name}.{parent}", _count(), example)).from_(
        query.outside(stream.relation, "source")
    )
    select = _before(query, stream, select)
    select = select.join(exp.Join(this=query.outside(entity.relation, "known"), side="LEFT", on=foreign.eq(known)))
    return select.where(known.copy().is_(exp.null()))


def _table_checks(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    query, strangers, exclusive = Query(plan, target), Query(plan, target), Query(plan, target)
    repeats: dict[str, exp.Select] = {}
    unknown: dict[str, exp.Select] = {}
    several: dict[str, exp.Select] = {}
    for name, entity in plan.resolved.entities.items():
        built = Relation("build", f"{name}_segments")
        key = column("built", entity.key)
        inner = exp.select(named(key, "key")).from_(query.outside(built, "built")).group_by(key.copy())
        inner = inner.having(exp.GT(this=_count(), expression=_number(1)))
        found = query.add(f"{name}_repeats", inner, f"keys of {name}_segments that occur more than once")
        repeats[name] = exp.select(*row(name, _count())).from_(part(found, "repeats"))
        keys = strangers.population(name, entity.key)
        select = exp.select(*row(name, _count())).from_(strangers.outside(built, "built"))
        select = select.join(
            exp.Join(
                this=part(keys, "known"), side="LEFT", on=column("built", entity.key).eq(column("known", entity.key))
            )
        )
        unknown[name] = select.where(column("known", entity.key).is_(exp.null()))
        for place in plan.entities[name].segments:
            if place.segment.tiers:
                several[place.segment.name] = _several_tiers(exclusive, entity, place.segment.name)
    yield _check(
        "member-unique", "keys that occur more than once among an entity's segments", "entity", query, repeats, NONE
    )
    yield _check("member-exists", "members that are no existing entity", "entity", strangers, unknown, NONE)
    yield _check("tiers-exclusive", "entities in more than one tier", "segment", exclusive, several, NONE)


def _several_tiers(query: Query, entity: Entity, segment: str) -> exp.Select:
    key = column("built", entity.key)
    inner = exp.select(named(key, "key")).from_(query.outside(Relation("build", f"{entity.name}_segments"), "built"))
    distinct = exp.Count(this=exp.Distinct(expressions=[column("built", segment)]))
    inner = inner.group_by(key.copy()).having(exp.GT(this=distinct, expression=_number(1)))
    found = query.add(f"{segment}_tiers", inner, f"segment {segment}: keys in several tiers")
    return exp.select(*row(segment, _count())).from_(part(found, "several"))


def _member_checks(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    query = Query(plan, target)
    selects: dict[str, exp.Select] = {}
    for place in plan.segment_columns.values():
        segment = place.segment
        if isinstance(segment.definition, Members):
            entity = query.entity(segment.entity)
            people = query.population(entity.name, entity.key)
            literals = [lower(Literal(k, entity.key_type), target.lowering(_no_leaf)) for k in segment.definition.keys]
            value = exp.Sub(this=_number(len(literals)), expression=_count())
            select = exp.select(*row(segment.name, value)).from_(part(people, "known"))
            selects[segment.name] = select.where(column("known", entity.key).isin(*literals))
    yield _check("listed-members", "listed members that do not exist", "segment", query, selects, NONE_WARN)


def _no_leaf(leaf: Leaf) -> exp.Expr:
    raise AssertionError(leaf)


def _lost_values(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    """Casts that cannot be, divisions by zero and results that leave 64 bits, counted for each trait and segment."""
    query = Query(plan, target)
    selects: dict[str, exp.Select] = {}
    for name, entity_plan in plan.entities.items():
        named_expressions = [(c.name, c.expression) for c in entity_plan.traits if not c.hidden]
        named_expressions += [(p.segment.name, e) for p in entity_plan.segments for e in expressions_of(p.segment)]
        lossy: dict[str, list[Expression]] = {}
        for subject, expression in named_expressions:
            lossy.setdefault(subject, []).extend(_lossy(expression))
        if any(lossy.values()):
            selects.update(_lost_of_entity(query, name, {s: e for s, e in lossy.items() if e}))
        selects.update(_lost_of_rows(query, entity_plan.traits))
    yield _check(
        "lost-values",
        "values that became null: failed casts, division by zero, more than 64 bits",
        "segment",
        query,
        selects,
        NONE_WARN,
    )


def _lossy(expression: Expression) -> list[Expression]:
    return [e for e in walk(expression) if isinstance(e, Call) and e.operation in LOSSY and _can_lose(e)]


def _can_lose(call: Call) -> bool:
    if call.operation in ("add", "subtract", "multiply"):
        kind = call.type
        return not (isinstance(kind, DecimalType) and kind.precision - kind.scale < 19)
    return not all(isinstance(a, Literal) for a in call.arguments)


def _is_lost(call: Expression, lowered: Callable[[Expression], exp.Expr]) -> exp.Expr:
    assert isinstance(call, Call)
    present = [lowered(a).is_(exp.null()).not_() for a in call.arguments if not isinstance(a, Literal)]
    found = both(lowered(call).is_(exp.null()), *present)
    assert found is not None
    return found


def _counted(losses: list[exp.Expr]) -> exp.Expr:
    lost = losses[0] if len(losses) == 1 else exp.or_(*losses)
    return exp.func("COALESCE", exp.Sum(this=exp.Case().when(lost, _number(1)).else_(_number(0))), _number(0))


def _lost_of_entity(query: Query, entity: str, lossy: dict[str, list[Expression]]) -> dict[str, exp.Select]:
    rows = Rows(query, entity)

    def lowered(expression: Expression) -> exp.Expr:
        return query.lower(expression, lambda leaf: column("row", rows.leaf(leaf)))

    losses = {subject: _counted([_is_lost(e, lowered) for e in calls]) for subject, calls in lossy.items()}
    base = query.add(f"{entity}_rows", rows.build(), f"entity {entity}: what its columns read")
    wide = exp.select(*(named(value, subject) for subject, value in losses.items())).from_(part(base, "row"))
    if reads_instant(*losses.values()):
        wide = wide.join(part("instant"), join_type="cross")
    found = query.add(f"{entity}_lost", wide, f"entity {entity}: values that became null")
    return {s: exp.select(*row(s, column("lost", s))).from_(part(found, "lost")) for s in losses}


def _lost_of_rows(query: Query, columns: list[TraitColumn]) -> dict[str, exp.Select]:
    """The same for the `where` and the arguments of measures over streams, counted over the rows before as_of."""
    selects: dict[str, exp.Select] = {}
    for found in columns:
        for part_ in walk(found.expression):
            if not isinstance(part_, MeasureRef):
                continue
            for number, (stream, calls) in enumerate(_lossy_rows(part_.measure), 1):
                subject = found.name if number == 1 else f"{found.name}.{number}"  # a step of a sequence
                select = _lost_of_stream(query, subject, stream, calls)
                if select is not None:
                    selects[subject] = select
    return selects


def _lossy_rows(measure: Measure) -> list[tuple[str, list[Expression]]]:
    """The streams that a measure reads, each with what can be lost in it."""
    source = measure.source
    if isinstance(source, SequenceSource):
        return [(s.rows.stream, _lossy(s.where) if s.where is not None else []) for s in source.steps]
    calls = [c for e in (measure.where, measure.argument) if e is not None for c in _lossy(e)]
    return [(rows.stream, calls) for rows in stream_sources(source)]


def _lost_of_stream(query: Query, subject: str, name: str, calls: list[Expression]) -> exp.Select | None:
    if not calls:
        return None
    stream = query.plan.resolved.streams[name]

    def leaf(found: Leaf) -> exp.Expr:
        assert isinstance(found, Field)
        return query.read(stream, found.column, "source")

    losses = [_is_lost(c, lambda e: query.lower(e, leaf)) for c in calls]
    select = exp.select(*row(subject, _counted(losses))).from_(query.outside(stream.relation, "source"))
    return _before(query, stream, select)
