"""Keys, names and tags in Dagster. Texts of specs never become one: only what the compiler has checked as a name does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import dagster as dg

from orchestration.compiler.compiled import BUILD_SCHEMA, SERVING_SCHEMA
from orchestration.defs.compiled_project import CheckFacts, CompiledProject, Node

POOL = "segments_warehouse"  # dbt and publishing take turns: a DuckDB file has one writer
GROUP = re.compile(r"[A-Za-z0-9_]+")
TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,63}")
OWNER = re.compile(r"team:.+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")


def segment_key(name: str) -> dg.AssetKey:
    """The served table of a segment."""
    return dg.AssetKey([SERVING_SCHEMA, name])


def built_key(table: str) -> dg.AssetKey:
    """A table that dbt builds from the specs."""
    return dg.AssetKey([BUILD_SCHEMA, table])


def node_key(node: Node) -> dg.AssetKey:
    """A dbt node's asset: the source's or the schema's name, then its own."""
    if node["resource_type"] == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    schema = node["config"].get("schema")
    return dg.AssetKey([schema, node["name"]] if schema else [node["name"]])


def checked_asset(check: CheckFacts, project: CompiledProject) -> dg.AssetKey:
    """The asset that a check is shown at: the segment, the entity's table, the model of a stream, the source."""
    first = check.subject.partition(".")[0]
    match check.subject_kind:
        case "segment" if first in project.facts["segments"]:
            return segment_key(first)
        case "segment":  # a value that is lost in a trait, which segments read
            entity = next(name for name, facts in project.entities.items() if first in facts["traits"])
            return built_key(f"{entity}_traits")
        case "entity":
            return built_key(f"{first}_segments")
        case "stream":
            return node_key(project.relations[project.streams[first]])
        case "source":
            return node_key(project.relations[f"source:{check.subject}"])


def check_name(check: str, subject: str, asset: dg.AssetKey) -> str:
    """A check's name, unique on its asset: with the subject where that is not the asset itself."""
    name = check.replace("-", "_")
    own = asset.path[-1]
    if subject in (own, ".".join(asset.path)) or own == f"{subject}_segments":
        return name
    return f"{name}__" + subject.removeprefix(f"{own}.").replace(".", "_")


def tags(values: Mapping[str, str]) -> dict[str, str]:
    """Those values that can be tags."""
    return {key: value for key, value in values.items() if TAG_VALUE.fullmatch(value)}


def owners(values: Iterable[str]) -> list[str]:
    """Those values that Dagster takes for owners: addresses, and `team:` with a name."""
    return [value for value in values if OWNER.fullmatch(value)]
