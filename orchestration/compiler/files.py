"""The compiled project as files below `dbt_project/models/segments/`.

One SQL file per table and per segment, one properties file, the exposures of the project, and `compiled.json`, which tells
other tools what was compiled. Segments are ephemeral models: they cost nothing in a run, and another model can read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.compiler.compiled import (
    BUILD_SCHEMA,
    ENTERED_AT_SUFFIX,
    RUN_SCHEMA,
    SERVING_SCHEMA,
    Compiled,
    CompiledEntity,
    CompiledSegment,
    Model,
)
from orchestration.compiler.render import escaped, json_text, yaml_text
from orchestration.compiler.summary import FILE, STAMP, stamp, summary
from orchestration.language.model import Resolved

SEGMENT_TAG = "segment"
HEADER = "# Written by `segments compile`. Changes here are lost: edit segment_specs/ instead.\n"
SQL_HEADER = "-- Written by `segments compile`. Changes here are lost: edit segment_specs/ instead.\n"


def dbt_files(
    resolved: Resolved,
    compiled: Compiled,
    texts: Mapping[str, str],
    sources: Mapping[str, str],
    database: str | None,
    exposures: str | None,
) -> dict[str, str]:
    """Paths below `models/segments/` to their texts; `texts` are the SQL of the compiled tables, `sources` the specs."""
    files = {f"{name}.sql": SQL_HEADER + text for name, text in texts.items()}
    by_name = {e.name: e for e in compiled.entities}
    for segment in compiled.segments:
        files[f"segment__{segment.name}.sql"] = SQL_HEADER + _segment_sql(segment, by_name[segment.entity])
    if exposures is not None:
        files["_exposures.yml"] = exposures
    models = [
        *(_table(model, compiled.hash, database) for model in compiled.models),
        *(_segment(segment, by_name[segment.entity]) for segment in compiled.segments),
    ]
    run = _run_source(compiled.entities)
    stamped = stamp(files, {"sources": [run], "models": models})
    run["config"] = {"meta": {STAMP: stamped}}
    files["_segments.yml"] = HEADER + yaml_text({"version": 2, "sources": [run], "models": models})
    files[FILE] = json_text(summary(resolved, compiled, sources, stamped))
    return files


def _run_source(entities: Sequence[CompiledEntity]) -> dict[str, Any]:
    tables = [{"name": "instant", "description": "The instant of the run and the edges that follow from it; one row."}]
    tables += [
        {"name": e.state_table, "description": escaped(f"Who of {e.name} was a member before the instant, since when.")}
        for e in entities
    ]
    return {
        "name": RUN_SCHEMA,
        "schema": RUN_SCHEMA,
        "description": "Written by the run before dbt starts.",
        "tables": tables,
    }


def _guard(digest: str) -> str:
    """A hook that stops dbt where the instant is missing or was written for other models."""
    return (
        "{% if execute %}"
        f"{{% set instant = source('{RUN_SCHEMA}', 'instant') %}}"
        "{% if load_relation(instant) is none %}"
        '{{ exceptions.raise_compiler_error("There is no instant to build at. Run `segments build`, or '
        '`segments instant --as-of DATE` before dbt.") }}'
        "{% endif %}"
        "{% set found = run_query('select compiled_hash from ' ~ instant) %}"
        f"{{% if found.rows | length != 1 or found.rows[0][0] != '{digest}' %}}"
        '{{ exceptions.raise_compiler_error("The instant was written for other models than these. Run '
        '`segments compile` and `segments instant --as-of DATE` before dbt.") }}'
        "{% endif %}"
        "{% endif %}"
    )


def _table(model: Model, digest: str, database: str | None) -> dict[str, Any]:
    config: dict[str, Any] = {"materialized": "table", "schema": BUILD_SCHEMA}
    if database is not None:
        config["database"] = database
    config |= {"tags": ["segments"], "pre_hook": _guard(digest)}
    return {
        "name": model.name,
        "description": escaped(model.description),
        "config": config,
        "columns": [
            {"name": escaped(c.name), **({"description": escaped(c.description)} if c.description else {})}
            for c in model.columns
        ],
    }


def _segment(segment: CompiledSegment, entity: CompiledEntity) -> dict[str, Any]:
    meta = {
        "segment": segment.name,
        "entity": segment.entity,
        "label": segment.label,
        "owner": segment.owner,
        "goal": segment.goal,
        "action": segment.action,
        "purpose": segment.purpose,
        "basis": list(segment.basis),
        "refresh": segment.refresh,
        "status": segment.status,
        "definition_hash": segment.definition_hash,
    }
    columns = [{"name": escaped(entity.key), "description": escaped(f"Key of the {entity.name}.")}]
    if segment.tiers:
        columns.append({"name": "tier", "description": escaped("One of: " + ", ".join(segment.tiers))})
    columns.append({"name": "entered_at", "description": "When the present unbroken stay began (UTC)."})
    return {
        "name": f"segment__{segment.name}",
        "description": escaped(segment.description or segment.label),
        "config": {
            "materialized": "ephemeral",
            "schema": SERVING_SCHEMA,  # where readers find it; beside dbt's models the alias might be one of theirs
            "alias": segment.name,
            "tags": [SEGMENT_TAG],
            "meta": escaped(meta),
        },
        "columns": columns,
    }


def _segment_sql(segment: CompiledSegment, entity: CompiledEntity) -> str:
    key = '"' + entity.key.replace('"', '""') + '"'
    columns = [escaped(key)]
    if segment.tiers:
        columns.append(f'"{segment.name}" as tier')
    entered = segment.name + ENTERED_AT_SUFFIX if segment.tiers else segment.name
    columns.append(f'"{entered}" as entered_at')
    table = "{{ ref('" + entity.segments_table + "') }}"
    return f'select {", ".join(columns)}\nfrom {table}\nwhere "{segment.name}" is not null\n'
