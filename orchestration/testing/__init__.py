"""Runs the `tests:` of specs without dbt: in memory on DuckDB, or on Postgres in temporary tables."""

from orchestration.testing.outcome import Membership, Outcome
from orchestration.testing.project_tests import run_project_tests
from orchestration.testing.report import render_outcomes, render_outcomes_json
from orchestration.testing.run import run_tests

__all__ = ["Membership", "Outcome", "render_outcomes", "render_outcomes_json", "run_project_tests", "run_tests"]
