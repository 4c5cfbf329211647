"""Freshness of sources, declared with dbt's keys and judged against as_of, never against a clock.

A source's age is the whole minutes from its latest `loaded_at_field` to as_of: `error_after` blocks publishing, `warn_after`
warns. A source without a row has no age and fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlglot import exp

from orchestration.catalog.relations import Age, Catalog, CatalogRelation
from orchestration.catalog.types import DATE, INTEGER, TEXT, TIMESTAMP
from orchestration.compiler.compiled import CheckLimit, CheckQuery
from orchestration.compiler.lowering import Leaf, read_column
from orchestration.compiler.plan import Plan
from orchestration.compiler.query import Query, Target, column, named, part
from orchestration.compiler.rows_of_checks import row, union
from orchestration.diagnostics import Report
from orchestration.language.expression import AS_OF, Call, Expression, Field, Literal
from orchestration.language.model import Relation
from orchestration.language.zone import Zone

DESCRIPTION = "minutes from the latest row of a source to as_of"
_MINUTES = {"minute": 1, "hour": 60, "day": 60 * 24}


def freshness_checks(plan: Plan, target: Target, catalog: Catalog, report: Report) -> Iterator[CheckQuery]:
    """The checks of all sources that declare freshness."""
    exact = Target(target.dialect, Zone.named("UTC"), target.week_starts_on)  # minutes are exact, whatever the zone
    declared = {
        key: (relation, relation.freshness)
        for key, relation in catalog.relations.items()
        if relation.kind == "source" and relation.freshness is not None and _is_judged(key, relation, report)
    }
    errors = {key: CheckLimit(maximum=_minutes(f.error_after)) for key, (_, f) in declared.items() if f.error_after}
    warnings = {
        key: CheckLimit(maximum=_minutes(f.warn_after), severity="warn")
        for key, (_, f) in declared.items()
        if f.warn_after
    }
    for name, limits in (("source-freshness", errors), ("source-freshness-warning", warnings)):
        if limits:
            query = Query(plan, exact)
            ages = query.add("ages", union([_age(query, key, declared[key][0]) for key in limits]), DESCRIPTION)
            final = exp.select(*(named(column("ages", c), c) for c in ("subject", "value", "detail")))
            yield CheckQuery(name, DESCRIPTION, "source", query.finish(final.from_(part(ages, "ages"))), limits)


def _is_judged(key: str, relation: CatalogRelation, report: Report) -> bool:
    found = relation.freshness
    if found is None or not (found.warn_after or found.error_after):
        return False
    loaded_at = relation.columns.get(found.loaded_at_field or "")
    if loaded_at is not None and loaded_at.type in (DATE, TIMESTAMP) and found.filter is None:
        return True
    report.warning(
        "freshness-not-judged",
        f"the freshness of `{key}` is not judged: `loaded_at_field` must be a declared date or timestamp, without a filter",
        relation.span,
        "declare the column with its data_type in dbt's YAML",
    )
    return False


def _minutes(age: Age) -> Decimal:
    return Decimal(age.count * _MINUTES[age.period])


def _age(query: Query, key: str, relation: CatalogRelation) -> exp.Select:
    assert relation.freshness is not None
    loaded_at = relation.columns[relation.freshness.loaded_at_field or ""]
    kind = loaded_at.type
    assert kind is not None
    value = read_column(column("source", loaded_at.name), kind, loaded_at.data_type, query.target.dialect)
    latest, as_of = Field((), "latest", kind), Field((), "as_of", TIMESTAMP)
    leaves: dict[Leaf, exp.Expr] = {latest: exp.Max(this=value), as_of: exp.Max(this=query.instant(AS_OF, TIMESTAMP))}
    start: Expression = latest if kind is TIMESTAMP else Call("local_midnight", (latest,), TIMESTAMP)
    age = query.lower(
        Call("date_diff", (Literal("minute", TEXT), start, as_of), INTEGER), lambda leaf: leaves[leaf].copy()
    )
    selected = row(key, age, exp.Max(this=value.copy()))
    source = query.outside(Relation("source", relation.name, relation.source), "source")
    return exp.select(*selected).from_(source).join(part("instant"), join_type="cross")
