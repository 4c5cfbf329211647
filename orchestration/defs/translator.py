"""dbt nodes as assets: how dagster-dbt describes sources, staging, marts and compiled tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    default_metadata_from_dbt_resource_props,
)

from orchestration.compiler.compiled import BUILD_SCHEMA, RUN_SCHEMA
from orchestration.defs.compiled_project import Node
from orchestration.defs.names import GROUP, node_key, owners, tags

COLUMN_FACTS = {"basis": None, "sensitivity": "none"}  # with the value that is not worth a word
SOURCES = "sources"


class Translator(DagsterDbtTranslator):
    """Reads `config.meta`: an `owner`, a `group`, and the `basis` and `sensitivity` of columns."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """Without what the run writes for itself: `segments_run` says nothing about where data come from."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec.replace_attributes(deps=[dep for dep in spec.deps if dep.asset_key.path[0] != RUN_SCHEMA])

    def get_asset_key(self, dbt_resource_props: Node) -> dg.AssetKey:
        return node_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Node) -> str | None:
        named = _meta(dbt_resource_props).get("group")
        if isinstance(named, str) and GROUP.fullmatch(named):
            return named
        if dbt_resource_props["resource_type"] == "source":
            return SOURCES
        if _is_compiled(dbt_resource_props):
            return BUILD_SCHEMA
        folders = [part for part in dbt_resource_props["fqn"][1:-1] if GROUP.fullmatch(part)]
        return folders[0] if folders else None

    def get_owners(self, dbt_resource_props: Node) -> Sequence[str]:
        named = _meta(dbt_resource_props).get("owner")
        return owners([named] if isinstance(named, str) else [])

    def get_description(self, dbt_resource_props: Node) -> str:
        """With the SQL of what is written by hand; a compiled table's is long, and each segment shows its own."""
        if dbt_resource_props["resource_type"] == "source" or _is_compiled(dbt_resource_props):
            return str(dbt_resource_props["description"])
        return super().get_description(dbt_resource_props)

    def get_metadata(self, dbt_resource_props: Node) -> Mapping[str, Any]:
        usual = default_metadata_from_dbt_resource_props(dbt_resource_props)
        columns = [_column(name, facts) for name, facts in dbt_resource_props["columns"].items()]
        return {**usual, "dagster/column_schema": dg.TableSchema(columns=columns)} if columns else usual


def _is_compiled(node: Node) -> bool:
    return bool(node["config"].get("schema") == BUILD_SCHEMA)


def _meta(node: Node) -> Mapping[str, Any]:
    found: Mapping[str, Any] = node["config"].get("meta") or {}
    return found


def _column(name: str, facts: Mapping[str, Any]) -> dg.TableColumn:
    meta = (facts.get("config") or {}).get("meta") or {}
    told = {fact: str(meta[fact]) for fact, usual in COLUMN_FACTS.items() if meta.get(fact, usual) != usual}
    return dg.TableColumn(
        name=name, type=facts.get("data_type") or "?", description=facts.get("description"), tags=tags(told)
    )
