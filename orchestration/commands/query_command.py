"""`segments query`: a query on the published tables, whatever the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from orchestration.commands.loading import read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import note, print_json, print_table


@click.command()
@click.argument("sql")
@project_options
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, metavar="N", help="The most rows to print."
)
@format_option()
def command(sql: str, project_dir: Path | None, target: str | None, limit: int, form: str) -> None:
    """Run a query on the published tables.

    SQL of the target's engine, or `show tables`, or `describe TABLE`. It reads published tables alone: no file, nothing over
    the network, no change.
    """
    from orchestration.warehouse.query import query

    result = query(target_of(read_specs(project_dir), target), sql, limit=limit)
    if form == "json":
        names = _apart(result.columns)
        print_json([dict(zip(names, row, strict=True)) for row in result.rows])
    else:
        print_table(result.columns, result.rows)
    if result.truncated:
        note(f"the first {limit} rows; --limit prints more")


def _apart(columns: Sequence[str]) -> list[str]:
    """The names as keys of one JSON object: the second `a` of a query is `a_2`."""
    names: list[str] = []
    for name in columns:
        free, number = name, 2
        while free in names or (free != name and free in columns):
            free, number = f"{name}_{number}", number + 1
        names.append(free)
    return names
