"""`segments sample`: the generated company, loaded into a warehouse."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from orchestration.commands.loading import read_specs, target_of
from orchestration.commands.options import project_options
from orchestration.commands.output import say, step
from orchestration.diagnostics import UserError

if TYPE_CHECKING:
    from orchestration.warehouse import Target

DEFAULT_SIZE = 1.0
DEFAULT_SEED = 7
NAMED_SIZES = {"small": 0.1, "default": 1.0, "large": 10.0}
LARGEST = 100.0


class Size(click.ParamType[float]):
    """`small`, `default`, `large`, or a number that accounts and users are multiplied with."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            size = NAMED_SIZES[str(value)] if str(value) in NAMED_SIZES else float(str(value))
        except ValueError:
            size = 0.0
        if not 0 < size <= LARGEST:
            self.fail(f"`{value}` is neither {', '.join(NAMED_SIZES)} nor a number up to {LARGEST:.0f}", param, ctx)
        return size


@click.command()
@project_options
@click.option(
    "--size",
    type=Size(),
    default=DEFAULT_SIZE,
    metavar="SIZE",
    help="small, default (300 accounts, 3,000 users, 200,000 events), large, or a factor.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=DEFAULT_SEED, metavar="N", help="Another seed, another company."
)
@click.option("--replace", is_flag=True, help="Replace raw tables that are there and are not the sample's.")
def command(project_dir: Path | None, target: str | None, size: float, seed: int, replace: bool) -> None:
    """Fill the warehouse with the raw tables of a generated company.

    The same size and seed give the same rows. Tables of an earlier sample are replaced.
    """
    into = target_of(read_specs(project_dir), target)
    if not replace:
        foreign = raw_tables_not_of_the_sample(into)
        if foreign:
            raise UserError.of(
                "not-the-sample",
                f"target `{into.name}` holds tables that the sample would replace: {', '.join(foreign[:5])}",
                "--replace does it all the same; --target names another warehouse",
            )
    from orchestration import publish

    with publish.exclusive(into):
        tables = load_sample(into, size=size, seed=seed)
    say(f"{into.place}: {tables} raw tables of the generated company (size {size:g}, seed {seed})")


def load_sample(target: Target, *, size: float = DEFAULT_SIZE, seed: int = DEFAULT_SEED) -> int:
    """Generates the company and loads it; the number of tables."""
    from orchestration.sample import generate, load
    from orchestration.warehouse import connect

    with tempfile.TemporaryDirectory(prefix="segments-sample-") as folder, step("generating the sample company"):
        tables = generate(Path(folder), size=size, seed=seed)
        # all of it or nothing, so that half a company is never taken for a real one
        with connect(target, create=True) as connection, connection.transaction():
            load(connection, Path(folder))
    return len(tables)


def fill_with_sample(target: Target) -> tuple[str, ...]:
    """Loads the generated company where the target has no sources of its own; what was done, for people."""
    if sample_as_of(target) is not None or raw_tables_not_of_the_sample(target):
        return ()
    load_sample(target)
    return (f"there was no data: generated the sample company into {target.place}",)


def sample_as_of(target: Target) -> dt.datetime | None:
    """The sample's own today, from `sample.sample_run`; None where the sources are not the sample."""
    from orchestration.warehouse import connect

    if target.files is not None and not target.files.main.exists():
        return None
    with connect(target, read_only=True) as connection:
        if "sample_run" not in connection.tables("sample"):
            return None
        rows = connection.rows("select sample_as_of from sample.sample_run")
    return cast("dt.datetime", rows[0][0]) if rows else None


def raw_tables_not_of_the_sample(target: Target) -> list[str]:
    """Tables of the target that the sample would replace, where it has never been loaded."""
    from orchestration.sample import TABLES
    from orchestration.warehouse import connect

    if target.files is not None and not target.files.main.exists():
        return []
    with connect(target, read_only=True) as connection:
        if "sample_run" in connection.tables("sample"):
            return []
        present = {(schema, name) for schema in {t.schema for t in TABLES} for name in connection.tables(schema)}
    return sorted(t.full_name for t in TABLES if (t.schema, t.name) in present)
