"""`segments schema`: the JSON Schema that editors check specs against."""

from __future__ import annotations

import json
from pathlib import Path

import click

from orchestration.commands.options import project_dir_option
from orchestration.commands.output import place, say
from orchestration.diagnostics import UserError
from orchestration.project import find_project, write_text


@click.command()
@project_dir_option
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where the file is missing or differs.")
def command(project_dir: Path | None, check: bool) -> None:
    """Write the JSON Schema of specs to segment_specs/.schema.json.

    An editor reads it where a spec begins with
    `# yaml-language-server: $schema=.schema.json`.
    """
    from orchestration.compiler.schema import spec_schema

    path = find_project(project_dir).schema_path
    text = json.dumps(spec_schema(), indent=2, ensure_ascii=False) + "\n"
    if not check:
        say(f"{place(path)}: {'written' if write_text(path, text) else 'unchanged'}")
        return
    try:
        current = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        current = None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError.of("unreadable-file", f"{path} cannot be read: {error}") from error
    if current != text:
        what = "is missing" if current is None else "is not what this version of the language says"
        raise UserError.of("schema-differs", f"{place(path)} {what}", "`segments schema` writes it")
    say(f"{place(path)}: unchanged")
