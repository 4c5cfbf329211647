"""The tests of a project, from the text of its specs: what `segments test [NAME]` runs."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.catalog.relations import Catalog
from orchestration.compiler.check import check_tests
from orchestration.diagnostics import Report, UserError, nearest
from orchestration.testing.outcome import Outcome
from orchestration.testing.run import run_tests
from orchestration.warehouse import Connection


def run_project_tests(
    sources: Mapping[str, str], catalog: Catalog, report: Report, connection: Connection, name: str | None = None
) -> tuple[Outcome, ...] | None:
    """The outcomes of all tests, or of those of the segment `name`; None where the report has errors.

    Raises `UserError` where there is no such segment. A segment without tests has no outcomes.
    """
    checked = check_tests(sources, catalog, report)
    if checked is None:
        return None
    resolved, tests = checked
    if name is not None and name not in resolved.segments:
        raise UserError.of("unknown-segment", f"there is no segment `{name}`", nearest(name, resolved.segments))
    return run_tests(resolved, (test for test in tests if name in (None, test.segment)), connection)
