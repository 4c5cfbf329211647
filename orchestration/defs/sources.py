"""dbt's sources as assets: described, checked, and filled by somebody else."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from orchestration.compiler.compiled import RUN_SCHEMA
from orchestration.defs.compiled_project import CompiledProject
from orchestration.defs.translator import Translator


def sources(project: CompiledProject) -> Iterator[dg.AssetSpec]:
    """An asset for each table of a source; what a run writes for itself is left out."""
    translator = Translator()
    for unique_id, node in project.manifest["sources"].items():
        if node["source_name"] != RUN_SCHEMA:
            yield translator.get_asset_spec(project.manifest, unique_id, None)
