"""Compiled projects for tests: one written by hand, as `compiled.json` and the manifest would describe it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.defs.compiled_project import CompiledProject
from orchestration.project import Project


def by_hand(segments: Mapping[str, Mapping[str, Any]], **facts: Any) -> CompiledProject:
    """A project of users with these segments: name → what its meta says beside the usual."""
    nodes = {f"model.acme.segment__{name}": _node(name, meta) for name, meta in segments.items()}
    usual = {
        "specs": "", "stamp": "", "project": "acme", "dialect": "duckdb", "timezone": "UTC", "week_starts_on": "monday",
        "grid": "day", "segments": {n: {"file": "a.yml", "line": 1, "reads": []} for n in segments},
        "entities": {"user": {"traits": ["sessions_28d"]}}, "streams": {"usage": "model:fct_usage"}, "checks": [],
    }  # fmt: skip
    manifest = {"nodes": nodes, "sources": {}, "exposures": {}, "metadata": {"adapter_type": "duckdb"}}
    return CompiledProject(Project(Path()), None, usual | facts, manifest)


def _node(name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    usual = {
        "segment": name, "entity": "user", "label": name, "owner": "growth@acme.test", "goal": "", "action": "",
        "purpose": "product", "basis": [], "refresh": "daily", "status": "active", "definition_hash": "1",
    }  # fmt: skip
    return {
        "unique_id": f"model.acme.segment__{name}", "resource_type": "model", "name": f"segment__{name}",
        "description": "", "tags": ["segment"], "columns": {}, "depends_on": {"nodes": []},
        "config": {"meta": {**usual, **meta}, "schema": None},
    }  # fmt: skip
