"""What Dagster loads: `dagster dev -m orchestration.definitions`, or `segments dagster`, which prepares the project first.

Reads what `segments compile --manifest` wrote, and compiles nothing itself. The parts are in `orchestration.defs`.
"""

from __future__ import annotations

import dagster as dg

from orchestration.defs.compiled_project import CompiledProject, read_compiled_project
from orchestration.defs.dbt_step import dbt_step
from orchestration.defs.exposures import exposures
from orchestration.defs.job import segments_job
from orchestration.defs.publish_step import publish_step
from orchestration.defs.schedules import schedules
from orchestration.defs.sources import sources
from orchestration.diagnostics import UserError, render_text


def definitions_of(project: CompiledProject) -> dg.Definitions:
    """Assets, checks, the job and its schedule of a compiled project."""
    return dg.Definitions(
        assets=[*sources(project), dbt_step(project), publish_step(project), *exposures(project)],
        jobs=[segments_job(project)],
        schedules=[*schedules(project)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The project of this process: that of `SEGMENTS_PROJECT_DIR`, else the nearest folder upwards that is one."""
    try:
        return definitions_of(read_compiled_project())
    except UserError as error:
        raise dg.DagsterInvalidDefinitionError(render_text(error.diagnostics, {})) from None
