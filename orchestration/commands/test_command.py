"""`segments test`: the tests of specs on tables of their own, without dbt and without a warehouse's data."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.failures import remember_texts
from orchestration.commands.loading import Specs, catalog_of, read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.diagnostics import Report, UserError
from orchestration.project import Project

if TYPE_CHECKING:
    from orchestration.warehouse import Connection

SERVER = "SEGMENTS_TEST_POSTGRES"


@click.command()
@click.argument("name", required=False)
@project_options
@click.option(
    "--dialect", type=click.Choice(["duckdb", "postgres"]), default="duckdb", help="The engine; DuckDB by default."
)
@click.option(
    "--specs",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of specs and tests without a dbt project: their columns are declared in place.",
)
@format_option()
def command(
    name: str | None, project_dir: Path | None, target: str | None, dialect: str, folder: Path | None, form: str
) -> None:
    """Run the `tests:` of specs, or those of segment NAME.

    On DuckDB they run in memory. On Postgres they run in temporary tables of the server that `--target` or the variable
    SEGMENTS_TEST_POSTGRES (a connection string) names, and leave nothing there. Exit code 1 where a test fails.
    """
    from orchestration.testing.project_tests import run_project_tests
    from orchestration.testing.report import render_outcomes, render_outcomes_json

    specs = read_specs(project_dir) if folder is None else _specs_of(folder)
    catalog = catalog_of(specs)
    with _connection(specs, dialect, target) as connection:
        outcomes = run_project_tests(specs.texts, catalog, specs.report, connection, name)
    specs.fail_on_errors()
    if outcomes is None:
        raise AssertionError("the compiler reported no error and returned nothing")
    click.echo(render_outcomes_json(outcomes) if form == "json" else render_outcomes(outcomes))
    if not all(outcome.passed for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _specs_of(folder: Path) -> Specs:
    """The specs of a folder that is no project."""
    if not folder.is_dir():
        raise UserError.of("no-specs", f"there is no folder {folder}", "--specs names a folder of YAML files")
    report = Report()
    project = Project(folder.absolute(), specs_folder=".")
    texts = project.spec_sources(report)
    if not texts and not report.has_errors:
        report.error("no-specs", f"there are no specs: {folder} holds no YAML file", hint="name a folder of YAML files")
    remember_texts(texts)
    return Specs(project, texts, report, dict(texts))


def _connection(specs: Specs, dialect: str, target: str | None) -> AbstractContextManager[Connection]:
    """Where the tests run."""
    from orchestration.warehouse import connect
    from orchestration.warehouse.memory import connect_in_memory

    if dialect == "duckdb":
        return connect_in_memory()
    if target is not None:
        found = target_of(specs, target)
        if found.dialect != "postgres":
            raise UserError.of(
                "wrong-target", f"target `{target}` is {found.dialect}, not postgres", "name a Postgres target"
            )
        return connect(found)
    if server := os.environ.get(SERVER):
        from orchestration.warehouse.postgres_connection import open_server

        return open_server(server)
    raise UserError.of(
        "no-server",
        "there is no Postgres server to test on",
        f"name a target with --target, or a server in {SERVER} (postgresql://user@host/database)",
    )
