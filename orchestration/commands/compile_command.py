"""`segments compile`: specs to dbt models on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.loading import Specs, compiled_or_fail, dbt_of, read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import place, print_json, say, step
from orchestration.diagnostics import UserError
from orchestration.project import ChangeSet, change_set

if TYPE_CHECKING:
    from orchestration.compiler.compiled import Compiled


@click.command()
@project_options
@click.option("--manifest", is_flag=True, help="Let dbt parse the project too, which writes target/manifest.json.")
@format_option()
def command(project_dir: Path | None, target: str | None, manifest: bool, form: str) -> None:
    """Write the dbt models of the segments into models/segments/.

    Writes what changed, removes what is gone, and touches no file of anybody else.
    """
    specs = read_specs(project_dir)
    demand_dbt(specs)
    changes = write_models(specs, compiled_or_fail(specs, target_of(specs, target)))
    manifest_path = _write_manifest(specs, target) if manifest else None
    if form == "json":
        print_json(
            {
                "folder": str(changes.folder),
                "written": changes.written,
                "removed": changes.removed,
                "unchanged": len(changes.unchanged),
                "manifest": str(manifest_path) if manifest_path else None,
            }
        )
        return
    for mark, names in (("+", changes.written), ("-", changes.removed)):
        for name in names:
            say(f"{mark} {name}")
    say(
        f"{place(changes.folder)}: {len(changes.written)} written, {len(changes.removed)} removed, "
        f"{len(changes.unchanged)} unchanged"
    )
    if manifest_path:
        say(f"{place(manifest_path)}: written by dbt")


def demand_dbt(specs: Specs) -> None:
    """UserError without a dbt project to compile into."""
    if not specs.project.has_dbt:
        raise UserError.of(
            "no-dbt-project",
            f"there is no dbt project in {specs.project.dbt_dir}",
            "the compiled models are dbt's to build; dbt_project.yml and profiles.yml go there",
        )


def write_models(specs: Specs, compiled: Compiled) -> ChangeSet:
    """Makes the folder of compiled models hold exactly the compiled files."""
    changes = change_set(specs.project.compiled_dir, compiled.files, within=specs.project.dbt_dir)
    changes.apply()
    return changes


def _write_manifest(specs: Specs, target: str | None) -> Path:
    from orchestration.dbt_runner import parse

    with step("dbt parse"):
        return parse(dbt_of(target_of(specs, target))).manifest_path
