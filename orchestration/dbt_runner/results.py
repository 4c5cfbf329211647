"""What a run of dbt came to: its artifacts `run_results.json` and `manifest.json`, read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOOD = frozenset({"success", "pass", "warn", "no-op", "reused"})


@dataclass(frozen=True, slots=True)
class NodeResult:
    """One node's outcome. `status` is dbt's word: success, error, pass, fail, warn, skipped, …; times are seconds.

    `failures` is the number of rows a test found, None where it did not run; `severity` is a test's, `error` or `warn`.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    failures: int | None
    execution_time: float
    severity: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing that follows has to stop for it."""
        return self.status in GOOD


@dataclass(frozen=True, slots=True)
class DbtResult:
    """A run that dbt carried out; `success` is False if a node failed. Nodes are sorted by their id."""

    success: bool
    nodes: tuple[NodeResult, ...]
    warnings: tuple[str, ...]
    manifest_path: Path
    seconds: float

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        """Nodes that are the cause of a failure: those skipped because of them are left out."""
        return tuple(node for node in self.nodes if not node.is_good and node.status != "skipped")

    @property
    def skipped(self) -> tuple[NodeResult, ...]:
        """Nodes that did not run since one before them failed."""
        return tuple(node for node in self.nodes if node.status == "skipped")


def read_nodes(target_dir: Path, invocation_id: str) -> tuple[NodeResult, ...] | None:
    """The results of one invocation; None if the artifact is not there or is an earlier run's."""
    results = _json(target_dir / "run_results.json")
    if results.get("metadata", {}).get("invocation_id") != invocation_id:
        return None
    manifest = _json(target_dir / "manifest.json")
    described = manifest.get("nodes", {}) | manifest.get("unit_tests", {}) | manifest.get("exposures", {})
    nodes = (_node(result, described.get(result["unique_id"], {})) for result in results["results"])
    return tuple(sorted(nodes, key=lambda node: node.unique_id))


def _node(result: Mapping[str, Any], described: Mapping[str, Any]) -> NodeResult:
    unique_id = str(result["unique_id"])
    resource_type = unique_id.split(".", 1)[0]
    severity = str(described.get("config", {}).get("severity", "error")).lower() if resource_type == "test" else None
    return NodeResult(
        unique_id=unique_id,
        name=str(described.get("name") or unique_id.split(".")[2]),
        resource_type=resource_type,
        status=str(result["status"]),
        message=str(result.get("message") or ""),
        failures=result.get("failures"),
        execution_time=float(result.get("execution_time") or 0.0),
        severity=severity,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content
