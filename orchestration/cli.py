"""The `segments` command: its commands as data, so that `--help` imports none of them.

A mistake of a user ends a command with its diagnostics on stderr and the exit code 1; a wrong call with 2.
"""

from __future__ import annotations

from importlib import import_module

import click

from orchestration.commands.failures import report_failures
from orchestration.diagnostics import nearest

# name: what it does, in the order of use; `commands/<name>_command.py` holds it as `command`
COMMANDS = {
    "check": "Report every mistake in the specs",
    "test": "Run the tests of specs on small tables of their own",
    "build": "Compile, build, check and publish the segments",
    "list": "List the segments, with their sizes where published",
    "show": "Explain one segment: its definition, SQL, lineage, size",
    "query": "Run a query on the published tables",
    "publish": "List published generations, or go back to an earlier one",
    "dagster": "Open the project in Dagster",
    "compile": "Write the dbt models of the segments",
    "instant": "Write the instant that compiled models are built for",
    "catalog": "Read the warehouse's columns into columns.lock.yml",
    "schema": "Write the JSON Schema of specs, for editors",
    "sample": "Fill the warehouse with a generated company",
}


class Commands(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"orchestration.commands.{cmd_name}_command")
        command: click.Command = module.command
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            hint = nearest(args[0], COMMANDS)
            ctx.fail(f"there is no command `{args[0]}`" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        with report_failures(ctx):
            return super().invoke(ctx)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"segments {version('segments-as-code')}")
        except PackageNotFoundError:
            click.echo("segments, run from its sources")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def segments() -> None:
    """Segments as code: specs in segment_specs/ become checked, published tables."""


def main() -> None:
    """The console script."""
    segments(prog_name="segments")


if __name__ == "__main__":
    main()
