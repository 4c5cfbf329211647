"""Keys, names and tags in Dagster. Texts of specs never become one: only what the compiler has checked as a name does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import dagster as dg

from orchestration.compiler.compiled import BUILD_SCHEMA, SERVING_SCHEMA
from orchestration.defs.compiled_project import CheckFacts, CompiledProject, Node

POOL = "segments_warehouse"  # dbt and publishing take turns: a DuckDB file has one writer
GENERATION = "segment_generation"  # the served table of one row that says which generation it is
GROUP = re.compile(r"[A-Za-z0-9_]+")
TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,63}")
OWNER = re.compile(r"team:.+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")


def served_key(table: str) -> dg.AssetKey:
    """A table that readers see; a segment's has its name."""
    return dg.AssetKey([SERVING_SCHEMA, table])


def built_key(table: str) -> dg.AssetKey:
    """A table that dbt builds from the specs."""
    return dg.AssetKey([BUILD_SCHEMA, table])


def node_key(node: Node) -> dg.AssetKey:
    """A dbt node's asset: the source's or the schema's name, then its own."""
    if node["resource_type"] == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    schema = node["config"].get("schema")
    return dg.AssetKey([schema, node["name"]] if schema else [node["name"]])


def checked_table(check: CheckFacts, project: CompiledProject) -> str:
    """The served table that a check is shown at: the segment, the entity's table, or the whole generation.

    It is always one that publishing makes, and not the source or the mart that is looked at: what is checked with the
    generation could not be left out of a run that builds that mart alone.
    """
    first = check.subject.partition(".")[0]
    match check.subject_kind:
        case "segment" if first in project.facts["segments"]:
            return first
        case "segment":  # a value that is lost in a trait, which segments read
            entities = (name for name, facts in project.entities.items() if first == name or first in facts["traits"])
            return wide_table(next(entities))
        case "entity":
            return wide_table(first)
        case "stream" | "source":
            return GENERATION


def wide_table(entity: str) -> str:
    """An entity's table of a column per segment."""
    return f"{entity}_segments"


def check_name(check: CheckFacts, table: str) -> str:
    """A check's name, unique at its table: with the subject where that is not the table itself."""
    name = check.check.replace("-", "_")
    rest = check.subject.removeprefix(table.removesuffix("_segments") if check.subject_kind == "entity" else table)
    return f"{name}__{re.sub('[^a-z0-9_]', '_', rest.strip('.').lower())}" if rest else name


def tags(values: Mapping[str, str]) -> dict[str, str]:
    """Those values that can be tags."""
    return {key: value for key, value in values.items() if TAG_VALUE.fullmatch(value)}


def owners(values: Iterable[str]) -> list[str]:
    """Those values that Dagster takes for owners: addresses, and `team:` with a name."""
    return [value for value in values if OWNER.fullmatch(value)]
