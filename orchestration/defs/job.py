"""The one job: build, check and publish all segments as a unit."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.alerts import alert_owners
from orchestration.defs.compiled_project import CompiledProject

JOB = "segments"


def segments_job(project: CompiledProject) -> dg.UnresolvedAssetJobDefinition:
    """All assets and all checks; owners hear of a failed step.

    The steps follow each other, so they run in one process, which imports the definitions once.
    """
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        description="Builds sources to segments with dbt, runs all checks, and publishes all segments at once.",
        hooks={alert_owners(project)},
        executor_def=dg.in_process_executor,
    )
