"""Sizes of segments against what their specs declare: members, their share, and the change since the instant before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from orchestration.catalog.types import INTEGER
from orchestration.compiler.compiled import CheckLimit, CheckQuery
from orchestration.compiler.lowering import Leaf
from orchestration.compiler.plan import Plan
from orchestration.compiler.query import Query, Target, column, named, part
from orchestration.compiler.rows_of_checks import row, union
from orchestration.language.expression import Call, Expression, Field, Literal
from orchestration.language.model import Bounds, Relation, Segment
from orchestration.language.numbers import QUOTIENT


def size_checks(plan: Plan, target: Target) -> Iterator[CheckQuery]:
    """The checks of size, share and change, each for all segments."""
    bounds = {name: place.segment.bounds for name, place in plan.segment_columns.items()}
    for name, description, measured, limits in (
        ("size", "members of a segment", _size, _limits(bounds, "size")),
        ("share", "share of the existing entities in a segment", _share, _limits(bounds, "share")),
        (
            "change",
            "members gained or lost since the instant before, as a share of those then",
            _change,
            {n: CheckLimit(maximum=_decimal(b.change_max)) for n, b in bounds.items() if b.change_max is not None},
        ),
    ):
        if limits:
            yield _check(plan, target, name, description, measured, limits)


def _limits(bounds: Mapping[str, Bounds], what: str) -> dict[str, CheckLimit]:
    return {
        name: CheckLimit(_decimal(getattr(found, f"{what}_min")), _decimal(getattr(found, f"{what}_max")))
        for name, found in bounds.items()
    }


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _check(
    plan: Plan,
    target: Target,
    name: str,
    description: str,
    measured: Callable[[str], Expression],
    limits: Mapping[str, CheckLimit],
) -> CheckQuery:
    query = Query(plan, target)
    selects: list[exp.Select] = []
    for entity, found in plan.entities.items():
        segments = [place.segment for place in found.segments if place.segment.name in limits]
        if not segments:
            continue
        sizes = query.add(
            f"{entity}_sizes", _sizes(query, entity, segments, earlier=name == "change"), f"sizes: {entity}"
        )
        selects += [
            exp.select(*row(s.name, query.lower(measured(s.name), _of_sizes))).from_(part(sizes, "sizes"))
            for s in segments
        ]
    whole = query.add("found", union(selects), description)
    final = exp.select(*(named(column("found", c), c) for c in ("subject", "value", "detail"))).from_(
        part(whole, "found")
    )
    return CheckQuery(name, description, "segment", query.finish(final), limits)


def _sizes(query: Query, entity: str, segments: Sequence[Segment], *, earlier: bool) -> exp.Select:
    """One row: how many entities there are, and how many are in each segment, now and (`earlier`) before."""
    now = [named(exp.Count(this=column("built", s.name)), f"size_of_{s.name}") for s in segments]
    select = exp.select(named(exp.Count(this=exp.Star()), "entities"), *now)
    select = select.from_(query.outside(Relation("build", f"{entity}_segments"), "built"))
    if not earlier:
        return select
    before = exp.select(*(named(exp.Count(this=column("state", s.name)), f"before_of_{s.name}") for s in segments))
    before = before.from_(query.outside(Relation("run", f"{entity}_state"), "state"))
    name = query.add(f"{entity}_before", before, f"sizes of the segments of {entity} at the instant before")
    built = query.add(f"{entity}_now", select, f"sizes of the segments of {entity}")
    columns = [named(column("now", f"size_of_{s.name}"), f"size_of_{s.name}") for s in segments]
    columns += [named(column("before", f"before_of_{s.name}"), f"before_of_{s.name}") for s in segments]
    both = exp.select(*columns).from_(part(built, "now"))
    return both.join(part(name, "before"), join_type="cross")


def _size(segment: str) -> Expression:
    return Field((), f"size_of_{segment}", INTEGER)


def _share(segment: str) -> Expression:
    return Call("divide", (_size(segment), Field((), "entities", INTEGER)), QUOTIENT)


def _change(segment: str) -> Expression:
    """0 where nobody was a member before: a first run has nothing to compare with."""
    before = Field((), f"before_of_{segment}", INTEGER)
    difference = Call("abs", (Call("subtract", (_size(segment), before), INTEGER),), INTEGER)
    return Call("coalesce", (Call("divide", (difference, before), QUOTIENT), Literal(0, QUOTIENT)), QUOTIENT)


def _of_sizes(leaf: Leaf) -> exp.Expr:
    assert isinstance(leaf, Field)
    return column("sizes", leaf.column)
