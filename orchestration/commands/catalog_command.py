"""`segments catalog`: a warehouse's columns, kept in columns.lock.yml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.catalog import render_lock, source_key
from orchestration.commands.compile_command import demand_dbt
from orchestration.commands.loading import dbt_of, read_specs, target_of
from orchestration.commands.options import format_option, project_options
from orchestration.commands.output import place, print_json, say, step
from orchestration.diagnostics import Diagnostic, Report, Span, UserError, nearest
from orchestration.project import write_text
from orchestration.spec import nodes

if TYPE_CHECKING:
    from orchestration.warehouse import Target

_SOURCE = re.compile(r"""\s*source\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]\s*\)\s*""")


@click.command()
@project_options
@format_option()
def command(project_dir: Path | None, target: str | None, form: str) -> None:
    """Read the columns of the tables that specs name into dbt_project/columns.lock.yml.

    For projects whose dbt YAML does not declare its columns' types. dbt says where the tables are, so they have to be built.
    """
    specs = read_specs(project_dir)
    demand_dbt(specs)
    into = target_of(specs, target)
    named = dict(_named_relations(specs.texts))
    if specs.report.has_errors:
        raise UserError(*specs.report.diagnostics)
    columns = _read_columns(into, named)
    written = write_text(specs.project.lock_path, render_lock(columns))
    if form == "json":
        print_json({"lock": str(specs.project.lock_path), "written": written, "columns": columns})
        return
    for name in sorted(columns):
        say(f"{name}: {len(columns[name])} columns")
    say(f"{place(specs.project.lock_path)}: {'written' if written else 'unchanged'}")


def _named_relations(texts: Mapping[str, str]) -> Iterator[tuple[str, Span]]:
    """The models and sources' tables that entities, streams and segments name, as the catalog keys them, and where."""
    for path, text in texts.items():
        root = nodes.parse(path, text, Report())
        for section in ("entities", "streams", "segments"):
            listed = root.get(section) if isinstance(root, nodes.Mapping) else None
            for item in listed.items if isinstance(listed, nodes.Sequence) else ():
                model = item.get("model") if isinstance(item, nodes.Mapping) else None
                if isinstance(model, nodes.Scalar) and not model.is_null:
                    source = _SOURCE.fullmatch(model.text)
                    yield (source_key(*source.groups()) if source else model.text.strip()), model.span


def _read_columns(target: Target, named: Mapping[str, Span]) -> dict[str, list[tuple[str, str]]]:
    from orchestration.dbt_runner import parse
    from orchestration.warehouse import connect

    with step("dbt parse"):
        manifest = json.loads(parse(dbt_of(target)).manifest_path.read_text(encoding="utf-8"))
    places = _places(manifest)
    found: dict[str, list[tuple[str, str]]] = {}
    missing = []
    with connect(target, read_only=True) as connection:
        for name, span in named.items():
            if name not in places:
                hint = nearest(name, places)
                missing.append(Diagnostic("unknown-model", f"dbt knows no model or source `{name}`", span, hint))
                continue
            schema, table = places[name]
            found[name] = connection.columns(schema, table)
            if not found[name]:
                what = (
                    f"`{name}` is not in the warehouse: there is no table `{schema}.{table}` on target `{target.name}`"
                )
                missing.append(Diagnostic("missing-table", what, span, "build it with dbt first"))
    if missing:
        raise UserError(*missing)
    return found


def _places(manifest: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Schema and table of everything that a spec can name."""
    places = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed", "snapshot"):
            places[node["name"]] = (node["schema"], node.get("alias") or node["name"])
    for node in manifest["sources"].values():
        places[source_key(node["source_name"], node["name"])] = (node["schema"], node.get("identifier") or node["name"])
    return places
