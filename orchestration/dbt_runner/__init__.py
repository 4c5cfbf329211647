"""dbt, run as a subprocess: the only caller of dbt. Nothing of dbt is imported here, so this is cheap to import."""

from orchestration.dbt_runner.command import DbtProject, build_arguments
from orchestration.dbt_runner.events import DbtEvent
from orchestration.dbt_runner.results import DbtResult, NodeResult
from orchestration.dbt_runner.run import build, docs_generate, parse, run_dbt, stream_dbt

__all__ = [
    "DbtEvent",
    "DbtProject",
    "DbtResult",
    "NodeResult",
    "build",
    "build_arguments",
    "docs_generate",
    "parse",
    "run_dbt",
    "stream_dbt",
]
