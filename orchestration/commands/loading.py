"""From a folder to compiled segments: what almost every command begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.commands.failures import remember_texts
from orchestration.commands.output import note
from orchestration.diagnostics import Report, Severity, UserError, render_text
from orchestration.project import Project, find_project
from orchestration.spec import nodes

if TYPE_CHECKING:
    from orchestration.catalog import Catalog
    from orchestration.compiler.compiled import Compiled
    from orchestration.dbt_runner import DbtProject
    from orchestration.warehouse import Target

DEFAULT_DIALECT = "duckdb"
_PROJECT_KEY = re.compile(r"""^["']?project["']?\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Specs:
    """A project's spec files, read. `shown` are the texts that diagnostics may point into; it grows with what is read."""

    project: Project
    texts: Mapping[str, str]
    report: Report
    shown: dict[str, str] = field(repr=False)

    def fail_on_errors(self) -> None:
        """Ends the command with every diagnostic once there is an error; else shows the warnings and forgets them."""
        if self.report.has_errors:
            raise UserError(*self.report.diagnostics)
        if self.report.diagnostics:
            note(render_text(self.report.diagnostics, self.shown))
            self.report.diagnostics.clear()


def read_specs(project_dir: Path | None) -> Specs:
    """Finds the project and reads its specs; what cannot be read is in the report."""
    project = find_project(project_dir)
    report = Report()
    texts = project.spec_sources(report)
    if not texts and not report.has_errors:
        report.error(
            "no-specs",
            f"there are no specs: `{project.specs_dir.name}` holds no YAML file",
            hint="an entity, a stream and a segment are enough to begin with",
        )
    remember_texts(texts)
    return Specs(project, texts, report, dict(texts))


def catalog_of(specs: Specs) -> Catalog:
    """What dbt's YAML and the lock say of the tables below the specs."""
    catalog, described = specs.project.catalog(specs.report)
    specs.shown.update(described)
    remember_texts(described)
    return catalog


def compiled_or_fail(specs: Specs, target: Target | None, *, drafts: bool = False) -> Compiled:
    """Compiles for a target (None: for DuckDB, to look at); every mistake at once as a `UserError`. Warnings are shown.

    `drafts` takes in the segments that are never built.
    """
    from orchestration.compiler.compile import compile_specs

    compiled = compile_specs(
        specs.texts,
        catalog_of(specs),
        target.dialect if target else DEFAULT_DIALECT,
        specs.report,
        exposures=specs.project.exposures(specs.report),
        database=target.files.alias if target and target.files else None,
        drafts=drafts,
    )
    specs.fail_on_errors()
    if compiled is None:
        raise AssertionError("the compiler reported no error and returned nothing")
    return compiled


def target_of(specs: Specs, name: str | None) -> Target:
    """The target of `--target`, else of the specs' `project.target`, else dbt's own; UserError where there is none."""
    from orchestration.warehouse import read_target

    return read_target(specs.project.dbt_dir, name or project_setting(specs.texts, "target"))


def project_setting(texts: Mapping[str, str], key: str) -> str | None:
    """A setting of the specs' `project`, read before they are compiled; None where it is not written."""
    for path, text in texts.items():
        if not _PROJECT_KEY.search(text):
            continue
        root = nodes.parse(path, text, Report())
        project = root.get("project") if isinstance(root, nodes.Mapping) else None
        value = project.get(key) if isinstance(project, nodes.Mapping) else None
        if isinstance(value, nodes.Scalar) and not value.is_null:
            return value.text
    return None


def is_sample(texts: Mapping[str, str]) -> bool:
    """Whether the project's sources are the generated company where the target holds no others."""
    return project_setting(texts, "sample") == "true"


def dbt_of(target: Target) -> DbtProject:
    """How dbt is run on a target."""
    from orchestration.dbt_runner import DbtProject

    return DbtProject(target.dbt_dir, target.name, target.profile, target.profiles_dir)


def summary(report: Report) -> str:
    """How many errors and warnings there are, in words."""
    errors = sum(d.severity is Severity.ERROR for d in report.diagnostics)
    warnings = len(report.diagnostics) - errors
    return f"{_many(errors, 'error')}, {_many(warnings, 'warning')}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
