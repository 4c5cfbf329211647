"""A segment as an asset: what is said of it before it is ever built, and what each publishing adds.

Texts of specs appear as descriptions and metadata, never as keys or tags.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import dagster as dg

from orchestration.commands.published import Size, Sizes
from orchestration.compiler.compiled import SERVING_SCHEMA, CompiledSegment
from orchestration.defs.compiled_project import CompiledProject, SegmentFacts
from orchestration.defs.names import node_key, owners, segment_key, tags
from orchestration.publish import Built, Generation

FENCE = re.compile(r"`{3,}")


def segment_spec(segment: SegmentFacts, project: CompiledProject) -> dg.AssetSpec:
    """The served table of a segment: who answers for it, what it is for, what it is made of."""
    parents = segment.node["depends_on"]["nodes"]
    return dg.AssetSpec(
        segment_key(segment.name),
        deps=[
            *(node_key(project.manifest["nodes"][parent]) for parent in parents),
            *(segment_key(name) for name in segment.reads),
        ],
        description=_description(segment),
        metadata=_facts(segment),
        skippable=True,
        group_name=segment.entity,
        code_version=segment.node["config"]["meta"]["definition_hash"],
        owners=owners([segment.owner]),
        tags=tags({"entity": segment.entity, "refresh": segment.refresh, "status": segment.status, "purpose": segment.purpose}),
        kinds={"segment", project.facts["dialect"]},
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


def published_metadata(
    segment: CompiledSegment, generation: Generation, built: Built, sizes: Sizes
) -> dg.MaterializeResult[None]:
    """What a publishing says of a segment; the numbers come first, and are plotted over time."""
    metadata: dict[str, Any] = {}
    for tier in (None, *segment.tiers):
        size = sizes.get((segment.name, tier))
        if size is not None:
            metadata |= {f"{name}: {tier}" if tier else name: value for name, value in _numbers(size).items()}
    texts = {
        "owner": segment.owner,
        "goal": segment.goal,
        "action": segment.action,
        "description": segment.description,
    }
    metadata |= {
        "as_of": dg.MetadataValue.timestamp(built.as_of.replace(tzinfo=dt.UTC)),
        "as_of in words": built.in_words,
        "publish_id": generation.publish_id,
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text},
        "definition in words": dg.MetadataValue.md(fenced(segment.in_words, "text")),
        "definition": dg.MetadataValue.md(fenced(segment.definition, "yaml")),
        "SQL": dg.MetadataValue.md(fenced(segment.sql, "sql")),
    }
    return dg.MaterializeResult(asset_key=segment_key(segment.name), metadata=metadata)


def _numbers(size: Size) -> dict[str, Any]:
    share = {} if size.share is None else {"share": float(size.share)}
    return {"size": size.size, **share, "entered": size.entered, "left": size.left}


def fenced(text: str, language: str) -> str:
    """A text as a block of code in Markdown, which nothing in the text can end."""
    longest = max((len(found) for found in FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
