"""Options that commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from orchestration.commands.failures import remember_form

Command = TypeVar("Command", bound=Callable[..., Any])

# The same for whatever starts without a command line: a schedule, Dagster's processes.
PROJECT_DIR_VARIABLE = "SEGMENTS_PROJECT_DIR"
TARGET_VARIABLE = "SEGMENTS_TARGET"

project_dir_option = click.option(
    "--project-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    envvar=PROJECT_DIR_VARIABLE,
    help="The project's folder; by default the nearest one upwards that holds segment_specs/.",
)
target_option = click.option(
    "--target",
    metavar="NAME",
    envvar=TARGET_VARIABLE,
    help="An output of profiles.yml; by default the one that the project's specs name.",
)
as_of_option = click.option(
    "--as-of",
    metavar="INSTANT",
    help="A date (its midnight) or a time in the project's zone. By default the sample's own today, else now.",
)


def format_option(*more: str) -> Callable[[Command], Command]:
    """`--format text|json` and what else a command can."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", *more]),
        default="text",
        callback=remember_form,
        help="How to print; text by default.",
    )


def project_options(command: Command) -> Command:
    """`--project-dir` and `--target`."""
    return project_dir_option(target_option(command))


def call_options(project_dir: Path | None, target: str | None) -> str:
    """The shared options as they were given, for a line that proposes another command; each with a blank before it."""
    given = [("--project-dir", str(project_dir) if project_dir else None), ("--target", target)]
    return "".join(f" {option} {shlex.quote(value)}" for option, value in given if value)
