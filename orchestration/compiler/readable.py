"""A segment as one query that a person can read: the reference plan.

The tables that the segment needs become named parts of one query, which selects the keys (and tiers) of its members.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from orchestration.compiler.compiled import RUN_SCHEMA, Model
from orchestration.compiler.describe import reads_of
from orchestration.compiler.plan import Plan, plan
from orchestration.compiler.query import Query, Target, column, part, quoted
from orchestration.compiler.render import direct
from orchestration.compiler.tables import members_query, segments_model, traits_model
from orchestration.diagnostics import Report
from orchestration.language.model import Resolved, Segment


def readable_sql(resolved: Resolved, segment: Segment, target: Target) -> str:
    """The segment's members as one query over the models its specs name."""
    query = readable_query(resolved, segment, target)
    return direct(query, target.dialect, _by_name)


def _by_name(logical: str) -> exp.Table:
    kind, _, name = logical.partition(":")
    if kind == "build":
        return part(name)
    schema, _, table = name.rpartition(".")
    if kind == "run":
        return exp.Table(this=exp.to_identifier(table, quoted=True), db=exp.to_identifier(RUN_SCHEMA))
    return exp.Table(
        this=exp.to_identifier(table, quoted=True), db=exp.to_identifier(schema, quoted=True) if schema else None
    )


def readable_query(resolved: Resolved, segment: Segment, target: Target) -> exp.Query:
    """The tree of `readable_sql`, its outside relations by their logical names."""
    small = _only(resolved, segment)
    found = plan(small, Report(), drafts=True)
    assert found is not None
    query = members_query(found, target, segment)
    tables = _needed(query, [model for model, _ in models_of(found, target)])
    whole = exp.select(*(column("members", e.alias_or_name) for e in query.selects)).from_(part("members"))
    for model in tables:
        whole = whole.with_(quoted(model.name), as_=model.query, copy=False)
    return whole.with_(quoted("members"), as_=query, copy=False) if tables else query


def _needed(query: exp.Query, models: list[Model]) -> list[Model]:
    """The models that the query reads, directly or not, in order."""
    wanted = {t.name for t in query.find_all(exp.Table)}
    needed = []
    for model in reversed(models):
        if f"build:{model.name}" in wanted:
            needed.append(model)
            wanted |= {t.name for t in model.query.find_all(exp.Table)}
    return needed[::-1]


def models_of(found: Plan, target: Target) -> list[tuple[Model, Query]]:
    """All compiled tables of a plan, each after those it reads."""
    models: list[tuple[int, int, tuple[Model, Query]]] = []
    for name, entity in found.entities.items():
        for level in entity.traits_levels:
            models.append((level, 0, traits_model(found, target, name, level)))
        for level in entity.segments_levels:
            models.append((level, 1, segments_model(found, target, name, level)))
    ordered: list[tuple[Model, Query]] = []
    waiting = [m for _, _, m in sorted(models, key=lambda m: m[:2])]
    done: set[str] = set()
    while waiting:
        ready = [m for m in waiting if all(r.kind != "build" or r.name in done for r in m[0].reads)]
        assert ready, [m[0].name for m in waiting]
        ordered += ready
        done |= {m[0].name for m in ready}
        waiting = [m for m in waiting if m[0].name not in done]
    return ordered


def _only(resolved: Resolved, segment: Segment) -> Resolved:
    """The project with nothing but the segment and what it reads."""
    reads = reads_of(resolved, segment)
    segments = {n: s for n, s in resolved.segments.items() if n == segment.name or n in reads.segments}
    traits = {k: t for k, t in resolved.traits.items() if k in reads.traits}
    return replace(resolved, segments=segments, traits=traits)
