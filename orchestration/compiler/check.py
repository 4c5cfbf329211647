"""All that can be said of specs without compiling them: what `segments check` asks for, and what tests start from."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.catalog.relations import Catalog
from orchestration.compiler.plan import plan
from orchestration.compiler.resolve import resolve
from orchestration.diagnostics import Report
from orchestration.language.declarations.document import read_document
from orchestration.language.declarations.tests import SpecTest, read_tests
from orchestration.language.model import Resolved


def check_specs(sources: Mapping[str, str], catalog: Catalog, report: Report) -> Resolved | None:
    """The resolved project; None where the report has errors."""
    checked = check_tests(sources, catalog, report)
    return None if checked is None else checked[0]


def check_tests(
    sources: Mapping[str, str], catalog: Catalog, report: Report
) -> tuple[Resolved, tuple[SpecTest, ...]] | None:
    """The resolved project and its tests; None where the report has errors."""
    document = read_document(sources, report)
    resolved = resolve(document, catalog, report)
    if resolved is None or plan(resolved, report, drafts=True) is None:
        return None
    tests = read_tests(document, resolved, report)
    return None if report.has_errors else (resolved, tests)
