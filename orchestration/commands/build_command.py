"""`segments build`: from specs and a warehouse to published tables.

Whatever fails on the way, nothing is published and readers keep what they have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import click

from orchestration.commands.as_of import given_as_of, usual_as_of
from orchestration.commands.build_report import Built, checks_as_data, print_built
from orchestration.commands.compile_command import demand_dbt, write_models
from orchestration.commands.dbt_step import build_models, places_of
from orchestration.commands.loading import compiled_or_fail, is_sample, read_specs, target_of
from orchestration.commands.options import as_of_option, call_options, format_option, project_options
from orchestration.commands.output import note, print_json, step
from orchestration.commands.published import published_sizes
from orchestration.commands.sample_command import fill_with_sample


@click.command()
@project_options
@as_of_option
@click.option("--breaking", is_flag=True, help="Publish even where columns that readers have change or go.")
@format_option()
def command(project_dir: Path | None, target: str | None, as_of: str | None, breaking: bool, form: str) -> None:
    """Compile the specs, let dbt build them, check the result and publish it.

    A project of the sample gets its data generated where the target has none. If a step fails, nothing is published.
    """
    from orchestration import publish

    specs = read_specs(project_dir)
    demand_dbt(specs)
    into = target_of(specs, target)
    compiled = compiled_or_fail(specs, into)
    given = given_as_of(as_of, compiled)
    with publish.exclusive(into):
        write_models(specs, compiled)
        notes = fill_with_sample(into) if is_sample(specs.texts) else ()
        chosen = given or usual_as_of(specs, compiled, into)
        _tell((*notes, chosen.in_words, *publish.prepare(into, compiled, chosen.instant)), form)
        result = build_models(into)
        with step("checks"):
            relations = places_of(result.manifest_path, into)
            results = publish.audit(into, compiled, chosen.instant, relations)
        if form == "json" and any(result.blocks for result in results):  # publishing refuses, and says why on stderr
            print_json({"target": into.name, "published": False, "checks": checks_as_data(results)})
        with step("publishing") as progress:
            generation = publish.publish(
                into,
                compiled,
                chosen.instant,
                results,
                published_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
                breaking=breaking,
                on_step=lambda name: progress.at(name),
            )
    _tell(generation.notes, form)
    again = call_options(project_dir, target)
    print_built(Built(into, compiled, chosen, generation, results, result, published_sizes(into), again), form)


def _tell(lines: Sequence[str], form: str) -> None:
    for line in lines:
        if form == "json":
            note(line)
        else:
            click.echo(line)
