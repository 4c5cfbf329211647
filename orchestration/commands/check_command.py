"""`segments check`: every mistake of all files at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from orchestration.commands.loading import Specs, catalog_of, read_specs, summary, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import say
from orchestration.diagnostics import Report, UserError, render_github, render_json, render_text


@click.command()
@project_options
@format_option("github")
def command(project_dir: Path | None, target: str | None, form: str) -> None:
    """Report every mistake in the specs, without opening a warehouse.

    Exit code 1 where there are errors. `--format github` writes annotations for a pull request.
    """
    from orchestration.compiler.check import check_specs

    report = Report()
    shown: Mapping[str, str] = {}
    files = 0
    try:
        specs = read_specs(project_dir)
        report, shown, files = specs.report, specs.shown, len(specs.texts)
        _demand_target(specs, target)
        check_specs(specs.texts, catalog_of(specs), specs.report)
    except UserError as error:
        if form == "text" and not shown:
            raise
        report.diagnostics.extend(error.diagnostics)
    _print(report, shown, files, form)
    if report.has_errors:
        raise click.exceptions.Exit(1)


def _demand_target(specs: Specs, target: str | None) -> None:
    """Where the target cannot be read that is one mistake more, and the specs are checked all the same."""
    if not specs.project.has_dbt and target is None:
        return
    try:
        target_of(specs, target)
    except UserError as error:
        specs.report.diagnostics.extend(error.diagnostics)


def _print(report: Report, shown: Mapping[str, str], files: int, form: str) -> None:
    found = report.diagnostics
    if form == "json":
        click.echo(render_json(found))
    elif form == "github":
        if found:
            click.echo(render_github(found))
    else:
        if found:
            click.echo(render_text(found, shown) + "\n")
        say(f"{files} spec file{'' if files == 1 else 's'}: {summary(report)}")
