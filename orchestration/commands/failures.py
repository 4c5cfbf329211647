"""How a command fails: diagnostics on stderr, exit code 1, no traceback for a mistake of a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from orchestration.diagnostics import UserError, render_text

_TEXTS = "orchestration.texts"


def remember_texts(texts: Mapping[str, str]) -> None:
    """Keeps the texts of files for the lines that a failure shows."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(_TEXTS, {}).update(texts)


@contextmanager
def report_failures(context: click.Context) -> Iterator[None]:
    """Turns a `UserError` into its text on stderr and the exit code 1."""
    try:
        yield
    except UserError as error:
        click.echo(render_text(error.diagnostics, context.meta.get(_TEXTS, {})), err=True)
        context.exit(1)
