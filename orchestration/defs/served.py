"""What is served, as assets: what is said of it before it is ever built, and what each publishing adds.

Texts of specs appear as descriptions and metadata, never as keys or tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import dagster as dg

from orchestration.commands.published import Size, Sizes
from orchestration.compiler.compiled import SERVING_SCHEMA, CompiledSegment
from orchestration.defs.compiled_project import CompiledProject, SegmentFacts
from orchestration.defs.names import GENERATION, built_key, node_key, owners, served_key, tags, wide_table
from orchestration.publish import Built, Generation

FENCE = re.compile(r"`{3,}")


def segment_spec(segment: SegmentFacts, project: CompiledProject) -> dg.AssetSpec:
    """The served table of a segment: who answers for it, what it is for, what it is made of."""
    parents = segment.node["depends_on"]["nodes"]
    return dg.AssetSpec(
        served_key(segment.name),
        deps=[
            *(node_key(project.manifest["nodes"][parent]) for parent in parents),
            *(served_key(name) for name in segment.reads),
        ],
        description=_description(segment),
        metadata=_facts(segment),
        skippable=True,
        group_name=segment.entity,
        code_version=segment.node["config"]["meta"]["definition_hash"],
        owners=owners([segment.owner]),
        tags=tags({"entity": segment.entity, "refresh": segment.refresh, "status": segment.status, "purpose": segment.purpose}),
        kinds={f"{segment.entity}_segment"[:63], project.facts["dialect"]},
    )


def wide_table_spec(entity: str, project: CompiledProject) -> dg.AssetSpec:
    """The served table of an entity: a row for each, a column for each segment."""
    table = wide_table(entity)
    return dg.AssetSpec(
        served_key(table),
        deps=[built_key(table)],
        description=f"One row per {entity}, one column per segment. Its checks are about the {entity} as such.",
        metadata={"dagster/table_name": f"{SERVING_SCHEMA}.{table}"},
        skippable=True,
        group_name=entity,
        kinds={project.facts["dialect"]},
    )


def generation_spec(project: CompiledProject) -> dg.AssetSpec:
    """The generation as a whole: what is served together, from the same inputs."""
    return dg.AssetSpec(
        served_key(GENERATION),
        deps=[served_key(wide_table(entity)) for entity in project.entities],
        description="Which generation readers see, and as of when. Its checks are about the inputs of all segments: "
        "the rows of streams, and how fresh the sources are.",
        metadata={"dagster/table_name": f"{SERVING_SCHEMA}.{GENERATION}"},
        skippable=True,
        group_name="generation",
        kinds={project.facts["dialect"]},
    )


def _description(segment: SegmentFacts) -> str:
    lines = [f"**{segment.label}**", segment.description]
    lines += [f"**Goal:** {segment.goal}"] if segment.goal else []
    lines += [f"**Action:** {segment.action}"] if segment.action else []
    lines += ["**Deprecated:** do not build on it."] if segment.status == "deprecated" else []
    return "\n\n".join(filter(None, lines))


def _facts(segment: SegmentFacts) -> dict[str, Any]:
    columns = [
        dg.TableColumn(name=name, type=column["data_type"] or "?", description=column["description"])
        for name, column in segment.node["columns"].items()
    ]
    texts = {
        "label": segment.label,
        "owner": segment.owner,
        "goal": segment.goal,
        "action": segment.action,
        "purpose": segment.purpose,
        "basis": ", ".join(segment.basis),
        "refresh": segment.refresh,
        "spec": segment.place,
    }
    return {
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text},
        "dagster/table_name": f"{SERVING_SCHEMA}.{segment.name}",
        "dagster/column_schema": dg.TableSchema(columns=columns),
    }


def published_segment(
    segment: CompiledSegment, generation: Generation, built: Built, sizes: Sizes
) -> dg.MaterializeResult[None]:
    """What a publishing says of a segment. Numbers are plotted over time."""
    whole = sizes.get((segment.name, None))
    metadata: dict[str, Any] = _numbers(whole) if whole else {}
    if whole:
        metadata |= {"entered": whole.entered, "left": whole.left}
    metadata |= _which(generation, built)
    for tier in segment.tiers:
        size = sizes.get((segment.name, tier))
        metadata |= {f"{tier}: {name}": value for name, value in (_numbers(size) if size else {}).items()}
    texts = {name: getattr(segment, name) for name in ("owner", "goal", "action", "description")}
    metadata |= {
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text},
        "definition in words": dg.MetadataValue.md(fenced(segment.in_words, "text")),
        "definition": dg.MetadataValue.md(fenced(segment.definition, "yaml")),
        "SQL": dg.MetadataValue.md(fenced(segment.sql, "sql")),
    }
    return dg.MaterializeResult(asset_key=served_key(segment.name), metadata=metadata)


def published_table(
    table: str, generation: Generation, built: Built, numbers: Mapping[str, int]
) -> dg.MaterializeResult[None]:
    """What a publishing says of another served table."""
    return dg.MaterializeResult(asset_key=served_key(table), metadata={**numbers, **_which(generation, built)})


def _which(generation: Generation, built: Built) -> dict[str, str]:
    return {"as_of": built.in_words.removeprefix("as of "), "publish_id": generation.publish_id}


def _numbers(size: Size) -> dict[str, Any]:
    return {"size": size.size} | ({} if size.share is None else {"share": round(float(size.share), 4)})


def fenced(text: str, language: str) -> str:
    """A text as a block of code in Markdown, which nothing in the text can end."""
    longest = max((len(found) for found in FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
