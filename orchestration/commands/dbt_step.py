"""`dbt build` of everything but the segments' own nodes, which publishing serves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlglot import exp

from orchestration.commands.loading import dbt_of
from orchestration.commands.output import step
from orchestration.dbt_runner import DbtEvent, DbtResult, NodeResult, build
from orchestration.diagnostics import Diagnostic, UserError
from orchestration.language.model import Relation
from orchestration.warehouse import Target

SEGMENT_NODES = "tag:segment"
MOST_SHOWN = 20
_LOST_COLUMN = re.compile(r"does not have a column|[Rr]eferenced column|column .* does not exist")
_UNTOUCHED = "nothing was published; readers still see the generation before"


def build_models(target: Target) -> DbtResult:
    """Runs dbt; UserError with every node that failed."""
    with step("dbt build") as progress:

        def show(event: DbtEvent) -> None:
            progress.at(event.name if event.total else "reads the project", event.done, event.total or None)

        result = build(dbt_of(target), exclude=[SEGMENT_NODES], on_event=show)
    if not result.success:
        raise dbt_failure(result)
    return result


def dbt_failure(result: DbtResult) -> UserError:
    """Every node that failed, with dbt's words."""
    failed = [_diagnostic(node) for node in result.failed[:MOST_SHOWN]]
    more = len(result.failed) - len(failed)
    if more or not failed:
        failed.append(Diagnostic("dbt-failed", f"dbt failed, with {more} more nodes", hint=_UNTOUCHED))
    return UserError(*failed)


def _diagnostic(node: NodeResult) -> Diagnostic:
    lines = [line.rstrip() for line in node.message.expandtabs(4).splitlines() if line.strip()]
    what = f"dbt's {node.resource_type} `{node.name}`: {node.status}"
    hint = _UNTOUCHED
    if _LOST_COLUMN.search(node.message):
        hint = (
            f"a table that `{node.name}` reads lacks a column: mend the table, or `{node.name}` and what dbt's YAML (or, after "
            f"`segments catalog`, columns.lock.yml) declares of it; {_UNTOUCHED}"
        )
    return Diagnostic("dbt-failed", "\n    ".join([what, *lines]), hint=hint)


def places_of(manifest_path: Path, target: Target) -> dict[str, exp.Table]:
    """Where each model and each source's table is, by the logical name that checks read it by."""
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    places = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed", "snapshot"):
            places[Relation("model", node["name"]).logical] = _table(node, node.get("alias"), target)
    for node in manifest["sources"].values():
        logical = Relation("source", node["name"], node["source_name"]).logical
        places[logical] = _table(node, node.get("identifier"), target)
    return places


def _table(node: Mapping[str, Any], name: str | None, target: Target) -> exp.Table:
    catalog = node.get("database") if target.files else None
    return exp.table_(name or node["name"], db=node["schema"], catalog=catalog, quoted=True)
