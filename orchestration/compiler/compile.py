"""Specs to everything a run needs.

In: the text of every spec file, the catalog, the dialect. Out: `Compiled`, or None and a report with all that is wrong. Pure:
no file, no clock, no warehouse, no environment; the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from orchestration.catalog.relations import Catalog
from orchestration.compiler import describe, explain
from orchestration.compiler.check import check_specs
from orchestration.compiler.checks import checks_of
from orchestration.compiler.compiled import Compiled, CompiledEntity, CompiledSegment, Model, OutputColumn
from orchestration.compiler.files import dbt_files
from orchestration.compiler.freshness import freshness_checks
from orchestration.compiler.plan import Plan, plan
from orchestration.compiler.query import Target
from orchestration.compiler.readable import models_of, readable_sql
from orchestration.compiler.render import dbt_sql
from orchestration.diagnostics import Report, nearest
from orchestration.language.expression import AS_OF
from orchestration.language.model import Resolved, Segment
from orchestration.language.zone import Zone

DIALECTS = ("duckdb", "postgres")


def compile_specs(
    sources: Mapping[str, str],
    catalog: Catalog,
    dialect: str,
    report: Report,
    *,
    exposures: str | None = None,
    database: str | None = None,
    drafts: bool = False,
) -> Compiled | None:
    """The compiled project; None where the report has errors.

    `database` is where dbt builds (on DuckDB the alias of the attached file); `drafts` compiles drafts too, for tests.
    """
    if dialect not in DIALECTS:
        report.error(
            "unknown-dialect", f"segments cannot be compiled for `{dialect}`", None, "dialects: " + ", ".join(DIALECTS)
        )
        return None
    resolved = check_specs(sources, catalog, report)
    found = plan(resolved, report, drafts=drafts) if resolved is not None else None
    if resolved is None or found is None or report.has_errors:
        return None
    if not _exposures_read_segments(exposures or "", resolved, found, report):
        return None
    target = Target(dialect, Zone.named(resolved.project.timezone), resolved.project.week_starts_on)
    return _compiled(resolved, found, target, catalog, report, sources, exposures, database)


def _exposures_read_segments(text: str, resolved: Resolved, found: Plan, report: Report) -> bool:
    """Whether exposures read segments that are built: others would stop dbt, which is said here in the words of specs."""
    fine = True
    for name in dict.fromkeys(re.findall(r"\bref\(\s*['\"]segment__([a-z0-9_]+)['\"]\s*\)", text)):
        if name not in found.segment_columns:
            known = resolved.segments.get(name)
            what = "is a draft, which is not built" if known else "is not a segment"
            hint = "activate it, or take it out of the exposure" if known else nearest(name, found.segment_columns)
            span = known.span if known else None
            fine = False
            report.error("unknown-segment", f"a dbt exposure reads `{name}`, which {what}", span, hint)
    return fine


def _compiled(
    resolved: Resolved,
    found: Plan,
    target: Target,
    catalog: Catalog,
    report: Report,
    sources: Mapping[str, str],
    exposures: str | None,
    database: str | None,
) -> Compiled:
    built = models_of(found, target)
    models = tuple(model for model, _ in built)
    edges = tuple(dict.fromkeys([AS_OF, *(edge for _, query in built for edge in query.edges)]))
    segments = tuple(_segments(resolved, found, target))
    checks = (*freshness_checks(found, target, catalog, report), *checks_of(found, target))
    texts = {model.name: dbt_sql(model.query, target.dialect, model.reads) for model in models}
    digest = sha256(repr((target, [e.name for e in edges], sorted(texts.items()))).encode()).hexdigest()[:16]
    entities = tuple(_entity(found, name, models) for name in resolved.entities)
    project = resolved.project
    compiled = Compiled(
        project.name,
        target.dialect,
        project.timezone,
        project.week_starts_on,
        project.grid,
        digest,
        edges,
        models,
        entities,
        segments,
        checks,
        {},
    )
    return replace(compiled, files=dbt_files(resolved, compiled, texts, sources, database, exposures))


def _entity(found: Plan, name: str, models: tuple[Model, ...]) -> CompiledEntity:
    entity = found.resolved.entities[name]
    model = next(m for m in models if m.name == f"{name}_traits")
    columns: tuple[OutputColumn, ...] = model.columns[1:]
    segments = tuple(c.segment.name for c in found.entities[name].segments)
    return CompiledEntity(name, entity.key, entity.key_type, entity.display, columns, segments, entity.relation)


def _segments(resolved: Resolved, found: Plan, target: Target) -> list[CompiledSegment]:
    hashes = describe.Hashes(resolved)
    reads = {name: describe.reads_of(resolved, place.segment) for name, place in found.segment_columns.items()}
    return [
        _segment(
            resolved,
            place.segment,
            reads[name],
            hashes.segment(name),
            target,
            tuple(sorted(n for n, r in reads.items() if name in r.segments)),
        )
        for name, place in found.segment_columns.items()
    ]


def _segment(
    resolved: Resolved,
    segment: Segment,
    reads: describe.Reads,
    digest: str,
    target: Target,
    dependents: tuple[str, ...],
) -> CompiledSegment:
    return CompiledSegment(
        name=segment.name,
        entity=segment.entity,
        tiers=segment.tiers,
        label=segment.label,
        description=segment.description,
        owner=segment.owner,
        goal=segment.goal,
        action=segment.action,
        purpose=segment.purpose,
        basis=tuple(sorted(reads.bases)),
        refresh=segment.refresh,
        status=segment.status,
        definition=segment.text,
        in_words=explain.in_words(resolved, segment),
        definition_hash=digest,
        sql=readable_sql(resolved, segment, target),
        reads_columns=tuple(sorted(f"{table}.{column}" for table, column in reads.columns)),
        reads_traits=tuple(f"{name}: {words}" for name, words in describe.traits_in_words(resolved, reads)),
        reads_segments=tuple(sorted(reads.segments)),
        dependents=dependents,
    )
