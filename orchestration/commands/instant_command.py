"""`segments instant`: what the compiled models read of the instant, for those who run dbt by hand."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.commands.as_of import given_as_of, usual_as_of
from orchestration.commands.compile_command import demand_dbt
from orchestration.commands.loading import compiled_or_fail, read_specs, target_of
from orchestration.commands.options import as_of_option, format_option, project_options
from orchestration.commands.output import print_json, print_table, say
from orchestration.diagnostics import UserError
from orchestration.project import change_set


@click.command()
@project_options
@as_of_option
@format_option()
def command(project_dir: Path | None, target: str | None, as_of: str | None, form: str) -> None:
    """Write the instant that the compiled models are built for, and the members before it.

    `segments build` does this too. It is for running dbt by hand after `segments compile`.
    """
    specs = read_specs(project_dir)
    demand_dbt(specs)
    into = target_of(specs, target)
    compiled = compiled_or_fail(specs, into)
    if not change_set(specs.project.compiled_dir, compiled.files, within=specs.project.dbt_dir).is_empty:
        raise UserError.of(
            "models-not-compiled", "the compiled models are not those of the specs", "run `segments compile` first"
        )
    chosen = given_as_of(as_of, compiled) or usual_as_of(specs, compiled, into)

    from orchestration import publish
    from orchestration.compiler.instant import instant_row

    with publish.exclusive(into):
        publish.prepare(into, compiled, chosen.instant)
    row = instant_row(compiled, chosen.instant)
    if form == "json":
        print_json({"as_of_from": chosen.origin, "compiled_hash": compiled.hash, "instant": row})
        return
    say(f"{into.place}: {chosen.in_words}")
    print_table(["edge", "utc"], [[name, value] for name, value in row.items()])
