"""Printing: tables, JSON, notes and progress.

Results go to stdout, notes and progress to stderr. What is not a terminal gets plain text and no progress. Names are never
cut; text from specs is made safe for a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from orchestration.commands.failures import remember_printed
from orchestration.diagnostics import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def print_json(value: object) -> None:
    """A value as JSON on stdout; times in ISO 8601 (UTC), decimals as numbers, NaN and infinity, which JSON lacks, as null."""
    remember_printed()
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False, default=_as_json, allow_nan=False))


def note(text: str) -> None:
    """A line for whoever watches, on stderr."""
    click.echo(printable(text), err=True)


def say(text: str = "") -> None:
    """Text on stdout, safe for a terminal."""
    click.echo(printable(text))


def place(path: Path) -> str:
    """A path as it is shortest from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Rows below headers; the columns named in `right` are aligned to the right. None prints as nothing."""
    cells = [[cell(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headers, cells, right)
        return
    widths = [max(len(text) for text in column) for column in zip(headers, *cells, strict=True)]
    for line in [list(headers), *cells]:
        padded = [
            text.rjust(width) if header in right else text.ljust(width)
            for header, text, width in zip(headers, line, widths, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


def cell(value: object) -> str:
    """A value in one line of a table."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ", timespec="auto")
        case Decimal():
            return f"{value:f}"
        case list() | tuple():
            return ", ".join(cell(item) for item in value)
        case _:
            return printable(str(value)).replace("\n", "\\n")


def percent(share: object) -> str:
    """A share between 0 and 1 as a percentage; nothing for none."""
    return f"{float(str(share)) * 100:.1f} %" if share is not None else ""


def _rich_table(headers: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(Text(header), justify="right" if header in right else "left", overflow="fold")
    for line in cells:
        table.add_row(*(Text(text) for text in line))
    Console().print(table)


def _finite(value: object) -> object:
    match value:
        case float():
            return value if isfinite(value) else None
        case Decimal():
            return value if value.is_finite() else None
        case dict():
            return {key if isinstance(key, str) else str(key): _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value


def _as_json(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat() + ("Z" if value.tzinfo is None else "")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)


class Step(Protocol):
    """The step that runs: what it is at, and how far."""

    def at(self, text: str, done: int | None = None, total: int | None = None) -> None:
        """Shows a detail, and a bar once a total is known."""


class _Silent:
    def at(self, text: str, done: int | None = None, total: int | None = None) -> None:
        pass


class _Shown:
    def __init__(self, progress: Progress, task: TaskID, name: str) -> None:
        self._progress, self._task, self._name = progress, task, name

    def at(self, text: str, done: int | None = None, total: int | None = None) -> None:
        self._progress.update(
            self._task, description=printable(f"{self._name} {text}".strip()), completed=done or 0, total=total
        )


@contextmanager
def step(name: str) -> Iterator[Step]:
    """A piece of work that may take more than two seconds; on a terminal it shows that it runs, and leaves no trace."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Shown(progress, progress.add_task(name, total=None), name)
