"""All that can be said of specs without compiling them: what `segments check` asks for."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.catalog.relations import Catalog
from orchestration.compiler.plan import plan
from orchestration.compiler.resolve import resolve
from orchestration.diagnostics import Report
from orchestration.language.declarations.document import read_document
from orchestration.language.model import Resolved


def check_specs(sources: Mapping[str, str], catalog: Catalog, report: Report) -> Resolved | None:
    """The resolved project; None where the report has errors."""
    resolved = resolve(read_document(sources, report), catalog, report)
    if resolved is None or plan(resolved, report, drafts=True) is None:
        return None
    return resolved
