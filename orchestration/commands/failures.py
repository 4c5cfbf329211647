"""How a command fails: diagnostics on stderr, exit code 1, no traceback for a mistake of a user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from orchestration.diagnostics import UserError, render_json, render_text

_TEXTS = "orchestration.texts"
_FORM = "orchestration.form"


def remember_texts(texts: Mapping[str, str]) -> None:
    """Keeps the texts of files for the lines that a failure shows."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(_TEXTS, {}).update(texts)


def remember_form(context: click.Context, _: click.Parameter, form: str) -> str:
    """Keeps what `--format` chose, for failures; a callback of the option."""
    context.meta[_FORM] = form
    return form


def remember_printed() -> None:
    """Says that stdout has its JSON already."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_FORM] = "printed"


@contextmanager
def report_failures(context: click.Context) -> Iterator[None]:
    """Turns a `UserError` into its text on stderr and the exit code 1; with `--format json` into `{"errors": …}` on stdout too."""
    try:
        yield
    except UserError as error:
        click.echo(render_text(error.diagnostics, context.meta.get(_TEXTS, {})), err=True)
        if context.meta.get(_FORM) == "json":
            click.echo(json.dumps({"errors": json.loads(render_json(error.diagnostics))}, indent=2, ensure_ascii=False))
        context.exit(1)
